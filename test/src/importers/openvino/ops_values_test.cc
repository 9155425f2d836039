// Do operators that are wired from several ops compute what the specification says? Through the
// interpreter, against values worked out by hand or by the specification's own program.
#include <gtest/gtest.h>

#include "importers/openvino/ir_writer.h"
#include "interpreter/interpreter.h"

namespace minnow::importers {
namespace {

using openvino_test::From;
using openvino_test::Ir;

// The only output for the only input x.
Floats Evaluate(const Ir& ir, const Shape& shape, const Floats& x) {
  const std::string xml = ir.Xml();
  const StatusOr<ImportedModel> model = ImportModel({AsBytes(xml), AsBytes(ir.Bin())}, "");
  EXPECT_TRUE(model.ok()) << model.status().message();
  if (!model.ok()) return {};
  const TensorView view{DType::kF32, shape, x.data()};
  const StatusOr<std::vector<Tensor>> outputs = interpreter::RunGraph(model->graph, {view});
  EXPECT_TRUE(outputs.ok()) << outputs.status().message();
  if (!outputs.ok()) return {};
  const auto* values = (*outputs)[0].as<float>();
  return {values, values + (*outputs)[0].ElementCount()};
}

void ExpectNear(const Floats& values, const Floats& expected, const std::string& what) {
  ASSERT_EQ(values.size(), expected.size()) << what;
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_NEAR(values[i], expected[i], 1e-5f) << what << " at " << i;
  }
}

// Resizes the last axis of [0, 1, 2, 3].
Floats Resized(int opset, const std::string& data, int64_t to) {
  Ir ir;
  const From x = ir.Parameter("x", "1,1,1,4");
  std::vector<From> inputs = {x, ir.Ints({to})};
  if (opset == 4) inputs.push_back(ir.Floats("1", {1.0f}));
  if (opset >= 4) inputs.push_back(ir.Ints({3}));
  ir.Result(ir.Node("Interpolate", inputs, data, 1,
                    opset == 1   ? "opset1"
                    : opset == 4 ? "opset4"
                                 : "opset11"));
  return Evaluate(ir, Shape{1, 1, 1, 4}, {0, 1, 2, 3});
}

TEST(OpenvinoValues, InterpolateFollowsItsModes) {
  const struct {
    int opset;
    const char* data;
    int64_t to;
    Floats expected;
  } cases[] = {
      {4,
       "mode=\"linear\" shape_calculation_mode=\"sizes\"",
       8,
       {0, 0.25f, 0.75f, 1.25f, 1.75f, 2.25f, 2.75f, 3}},
      {4,
       "mode=\"linear_onnx\" shape_calculation_mode=\"sizes\" "
       "coordinate_transformation_mode=\"align_corners\"",
       7,
       {0, 0.5f, 1, 1.5f, 2, 2.5f, 3}},
      {11,
       "mode=\"linear_onnx\" shape_calculation_mode=\"sizes\" "
       "coordinate_transformation_mode=\"asymmetric\"",
       8,
       {0, 0.5f, 1, 1.5f, 2, 2.5f, 3, 3}},
      {11, "mode=\"linear\" shape_calculation_mode=\"sizes\"", 2, {0.5f, 2.5f}},
      {4,
       "mode=\"cubic\" shape_calculation_mode=\"sizes\"",
       8,
       {-0.10546875f, 0.19140625f, 0.66796875f, 1.296875f, 1.703125f, 2.33203125f, 2.80859375f,
        3.10546875f}},
      {4, "mode=\"nearest\" shape_calculation_mode=\"sizes\"", 8, {0, 0, 1, 1, 2, 2, 3, 3}},
      {4,
       "mode=\"nearest\" shape_calculation_mode=\"sizes\" nearest_mode=\"floor\" "
       "coordinate_transformation_mode=\"asymmetric\"",
       6,
       {0, 0, 1, 2, 2, 3}},
      {4,
       "mode=\"nearest\" shape_calculation_mode=\"sizes\" nearest_mode=\"ceil\" "
       "coordinate_transformation_mode=\"asymmetric\"",
       6,
       {0, 1, 2, 2, 3, 3}},
      {4, "mode=\"nearest\" shape_calculation_mode=\"sizes\"", 2, {0, 2}},
      {1, "mode=\"linear\" axes=\"3\" align_corners=\"true\"", 7, {0, 0.5f, 1, 1.5f, 2, 2.5f, 3}},
      {1, "mode=\"nearest\" axes=\"3\" align_corners=\"false\"", 8, {0, 0, 1, 1, 2, 2, 3, 3}},
  };
  for (const auto& c : cases) ExpectNear(Resized(c.opset, c.data, c.to), c.expected, c.data);
}

TEST(OpenvinoValues, InterpolateByScalesOnTwoAxes) {
  Ir ir;
  const From x = ir.Parameter("x", "1,1,2,2");
  ir.Result(ir.Node("Interpolate", {x, ir.Floats("2", {2.0f, 1.5f}), ir.Ints({2, 3})},
                    "mode=\"nearest\" shape_calculation_mode=\"scales\" nearest_mode=\"floor\" "
                    "coordinate_transformation_mode=\"asymmetric\"",
                    1, "opset11"));
  ExpectNear(Evaluate(ir, Shape{1, 1, 2, 2}, {1, 2, 3, 4}), {1, 1, 2, 1, 1, 2, 3, 3, 4, 3, 3, 4},
             "scales");
}

TEST(OpenvinoValues, InterpolateRefusesWhatItCannotKnow) {
  const struct {
    const char* shape;
    const char* data;
    Ints sizes;
    const char* error;
  } cases[] = {
      {"1,1,?,?", "mode=\"linear\"", {8, 8}, "axis 2 has no size known before run time"},
      {"1,1,4,4", "mode=\"linear\"", {8}, "1 sizes for 2 axes"},
      {"1,1,4,4", "mode=\"linear\"", {0, 8}, "axis 2 gets the size 0"},
      {"1,1,4,4", "mode=\"linear\"", {2000000000, 8}, "the sizes are too large"},
      {"1,1,4,4", "mode=\"nearest\"", {2000000000, 8}, "the sizes are too large"},
      {"1,1,4,4", "mode=\"area\"", {8, 8}, "mode \"area\" is not supported"},
      {"1,1,4,4", "mode=\"linear\" antialias=\"true\"", {8, 8}, "antialias is not supported"},
      {"1,1,4,4", "mode=\"linear\" pads_begin=\"0,0,1,0\"", {8, 8}, "pads_begin are not supported"},
  };
  for (const auto& c : cases) {
    Ir ir;
    const From x = ir.Parameter("x", c.shape);
    const std::string data = std::string(c.data) + " shape_calculation_mode=\"sizes\"";
    ir.Result(ir.Node("Interpolate", {x, ir.Ints(c.sizes), ir.Ints({2, 3})}, data, 1, "opset11"));
    EXPECT_NE(ir.Text().find(c.error), std::string::npos) << ir.Text();
  }
}

Floats FakeQuantized(float low, float high, float out_low, float out_high, int levels,
                     const Floats& x) {
  Ir ir;
  const From input = ir.Parameter("x", std::to_string(x.size()));
  ir.Result(ir.Node("FakeQuantize",
                    {input, ir.Float(low), ir.Float(high), ir.Float(out_low), ir.Float(out_high)},
                    "levels=\"" + std::to_string(levels) + "\""));
  return Evaluate(ir, Shape{static_cast<int64_t>(x.size())}, x);
}

TEST(OpenvinoValues, FakeQuantizeRoundsToItsLevels) {
  const Floats x = {-5.0f, -0.4f, 0.4f, 0.6f, 1.6f, 2.4f, 9.0f};
  ExpectNear(FakeQuantized(0, 3, 0, 3, 4, x), {0, 0, 0, 1, 2, 2, 3}, "four levels");
  ExpectNear(FakeQuantized(0, 3, -1, 1, 2, x), {-1, -1, -1, -1, 1, 1, 1}, "another output range");
  ExpectNear(FakeQuantized(-1.28f, 1.27f, -1.28f, 1.27f, 256, {-9, -0.014f, 0.016f, 9}),
             {-1.28f, -0.01f, 0.02f, 1.27f}, "a byte");
  ExpectNear(FakeQuantized(0, 0, 0, 0, 256, {-1, 0, 1}), {0, 0, 0}, "an empty range");
}

TEST(OpenvinoValues, GeluByTanh) {
  Ir ir;
  ir.Result(ir.Node("Gelu", {ir.Parameter("x", "3")}, "approximation_mode=\"TANH\""));
  ExpectNear(Evaluate(ir, Shape{3}, {-1, 0.5f, 2}), {-0.1588080f, 0.3457140f, 1.9545977f}, "gelu");
}

TEST(OpenvinoValues, TileRepeatsAxes) {
  Ir ir;
  ir.Result(ir.Node("Tile", {ir.Parameter("x", "1,2"), ir.Ints({2, 2})}));
  ExpectNear(Evaluate(ir, Shape{1, 2}, {1, 2}), {1, 2, 1, 2, 1, 2, 1, 2}, "tile");
}

}  // namespace
}  // namespace minnow::importers
