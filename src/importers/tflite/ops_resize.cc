// RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR, one side after the other: the nearest pixel is a
// Gather of fixed indices, the two around a place are a product with a matrix of fixed weights.
//
// Places as in TensorFlow Lite's reference_ops.h (ComputeInterpolationValues, GetNearestNeighbor).
#include <algorithm>
#include <cmath>
#include <utility>

#include "importers/tflite/ops.h"

namespace minnow::importers::tflite {
namespace {

using graph::ValueId;

struct Places {
  bool align_corners = false;
  bool half_pixel_centers = false;

  // How far apart neighbours of the output lie in the input.
  double Scale(int64_t from, int64_t to) const {
    return align_corners && to > 1 ? static_cast<double>(from - 1) / static_cast<double>(to - 1)
                                   : static_cast<double>(from) / static_cast<double>(to);
  }
};

// The image's sides, before and after.
struct Sides {
  int64_t height = 0, width = 0, channels = 0;
  int64_t new_height = 0, new_width = 0;
};

bool ReadSides(const Node& node, Sides* sides) {
  const Shape shape = node.InputShape(0);
  const std::vector<int64_t> size = node.RequiredInts(1, "the size");
  const bool is_image = shape.rank() == 4 && shape[1] > 0 && shape[2] > 0 && shape[3] > 0;
  if (!is_image || size.size() != 2 || size[0] < 1 || size[1] < 1 || size[0] > kMaxElements ||
      size[1] > kMaxElements) {
    node.Record(
        Unsupported("an image %s resized to %zu sides", shape.ToString().c_str(), size.size()));
    return false;
  }
  *sides = {shape[1], shape[2], shape[3], size[0], size[1]};
  return true;
}

ValueId Indices(const Node& node, const Places& places, int64_t from, int64_t to) {
  if (!node.ChargeMade(to, sizeof(int64_t)).ok()) return graph::kNoValue;
  const auto scale = static_cast<float>(places.Scale(from, to));
  std::vector<int64_t> indices(static_cast<size_t>(to));
  for (int64_t i = 0; i < to; ++i) {
    const float place = (static_cast<float>(i) + (places.half_pixel_centers ? 0.5f : 0.0f)) * scale;
    const float rounded = places.align_corners ? std::round(place) : std::floor(place);
    indices[static_cast<size_t>(i)] =
        std::clamp<int64_t>(static_cast<int64_t>(rounded), 0, from - 1);
  }
  return node.AddInts(indices);
}

// [to, from]: a row an output pixel, the shares of the input pixels in it.
ValueId Weights(const Node& node, const Places& places, int64_t from, int64_t to) {
  if (!node.ChargeMade(from * to, sizeof(float)).ok()) return graph::kNoValue;
  StatusOr<Tensor> weights = Tensor::Allocate(DType::kF32, Shape{to, from});
  if (!weights.ok()) return node.AddConstant(std::move(weights));
  const double scale = places.Scale(from, to);
  for (int64_t i = 0; i < to; ++i) {
    const double at = static_cast<double>(i);
    const double place = places.half_pixel_centers ? (at + 0.5) * scale - 0.5 : at * scale;
    const auto low = std::max<int64_t>(static_cast<int64_t>(std::floor(place)), 0);
    const auto high = std::min<int64_t>(static_cast<int64_t>(std::ceil(place)), from - 1);
    const double share = place - static_cast<double>(low);
    float* row = weights->mutable_as<float>() + i * from;
    row[std::min(low, from - 1)] += static_cast<float>(1.0 - share);
    row[high] += static_cast<float>(share);
  }
  return node.AddConstant(std::move(weights));
}

}  // namespace

Status ImportResizeNearest(const Node& node) {
  const Places places = {node.options().Bool(0, false), node.options().Bool(1, false)};
  Sides sides;
  if (!ReadSides(node, &sides)) return node.Fail(OkStatus());
  const ValueId rows = Indices(node, places, sides.height, sides.new_height);
  const ValueId columns = Indices(node, places, sides.width, sides.new_width);
  const bool is_stored = node.KeepsQuantization();
  const ValueId tall =
      node.Add(graph::Gather{1}, {is_stored ? node.Stored(0) : node.Real(0), rows});
  if (is_stored) return node.OutputStored(0, graph::Gather{2}, {tall, columns});
  return node.OutputReal(0, graph::Gather{2}, {tall, columns});
}

Status ImportResizeBilinear(const Node& node) {
  const Places places = {node.options().Bool(2, false), node.options().Bool(3, false)};
  Sides sides;
  if (!ReadSides(node, &sides)) return node.Fail(OkStatus());
  const ValueId rows = Weights(node, places, sides.height, sides.new_height);
  const ValueId columns = Weights(node, places, sides.width, sides.new_width);
  // [N, H, W * C]: the product is over rows of pixels.
  const ValueId flat = node.Add(
      graph::Reshape{{0, sides.height, sides.width * sides.channels}, false}, {node.Real(0)});
  const ValueId tall = node.Add(graph::MatMul{}, {rows, flat});
  const ValueId image =
      node.Add(graph::Reshape{{0, sides.new_height, sides.width, sides.channels}, false}, {tall});
  return node.OutputReal(0, graph::MatMul{}, {columns, image});
}

}  // namespace minnow::importers::tflite
