// Does an ONNX file become the graph that it describes, and a bad one an error that says why?
#include "importers/onnx/onnx_importer.h"

#include <gtest/gtest.h>

#include "importers/model_builders.h"

namespace minnow::importers {
namespace {

using namespace onnx_test;  // NOLINT: the builders are this test's language

Model SmallNetwork() {
  Model model(12);
  model.Input("x", {-1, 3, 8, 8})
      .Weights("w", {4, 3, 3, 3})
      .Weights("b", {4})
      .Node("Conv", {"x", "w", "b"}, {"y"}, {IntsAttr("strides", {2, 2})})
      .Node("Relu", {"y"}, {"z"})
      .Node("GlobalAveragePool", {"z"}, {"g"})
      .Node("Flatten", {"g"}, {"out"})
      .Output("out");
  return model;
}

TEST(OnnxImporter, BringsANetworkAsItIs) {
  EXPECT_EQ(SmallNetwork().Text(),
            "input %x f32[?,3,8,8]\n"
            "%w = const f32[4,3,3,3]\n"
            "%b = const f32[4]\n"
            "%y f32[?,4,3,3] = Conv2D(%x, %w, %b) stride=2x2 layout=nchw weights=oihw  # n\n"
            "%z f32[?,4,3,3] = Clamp(%y) min=0  # n\n"
            "%g f32[?,4,1,1] = Reduce(%z) kind=mean axes=[2,3]  # n\n"
            "%out f32[?,4] = Flatten(%g)  # n\n"
            "output %out f32[?,4]\n");
}

TEST(OnnxImporter, EveryTruncationFailsCleanly) {
  const std::string bytes = SmallNetwork().Serialize();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const StatusOr<ImportedModel> model = ImportModel({AsBytes(bytes.substr(0, size))}, "onnx");
    ASSERT_FALSE(model.ok()) << size << " bytes";
    EXPECT_EQ(model.status().code(), StatusCode::kInvalidModel) << model.status().message();
    EXPECT_EQ(model.status().message().rfind("load: onnx: ", 0), 0u) << model.status().message();
  }
}

TEST(OnnxImporter, NoFlippedBitOrReplacedByteCrashes) {
  const std::string bytes = SmallNetwork().Serialize();
  int imported = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      std::string mutated = bytes;
      mutated[i] = static_cast<char>(mutated[i] ^ flip);
      imported += ImportModel({AsBytes(mutated)}, "onnx").ok() ? 1 : 0;
    }
  }
  EXPECT_GT(imported, 0) << "flips inside the weights are harmless";
}

TEST(OnnxImporter, InputsThatAreInitializersAreConstants) {
  Model model;
  model.Input("x", {2}).Input("w", {2}).Weights("w", {2});
  EXPECT_EQ(model.Node("Add", {"x", "w"}, {"y"}).Output("y").Text(),
            "input %x f32[2]\n"
            "%w = const f32[2]\n"
            "%y f32[2] = Binary(%x, %w) kind=add  # n\n"
            "output %y f32[2]\n");
}

TEST(OnnxImporter, ShapesMayBeSymbolicOrAbsent) {
  EXPECT_EQ(Model().Input("x", {-1, 3}).Node("Relu", {"x"}, {"y"}).Output("y").Text(),
            "input %x f32[?,3]\n%y f32[?,3] = Clamp(%x) min=0  # n\noutput %y f32[?,3]\n");
  EXPECT_EQ(Model().InputOfUnknownRank("x").Node("Relu", {"x"}, {"y"}).Output("y").Text(),
            "input %x f32[*]\n%y f32[*] = Clamp(%x) min=0  # n\noutput %y f32[*]\n");
}

TEST(OnnxImporter, AnInputGivenOutBecomesAValueOfItsOwn) {
  EXPECT_EQ(Model().Input("x", {2}).Output("x").Text(),
            "input %x f32[2]\n%x f32[2] = Identity(%x)  # x\noutput %x f32[2]\n");
}

TEST(OnnxImporter, CollectsEveryUnknownOperator) {
  Model model;
  model.Input("x", {2})
      .Node("Frobnicate", {"x"}, {"a"})
      .Node("Relu", {"a"}, {"b"}, {}, "com.microsoft")
      .Node("Frobnicate", {"b"}, {"c"})
      .Node("Relu", {"c"}, {"d"})
      .Output("d");
  EXPECT_EQ(model.Text(),
            "ERR_UNSUPPORTED: load: onnx: operators that are not supported: "
            "Frobnicate (ai.onnx 13, 2 nodes, first \"n\"); "
            "Relu (com.microsoft 0, 1 node, \"n\")");
}

TEST(OnnxImporter, SupportsOpsets1To21) {
  const auto text = [](int64_t opset) {
    return Model(opset).Input("x", {2}).Node("Relu", {"x"}, {"y"}).Output("y").Text();
  };
  EXPECT_EQ(text(1).rfind("input", 0), 0u);
  EXPECT_EQ(text(21).rfind("input", 0), 0u);
  EXPECT_EQ(text(22), "ERR_UNSUPPORTED: load: onnx: opset 22 is not supported (1 to 21 are)");
  EXPECT_EQ(text(0),
            "ERR_INVALID_MODEL: load: onnx: it imports no version of the standard operators");
}

TEST(OnnxImporter, RefusesExternalData) {
  const ProtoWriter external =
      TensorHead("w", kF32, {2}).Message(13, ProtoWriter().Text(1, "location").Text(2, "w.bin"));
  const ProtoWriter located = TensorHead("w", kF32, {2}).Int(14, 1);
  for (const ProtoWriter& tensor : {external, located}) {
    EXPECT_EQ(Model().Initializer(tensor).Output("w").Text(),
              "ERR_UNSUPPORTED: load: onnx: tensor \"w\": external data is not followed");
  }
}

TEST(OnnxImporter, RefusesTensorsWhoseDataDoNotFillTheirDims) {
  const std::string prefix = "ERR_INVALID_MODEL: load: onnx: tensor \"w\": ";
  EXPECT_EQ(Model().Initializer(FloatTensor("w", {3}, {1, 2})).Output("w").Text(),
            prefix + "the shape [3] of f32 needs 12 bytes, the file has 2 listed values");
  EXPECT_EQ(Model().Initializer(TensorHead("w", kF32, {3}).Text(9, "1234")).Output("w").Text(),
            prefix + "the shape [3] of f32 needs 12 bytes, the file has 4 bytes");
  EXPECT_EQ(Model().Initializer(FloatTensor("w", {-1}, {1})).Output("w").Text(),
            prefix + "a dimension is negative");
  const int64_t huge = int64_t{1} << 40;
  EXPECT_EQ(Model().Initializer(TensorHead("w", kF32, {huge, huge}).Text(9, "")).Output("w").Text(),
            prefix + "dimension 0 has the size 1099511627776");
  EXPECT_EQ(Model().Initializer(TensorHead("w", kF32, {1 << 30}).Text(9, "")).Output("w").Text(),
            prefix + "the shape [1073741824] of f32 needs 4294967296 bytes, the file has 0 bytes");
  EXPECT_EQ(Model().Initializer(FloatTensor("w", Ints(9, 1), {1})).Output("w").Text(),
            prefix + "rank 9 is above the supported 8");
}

TEST(OnnxImporter, RefusesBrokenGraphs) {
  const std::string prefix = "ERR_INVALID_MODEL: load: onnx: ";
  EXPECT_EQ(Model().Input("x", {2}).Node("Relu", {"z"}, {"y"}).Output("y").Text(),
            prefix + "node \"n\" (Relu): input 0: nothing before it defines \"z\"");
  EXPECT_EQ(Model().Input("x", {2}).Node("Relu", {"y"}, {"y"}).Output("y").Text(),
            prefix + "node \"n\" (Relu): input 0: nothing before it defines \"y\"");
  EXPECT_EQ(Model().Input("x", {2}).Node("Relu", {"x"}, {"x"}).Output("x").Text(),
            prefix + "node \"n\" (Relu): two values are named \"x\"");
  EXPECT_EQ(Model().Input("x", {2}).Input("x", {2}).Output("x").Text(),
            prefix + "two inputs are named \"x\"");
  EXPECT_EQ(Model().Weights("w", {2}).Weights("w", {2}).Output("w").Text(),
            prefix + "two values are named \"w\"");
  EXPECT_EQ(Model().Input("x", {2}).Node("Relu", {}, {"y"}).Output("y").Text(),
            prefix + "node \"n\" (Relu): input 0 is missing");
  EXPECT_EQ(Model().Input("x", {2}).Node("Relu", {"x"}, {}).Output("x").Text(),
            prefix + "node \"n\" (Relu): it has no output");
  EXPECT_EQ(Model().Weights("", {2}).Text(), prefix + "a value has no name");
  EXPECT_EQ(Model().Input("x", {2}).Text(), prefix + "the graph has no outputs");
  EXPECT_EQ(Model().Input("x", {2}).Output("y").Text(),
            prefix + "outputs: nothing before it defines \"y\"");
  EXPECT_EQ(Model().Input("x", {2}).Output("x").Output("x").Text(),
            prefix + "the output \"x\" is listed twice");
  EXPECT_EQ(ImportText(ProtoWriter().Int(1, 7).bytes(), "onnx"), prefix + "it has no graph");
}

TEST(OnnxImporter, RefusesAttributesOfAnotherType) {
  EXPECT_EQ(Model()
                .Input("x", {2})
                .Node("Flatten", {"x"}, {"y"}, {FloatAttr("axis", 1)})
                .Output("y")
                .Text(),
            "ERR_INVALID_MODEL: load: onnx: node \"n\" (Flatten): attribute \"axis\" is a float, "
            "an integer was expected");
}

TEST(OnnxImporter, ReadsEveryWayOfWritingATensor) {
  const auto text = [](const ProtoWriter& tensor) {
    return Model().Initializer(tensor).Output("w").Text();
  };
  const std::string list = "%w = const i64[2] {3,-4}\n";
  EXPECT_EQ(text(IntTensor("w", {2}, {3, -4})).substr(0, list.size()), list);
  const int64_t raw[] = {3, -4};
  const std::string_view bytes(reinterpret_cast<const char*>(raw), sizeof(raw));
  EXPECT_EQ(text(TensorHead("w", kS64, {2}).Text(9, bytes)).substr(0, list.size()), list);
  const std::string small = "%w = const i32[2] {3,-4}\n";
  EXPECT_EQ(text(TensorHead("w", kS32, {2}).Int(5, 3).Int(5, -4)).substr(0, small.size()), small);
  const std::string half = "%w = const f16[2]\n";
  EXPECT_EQ(text(TensorHead("w", kF16, {2}).PackedInts(5, {15360, 0})).substr(0, half.size()),
            half);
  const std::string flag = "%w = const bool[1]\n";
  EXPECT_EQ(text(TensorHead("w", kBool, {1}).Text(9, "\x7f")).substr(0, flag.size()), flag);
  EXPECT_EQ(text(TensorHead("w", 8, {1}).Text(6, "a")),
            "ERR_UNSUPPORTED: load: onnx: tensor \"w\": element type 8 is not supported");
}

TEST(OnnxImporter, CopiesElementsExactly) {
  const Model model = Model().Initializer(FloatTensor("w", {3}, {0.1f, -2.0f, 1e30f})).Output("w");
  const std::string bytes = model.Serialize();
  const StatusOr<ImportedModel> imported = ImportModel({AsBytes(bytes)}, "");
  ASSERT_TRUE(imported.ok()) << imported.status().message();
  EXPECT_STREQ(imported->format, "onnx");
  const graph::Graph& graph = imported->graph;
  const graph::Node* identity = graph.ProducerOf(graph.outputs()[0]);
  ASSERT_NE(identity, nullptr);
  const Tensor* tensor = graph.ConstantOf(identity->inputs[0]);
  ASSERT_NE(tensor, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor->data()) % kAlignment, 0u);
  EXPECT_EQ(tensor->as<float>()[0], 0.1f);
  EXPECT_EQ(tensor->as<float>()[1], -2.0f);
  EXPECT_EQ(tensor->as<float>()[2], 1e30f);
}

}  // namespace
}  // namespace minnow::importers
