// Can a broken or malicious model file of any format crash, hang or exhaust the process? Files are
// imported, compiled and run; the sanitizer builds see what is read out of bounds.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "importers/openvino/ir_writer.h"
#include "importers/small_networks.h"
#include "importers/torchscript/archive_writer.h"
#include "runtime/use_model.h"

namespace minnow::runtime {
namespace {

using importers::Bytes;
using importers::openvino_test::From;
using importers::openvino_test::Ir;

using importers::Files;

struct Format {
  const char* name;
  Files (*small_network)();
};

class HostileModel : public testing::TestWithParam<Format> {
 protected:
  void TearDown() override { EXPECT_TRUE(IsWithinMemory()) << MostResidentBytes(); }

  // Uses the files; true where they still work. Every failure must be the file's.
  bool Works(const Files& files, const std::string& what) {
    const Status status = Use(files, GetParam().name);
    EXPECT_TRUE(status.ok() || IsOfFile(status.code()))
        << what << ": " << StatusCodeName(status.code()) << ": " << status.message();
    return status.ok();
  }
};

TEST_P(HostileModel, TheSoundFileWorks) {
  const Status status = Use(GetParam().small_network(), GetParam().name);
  EXPECT_TRUE(status.ok()) << status.message();
}

TEST_P(HostileModel, CutOffAnywhere) {
  const Files whole = GetParam().small_network();
  for (size_t file = 0; file < whole.size(); ++file) {
    for (size_t size = 0; size < whole[file].size(); ++size) {
      Files cut = whole;
      cut[file].resize(size);
      Works(cut, "cut to " + std::to_string(size));
    }
  }
}

TEST_P(HostileModel, OneByteReplaced) {
  const Files whole = GetParam().small_network();
  int working = 0;
  for (size_t file = 0; file < whole.size(); ++file) {
    for (size_t i = 0; i < whole[file].size(); ++i) {
      for (int change : {1 << (i % 8), 0x80, 0xff}) {
        Files changed = whole;
        changed[file][i] = static_cast<char>(changed[file][i] ^ change);
        working += Works(changed, "byte " + std::to_string(i)) ? 1 : 0;
      }
    }
  }
  EXPECT_GT(working, 0) << "a change inside the weights is harmless";
}

// Numbers at the edges, and parts moved: what a file has where sizes and offsets are expected.
TEST_P(HostileModel, PartsOverwrittenMovedAndRepeated) {
  const Files whole = GetParam().small_network();
  std::mt19937 random(1);
  const auto pick = [&random](size_t count) { return random() % std::max<size_t>(count, 1); };
  const std::string edges[] = {std::string(4, '\xff'),
                               std::string("\xff\xff\xff\x7f", 4),
                               std::string(8, '\0'),
                               std::string(9, '\xff'),
                               std::string("\0\0\0\x80", 4),
                               "99999999999999999999",
                               "-1",
                               "\"",
                               "<",
                               std::string(300, '\x08')};
  for (int round = 0; round < 1500; ++round) {
    Files changed = whole;
    for (size_t edits = 1 + pick(3); edits > 0; --edits) {
      std::string& file = changed[pick(changed.size())];
      const size_t at = pick(file.size()), other = pick(file.size()), length = pick(64);
      const std::string part = file.substr(at, length);
      const std::string& edge = edges[pick(std::size(edges))];
      switch (pick(4)) {
        case 0:
          file.replace(at, edge.size(), edge);
          break;
        case 1:
          file.insert(other, part);
          break;
        case 2:
          file.erase(at, length);
          break;
        default:
          file.replace(other, length, part);
      }
    }
    Works(changed, "round " + std::to_string(round));
  }
}

INSTANTIATE_TEST_SUITE_P(Format, HostileModel,
                         testing::Values(Format{"onnx", importers::OnnxFile},
                                         Format{"tensorflow", importers::TensorflowFile},
                                         Format{"tflite", importers::TfliteFile},
                                         Format{"openvino", importers::OpenvinoFile},
                                         Format{"pytorch", importers::TorchscriptFile}),
                         [](const auto& format) { return std::string(format.param.name); });

// --- Files that are well formed and ask for too much --------------------------------------------

Status UseIr(const Ir& ir) { return Use({ir.Xml(), ir.Bin()}, "openvino"); }

std::string Numbered(const char* name, int64_t i) { return name + std::to_string(i); }

class HostileNetwork : public testing::Test {
 protected:
  void TearDown() override { EXPECT_TRUE(IsWithinMemory()) << MostResidentBytes(); }

  // `side` by `side` ones, from a file of 4 kB. REQUIRES: a power of four times 32.
  static From LargeConstant(Ir* ir, int64_t side) {
    From constant = ir->Floats("32,32", std::vector<float>(1024, 1.0f));
    for (int64_t size = 32; size < side; size *= 4) {
      for (int axis : {0, 1}) {
        constant = ir->Add("Concat", Numbered(axis == 0 ? "rows" : "columns", size), "opset1",
                           "axis=\"" + std::to_string(axis) + "\"",
                           {constant, constant, constant, constant}, 1);
      }
    }
    return constant;
  }
};

TEST_F(HostileNetwork, HasABoundedNumberOfOperators) {
  Ir ir;
  From x = ir.Parameter("x", "1,8");
  for (int64_t i = 0; i < 20000; ++i) x = ir.Add("Sigmoid", Numbered("n", i), "opset1", "", {x}, 1);
  ir.Result(x);
  EXPECT_EQ(UseIr(ir).message(), "load: openvino: more than 16384 operators; the limit is 16384");
}

TEST_F(HostileNetwork, ComputedConstantsStayWithinABudget) {
  Ir ir;
  const From large = LargeConstant(&ir, 2048);
  const From x = ir.Parameter("x", "1");
  for (int64_t i = 0; i < 200; ++i) {
    const From sigmoid = ir.Add("Sigmoid", Numbered("s", i), "opset1", "", {large}, 1);
    const From sum = ir.Add("Add", Numbered("a", i), "opset1", "", {sigmoid, x}, 1);
    ir.Result(ir.Add("ReduceMax", Numbered("m", i), "opset1", "keep_dims=\"false\"",
                     {sum, ir.Ints({0, 1})}, 1),
              Numbered("r", i));
  }
  const Status status = UseIr(ir);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status.message();
}

TEST_F(HostileNetwork, WeightsReadByManyProductsStayWithinABudget) {
  for (const bool is_shared_by_file : {false, true}) {
    Ir ir;
    const size_t size = size_t{4} << 20;
    const From large = is_shared_by_file ? ir.Floats("1024,1024", std::vector<float>(1 << 20, 1.0f))
                                         : LargeConstant(&ir, 2048);
    From x = ir.Parameter("x", is_shared_by_file ? "1,1024" : "1,2048");
    for (int64_t i = 0; i < 500; ++i) {
      const From weights = is_shared_by_file ? ir.Range("1024,1024", "f32", 0, size) : large;
      x = ir.Add("MatMul", Numbered("m", i), "opset1", "", {x, weights}, 1);
    }
    ir.Result(x);
    const Status status = UseIr(ir);
    EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status.message();
  }
}

TEST_F(HostileNetwork, ProductsOfConstantsAreNotAllComputedAtLoad) {
  Ir ir;
  From large = LargeConstant(&ir, 2048);
  for (int64_t i = 0; i < 100; ++i) {
    large = ir.Add("MatMul", Numbered("m", i), "opset1", "", {large, large}, 1);
  }
  const From x = ir.Parameter("x", "1");
  ir.Result(ir.Add("Add", "sum", "opset1", "", {large, x}, 1));
  const std::string xml = ir.Xml();
  StatusOr<importers::ImportedModel> imported =
      importers::ImportModel({importers::AsBytes(xml), importers::AsBytes(ir.Bin())}, "");
  ASSERT_TRUE(imported.ok()) << imported.status().message();
  const StatusOr<std::shared_ptr<const Model>> model =
      Model::Compile(std::move(imported->graph), {});
  EXPECT_TRUE(model.ok() || IsOfFile(model.status().code())) << model.status().message();
}

TEST_F(HostileNetwork, ActivationsStayWithinTheArena) {
  Ir ir;
  From x = ir.Parameter("x", "1,8");
  for (int64_t i = 0; i < 12; ++i) {
    x = ir.Add("Concat", Numbered("c", i), "opset1", "axis=\"1\"", {x, x, x, x}, 1);
  }
  ir.Result(x);
  EXPECT_EQ(UseIr(ir).code(), StatusCode::kResourceExhausted) << UseIr(ir).message();
}

TEST_F(HostileNetwork, WindowsLargerThanThePictureCostNoMoreThanThePicture) {
  Ir ir;
  From x = ir.Parameter("x", "1,1,1,1");
  for (int64_t i = 0; i < 100; ++i) {
    x = ir.Add("MaxPool", Numbered("p", i), "opset1",
               "kernel=\"1048576,1048576\" pads_begin=\"524288,524288\" pads_end=\"524287,524287\"",
               {x}, 1);
  }
  ir.Result(x);
  const Status status = UseIr(ir);
  EXPECT_TRUE(status.ok() || IsOfFile(status.code())) << status.message();
}

TEST_F(HostileNetwork, ProgramsEnd) {
  for (const char* body : {"while True:\n  x = torch.relu(x)\nreturn x\n",
                           "for i in range(9000000000000000000):\n  x = x\nreturn x\n",
                           "y = [1]\nfor i in range(64):\n  y = torch.add(y, y)\nreturn x\n",
                           "for i in range(1000000):\n  x = torch.cat([x, x], 1)\nreturn x\n"}) {
    const Status status =
        Use({importers::torchscript::ArchiveWriter().Weights("w", {8}).Forward(body)}, "pytorch");
    EXPECT_TRUE(IsOfFile(status.code())) << body << status.message();
  }
}

// Fields that hold the file's rest, level in level.
TEST_F(HostileNetwork, NestedMessagesNeedNoDeepStack) {
  using importers::ProtoWriter;
  for (const int field : {1, 5, 6, 7}) {
    std::string nested;
    for (int level = 0; level < 2000; ++level) {
      nested = ProtoWriter().Text(field, nested).bytes();
    }
    const std::string onnx = ProtoWriter().Int(1, 7).Text(7, nested).bytes();
    EXPECT_TRUE(IsOfFile(Use({onnx}, "onnx").code()));
    EXPECT_TRUE(IsOfFile(Use({nested}, "tensorflow").code()));
  }
  std::string xml;
  for (int level = 0; level < 100000; ++level) xml += "<net version=\"11\">";
  EXPECT_TRUE(IsOfFile(Use({xml, ""}, "openvino").code()));
}

}  // namespace
}  // namespace minnow::runtime
