// Elementwise steps on bytes, and changes of how bytes lie.
#include <algorithm>

#include "runtime/operators/quantized.h"

namespace minnow::runtime {
namespace {

// Elements a unit of work: a multiple of every vector, small enough to spread.
constexpr int64_t kUnit = 8192;

// Calls body(first, count) on parts of [0, elems).
template <typename Body>
void ForEachPart(const RunContext& context, int64_t elems, const Body& body) {
  ForEachRange(context.team, (elems + kUnit - 1) / kUnit, [&](int64_t first, int64_t last, int) {
    body(first * kUnit, std::min(elems, last * kUnit) - first * kUnit);
  });
}

class Qbinary : public Operator {
 public:
  Qbinary(const QbinaryOperands& operands, const kernels::QbinaryArgs& args,
          const kernels::QeltwiseKernel& kernel)
      : o_(operands), args_(args), kernel_(kernel) {}

  Status Run(const RunContext& context) const override {
    if (!o_.b_repeats) {
      ForEachPart(context, o_.groups * o_.elems,
                  [&](int64_t first, int64_t count) { RunPart(context, first, first, count); });
      return OkStatus();
    }
    ForEachRange(context.team, o_.groups, [&](int64_t first, int64_t last, int) {
      for (int64_t group = first; group < last; ++group) {
        RunPart(context, group * o_.elems, 0, o_.elems);
      }
    });
    return OkStatus();
  }
  const char* kernel() const override { return kernel_.name; }

 private:
  void RunPart(const RunContext& context, int64_t a, int64_t b, int64_t count) const {
    kernels::QbinaryArgs args = args_;
    args.a = context.buffer<const uint8_t>(o_.a) + a;
    args.b = context.buffer<const uint8_t>(o_.b) + b;
    args.out = context.buffer<uint8_t>(o_.output) + a;
    args.n = count;
    kernel_.binary(args);
  }

  QbinaryOperands o_;
  kernels::QbinaryArgs args_;
  const kernels::QeltwiseKernel& kernel_;
};

class Quantize : public Operator {
 public:
  Quantize(int64_t elems, float scale, int32_t zero_point, SlotId input, SlotId output,
           const kernels::QeltwiseKernel& kernel)
      : elems_(elems),
        scale_(scale),
        zero_point_(zero_point),
        input_(input),
        output_(output),
        kernel_(kernel) {}

  Status Run(const RunContext& context) const override {
    ForEachPart(context, elems_, [&](int64_t first, int64_t count) {
      kernel_.quantize({context.buffer<const float>(input_) + first,
                        context.buffer<uint8_t>(output_) + first, count, scale_, zero_point_});
    });
    return OkStatus();
  }
  const char* kernel() const override { return kernel_.name; }

 private:
  int64_t elems_;
  float scale_;
  int32_t zero_point_;
  SlotId input_, output_;
  const kernels::QeltwiseKernel& kernel_;
};

class Dequantize : public Operator {
 public:
  Dequantize(int64_t elems, float scale, int32_t zero_point, SlotId input, SlotId output,
             const kernels::QeltwiseKernel& kernel)
      : elems_(elems),
        scale_(scale),
        zero_point_(zero_point),
        input_(input),
        output_(output),
        kernel_(kernel) {}

  Status Run(const RunContext& context) const override {
    ForEachPart(context, elems_, [&](int64_t first, int64_t count) {
      kernel_.dequantize({context.buffer<const uint8_t>(input_) + first,
                          context.buffer<float>(output_) + first, count, scale_, zero_point_});
    });
    return OkStatus();
  }
  const char* kernel() const override { return kernel_.name; }

 private:
  int64_t elems_;
  float scale_;
  int32_t zero_point_;
  SlotId input_, output_;
  const kernels::QeltwiseKernel& kernel_;
};

class PlanesToPixels : public Operator {
 public:
  PlanesToPixels(int64_t images, int64_t channels, int64_t pixels, SlotId input, SlotId output)
      : images_(images), channels_(channels), pixels_(pixels), input_(input), output_(output) {}

  Status Run(const RunContext& context) const override {
    ForEachPart(context, images_ * pixels_, [&](int64_t first, int64_t count) {
      const auto* in = context.buffer<const uint8_t>(input_);
      uint8_t* out = context.buffer<uint8_t>(output_) + first * channels_;
      for (int64_t pixel = first; pixel < first + count; ++pixel) {
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
    ForEachPart(context, bytes_, [&](int64_t first, int64_t count) {
      const uint8_t* in = context.buffer<const uint8_t>(input_) + first;
      uint8_t* out = context.buffer<uint8_t>(output_) + first;
      for (int64_t i = 0; i < count; ++i) out[i] = in[i] ^ 0x80;
    });
    return OkStatus();
  }

 private:
  int64_t bytes_;
  SlotId input_, output_;
};

}  // namespace

std::unique_ptr<Operator> MakeQbinary(const QbinaryOperands& operands,
                                      const kernels::QbinaryArgs& args, Isa isa) {
  return std::unique_ptr<Operator>(new Qbinary(operands, args, kernels::SelectQeltwise(isa)));
}

std::unique_ptr<Operator> MakeQuantize(int64_t elems, float scale, int32_t zero_point, SlotId input,
                                       SlotId output, Isa isa) {
  return std::unique_ptr<Operator>(
      new Quantize(elems, scale, zero_point, input, output, kernels::SelectQeltwise(isa)));
}

std::unique_ptr<Operator> MakeDequantize(int64_t elems, float scale, int32_t zero_point,
                                         SlotId input, SlotId output, Isa isa) {
  return std::unique_ptr<Operator>(
      new Dequantize(elems, scale, zero_point, input, output, kernels::SelectQeltwise(isa)));
}

std::unique_ptr<Operator> MakeByteReorder(const Shape& shape, Layout from, SlotId input,
                                          SlotId output) {
  if (from != Layout::kPlanar) {
    return std::unique_ptr<Operator>(new SignFlip(shape.ElementCount(), input, output));
  }
  return std::unique_ptr<Operator>(
      new PlanesToPixels(shape[0], shape[3], shape[1] * shape[2], input, output));
}

}  // namespace minnow::runtime
