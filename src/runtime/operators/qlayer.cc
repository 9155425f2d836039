#include "runtime/operators/qlayer.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

namespace minnow::runtime {
namespace {

// Bounds of what the kernels compute with: see kernels/requant.h.
constexpr int64_t kMaxSum = int64_t{1} << 30;
constexpr double kMaxGuess = 1 << 30;
constexpr double kMaxFloat = 1 << 24;  // of integers that all are floats

int32_t WeightAt(const Tensor& weights, int64_t i) {
  return weights.dtype() == DType::kU8 ? static_cast<int32_t>(weights.as<uint8_t>()[i])
                                       : static_cast<int32_t>(weights.as<int8_t>()[i]);
}

std::vector<int16_t> WeightsLess(const Tensor& weights, int32_t offset) {
  std::vector<int16_t> values(static_cast<size_t>(weights.ElementCount()));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<int16_t>(WeightAt(weights, static_cast<int64_t>(i)) - offset);
  }
  return values;
}

// Each row of `order.size()` values with element order[i] at place i.
std::vector<int16_t> Reordered(const std::vector<int16_t>& values,
                               const std::vector<int64_t>& order) {
  std::vector<int16_t> reordered;
  reordered.reserve(values.size());
  for (size_t row = 0; row < values.size(); row += order.size()) {
    for (const int64_t at : order) reordered.push_back(values[row + static_cast<size_t>(at)]);
  }
  return reordered;
}

struct Range {
  int32_t smallest = 0, largest = 0;
};

Range RangeOf(const Tensor& weights, int32_t offset) {
  Range range;
  for (int64_t i = 0; i < weights.ElementCount(); ++i) {
    range.smallest = std::min(range.smallest, WeightAt(weights, i) - offset);
    range.largest = std::max(range.largest, WeightAt(weights, i) - offset);
  }
  return range;
}

template <typename T>
StatusOr<SharedBuffer> Share(const std::vector<T>& values) {
  StatusOr<AlignedBuffer> buffer = AlignedBuffer::Allocate(values.size() * sizeof(T));
  if (!buffer.ok()) return buffer.status();
  std::copy(values.begin(), values.end(), buffer->template as<T>());
  return std::make_shared<const AlignedBuffer>(std::move(*buffer));
}

// The channel at each of `width` places of the register order.
template <typename ChannelAt>
std::vector<int64_t> PlacesOf(int64_t width, const ChannelAt& channel_at) {
  std::vector<int64_t> place;
  place.reserve(static_cast<size_t>(width));
  for (int64_t at = 0; at < width; ++at) place.push_back(channel_at(at));
  return place;
}

// The factors of one channel.
struct Column {
  int32_t bias = 0;
  float multiplier = 1.0f;
  double scale = 1.0;
  double most_steps = 0.0;  // that a sum can be from zero
  bool is_float = true;     // a sum whose steps lie within the bytes
};

std::optional<Column> ColumnOf(const QuantizedProduct& product, int64_t channel) {
  const int64_t terms = product.terms();
  int64_t sum = 0, magnitude = 0;
  for (int64_t i = channel * terms; i < (channel + 1) * terms; ++i) {
    const int32_t w = WeightAt(*product.weights, i) - product.weight_zero_point;
    sum += w;
    magnitude += std::abs(w);
  }
  const int64_t given = product.bias == nullptr ? 0 : product.bias->as<int32_t>()[channel];
  const int64_t bias = given - product.x_zero * sum;
  const int64_t bound = std::abs(bias) + 255 * magnitude;
  if (bound >= kMaxSum) return std::nullopt;
  Column column;
  column.bias = static_cast<int32_t>(bias);
  const std::vector<float>& scales = *product.weight_scales;
  const float scale = scales[scales.size() == 1 ? 0 : static_cast<size_t>(channel)];
  column.scale = static_cast<double>(product.x_scale) * static_cast<double>(scale);
  const double multiplier = column.scale / static_cast<double>(product.y_scale);
  if (!(multiplier >= static_cast<double>(std::numeric_limits<float>::min()))) return std::nullopt;
  // Of one at least: a multiplier that is no float would make no number of a sum of 0.
  column.most_steps = multiplier * static_cast<double>(std::max<int64_t>(bound, 1));
  if (!(column.most_steps < kMaxGuess)) return std::nullopt;
  column.is_float = std::min(static_cast<double>(bound), 256 / multiplier) < kMaxFloat;
  column.multiplier = static_cast<float>(multiplier);
  return column;
}

}  // namespace

StatusOr<std::optional<QuantizedColumns>> QuantizedColumns::Make(
    const QuantizedProduct& product, const std::vector<int64_t>& place) {
  const auto channels = static_cast<size_t>(product.channels);
  std::vector<Column> columns;
  columns.reserve(channels);
  for (int64_t channel = 0; channel < product.channels; ++channel) {
    const std::optional<Column> column = ColumnOf(product, channel);
    if (!column) return std::optional<QuantizedColumns>();
    columns.push_back(*column);
  }
  std::vector<int32_t> bias(place.size(), 0);
  std::vector<float> multipliers(place.size(), 1.0f);
  // In the order of memory, and as long as the others, since kernels count in panels.
  std::vector<double> scales(std::max(place.size(), channels), 1.0);
  double most_steps = 0.0;
  bool are_floats = true;
  for (size_t i = 0; i < channels; ++i) {
    scales[i] = columns[i].scale;
    most_steps = std::max(most_steps, columns[i].most_steps);
    are_floats &= columns[i].is_float;
  }
  for (size_t i = 0; i < place.size(); ++i) {
    if (place[i] >= product.channels) continue;
    bias[i] = columns[static_cast<size_t>(place[i])].bias;
    multipliers[i] = columns[static_cast<size_t>(place[i])].multiplier * kernels::kGuessUnits;
  }
  QuantizedColumns made;
  StatusOr<SharedBuffer> buffer = Share(bias);
  if (!buffer.ok()) return buffer.status();
  made.bias_ = *buffer;
  buffer = Share(multipliers);
  if (!buffer.ok()) return buffer.status();
  made.multipliers_ = *buffer;
  buffer = Share(scales);
  if (!buffer.ok()) return buffer.status();
  made.scales_ = *buffer;
  made.requant_.y_scale = static_cast<double>(product.y_scale);
  made.requant_.zero_point = product.y_zero;
  made.requant_.min = product.min;
  made.requant_.max = product.max;
  made.requant_.margin = are_floats ? 2 : 4;
  made.requant_.may_overflow = most_steps > kernels::kMaxSteps;
  return std::optional<QuantizedColumns>(std::move(made));
}

kernels::Requant QuantizedColumns::RequantFrom(int64_t first) const {
  kernels::Requant requant = requant_;
  requant.multipliers = multipliers_->as<float>() + first;
  requant.scales = scales_->as<double>() + first;
  return requant;
}

StatusOr<std::optional<QgemmLayer>> QgemmLayer::Make(const QuantizedProduct& product, int64_t taps,
                                                     const std::vector<int64_t>& order,
                                                     int64_t rows, Isa isa, WeightCache* cache) {
  QgemmLayer layer;
  const kernels::QgemmKernel& kernel = kernels::SelectQgemm(isa, rows, product.terms() / taps);
  layer.kernel_ = &kernel;
  layer.n_ = product.channels;
  layer.taps_ = taps;
  layer.channels_ = product.terms() / taps;
  layer.x_zero_ = static_cast<uint8_t>(product.x_zero);
  const int64_t width = kernels::QgemmWidth(kernel, layer.n_);
  StatusOr<std::optional<QuantizedColumns>> columns = QuantizedColumns::Make(
      product,
      PlacesOf(width, [&](int64_t at) { return kernels::QgemmColumnAt(kernel, layer.n_, at); }));
  if (!columns.ok()) return columns.status();
  if (!*columns) return std::optional<QgemmLayer>();
  layer.columns_ = std::move(**columns);

  int32_t offset = product.weight_zero_point;
  const Range range = RangeOf(*product.weights, offset);
  if (kernel.form == kernels::QgemmForm::kQuads && (range.smallest < -128 || range.largest > 127)) {
    offset = product.weights->dtype() == DType::kU8 ? 128 : 0;
    layer.row_factor_ = offset - product.weight_zero_point;
  }
  const auto bytes =
      static_cast<size_t>(width * kernels::QgemmColumnBytes(kernel, layer.taps_, layer.channels_));
  const bool is_reordered = !std::is_sorted(order.begin(), order.end());
  const std::string form = std::string(kernel.name) + "/" + std::to_string(taps) + "/" +
                           std::to_string(offset) + (is_reordered ? "/reordered" : "");
  StatusOr<SharedBuffer> packed =
      cache->Get(*product.weights, form, bytes, [&](AlignedBuffer* buffer) {
        std::vector<int16_t> weights = WeightsLess(*product.weights, offset);
        if (is_reordered) weights = Reordered(weights, order);
        kernels::PackQgemm(kernel, weights.data(), layer.n_, layer.taps_, layer.channels_,
                           buffer->data());
      });
  if (!packed.ok()) return packed.status();
  layer.weights_ = *packed;
  return std::optional<QgemmLayer>(std::move(layer));
}

void QgemmLayer::RunPanel(int64_t panel, kernels::QgemmArgs args) const {
  const kernels::QgemmPanel p = kernels::QgemmPanelAt(*kernel_, n_, panel);
  args.tap_count = taps_;
  args.channels = channels_;
  args.b = weights_->as<char>() + p.first * kernels::QgemmColumnBytes(*kernel_, taps_, channels_);
  args.bias = columns_.bias() + p.first;
  args.c += p.first;
  args.columns = std::min(n_ - p.first, p.vectors * kernel_->lanes);
  args.requant = columns_.RequantFrom(p.first);
  kernel_->panels[p.vectors - 1](args);
}

void QgemmLayer::RowOffsets(kernels::QgemmArgs args, int32_t* offsets) const {
  args.tap_count = taps_;
  args.channels = channels_;
  kernel_->row_sums(args, row_factor_, offsets);
}

StatusOr<std::optional<QdwconvLayer>> QdwconvLayer::Make(const QuantizedProduct& product,
                                                         int64_t kernel_h, int64_t kernel_w,
                                                         Isa isa, WeightCache* cache) {
  QdwconvLayer layer;
  const kernels::QdwconvKernel& kernel = kernels::SelectQdwconv(isa);
  layer.kernel_ = &kernel;
  layer.x_zero_ = static_cast<uint8_t>(product.x_zero);
  const int64_t width = kernels::QdwconvWidth(kernel, product.channels);
  StatusOr<std::optional<QuantizedColumns>> columns =
      QuantizedColumns::Make(product, PlacesOf(width, [&](int64_t at) {
                               return kernels::QdwconvChannelAt(kernel, product.channels, at);
                             }));
  if (!columns.ok()) return columns.status();
  if (!*columns) return std::optional<QdwconvLayer>();
  layer.columns_ = std::move(**columns);

  const int32_t zero = product.weight_zero_point;
  const Range range = RangeOf(*product.weights, zero);
  layer.planes_ = kernels::QdwconvPlanes(kernel, static_cast<int16_t>(range.smallest),
                                         static_cast<int16_t>(range.largest));
  const auto bytes = static_cast<size_t>(width * layer.planes_ *
                                         kernels::QdwconvChannelBytes(kernel, kernel_h, kernel_w));
  const std::string form = std::string(kernel.name) + "/" + std::to_string(zero);
  StatusOr<SharedBuffer> packed =
      cache->Get(*product.weights, form, bytes, [&](AlignedBuffer* buffer) {
        kernels::PackQdwconv(kernel, WeightsLess(*product.weights, zero).data(), product.channels,
                             kernel_h, kernel_w, layer.planes_, buffer->data());
      });
  if (!packed.ok()) return packed.status();
  layer.weights_ = *packed;
  return std::optional<QdwconvLayer>(std::move(layer));
}

void QdwconvLayer::Run(kernels::QdwconvArgs args) const {
  args.weights = weights_->data();
  args.planes = planes_;
  args.bias = columns_.bias();
  args.requant = columns_.RequantFrom(0);
  kernel_->run(args);
}

}  // namespace minnow::runtime
