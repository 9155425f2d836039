// Shapes of ops that make or resample tensors: triangles, ranges, tiles, determinants, resizes.
#include <algorithm>
#include <cmath>

#include "graph/op_rules.h"

namespace minnow::graph {
namespace {

// The one number that a scalar input of any type holds, where it is known.
std::optional<double> NumberOf(const InputFact& input) {
  const void* data = input.data;
  if (data == nullptr || !input.shape || input.shape->ElementCount() != 1) return std::nullopt;
  switch (input.dtype) {
    case DType::kF32:
      return *static_cast<const float*>(data);
    case DType::kF64:
      return *static_cast<const double*>(data);
    case DType::kS16:
      return *static_cast<const int16_t*>(data);
    case DType::kS32:
      return *static_cast<const int32_t*>(data);
    case DType::kS64:
      return static_cast<double>(*static_cast<const int64_t*>(data));
    default:
      return std::nullopt;
  }
}

Status CheckRank(const InputFact& input, int rank, const char* what) {
  if (!input.shape || input.shape->rank() == rank) return OkStatus();
  return InvalidModel("%s has the shape %s, expected %d dimensions", what,
                      input.shape->ToString().c_str(), rank);
}

// The f32 list in an input; nothing where it is absent or not known.
Status ReadFloats(const OpInputs& inputs, size_t index, size_t count, const char* what,
                  std::optional<std::vector<float>>* list) {
  list->reset();
  if (!inputs.Has(index)) return OkStatus();
  const InputFact& input = inputs[index];
  if (input.dtype != DType::kF32) {
    return InvalidModel("%s has the type %s, expected f32", what, DTypeName(input.dtype));
  }
  if (input.data == nullptr || !input.shape) return OkStatus();
  if (input.shape->rank() != 1 || (*input.shape)[0] != static_cast<int64_t>(count)) {
    return InvalidModel("%s has the shape %s, expected %zu numbers", what,
                        input.shape->ToString().c_str(), count);
  }
  const auto* data = static_cast<const float*>(input.data);
  list->emplace(data, data + count);
  return OkStatus();
}

// An empty list stands for an absent input, as early opsets have it.
bool IsGiven(const OpInputs& inputs, size_t index) {
  return inputs.Has(index) && !(inputs[index].shape && inputs[index].shape->ElementCount() == 0);
}

Status AxisBySize(int64_t from, int64_t to, ResizedAxis* axis) {
  if (to < 0 || to > kMaxElements || (from == 0 && to != 0)) {
    return InvalidModel("an axis of %lld becomes %lld", static_cast<long long>(from),
                        static_cast<long long>(to));
  }
  axis->size = to;
  axis->scale = from == 0 ? 1.0 : static_cast<double>(to) / static_cast<double>(from);
  return OkStatus();
}

Status AxisByScale(int64_t from, float scale, ResizedAxis* axis) {
  const double to = std::floor(static_cast<double>(from) * static_cast<double>(scale));
  if (!(scale > 0.0f) || !(to <= static_cast<double>(kMaxElements))) {
    return InvalidModel("an axis of %lld scaled by %g", static_cast<long long>(from),
                        static_cast<double>(scale));
  }
  axis->size = static_cast<int64_t>(to);
  axis->scale = static_cast<double>(scale);
  return OkStatus();
}

}  // namespace

Status Infer(const Trilu&, const OpInputs& inputs, OutputFact* output) {
  std::optional<int64_t> k;
  MINNOW_RETURN_IF_ERROR(ReadInt(inputs, 1, "k", &k));
  output->dtype = inputs[0].dtype;
  output->shape = inputs[0].shape;
  if (!output->shape || output->shape->rank() >= 2) return OkStatus();
  return InvalidModel("the input has the shape %s, expected matrices",
                      output->shape->ToString().c_str());
}

Status Infer(const Range&, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckSameDType(inputs, 0, 1));
  MINNOW_RETURN_IF_ERROR(CheckSameDType(inputs, 0, 2));
  for (size_t i = 0; i < 3; ++i) {
    const std::optional<Shape>& shape = inputs[i].shape;
    if (!shape || !shape->IsStatic() || shape->ElementCount() == 1) continue;
    return InvalidModel("input %zu of a range has the shape %s, expected one number", i,
                        shape->ToString().c_str());
  }
  output->dtype = inputs[0].dtype;
  output->shape = Shape{kUnknownDim};
  const std::optional<double> start = NumberOf(inputs[0]), limit = NumberOf(inputs[1]),
                              delta = NumberOf(inputs[2]);
  if (!start || !limit || !delta) return OkStatus();
  const double count = std::ceil((*limit - *start) / *delta);
  // Written so that NaN fails, and integers are doubles exactly.
  const bool is_exact = std::fabs(*start) <= 0x1p53 && std::fabs(*limit) <= 0x1p53;
  if (*delta == 0.0 || !is_exact || !(count <= static_cast<double>(kMaxElements))) {
    return InvalidModel("a range from %g to %g by %g", *start, *limit, *delta);
  }
  output->shape = Shape{std::max<int64_t>(0, static_cast<int64_t>(std::max(count, 0.0)))};
  return OkStatus();
}

Status Infer(const Tile&, const OpInputs& inputs, OutputFact* output) {
  output->dtype = inputs[0].dtype;
  MaybeInts repeats;
  MINNOW_RETURN_IF_ERROR(ReadList(inputs, 1, "repeats", {}, &repeats));
  if (!inputs[0].shape) return OkStatus();
  Shape result = *inputs[0].shape;
  if (repeats && static_cast<int>(repeats->size()) != result.rank()) {
    return InvalidModel("%zu repeats for an input of rank %d", repeats->size(), result.rank());
  }
  for (int axis = 0; axis < result.rank(); ++axis) {
    const int64_t count = repeats ? (*repeats)[static_cast<size_t>(axis)] : kUnknownDim;
    if (repeats && (count < 0 || count > kMaxElements)) {
      return InvalidModel("%lld repeats", static_cast<long long>(count));
    }
    const bool known = repeats && result[axis] != kUnknownDim;
    result[axis] = known ? result[axis] * count : kUnknownDim;
  }
  output->shape = result;
  return OkStatus();
}

Status Infer(const Det&, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckFloat(inputs[0]));
  output->dtype = inputs[0].dtype;
  if (!inputs[0].shape) return OkStatus();
  const Shape& x = *inputs[0].shape;
  int64_t merged = 0;
  if (x.rank() < 2) return InvalidModel("the input has the shape %s", x.ToString().c_str());
  MINNOW_RETURN_IF_ERROR(MergeDims(x[x.rank() - 2], x[x.rank() - 1], "rows and columns", &merged));
  Shape result;
  for (int axis = 0; axis < x.rank() - 2; ++axis) result.Append(x[axis]);
  output->shape = result;
  return OkStatus();
}

Status Infer(const Lrn& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckFloat(inputs[0]));
  if (op.size < 1 || op.size > kMaxElements || !std::isfinite(op.alpha) ||
      !std::isfinite(op.beta) || !std::isfinite(op.bias)) {
    return InvalidModel("size %lld, alpha %g, beta %g, bias %g", static_cast<long long>(op.size),
                        static_cast<double>(op.alpha), static_cast<double>(op.beta),
                        static_cast<double>(op.bias));
  }
  output->dtype = inputs[0].dtype;
  output->shape = inputs[0].shape;
  if (!output->shape || output->shape->rank() >= 2) return OkStatus();
  return InvalidModel("the input has the shape %s", output->shape->ToString().c_str());
}

Status PlanResize(const OpInputs& inputs, std::optional<std::vector<ResizedAxis>>* axes) {
  axes->reset();
  const bool by_sizes = IsGiven(inputs, 3);
  if (by_sizes == IsGiven(inputs, 2)) {
    return InvalidModel("scales or sizes must be given, one of them");
  }
  if (!inputs[0].shape) return OkStatus();
  const Shape& x = *inputs[0].shape;
  const size_t rank = static_cast<size_t>(x.rank());
  MaybeInts sizes;
  std::optional<std::vector<float>> scales;
  if (by_sizes) {
    MINNOW_RETURN_IF_ERROR(ReadList(inputs, 3, "sizes", {}, &sizes));
    if (sizes && sizes->size() != rank) {
      return InvalidModel("%zu sizes for an input of rank %zu", sizes->size(), rank);
    }
  } else {
    MINNOW_RETURN_IF_ERROR(ReadFloats(inputs, 2, rank, "scales", &scales));
  }
  if ((!sizes && !scales) || !x.IsStatic()) return OkStatus();
  std::vector<ResizedAxis> plan(rank);
  for (size_t i = 0; i < rank; ++i) {
    const int64_t from = x[static_cast<int>(i)];
    MINNOW_RETURN_IF_ERROR(sizes ? AxisBySize(from, (*sizes)[i], &plan[i])
                                 : AxisByScale(from, (*scales)[i], &plan[i]));
  }
  *axes = std::move(plan);
  return OkStatus();
}

Status Infer(const Resize& op, const OpInputs& inputs, OutputFact* output) {
  if (!std::isfinite(op.cubic_a) || !std::isfinite(op.extrapolation)) {
    return InvalidModel("cubic_a %g or the extrapolation value %g is not finite",
                        static_cast<double>(op.cubic_a), static_cast<double>(op.extrapolation));
  }
  if (inputs[0].dtype == DType::kBool) return InvalidModel("elements of type bool");
  output->dtype = inputs[0].dtype;
  std::optional<std::vector<ResizedAxis>> axes;
  MINNOW_RETURN_IF_ERROR(PlanResize(inputs, &axes));
  if (!inputs[0].shape) return OkStatus();
  const size_t rank = static_cast<size_t>(inputs[0].shape->rank());
  if (op.coordinates == Resize::Coordinates::kTfCropAndResize) {
    if (!inputs.Has(1)) return InvalidModel("the roi is missing");
    std::optional<std::vector<float>> roi;
    MINNOW_RETURN_IF_ERROR(ReadFloats(inputs, 1, 2 * rank, "roi", &roi));
  }
  Shape result;
  for (size_t i = 0; i < rank; ++i) result.Append(axes ? (*axes)[i].size : kUnknownDim);
  output->shape = result;
  return OkStatus();
}

Status Infer(const GridSample&, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckFloat(inputs[0]));
  MINNOW_RETURN_IF_ERROR(CheckSameDType(inputs, 0, 1));
  MINNOW_RETURN_IF_ERROR(CheckRank(inputs[0], 4, "the input"));
  MINNOW_RETURN_IF_ERROR(CheckRank(inputs[1], 4, "the grid"));
  output->dtype = inputs[0].dtype;
  if (!inputs[0].shape || !inputs[1].shape) return OkStatus();
  const Shape& x = *inputs[0].shape;
  const Shape& grid = *inputs[1].shape;
  int64_t batch = 0, merged = 0;
  MINNOW_RETURN_IF_ERROR(MergeDims(x[0], grid[0], "batches", &batch));
  MINNOW_RETURN_IF_ERROR(MergeDims(grid[3], 2, "coordinates of a place", &merged));
  if (x[2] == 0 || x[3] == 0) return InvalidModel("an image without pixels");
  output->shape = Shape{batch, x[1], grid[1], grid[2]};
  return OkStatus();
}

}  // namespace minnow::graph
