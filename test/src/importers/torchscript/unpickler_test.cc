// Does a pickle give the data of a module, and nothing else?
#include "importers/torchscript/unpickler.h"

#include <gtest/gtest.h>

#include "importers/torchscript/archive_writer.h"

namespace minnow::importers::torchscript {
namespace {

using Kind = Value::Kind;

class UnpicklerTest : public testing::Test {
 protected:
  StatusOr<Value> Load(const std::string& instructions) {
    bytes_ = "\x80\x02" + instructions + ".";
    return Unpickler(AsBytes(bytes_), "net/data/", &heap_).Load();
  }
  std::string Error(const std::string& instructions) {
    const StatusOr<Value> value = Load(instructions);
    return value.ok() ? "it loads" : value.status().message();
  }

  std::string bytes_;
  Heap heap_;
};

TEST_F(UnpicklerTest, NumbersTextsAndContainers) {
  EXPECT_EQ(Load("K\x07")->number, 7);
  EXPECT_EQ(Load("M" + LittleEndian(500, 2))->number, 500);
  EXPECT_EQ(Load(pickle::Int(-3))->number, -3);
  EXPECT_EQ(Load("\x8a\x08" + LittleEndian(uint64_t{1} << 62, 8))->number, int64_t{1} << 62);
  EXPECT_EQ(Load("\x8a\x02" + LittleEndian(0xfffe, 2))->number, -2);
  EXPECT_EQ(Load("\x8a" + std::string(1, '\0'))->number, 0);
  EXPECT_EQ(Load(std::string("G\x3f\xf8\0\0\0\0\0\0", 9))->real, 1.5);
  EXPECT_EQ(Load(pickle::Text("weight"))->text, "weight");
  EXPECT_TRUE(Load("N")->Is(Kind::kNone));
  const StatusOr<Value> list = Load("](" + pickle::Int(1) + pickle::Bool(true) + "e");
  ASSERT_TRUE(list.ok() && list->Is(Kind::kList));
  EXPECT_EQ(list->items->items.size(), 2u);
  const StatusOr<Value> dict = Load("}(" + pickle::Text("a") + pickle::Int(1) + "u");
  ASSERT_TRUE(dict.ok() && dict->Is(Kind::kDict));
  EXPECT_EQ(dict->items->items[1].number, 1);
  EXPECT_EQ(Load("NN\x86")->items->items.size(), 2u);
}

TEST_F(UnpicklerTest, TheMemoGivesTheSameObjectAgain) {
  const StatusOr<Value> pair = Load("]q\x01h\x01\x86");
  ASSERT_TRUE(pair.ok()) << pair.status().message();
  EXPECT_EQ(pair->items->items[0].items, pair->items->items[1].items);
  EXPECT_EQ(Error("h\x05"), "offset 2: nothing is kept as 5");
}

TEST_F(UnpicklerTest, ATensorIsItsStorageShapeAndStrides) {
  const StatusOr<Value> value = Load(pickle::Tensor("4", {2, 3}, {1, 2}, 5));
  ASSERT_TRUE(value.ok()) << value.status().message();
  ASSERT_TRUE(value->Is(Kind::kTensor));
  const StoredTensor& tensor = *value->tensor->stored;
  EXPECT_EQ(tensor.storage, "net/data/4");
  EXPECT_EQ(tensor.storage_type, "torch.FloatStorage");
  EXPECT_EQ(tensor.offset, 5);
  EXPECT_EQ(tensor.shape, (Shape{2, 3}));
  EXPECT_EQ(tensor.strides, (std::vector<int64_t>{1, 2}));
}

TEST_F(UnpicklerTest, AModuleIsItsClassAndAttributes) {
  const StatusOr<Value> value =
      Load(pickle::Object("__torch__.layers", "Conv", {{"groups", pickle::Int(2)}}));
  ASSERT_TRUE(value.ok()) << value.status().message();
  ASSERT_TRUE(value->Is(Kind::kObject));
  EXPECT_EQ(value->object->class_name, "__torch__.layers.Conv");
  EXPECT_EQ(value->object->Find("groups")->number, 2);
  EXPECT_EQ(value->object->Find("bias"), nullptr);
}

TEST_F(UnpicklerTest, WrappersOfListsAreTheirLists) {
  const std::string ints = "](" + pickle::Int(1) + "e";
  const StatusOr<Value> list =
      Load(pickle::Global("torch.jit._pickle", "build_intlist") + "(" + ints + "tR");
  ASSERT_TRUE(list.ok()) << list.status().message();
  EXPECT_TRUE(list->Is(Kind::kList));
}

TEST_F(UnpicklerTest, NoFunctionIsExecuted) {
  EXPECT_EQ(Error(pickle::Global("os", "system") + "(" + pickle::Text("ls") + "tR"),
            "offset 22: \"os.system\" is not supported in a pickle");
  EXPECT_EQ(Load(pickle::Global("builtins", "eval") + "(tR").status().code(),
            StatusCode::kUnsupported);
}

TEST_F(UnpicklerTest, ACircleIsFineAndFreed) {
  const StatusOr<Value> list = Load(
      "]q\x01h\x01"
      "a");
  ASSERT_TRUE(list.ok()) << list.status().message();
  EXPECT_EQ(list->items->items[0].items, list->items);
}

TEST_F(UnpicklerTest, DeepNestingTakesNoStack) {
  std::string nested;
  for (int i = 0; i < 100000; ++i) nested += "]";
  for (int i = 1; i < 100000; ++i) nested += "a";
  EXPECT_TRUE(Load(nested).ok());
}

TEST_F(UnpicklerTest, MoreThanItsLimitsIsRefused) {
  EXPECT_EQ(Load(std::string(300000, 'N')).status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(Load(std::string(300000, '(')).status().code(), StatusCode::kResourceExhausted);
  std::string many;
  for (int i = 0; i < 1100000; ++i) many += "N0";
  EXPECT_EQ(Load(many).status().code(), StatusCode::kResourceExhausted);
}

TEST_F(UnpicklerTest, MalformedInstructionsAreRefused) {
  EXPECT_EQ(Error(""), "the stack is empty");
  EXPECT_EQ(Error("t"), "offset 2: there is no mark");
  EXPECT_EQ(Error("(0"), "offset 3: the stack is empty");
  EXPECT_EQ(Error("a"), "offset 2: the stack is empty");
  EXPECT_EQ(Error("Na"), "offset 3: there is no list");
  EXPECT_EQ(Error("NNa"), "offset 4: there is no list");
  EXPECT_EQ(Error("}(Nu"), "offset 5: there is no dict");
  EXPECT_EQ(Error("X" + LittleEndian(1000, 4)), "offset 2: it ends at offset 8");
  EXPECT_EQ(Error("i"), "offset 2: the instruction 0x69 is not known");
  EXPECT_EQ(Error("NNR"), "offset 4: None is called");
  EXPECT_EQ(Error("NQ"), "offset 3: a storage is None");
  EXPECT_EQ(Error("cno_end"), "offset 2: a line has no end");
}

TEST_F(UnpicklerTest, TensorsThatCannotBeAreRefused) {
  EXPECT_EQ(Load(pickle::Tensor("0", {-1})).status().code(), StatusCode::kInvalidModel);
  EXPECT_EQ(Load(pickle::Tensor("0", {2, 2}, {1})).status().code(), StatusCode::kInvalidModel);
  EXPECT_EQ(Load(pickle::Tensor("0", {2}, {1}, -1)).status().code(), StatusCode::kInvalidModel);
  EXPECT_EQ(Load(pickle::Tensor("0", {65536, 65536})).status().code(), StatusCode::kInvalidModel);
  EXPECT_EQ(Load(pickle::Tensor(std::string(101, '0'), {2})).status().code(),
            StatusCode::kInvalidModel);
}

}  // namespace
}  // namespace minnow::importers::torchscript
