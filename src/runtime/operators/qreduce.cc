// Means over the pixels of byte images, and tables of bytes.
#include <algorithm>

#include "kernels/requant.h"
#include "runtime/operators/quantized.h"

namespace minnow::runtime {
namespace {

// Channels that are summed at a time: their sums stay in registers or close.
constexpr int64_t kChannelsAtATime = 64;

class ByteMean : public Operator {
 public:
  ByteMean(const ByteMeanShape& shape, const graph::ByteParams& params, SlotId input, SlotId output)
      : shape_(shape), params_(params), input_(input), output_(output) {}

  Status Run(const RunContext& context) const override {
    const int64_t groups = (shape_.channels + kChannelsAtATime - 1) / kChannelsAtATime;
    ForEachRange(context.team, shape_.images * groups, [&](int64_t first, int64_t last, int) {
      for (int64_t unit = first; unit < last; ++unit) {
        const int64_t channel = unit % groups * kChannelsAtATime;
        const int64_t image = unit / groups;
        MeanOf(context.buffer<const uint8_t>(input_) + image * shape_.pixels * shape_.channels +
                   channel,
               std::min(kChannelsAtATime, shape_.channels - channel),
               context.buffer<uint8_t>(output_) + image * shape_.channels + channel);
      }
    });
    return OkStatus();
  }
  const char* kernel() const override { return "mean_u8"; }

 private:
  void MeanOf(const uint8_t* in, int64_t channels, uint8_t* out) const {
    uint32_t sums[kChannelsAtATime] = {};
    for (int64_t pixel = 0; pixel < shape_.pixels; ++pixel) {
      for (int64_t c = 0; c < channels; ++c) sums[c] += in[pixel * shape_.channels + c];
    }
    kernels::Requant requant;
    requant.zero_point = params_.y.zero_point;
    const auto pixels = static_cast<double>(shape_.pixels);
    const auto x_scale = static_cast<double>(params_.x.scale);
    const auto y_scale = static_cast<double>(params_.y.scale);
    for (int64_t c = 0; c < channels; ++c) {
      // In the interpreter's order of operations.
      const double sum = static_cast<double>(sums[c]) - pixels * params_.x.zero_point;
      out[c] = kernels::ToByte(sum / pixels * x_scale / y_scale, requant);
    }
  }

  ByteMeanShape shape_;
  graph::ByteParams params_;
  SlotId input_, output_;
};

class ByteTable : public Operator {
 public:
  ByteTable(int64_t elems, const std::array<uint8_t, 256>& table, SlotId input, SlotId output)
      : elems_(elems), table_(table), input_(input), output_(output) {}

  Status Run(const RunContext& context) const override {
    const auto* in = context.buffer<const uint8_t>(input_);
    auto* out = context.buffer<uint8_t>(output_);
    ForEachRange(context.team, elems_, [&](int64_t first, int64_t last, int) {
      for (int64_t i = first; i < last; ++i) out[i] = table_[in[i]];
    });
    return OkStatus();
  }
  const char* kernel() const override { return "table_u8"; }

 private:
  int64_t elems_;
  std::array<uint8_t, 256> table_;
  SlotId input_, output_;
};

}  // namespace

std::unique_ptr<Operator> MakeByteMean(const ByteMeanShape& shape, const graph::ByteParams& params,
                                       SlotId input, SlotId output) {
  return std::unique_ptr<Operator>(new ByteMean(shape, params, input, output));
}

std::unique_ptr<Operator> MakeByteTable(int64_t elems, const std::array<uint8_t, 256>& table,
                                        SlotId input, SlotId output) {
  return std::unique_ptr<Operator>(new ByteTable(elems, table, input, output));
}

}  // namespace minnow::runtime
