// Elementwise steps on bytes.
#include <algorithm>
#include <cstring>
#include <numeric>
#include <type_traits>

#include "runtime/operators/quantized.h"

namespace minnow::runtime {
namespace {

using kernels::kQbinaryPeriod;

// Elements a unit of work: a multiple of every vector, small enough to spread.
constexpr int64_t kUnit = 8192;
// A short operand that repeats is laid out in a row up to this length, so that kernels run long.
constexpr int64_t kRepeated = 2048;
// Where such a row ends with a whole period of the kernels, they repeat it, and it is but this
// long.
constexpr int64_t kPeriod = 512;

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
        repeats_(std::clamp<int64_t>(kRepeated / operands.elems, 1, operands.groups)) {
    const int64_t whole = kQbinaryPeriod / std::gcd(kQbinaryPeriod, o_.elems);
    if (o_.b_repeats && whole * o_.elems <= kRepeated) {
      repeats_ = (kPeriod / (whole * o_.elems) + 1) * whole;
      args_.b_period = repeats_ * o_.elems;
    }
    // Sought only where there is room for them.
    has_factors_ = IsLaidOut() && args_.is_product && factors_.Find(kernel_, args_);
  }

  Status Run(const RunContext& context) const override {
    const auto* b = context.buffer<const uint8_t>(o_.b);
    if (!o_.b_repeats) {
      ForEachPart(context, o_.groups * o_.elems, [&](int64_t first, int64_t count, int) {
        kernels::QbinaryArgs args = args_;
        args.b = b + first;
        RunPart(context, first, count, &args);
      });
      return OkStatus();
    }
    const int64_t row = repeats_ * o_.elems, all = o_.groups * o_.elems;
    ForEachRange(context.team, (all + row - 1) / row, [&](int64_t first, int64_t last, int worker) {
      kernels::QbinaryArgs args = args_;
      LayOut(b, context.scratch_of(worker), &args);
      const int64_t end = std::min(all, last * row);
      const int64_t step = args.b_period == 0 ? row : end - first * row;
      for (int64_t at = first * row; at < end; at += step) {
        RunPart(context, at, std::min(step, end - at), &args);
      }
    });
    return OkStatus();
  }
  const char* kernel() const override { return kernel_.name; }
  size_t scratch_bytes() const override {
    if (!IsLaidOut()) return 0;
    return RoomLength() * (1 + (has_factors_ ? sizeof(float) : 0));
  }

 private:
  bool IsLaidOut() const { return o_.b_repeats && (repeats_ > 1 || args_.b_period != 0); }
  int64_t RowLength() const {
    const int64_t more = args_.b_period == 0 ? 0 : kQbinaryPeriod;
    return std::min(o_.groups * o_.elems, repeats_ * o_.elems + more);
  }

  // Factors are made for whole stretches of a kernel.
  size_t RoomLength() const { return RoundUp(static_cast<size_t>(RowLength()), kQbinaryPeriod); }

  // Points `args` to b, repeated, and its factors, laid out in `room` where that is worth it.
  void LayOut(const uint8_t* b, float* room, kernels::QbinaryArgs* args) const {
    args->b = b;
    if (!IsLaidOut()) return;
    const auto length = static_cast<size_t>(RowLength());
    auto* bytes = reinterpret_cast<uint8_t*>(has_factors_ ? room + RoomLength() : room);
    std::memcpy(bytes, b, static_cast<size_t>(o_.elems));
    // As much again each time.
    for (auto there = static_cast<size_t>(o_.elems); there < length; there *= 2) {
      std::memcpy(bytes + there, bytes, std::min(there, length - there));
    }
    args->b = bytes;
    if (!has_factors_) return;
    std::memset(bytes + length, 0, RoomLength() - length);
    args->n = static_cast<int64_t>(RoomLength());
    kernel_.factors(*args, factors_, room);
    args->b_factors = room;
  }

  void RunPart(const RunContext& context, int64_t first, int64_t count,
               kernels::QbinaryArgs* args) const {
    args->a = context.buffer<const uint8_t>(o_.a) + first;
    args->out = context.buffer<uint8_t>(o_.output) + first;
    args->n = count;
    kernel_.binary(*args);
  }

  QbinaryOperands o_;
  kernels::QbinaryArgs args_;
  const kernels::QeltwiseKernel& kernel_;
  kernels::QproductFactors factors_;
  bool has_factors_ = false;
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
