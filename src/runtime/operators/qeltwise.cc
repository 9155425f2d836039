// Elementwise steps on bytes.
#include <algorithm>
#include <cstring>
#include <type_traits>

#include "runtime/operators/quantized.h"

namespace minnow::runtime {
namespace {

// Elements a unit of work: a multiple of every vector, small enough to spread.
constexpr int64_t kUnit = 8192;
// A short operand that repeats is laid out in a row up to this length, so that kernels run long.
constexpr int64_t kRepeated = 2048;

// Calls body(first, count, worker) on parts of [0, elems).
template <typename Body>
void ForEachPart(const RunContext& context, int64_t elems, const Body& body) {
  ForEachRange(context.team, (elems + kUnit - 1) / kUnit,
               [&](int64_t first, int64_t last, int worker) {
                 body(first * kUnit, std::min(elems, last * kUnit) - first * kUnit, worker);
               });
}

class Qbinary : public Operator {
 public:
  Qbinary(const QbinaryOperands& operands, const kernels::QbinaryArgs& args,
          const kernels::QeltwiseKernel& kernel)
      : o_(operands),
        args_(args),
        kernel_(kernel),
        repeats_(std::clamp<int64_t>(kRepeated / operands.elems, 1, operands.groups)) {}

  Status Run(const RunContext& context) const override {
    if (!o_.b_repeats) {
      ForEachPart(context, o_.groups * o_.elems, [&](int64_t first, int64_t count, int) {
        RunPart(context, first, context.buffer<const uint8_t>(o_.b) + first, count);
      });
      return OkStatus();
    }
    const int64_t units = (o_.groups + repeats_ - 1) / repeats_;
    ForEachRange(context.team, units, [&](int64_t first, int64_t last, int worker) {
      const auto* b = context.buffer<const uint8_t>(o_.b);
      if (repeats_ > 1) b = Repeated(b, context.scratch_of(worker));
      for (int64_t group = first * repeats_; group < std::min(o_.groups, last * repeats_);
           group += repeats_) {
        const int64_t count = std::min(repeats_, o_.groups - group);
        RunPart(context, group * o_.elems, b, count * o_.elems);
      }
    });
    return OkStatus();
  }
  const char* kernel() const override { return kernel_.name; }
  size_t scratch_bytes() const override {
    return o_.b_repeats && repeats_ > 1 ? static_cast<size_t>(repeats_ * o_.elems) : 0;
  }

 private:
  const uint8_t* Repeated(const uint8_t* b, void* scratch) const {
    auto* out = static_cast<uint8_t*>(scratch);
    for (int64_t i = 0; i < repeats_; ++i) {
      std::memcpy(out + i * o_.elems, b, static_cast<size_t>(o_.elems));
    }
    return out;
  }

  void RunPart(const RunContext& context, int64_t first, const uint8_t* b, int64_t count) const {
    kernels::QbinaryArgs args = args_;
    args.a = context.buffer<const uint8_t>(o_.a) + first;
    args.b = b;
    args.out = context.buffer<uint8_t>(o_.output) + first;
    args.n = count;
    kernel_.binary(args);
  }

  QbinaryOperands o_;
  kernels::QbinaryArgs args_;
  const kernels::QeltwiseKernel& kernel_;
  int64_t repeats_;
};

// Floats to bytes, or back: as `Args` says.
template <typename Args>
class Convert : public Operator {
 public:
  Convert(int64_t elems, float scale, int32_t zero_point, SlotId input, SlotId output,
          const char* name, void (*run)(const Args&))
      : elems_(elems),
        scale_(scale),
        zero_point_(zero_point),
        input_(input),
        output_(output),
        name_(name),
        run_(run) {}

  Status Run(const RunContext& context) const override {
    using In = std::remove_pointer_t<decltype(Args::in)>;
    using Out = std::remove_pointer_t<decltype(Args::out)>;
    ForEachPart(context, elems_, [&](int64_t first, int64_t count, int) {
      run_({context.buffer<In>(input_) + first, context.buffer<Out>(output_) + first, count, scale_,
            zero_point_});
    });
    return OkStatus();
  }
  const char* kernel() const override { return name_; }

 private:
  int64_t elems_;
  float scale_;
  int32_t zero_point_;
  SlotId input_, output_;
  const char* name_;
  void (*run_)(const Args&);
};

class ByteTable : public Operator {
 public:
  ByteTable(int64_t elems, const std::array<uint8_t, 256>& table, SlotId input, SlotId output,
            const kernels::QeltwiseKernel& kernel)
      : elems_(elems), table_(table), input_(input), output_(output), kernel_(kernel) {}

  Status Run(const RunContext& context) const override {
    ForEachPart(context, elems_, [&](int64_t first, int64_t count, int) {
      kernel_.map({context.buffer<const uint8_t>(input_) + first,
                   context.buffer<uint8_t>(output_) + first, count, table_.data()});
    });
    return OkStatus();
  }
  const char* kernel() const override { return kernel_.name; }

 private:
  int64_t elems_;
  std::array<uint8_t, 256> table_;
  SlotId input_, output_;
  const kernels::QeltwiseKernel& kernel_;
};

}  // namespace

std::unique_ptr<Operator> MakeQbinary(const QbinaryOperands& operands,
                                      const kernels::QbinaryArgs& args, Isa isa) {
  return std::unique_ptr<Operator>(new Qbinary(operands, args, kernels::SelectQeltwise(isa)));
}

std::unique_ptr<Operator> MakeQuantize(int64_t elems, float scale, int32_t zero_point, SlotId input,
                                       SlotId output, Isa isa) {
  const kernels::QeltwiseKernel& kernel = kernels::SelectQeltwise(isa);
  return std::unique_ptr<Operator>(new Convert<kernels::QuantizeArgs>(
      elems, scale, zero_point, input, output, kernel.name, kernel.quantize));
}

std::unique_ptr<Operator> MakeDequantize(int64_t elems, float scale, int32_t zero_point,
                                         SlotId input, SlotId output, Isa isa) {
  const kernels::QeltwiseKernel& kernel = kernels::SelectQeltwise(isa);
  return std::unique_ptr<Operator>(new Convert<kernels::DequantizeArgs>(
      elems, scale, zero_point, input, output, kernel.name, kernel.dequantize));
}

std::unique_ptr<Operator> MakeByteTable(int64_t elems, const std::array<uint8_t, 256>& table,
                                        SlotId input, SlotId output, Isa isa) {
  return std::unique_ptr<Operator>(
      new ByteTable(elems, table, input, output, kernels::SelectQeltwise(isa)));
}

}  // namespace minnow::runtime
