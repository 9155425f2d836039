// One small network in every format, of a few kilobytes: what hostile files are made from.
#ifndef MINNOW_TEST_IMPORTERS_SMALL_NETWORKS_H_
#define MINNOW_TEST_IMPORTERS_SMALL_NETWORKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "importers/model_builders.h"
#include "importers/openvino/ir_writer.h"
#include "importers/tflite/flatbuffer_writer.h"
#include "importers/torchscript/archive_writer.h"

namespace minnow::importers {

using Files = std::vector<std::string>;

inline Files OnnxFile() {
  using namespace onnx_test;  // NOLINT: the builders' language
  return {
      onnx_test::Model(13)
          .Input("x", {-1, 3, 8, 8})
          .Weights("w", {4, 3, 3, 3})
          .Weights("d", {4, 1, 3, 3})
          .List("shape", {0, -1})
          .Node("Conv", {"x", "w"}, {"y"}, {IntsAttr("strides", {2, 2})})
          .Node("Relu", {"y"}, {"z"})
          .Node("Conv", {"z", "d"}, {"e"}, {IntAttr("group", 4), IntsAttr("pads", {1, 1, 1, 1})})
          .Node("Add", {"z", "e"}, {"s"})
          .Node("MaxPool", {"s"}, {"p"}, {IntsAttr("kernel_shape", {2, 2})})
          .Node("Reshape", {"p", "shape"}, {"r"})
          .Node("Softmax", {"r"}, {"out"}, {IntAttr("axis", 1)})
          .Output("out")
          .Serialize()};
}

inline Files TensorflowFile() {
  using namespace tf_test;  // NOLINT: the builders' language
  return {tf_test::Graph()
              .Input("x", {-1, 8, 8, 3})
              .Weights("w", {3, 3, 3, 4})
              .Weights("d", {3, 3, 4, 1})
              .List("axes", {1, 2})
              .Node("y", "Conv2D", {"x", "w"},
                    {IntsAttr("strides", {1, 2, 2, 1}), TextAttr("padding", "SAME")})
              .Node("z", "Relu6", {"y"})
              .Node("e", "DepthwiseConv2dNative", {"z", "d"},
                    {IntsAttr("strides", {1, 1, 1, 1}), TextAttr("padding", "SAME")})
              .Node("s", "Add", {"z", "e"})
              .Node("m", "Mean", {"s", "axes"}, {BoolAttr("keep_dims", false)})
              .Node("out", "Softmax", {"m"})
              .Serialize()};
}

inline Files TfliteFile() {
  using tflite::TableWriter;
  tflite::ModelWriter model;
  const tflite::Scales scales = {{0.5f}, {128}};
  const int32_t x = model.Input("x", {1, 4, 4, 2}, tflite::kU8, scales);
  const int32_t w =
      model.Constant("w", {3, 1, 1, 2}, tflite::kS8, std::vector<int8_t>{1, -2, 3, 4, 5, 6},
                     {{0.5f, 0.25f, 0.125f}, {0, 0, 0}, 0});
  const int32_t b = model.Constant("b", {3}, tflite::kS32, std::vector<int32_t>{1, 2, 3},
                                   {{0.25f, 0.125f, 0.0625f}, {0, 0, 0}, 0});
  const int32_t y = model.Output("y", {1, 4, 4, 3}, tflite::kU8, scales);
  const int32_t z = model.Output("z", {1, 2, 2, 3}, tflite::kU8, scales);
  model.Operator(3, {x, w, b}, {y}, TableWriter().U8(0, 0).S32(1, 1).S32(2, 1).U8(3, 3));
  model.Operator(17, {y}, {z}, TableWriter().U8(0, 1).S32(1, 2).S32(2, 2).S32(3, 2).S32(4, 2));
  return {model.Bytes()};
}

inline constexpr const char* kWindow =
    "strides=\"1,1\" dilations=\"1,1\" pads_begin=\"1,1\" pads_end=\"1,1\" auto_pad=\"explicit\"";

inline Files OpenvinoFile() {
  using openvino_test::From;
  openvino_test::Ir ir;
  const From x = ir.Parameter("x", "?,3,8,8");
  const From y = ir.Add("Convolution", "y", "opset1", kWindow,
                        {x, ir.Floats("4,3,3,3", std::vector<float>(108, 0.5f))}, 1);
  const From z = ir.Add("Clamp", "z", "opset1", "min=\"0\" max=\"6\"", {y}, 1);
  const From e = ir.Add("GroupConvolution", "e", "opset1", kWindow,
                        {z, ir.Floats("4,1,1,3,3", std::vector<float>(36, 0.5f))}, 1);
  const From s = ir.Add("Add", "s", "opset1", "", {z, e}, 1);
  const From m =
      ir.Add("ReduceMean", "m", "opset1", "keep_dims=\"false\"", {s, ir.Ints({2, 3})}, 1);
  ir.Result(ir.Add("SoftMax", "out", "opset1", "axis=\"1\"", {m}, 1));
  return {ir.Xml(), ir.Bin()};
}

inline Files TorchscriptFile() {
  return {torchscript::ArchiveWriter()
              .Weights("w", {4, 3, 3, 3})
              .Forward("y = torch.relu(torch.conv2d(x, self.w, None, [16, 16]))\n"
                       "z = torch.adaptive_avg_pool2d(y, [1, 1])\n"
                       "return torch.softmax(torch.flatten(z, 1), 1)\n")};
}

}  // namespace minnow::importers

#endif  // MINNOW_TEST_IMPORTERS_SMALL_NETWORKS_H_
