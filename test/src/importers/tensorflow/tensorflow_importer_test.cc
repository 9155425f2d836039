// Does a GraphDef become the graph that it describes, and a bad one an error that says why?
#include "importers/tensorflow/tensorflow_importer.h"

#include <gtest/gtest.h>

#include "importers/model_builders.h"

namespace minnow::importers {
namespace {

using namespace tf_test;  // NOLINT: the builders are this test's language

const char kPrefix[] = "ERR_INVALID_MODEL: load: tensorflow: ";

// Out of order on purpose: the reader of everything comes first.
Graph SmallNetwork() {
  Graph graph;
  graph.Node("out", "Relu6", {"conv:0", "^check"})
      .Node("check", "Assert", {"flag"})
      .Node("flag", "Equal", {"x", "x"})
      .Node("conv", "Conv2D", {"x", "w/read"},
            {IntsAttr("strides", {1, 2, 2, 1}), TextAttr("padding", "SAME")})
      .Node("w/read", "Identity", {"w"})
      .Weights("w", {3, 3, 3, 4})
      .Input("x", {-1, 8, 8, 3});
  return graph;
}

TEST(TensorflowImporter, SortsNodesAndDropsChecks) {
  EXPECT_EQ(SmallNetwork().Text(),
            "input %x f32[?,8,8,3]\n"
            "%w/read = const f32[3,3,3,4]\n"
            "%conv f32[?,4,4,4] = Conv2D(%x, %w/read) stride=2x2 pad=same_upper weights=hwio"
            "  # conv\n"
            "%out f32[?,4,4,4] = Clamp(%conv) min=0 max=6  # out\n"
            "output %out f32[?,4,4,4]\n");
}

TEST(TensorflowImporter, EveryTruncationFailsCleanly) {
  const std::string bytes = SmallNetwork().Serialize();
  const size_t versions = 4;  // the last field; a file without it is whole
  for (size_t size = 0; size + versions < bytes.size(); ++size) {
    const StatusOr<ImportedModel> model =
        ImportModel({AsBytes(bytes.substr(0, size))}, "tensorflow");
    ASSERT_FALSE(model.ok()) << size << " bytes";
    EXPECT_EQ(model.status().code(), StatusCode::kInvalidModel) << model.status().message();
  }
}

TEST(TensorflowImporter, NoFlippedBitOrReplacedByteCrashes) {
  const std::string bytes = SmallNetwork().Serialize();
  int imported = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      std::string mutated = bytes;
      mutated[i] = static_cast<char>(mutated[i] ^ flip);
      imported += ImportModel({AsBytes(mutated)}, "tensorflow").ok() ? 1 : 0;
    }
  }
  EXPECT_GT(imported, 0) << "flips inside the weights are harmless";
}

TEST(TensorflowImporter, PlaceholdersKeepTheirOrderAndMayHaveNoShape) {
  Graph graph;
  graph.Node("y", "Add", {"b", "a"})
      .Node("a", "Placeholder", {}, {TypeAttr("dtype", kF32)})
      .Node("unread", "Placeholder", {}, {TypeAttr("dtype", kF32)})
      .Node(
          "b", "Placeholder", {},
          {TypeAttr("dtype", kF32), {"shape", ProtoWriter().Message(7, ProtoWriter().Int(3, 1))}});
  EXPECT_EQ(graph.Text(),
            "input %a f32[*]\ninput %b f32[*]\n%y f32[*] = Binary(%b, %a) kind=add  # y\n"
            "output %y f32[*]\n");
}

TEST(TensorflowImporter, OutputsAreTheNodesThatNobodyReads) {
  Graph graph;
  graph.Input("x", {2})
      .Node("a", "Relu", {"x"})
      .Node("b", "Relu", {"a"})
      .Node("c", "Abs", {"a"})
      .Node("all", "NoOp", {"^b", "^c"})
      .Number("unread", 3);
  EXPECT_EQ(graph.Text(),
            "input %x f32[2]\n"
            "%a f32[2] = Clamp(%x) min=0  # a\n"
            "%b f32[2] = Clamp(%a) min=0  # b\n"
            "%c f32[2] = Unary(%a) kind=abs  # c\n"
            "output %b f32[2]\noutput %c f32[2]\n");
}

TEST(TensorflowImporter, CollectsEveryUnknownOperatorThatIsNeeded) {
  Graph graph;
  graph.Input("x", {2})
      .Node("a", "ReadVariableOp", {"x"})
      .Node("b", "Frobnicate", {"a"})
      .Node("c", "ReadVariableOp", {"b"})
      .Node("unused", "Unknown", {"x"})
      .Node("check", "Assert", {"unused"});
  EXPECT_EQ(graph.Text(),
            "ERR_UNSUPPORTED: load: tensorflow: operators that are not supported: "
            "ReadVariableOp (TensorFlow, 2 nodes, first \"a\"); "
            "Frobnicate (TensorFlow, 1 node, \"b\")");
}

TEST(TensorflowImporter, RefusesBrokenGraphs) {
  EXPECT_EQ(Graph().Node("y", "Relu", {"x"}).Text(),
            kPrefix + std::string("node \"y\" (Relu): no node makes its input \"x\""));
  EXPECT_EQ(Graph().Input("x", {2}).Input("x", {2}).Text(),
            kPrefix + std::string("two nodes are named \"x\""));
  EXPECT_EQ(Graph().Input("x", {2}).Node("y", "Relu", {"x:1"}).Text(),
            kPrefix + std::string("node \"y\" (Relu): input 0: nothing before it defines \"x:1\""));
  EXPECT_EQ(Graph().Input("x", {2}).Text(), kPrefix + std::string("the graph has no outputs"));
  EXPECT_EQ(ImportText("", "tensorflow"), kPrefix + std::string("the graph has no outputs"));
  EXPECT_EQ(Graph().Input("x", {2}).Node("y", "Relu", {}).Text(),
            kPrefix + std::string("node \"y\" (Relu): input 0 is missing"));
}

TEST(TensorflowImporter, RefusesCycles) {
  Graph graph;
  graph.Input("x", {2})
      .Node("a", "Add", {"x", "c"})
      .Node("b", "Relu", {"a"})
      .Node("c", "Relu", {"b"})
      .Node("y", "Relu", {"c"});
  EXPECT_EQ(graph.Text(), kPrefix + std::string("node \"a\" (Add) is part of a cycle"));
  EXPECT_EQ(Graph().Node("a", "Relu", {"a"}).Node("y", "Relu", {"a"}).Text(),
            kPrefix + std::string("node \"a\" (Relu) is part of a cycle"));
}

TEST(TensorflowImporter, ALongChainNeedsNoDeepStack) {
  Graph graph;
  const int length = 100000;
  for (int i = length; i > 0; --i) {
    graph.Node(std::to_string(i).c_str(), "Relu", {std::to_string(i - 1)});
  }
  const std::string bytes = graph.Input("0", {1}).Serialize();
  const StatusOr<ImportedModel> model = ImportModel({AsBytes(bytes)}, "");
  EXPECT_EQ(model.status().message(),
            "load: tensorflow: more than 16384 operators; the limit is 16384");
}

// A constant through an Identity stays one, so that its elements are there to be looked at.
StatusOr<Tensor> ImportConst(const ProtoWriter& tensor) {
  const std::string bytes = Graph().Const("c", tensor).Node("y", "Abs", {"c"}).Serialize();
  const StatusOr<ImportedModel> model = ImportModel({AsBytes(bytes)}, "tensorflow");
  if (!model.ok()) return model.status();
  const graph::Graph& graph = model->graph;
  return *graph.ConstantOf(graph.ProducerOf(graph.outputs()[0])->inputs[0]);
}

TEST(TensorflowTensors, AShortListRepeatsItsLastValue) {
  const StatusOr<Tensor> tensor = ImportConst(TensorHead(kF32, {2, 2}).PackedFloats(5, {1, 2}));
  ASSERT_TRUE(tensor.ok()) << tensor.status().message();
  EXPECT_EQ(tensor->shape(), (Shape{2, 2}));
  EXPECT_EQ(tensor->as<float>()[0], 1.0f);
  for (int i = 1; i < 4; ++i) EXPECT_EQ(tensor->as<float>()[i], 2.0f);
}

TEST(TensorflowTensors, AnEmptyListIsZeros) {
  const StatusOr<Tensor> tensor = ImportConst(TensorHead(kS32, {3}));
  ASSERT_TRUE(tensor.ok()) << tensor.status().message();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(tensor->as<int32_t>()[i], 0);
}

TEST(TensorflowTensors, ReadsRawAndTypedElements) {
  const float raw[] = {1.5f, -2.5f};
  const std::string_view bytes(reinterpret_cast<const char*>(raw), sizeof(raw));
  StatusOr<Tensor> tensor = ImportConst(TensorHead(kF32, {2}).Text(4, bytes));
  ASSERT_TRUE(tensor.ok()) << tensor.status().message();
  EXPECT_EQ(tensor->as<float>()[1], -2.5f);
  tensor = ImportConst(TensorHead(kS64, {2}).PackedInts(10, {-5, 6}));
  ASSERT_TRUE(tensor.ok()) << tensor.status().message();
  EXPECT_EQ(tensor->as<int64_t>()[0], -5);
  tensor = ImportConst(TensorHead(kF16, {1}).Int(13, 0x3c00));
  ASSERT_TRUE(tensor.ok()) << tensor.status().message();
  EXPECT_EQ(tensor->as<uint16_t>()[0], 0x3c00);
}

TEST(TensorflowTensors, RefusesWhatDoesNotFit) {
  EXPECT_EQ(ImportConst(TensorHead(kF32, {2}).Text(4, "abc")).status().message(),
            "load: tensorflow: node \"c\" (Const): the shape [2] of f32 needs 8 bytes, the file "
            "has 3");
  EXPECT_EQ(ImportConst(TensorHead(kF32, {1}).PackedFloats(5, {1, 2})).status().code(),
            StatusCode::kInvalidModel);
  EXPECT_EQ(ImportConst(TensorHead(kF32, {-1})).status().message(),
            "load: tensorflow: node \"c\" (Const): a tensor: its shape is not known");
  EXPECT_EQ(ImportConst(TensorHead(kString, {}).Text(8, "a")).status().code(),
            StatusCode::kUnsupported);
}

TEST(TensorflowTensors, AFewBytesCannotAskForGigabytes) {
  const StatusOr<Tensor> one = ImportConst(TensorHead(kF32, {1 << 30}).Float(5, 1.0f));
  EXPECT_EQ(one.status().code(), StatusCode::kResourceExhausted) << one.status().message();
  // Each below the limit, all together above it.
  Graph graph;
  Names names;
  for (int i = 0; i < 5; ++i) {
    names.push_back(std::to_string(i));
    graph.Weights(names.back().c_str(), {1 << 24});
  }
  names.push_back("axis");
  graph.Number("axis", 0).Node("y", "ConcatV2", names);
  EXPECT_EQ(graph.Text(),
            "ERR_OUT_OF_MEMORY: load: tensorflow: node \"4\" (Const): constants of one repeated "
            "value, the last of shape [16777216], are too large");
}

}  // namespace
}  // namespace minnow::importers
