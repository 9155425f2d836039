// Bytes that only move: into other layouts, into joins, into frames. And those that a softmax
// makes, one row at a time.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/requant.h"
#include "runtime/operators/quantized.h"

namespace minnow::runtime {
namespace {

class PlanesToPixels : public Operator {
 public:
  PlanesToPixels(int64_t images, int64_t channels, int64_t pixels, SlotId input, SlotId output)
      : images_(images), channels_(channels), pixels_(pixels), input_(input), output_(output) {}

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, images_ * pixels_, [&](int64_t first, int64_t last, int) {
      const auto* in = context.buffer<const uint8_t>(input_);
      uint8_t* out = context.buffer<uint8_t>(output_) + first * channels_;
      for (int64_t pixel = first; pixel < last; ++pixel) {
        const uint8_t* plane = in + pixel / pixels_ * pixels_ * channels_ + pixel % pixels_;
        for (int64_t c = 0; c < channels_; ++c) *out++ = plane[c * pixels_];
      }
    });
    return OkStatus();
  }

 private:
  int64_t images_, channels_, pixels_;
  SlotId input_, output_;
};

class SignFlip : public Operator {
 public:
  SignFlip(int64_t bytes, SlotId input, SlotId output)
      : bytes_(bytes), input_(input), output_(output) {}

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, bytes_, [&](int64_t first, int64_t last, int) {
      const uint8_t* in = context.buffer<const uint8_t>(input_);
      uint8_t* out = context.buffer<uint8_t>(output_);
      for (int64_t i = first; i < last; ++i) out[i] = in[i] ^ 0x80;
    });
    return OkStatus();
  }

 private:
  int64_t bytes_;
  SlotId input_, output_;
};

class ByteConcat : public Operator {
 public:
  ByteConcat(int64_t outer, std::vector<BytePart> parts, SlotId output)
      : outer_(outer), parts_(std::move(parts)), output_(output) {
    for (const BytePart& part : parts_) pitch_ += part.bytes;
  }

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, outer_, [&](int64_t first, int64_t last, int) {
      uint8_t* out = context.buffer<uint8_t>(output_);
      for (const BytePart& part : parts_) {
        const uint8_t* in = context.buffer<const uint8_t>(part.input);
        for (int64_t i = first; i < last; ++i) {
          std::memcpy(out + i * pitch_, in + i * part.bytes, static_cast<size_t>(part.bytes));
        }
        out += part.bytes;
      }
    });
    return OkStatus();
  }

 private:
  int64_t outer_, pitch_ = 0;
  std::vector<BytePart> parts_;
  SlotId output_;
};

// Rows of the output are made one by one: a row of padding, or one of the input between its own.
class BytePad : public Operator {
 public:
  BytePad(const BytePadShape& shape, uint8_t value, SlotId input, SlotId output)
      : s_(shape), value_(value), input_(input), output_(output) {}

  Status Run(const RunContext& context) const override {
    const int64_t rows = s_.top + s_.height + s_.bottom;
    const int64_t pitch = s_.left + s_.row_bytes + s_.right;
    ForEachRange(context.team, s_.images * rows, [&](int64_t first, int64_t last, int) {
      const auto* in = context.buffer<const uint8_t>(input_);
      auto* out = context.buffer<uint8_t>(output_);
      for (int64_t unit = first; unit < last; ++unit) {
        const int64_t y = unit % rows - s_.top;
        uint8_t* row = out + unit * pitch;
        std::memset(row, value_, static_cast<size_t>(pitch));
        if (y < 0 || y >= s_.height) continue;
        std::memcpy(row + s_.left, in + (unit / rows * s_.height + y) * s_.row_bytes,
                    static_cast<size_t>(s_.row_bytes));
      }
    });
    return OkStatus();
  }

 private:
  BytePadShape s_;
  uint8_t value_;
  SlotId input_, output_;
};

// A byte says how far below the row's largest its number is, so there are 256 exponentials.
class ByteSoftmax : public Operator {
 public:
  ByteSoftmax(int64_t rows, int64_t n, const graph::ByteParams& params, SlotId input, SlotId output,
              const kernels::QeltwiseKernel& kernel)
      : rows_(rows), n_(n), input_(input), output_(output), kernel_(kernel) {
    for (int below = 0; below < kBytes; ++below) {
      exponentials_[below] = std::exp(-below * static_cast<double>(params.x.scale));
    }
    requant_.y_scale = static_cast<double>(params.y.scale);
    requant_.zero_point = params.y.zero_point;
  }

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, rows_, [&](int64_t first, int64_t last, int) {
      for (int64_t row = first; row < last; ++row) {
        RunRow(context.buffer<const uint8_t>(input_) + row * n_,
               context.buffer<uint8_t>(output_) + row * n_);
      }
    });
    return OkStatus();
  }
  const char* kernel() const override { return "softmax_u8"; }

 private:
  static constexpr int kBytes = 256;

  void RunRow(const uint8_t* in, uint8_t* out) const {
    int smallest = 255, largest = 0;
    for (int64_t i = 0; i < n_; ++i) {
      smallest = std::min<int>(smallest, in[i]);
      largest = std::max<int>(largest, in[i]);
    }
    // Neighbours are often the same, and an increment waits for the last one of its count.
    int64_t counts[2][kBytes] = {};
    for (int64_t i = 0; i < n_; ++i) ++counts[i % 2][in[i]];
    double sum = 0.0;
    for (int byte = largest; byte >= smallest; --byte) {
      counts[0][byte] += counts[1][byte];
      sum += static_cast<double>(counts[0][byte]) * exponentials_[largest - byte];
    }
    uint8_t table[kBytes] = {};
    for (int byte = largest; byte >= smallest; --byte) {
      if (counts[0][byte] == 0) continue;
      const double steps = exponentials_[largest - byte] / sum / requant_.y_scale;
      table[byte] = kernels::ToByte(steps, requant_);
    }
    kernel_.map({in, out, n_, table});
  }

  int64_t rows_, n_;
  SlotId input_, output_;
  double exponentials_[kBytes];
  kernels::Requant requant_;
  const kernels::QeltwiseKernel& kernel_;
};

}  // namespace

std::unique_ptr<Operator> MakeByteReorder(const Shape& shape, Layout from, SlotId input,
                                          SlotId output) {
  if (from != Layout::kPlanar) {
    return std::unique_ptr<Operator>(new SignFlip(shape.ElementCount(), input, output));
  }
  return std::unique_ptr<Operator>(
      new PlanesToPixels(shape[0], shape[3], shape[1] * shape[2], input, output));
}

std::unique_ptr<Operator> MakeByteConcat(int64_t outer, std::vector<BytePart> parts,
                                         SlotId output) {
  return std::unique_ptr<Operator>(new ByteConcat(outer, std::move(parts), output));
}

std::unique_ptr<Operator> MakeBytePad(const BytePadShape& shape, uint8_t value, SlotId input,
                                      SlotId output) {
  return std::unique_ptr<Operator>(new BytePad(shape, value, input, output));
}

std::unique_ptr<Operator> MakeByteSoftmax(int64_t rows, int64_t n, const graph::ByteParams& params,
                                          SlotId input, SlotId output, Isa isa) {
  return std::unique_ptr<Operator>(
      new ByteSoftmax(rows, n, params, input, output, kernels::SelectQeltwise(isa)));
}

}  // namespace minnow::runtime
