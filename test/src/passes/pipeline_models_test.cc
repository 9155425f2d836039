// What do the passes make of real models? Needs the test data ($MINNOW_TEST_DATA).
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

#include "importers/importer.h"
#include "passes/pass_testing.h"

namespace minnow::passes {
namespace {

#ifndef MINNOW_DEFAULT_TEST_DATA
#define MINNOW_DEFAULT_TEST_DATA "../shared/data"
#endif

std::vector<uint8_t> ReadModel(const std::string& name) {
  const char* folder = std::getenv("MINNOW_TEST_DATA");
  const std::string path =
      std::string(folder != nullptr ? folder : MINNOW_DEFAULT_TEST_DATA) + "/models/" + name;
  std::ifstream file(path, std::ios::binary);
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), {});
}

using Histogram = std::map<std::string, int>;

Histogram HistogramOf(const graph::Graph& graph) {
  Histogram histogram;
  for (graph::NodeId id = 0; id < graph.node_count(); ++id) {
    if (!graph.node(id).dead) ++histogram[graph::OpName(graph.node(id).op)];
  }
  return histogram;
}

struct ModelCase {
  const char* file;
  Histogram operators;  // after the passes, batch unknown
};

void PrintTo(const ModelCase& c, std::ostream* out) { *out << c.file; }

std::string NameOf(const testing::TestParamInfo<ModelCase>& tested) {
  std::string name = tested.param.file;
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

class RealModel : public testing::TestWithParam<ModelCase> {};

TEST_P(RealModel, BecomesTheExpectedOperatorsAndKeepsItsResults) {
  const std::vector<uint8_t> bytes = ReadModel(GetParam().file);
  if (bytes.empty()) GTEST_SKIP() << "no " << GetParam().file << " in MINNOW_TEST_DATA";
  StatusOr<importers::ImportedModel> model =
      importers::ImportModel({{bytes.data(), bytes.size()}}, "");
  ASSERT_TRUE(model.ok()) << model.status().message();
  const graph::Graph& raw = model->graph;
  graph::Graph graph = raw;
  const Status optimized = Optimize(&graph);
  ASSERT_TRUE(optimized.ok()) << optimized.message();
  EXPECT_EQ(HistogramOf(graph), GetParam().operators) << graph::Print(graph);

  const std::vector<Tensor> inputs = RandomInputs(raw, 1, 3);
  const std::vector<Shape> shapes = {inputs[0].shape()};
  const Status specialized = Specialize(&graph, shapes);
  ASSERT_TRUE(specialized.ok()) << specialized.message();
  EXPECT_EQ(HistogramOf(graph), GetParam().operators);
  EXPECT_TRUE(AreClose(Results(raw, inputs), Results(graph, inputs), 1e-4));
}

INSTANTIATE_TEST_SUITE_P(
    Files, RealModel,
    testing::Values(
        ModelCase{"mobilenet_v2_1.0_224_frozen.pb",
                  {{"Conv2D", 53}, {"Reduce", 1}, {"Reshape", 1}, {"Softmax", 1}}},
        ModelCase{"mobilenet_v2_1.4_224_synthetic_frozen.pb",
                  {{"Conv2D", 53}, {"Reduce", 1}, {"Reshape", 1}, {"Softmax", 1}}},
        ModelCase{"mobilenetv2_1.0_224.onnx",
                  {{"Conv2D", 52},
                   {"FullyConnected", 1},
                   {"Reduce", 1},
                   {"Reshape", 1},
                   {"Transpose", 1}}},
        ModelCase{"squeezenet1_1_synthetic.onnx",
                  {{"Concat", 8},
                   {"Conv2D", 26},
                   {"Pool2D", 3},
                   {"Reduce", 1},
                   {"Reshape", 1},
                   {"Transpose", 1}}},
        // Per squeeze-and-excite block: a mean, two convolutions, a hard-sigmoid, a product.
        ModelCase{"mobilenet_v3_small_synthetic.onnx",
                  {{"Binary", 9},
                   {"Conv2D", 52},
                   {"FullyConnected", 2},
                   {"Reduce", 10},
                   {"Reshape", 1},
                   {"Transpose", 1},
                   {"Unary", 9}}},
        ModelCase{"identity_input_output.onnx", {{"Identity", 1}}}),
    NameOf);

}  // namespace
}  // namespace minnow::passes
