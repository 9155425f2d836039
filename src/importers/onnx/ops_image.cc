// ONNX operators that resample images or move pixels between space and channels.
#include "importers/common_rows.h"
#include "importers/onnx/ops.h"
#include "importers/onnx/wiring.h"

namespace minnow::importers::onnx {
namespace {

using graph::GridSample;
using graph::kNoValue;
using graph::Resize;
using graph::ValueId;

// The entry of `names` that the attribute says.
template <typename T>
T Choose(const NodeView& node, const char* attribute, const char* otherwise,
         std::initializer_list<std::pair<std::string_view, T>> names) {
  const std::string_view text = node.Text(attribute, otherwise);
  for (const auto& [name, value] : names) {
    if (name == text) return value;
  }
  node.Record(Unsupported("%s %s is not supported", attribute, Quote(text).c_str()));
  return names.begin()->second;
}

Resize::Mode ReadMode(const NodeView& node) {
  using Mode = Resize::Mode;
  return Choose<Mode>(node, "mode", "nearest",
                      {{"nearest", Mode::kNearest},
                       {"linear", Mode::kLinear},
                       {"bilinear", Mode::kLinear},
                       {"cubic", Mode::kCubic}});
}

Status OutputResized(const NodeView& node, Resize op, ValueId scales) {
  return node.Output(0, op, {node.Input(0), kNoValue, scales});
}

// Resize-10 and Upsample: places are multiples of 1 / scale, the nearest is the one before.
Resize EarlyResize(const NodeView& node) {
  Resize op;
  op.mode = ReadMode(node);
  op.coordinates = Resize::Coordinates::kAsymmetric;
  op.rounding = Resize::Rounding::kFloor;
  return op;
}

// The four dims of an image whose channels and one side at least are known; -1 for the other.
StatusOr<Shape> ImageShape(const NodeView& node, ImportContext* context, ValueId x) {
  const std::optional<Shape> shape = context->ShapeOf(x);
  if (!shape || shape->rank() != 4 || (*shape)[1] == kUnknownDim ||
      ((*shape)[2] == kUnknownDim && (*shape)[3] == kUnknownDim)) {
    return node.Fail(Unsupported("an input whose shape is not known before run time"));
  }
  return *shape;
}

int64_t Times(int64_t dim, int64_t factor) { return dim == kUnknownDim ? dim : dim * factor; }
int64_t Over(int64_t dim, int64_t factor) { return dim == kUnknownDim ? dim : dim / factor; }

StatusOr<int64_t> ReadBlock(const NodeView& node) {
  const int64_t block = node.RequiredInt("blocksize");
  if (block >= 1 && block <= 1 << 10) return block;
  return node.Fail(InvalidModel("blocksize is %lld", static_cast<long long>(block)));
}

}  // namespace

Status ImportResize(const NodeView& node, ImportContext* context) {
  using Coordinates = Resize::Coordinates;
  using Rounding = Resize::Rounding;
  if (context->opset() < 11) return OutputResized(node, EarlyResize(node), node.Input(1));
  for (const char* later : {"antialias", "axes", "keep_aspect_ratio_policy"}) {
    if (node.Find(later) != nullptr) return node.Fail(Unsupported("%s is not supported", later));
  }
  Resize op;
  op.mode = ReadMode(node);
  op.coordinates = Choose<Coordinates>(node, "coordinate_transformation_mode", "half_pixel",
                                       {{"half_pixel", Coordinates::kHalfPixel},
                                        {"pytorch_half_pixel", Coordinates::kPytorchHalfPixel},
                                        {"align_corners", Coordinates::kAlignCorners},
                                        {"asymmetric", Coordinates::kAsymmetric},
                                        {"tf_half_pixel_for_nn", Coordinates::kTfHalfPixelForNn},
                                        {"tf_crop_and_resize", Coordinates::kTfCropAndResize}});
  op.rounding = Choose<Rounding>(node, "nearest_mode", "round_prefer_floor",
                                 {{"round_prefer_floor", Rounding::kRoundPreferFloor},
                                  {"round_prefer_ceil", Rounding::kRoundPreferCeil},
                                  {"floor", Rounding::kFloor},
                                  {"ceil", Rounding::kCeil}});
  op.cubic_a = node.Float("cubic_coeff_a", op.cubic_a);
  op.exclude_outside = node.Bool("exclude_outside", false);
  op.extrapolation = node.Float("extrapolation_value", 0.0f);
  std::vector<ValueId> inputs = {node.Input(0), kNoValue, node.OptionalInput(2),
                                 node.OptionalInput(3)};
  if (op.coordinates == Coordinates::kTfCropAndResize) inputs[1] = node.Input(1);
  return node.Output(0, op, std::move(inputs));
}

// The scales are an attribute before opset 9.
Status ImportUpsample(const NodeView& node, ImportContext* context) {
  if (context->opset() >= 9) return OutputResized(node, EarlyResize(node), node.Input(1));
  const Attribute* scales = node.Find("scales");
  if (scales == nullptr) return node.Fail(InvalidModel("attribute \"scales\" is missing"));
  const Shape shape{static_cast<int64_t>(scales->floats.size())};
  return OutputResized(node, EarlyResize(node), node.AddConstant(shape, scales->floats));
}

// DCR: channel = (row * b + column) * depth + d. CRD: channel = (d * b + row) * b + column.
Status ImportDepthToSpace(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const bool is_crd = Choose<bool>(node, "mode", "DCR", {{"DCR", false}, {"CRD", true}});
  const ValueId x = node.Input(0);
  const StatusOr<int64_t> block = ReadBlock(node);
  if (!block.ok()) return block.status();
  const StatusOr<Shape> shape = ImageShape(node, context, x);
  if (!shape.ok()) return shape.status();
  const int64_t b = *block, depth = (*shape)[1] / (b * b);
  const int64_t height = (*shape)[2], width = (*shape)[3];
  const ValueId parts = is_crd ? w.Reshape(x, {0, depth, b, b, height, width})
                               : w.Reshape(x, {0, b, b, depth, height, width});
  const ValueId moved =
      is_crd ? w.Transpose(parts, {0, 1, 4, 2, 5, 3}) : w.Transpose(parts, {0, 3, 4, 1, 5, 2});
  return node.Output(0, graph::Reshape{{0, depth, Times(height, b), Times(width, b)}, false},
                     {moved});
}

Status ImportSpaceToDepth(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  const StatusOr<int64_t> block = ReadBlock(node);
  if (!block.ok()) return block.status();
  const StatusOr<Shape> shape = ImageShape(node, context, x);
  if (!shape.ok()) return shape.status();
  const int64_t b = *block, depth = (*shape)[1];
  const int64_t height = Over((*shape)[2], b), width = Over((*shape)[3], b);
  const ValueId parts = w.Reshape(x, {0, depth, height, b, width, b});
  const ValueId moved = w.Transpose(parts, {0, 3, 5, 1, 2, 4});
  return node.Output(0, graph::Reshape{{0, depth * b * b, height, width}, false}, {moved});
}

Status ImportGridSample(const NodeView& node, ImportContext*) {
  using Mode = GridSample::Mode;
  using Border = GridSample::Border;
  GridSample op;
  op.mode = Choose<Mode>(node, "mode", "bilinear",
                         {{"bilinear", Mode::kLinear},
                          {"linear", Mode::kLinear},
                          {"nearest", Mode::kNearest},
                          {"bicubic", Mode::kCubic},
                          {"cubic", Mode::kCubic}});
  op.border = Choose<Border>(
      node, "padding_mode", "zeros",
      {{"zeros", Border::kZeros}, {"border", Border::kEdge}, {"reflection", Border::kReflect}});
  op.align_corners = node.Bool("align_corners", false);
  return node.Output(0, op, {node.Input(0), node.Input(1)});
}

}  // namespace minnow::importers::onnx
