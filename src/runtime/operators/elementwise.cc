// Elementwise arithmetic on whole values.
#include <algorithm>

#include "kernels/eltwise/eltwise.h"
#include "runtime/operators/operators.h"

namespace minnow::runtime {
namespace {

using kernels::BinaryF32Args;
using kernels::kBlock;

// Elements a unit of work: a multiple of every vector, small enough to spread.
constexpr int64_t kUnit = 4096;

class Binary : public Operator {
 public:
  Binary(const BinaryOperands& operands, const kernels::Epilogue& epilogue,
         kernels::BinaryF32Function function, const char* name)
      : o_(operands), epilogue_(epilogue), function_(function), name_(name) {}

  const char* kernel() const override { return name_; }

 protected:
  BinaryOperands o_;
  kernels::Epilogue epilogue_;
  kernels::BinaryF32Function function_;

 private:
  const char* name_;
};

class Flat : public Binary {
 public:
  using Binary::Binary;

  Status Run(const RunContext& context) const override {
    const int64_t n = o_.groups * o_.group_elems;
    ForEachRange(context.team, (n + kUnit - 1) / kUnit, [&](int64_t first, int64_t last, int) {
      BinaryF32Args args;
      args.a = context.buffer<const float>(o_.a) + first * kUnit;
      args.b = context.buffer<const float>(o_.b);
      args.out = context.buffer<float>(o_.output) + first * kUnit;
      args.n = std::min(n, last * kUnit) - first * kUnit;
      args.b_step = BinaryF32Args::Step::kScalar;
      if (o_.step == BinaryOperands::Step::kSame) {
        args.b += first * kUnit;
        args.b_step = BinaryF32Args::Step::kArray;
      }
      args.epilogue = epilogue_;
      function_(args);
    });
    return OkStatus();
  }
};

class PerChannel : public Binary {
 public:
  using Binary::Binary;

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, o_.groups, [&](int64_t first, int64_t last, int) {
      for (int64_t group = first; group < last; ++group) {
        BinaryF32Args args;
        args.a = context.buffer<const float>(o_.a) + group * o_.group_elems;
        args.b = context.buffer<const float>(o_.b) + group % o_.b_groups * kBlock;
        args.out = context.buffer<float>(o_.output) + group * o_.group_elems;
        args.n = o_.group_elems;
        args.b_step = BinaryF32Args::Step::kChannel;
        args.epilogue = epilogue_;
        function_(args);
      }
    });
    return OkStatus();
  }
};

class Affine : public Operator {
 public:
  Affine(int64_t elems, float scale, float shift, const kernels::Epilogue& epilogue, SlotId input,
         SlotId output, const kernels::EltwiseF32Kernel& kernel)
      : elems_(elems),
        scale_(scale),
        shift_(shift),
        epilogue_(epilogue),
        input_(input),
        output_(output),
        kernel_(kernel) {}

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, (elems_ + kUnit - 1) / kUnit, [&](int64_t first, int64_t last, int) {
      kernels::UnaryF32Args args;
      args.in = context.buffer<const float>(input_) + first * kUnit;
      args.out = context.buffer<float>(output_) + first * kUnit;
      args.n = std::min(elems_, last * kUnit) - first * kUnit;
      args.scale = scale_;
      args.shift = shift_;
      args.epilogue = epilogue_;
      kernel_.affine(args);
    });
    return OkStatus();
  }
  const char* kernel() const override { return kernel_.name; }

 private:
  int64_t elems_;
  float scale_, shift_;
  kernels::Epilogue epilogue_;
  SlotId input_, output_;
  const kernels::EltwiseF32Kernel& kernel_;
};

kernels::BinaryF32Function FunctionFor(graph::BinaryKind kind,
                                       const kernels::EltwiseF32Kernel& kernel) {
  switch (kind) {
    case graph::BinaryKind::kAdd:
      return kernel.add;
    case graph::BinaryKind::kSub:
      return kernel.sub;
    case graph::BinaryKind::kMul:
      return kernel.mul;
    case graph::BinaryKind::kDiv:
      return kernel.div;
    case graph::BinaryKind::kMin:
      return kernel.min;
    case graph::BinaryKind::kMax:
      return kernel.max;
    default:
      return nullptr;
  }
}

}  // namespace

std::unique_ptr<Operator> MakeBinary(graph::BinaryKind kind, const BinaryOperands& operands,
                                     const kernels::Epilogue& epilogue, Isa isa) {
  const kernels::EltwiseF32Kernel& kernel = kernels::SelectEltwiseF32(isa);
  const kernels::BinaryF32Function function = FunctionFor(kind, kernel);
  if (function == nullptr) return nullptr;
  if (operands.step == BinaryOperands::Step::kPerChannel) {
    return std::unique_ptr<Operator>(new PerChannel(operands, epilogue, function, kernel.name));
  }
  return std::unique_ptr<Operator>(new Flat(operands, epilogue, function, kernel.name));
}

std::unique_ptr<Operator> MakeAffine(int64_t elems, float scale, float shift,
                                     const kernels::Epilogue& epilogue, SlotId input, SlotId output,
                                     Isa isa) {
  return std::unique_ptr<Operator>(
      new Affine(elems, scale, shift, epilogue, input, output, kernels::SelectEltwiseF32(isa)));
}

}  // namespace minnow::runtime
