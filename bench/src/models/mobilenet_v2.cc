// Writes MobileNetV2 of any width as ONNX, for benches of cost: minnow_mobilenet_v2 WIDTH OUT
//
// The network of the paper (arXiv:1801.04381, table 2) at 224 x 224 with 1000 classes, batch norms
// folded; weights are random, of a size that keeps activations in the range of ReLU6.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "base/status.h"
#include "exporters/onnx_exporter.h"
#include "graph/graph.h"
#include "graph/infer_shapes.h"
#include "models/mobilenet_v2_stages.h"
#include "passes/pipeline.h"

namespace minnow {
namespace {

using graph::ValueId;

// Channels come in multiples of 8, never more than a tenth below what was asked for.
int64_t Scaled(int64_t channels, double width) {
  const double wanted = static_cast<double>(channels) * width;
  const int64_t rounded = std::max<int64_t>(8, static_cast<int64_t>(wanted + 4) / 8 * 8);
  return static_cast<double>(rounded) < 0.9 * wanted ? rounded + 8 : rounded;
}

class Writer {
 public:
  explicit Writer(double width) {
    ValueId x = graph_.AddInput("input", DType::kF32, Shape{kUnknownDim, 3, 224, 224});
    int64_t channels = Scaled(32, width);
    x = Conv(x, 3, channels, 3, 2, 1, true, graph::kNoValue);
    for (const bench::Stage& stage : bench::kStages) {
      const int64_t out = Scaled(stage.channels, width);
      for (int64_t i = 0; i < stage.blocks; ++i) {
        const int64_t stride = i == 0 ? stage.stride : 1;
        const int64_t wide = channels * stage.expansion;
        ValueId y = x;
        if (wide != channels) y = Conv(y, channels, wide, 1, 1, 1, true, graph::kNoValue);
        y = Conv(y, wide, wide, 3, stride, wide, true, graph::kNoValue);
        const bool adds = stride == 1 && channels == out;
        x = Conv(y, wide, out, 1, 1, 1, false, adds ? x : graph::kNoValue);
        channels = out;
      }
    }
    const int64_t last = Scaled(1280, std::max(1.0, width));
    x = Conv(x, channels, last, 1, 1, 1, true, graph::kNoValue);
    graph::Reduce mean;
    mean.axes = {2, 3};
    mean.keep_dims = false;
    x = graph_.AddNode("pool", mean, {x}, "pooled");
    const ValueId weights = Random(Shape{1000, last}, last);
    graph_.AddOutput(graph_.AddNode("classifier", graph::FullyConnected{},
                                    {x, weights, Random(Shape{1000}, last)}, "logits"));
  }

  graph::Graph& graph() { return graph_; }

 private:
  std::string NewName() { return "v" + std::to_string(names_++); }

  // Uniform, with the standard deviation that keeps that of `inputs` summed values.
  ValueId Random(const Shape& shape, int64_t inputs) {
    StatusOr<Tensor> tensor = Tensor::Allocate(DType::kF32, shape);
    if (!tensor.ok()) std::abort();
    const float scale = std::sqrt(6.0f / static_cast<float>(inputs));
    float* values = tensor->mutable_as<float>();
    for (int64_t i = 0; i < tensor->ElementCount(); ++i) {
      state_ = state_ * 1664525u + 1013904223u;
      values[i] = scale * static_cast<float>(static_cast<int32_t>(state_)) / 2147483648.0f;
    }
    return graph_.AddConstant(NewName(), std::move(*tensor));
  }

  ValueId Conv(ValueId x, int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t groups,
               bool relu6, ValueId residual) {
    graph::Conv2D conv;
    conv.stride_h = conv.stride_w = stride;
    conv.groups = groups;
    const int64_t pad = kernel / 2;
    conv.padding = {graph::PadMode::kExplicit, pad, pad, pad, pad};
    conv.layout = graph::DataLayout::kNCHW;
    conv.weight_layout = graph::WeightLayout::kOIHW;
    if (relu6) conv.activation = {graph::Activation::Kind::kClamp, 0.0f, 6.0f};
    const int64_t depth = in / groups;
    const ValueId weights = Random(Shape{out, depth, kernel, kernel}, depth * kernel * kernel);
    const ValueId bias = Random(Shape{out}, 100);
    return graph_.AddNode(NewName(), conv, {x, weights, bias, residual}, NewName());
  }

  graph::Graph graph_;
  uint32_t state_ = 1;
  int names_ = 0;
};

}  // namespace

StatusOr<std::string> Onnx(double width) {
  Writer writer(width);
  MINNOW_RETURN_IF_ERROR(graph::InferShapes(&writer.graph()));
  MINNOW_RETURN_IF_ERROR(passes::Optimize(&writer.graph()));
  return exporters::ExportOnnx(writer.graph());
}

}  // namespace minnow

int main(int argc, char** argv) {
  const double width = argc == 3 ? std::atof(argv[1]) : 0;
  if (!(width >= 0.1 && width <= 4)) {
    std::fprintf(stderr, "usage: %s WIDTH OUT.onnx, 0.1 <= WIDTH <= 4\n", argv[0]);
    return 2;
  }
  const minnow::StatusOr<std::string> bytes = minnow::Onnx(width);
  if (!bytes.ok()) {
    std::fprintf(stderr, "%s\n", bytes.status().message().c_str());
    return 1;
  }
  std::ofstream file(argv[2], std::ios::binary);
  file << *bytes;
  return file.flush() ? 0 : 1;
}
