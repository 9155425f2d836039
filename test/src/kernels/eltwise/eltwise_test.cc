// Does every row of the elementwise table give the float result for every step, length and bound?
#include "kernels/eltwise/eltwise.h"

#include <gtest/gtest.h>

#include <string>

#include "kernels/kernel_testing.h"

namespace minnow::kernels {
namespace {

using Step = BinaryF32Args::Step;

struct Operation {
  const char* name;
  BinaryF32Function EltwiseF32Kernel::*function;
  float (*of)(float a, float b);
};

constexpr Operation kOperations[] = {
    {"add", &EltwiseF32Kernel::add, [](float a, float b) { return a + b; }},
    {"sub", &EltwiseF32Kernel::sub, [](float a, float b) { return a - b; }},
    {"mul", &EltwiseF32Kernel::mul, [](float a, float b) { return a * b; }},
    {"div", &EltwiseF32Kernel::div, [](float a, float b) { return a / b; }},
    {"min", &EltwiseF32Kernel::min, [](float a, float b) { return a < b ? a : b; }},
    {"max", &EltwiseF32Kernel::max, [](float a, float b) { return a > b ? a : b; }},
};

// The operation itself is one rounding, and so equal on all machines.
bool IsRight(float got, float value, const Epilogue& e) {
  if (e.hard_swish) {
    const auto x = static_cast<double>(value);
    return IsNear(got, {x, std::abs(x)}, e);
  }
  return got == std::min(std::max(value, e.min), e.max);
}

size_t IndexOfB(Step step, size_t i) {
  switch (step) {
    case Step::kArray:
      return i;
    case Step::kScalar:
      return 0;
    case Step::kChannel:
      return i % kBlock;
  }
  return 0;
}

enum class Into { kFresh, kA, kB };

int Wrong(const EltwiseF32Kernel& kernel, const Operation& operation, Step step, int64_t n,
          const Epilogue& epilogue, Into into) {
  Random random(static_cast<uint64_t>(n) + 3);
  std::vector<float> a = random.Floats(n, 5.0f);
  std::vector<float> b = random.Floats(step == Step::kScalar    ? 1
                                       : step == Step::kChannel ? kBlock
                                                                : n,
                                       5.0f);
  for (float& value : b) value += value >= 0 ? 0.5f : -0.5f;
  const std::vector<float> old_a = a, old_b = b;
  std::vector<float> fresh(static_cast<size_t>(n) + 1, kGuard);
  BinaryF32Args args;
  args.a = a.data();
  args.b = b.data();
  args.out = into == Into::kFresh ? fresh.data() : into == Into::kA ? a.data() : b.data();
  args.n = n;
  args.b_step = step;
  args.epilogue = epilogue;
  (kernel.*operation.function)(args);
  int wrong = fresh[static_cast<size_t>(n)] != kGuard;
  for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
    wrong += !IsRight(args.out[i], operation.of(old_a[i], old_b[IndexOfB(step, i)]), epilogue);
  }
  return wrong;
}

TEST(EltwiseF32, EveryOperationStepAndLengthGivesTheFloatResult) {
  for (const EltwiseF32Kernel& kernel : Rows(EltwiseF32Kernels)) {
    for (const Operation& operation : kOperations) {
      for (const Step step : {Step::kArray, Step::kScalar, Step::kChannel}) {
        for (const Epilogue& epilogue : Epilogues()) {
          for (int64_t n = 0; n <= 70; ++n) {
            EXPECT_EQ(Wrong(kernel, operation, step, n, epilogue, Into::kFresh), 0)
                << kernel.name << " " << operation.name << " step " << static_cast<int>(step)
                << " n " << n;
          }
        }
      }
    }
  }
}

TEST(EltwiseF32, ResultsMayReplaceTheirOperands) {
  for (const EltwiseF32Kernel& kernel : Rows(EltwiseF32Kernels)) {
    for (const Operation& operation : kOperations) {
      for (const int64_t n : {1, 15, 16, 17, 64, 67}) {
        for (const Into into : {Into::kA, Into::kB}) {
          EXPECT_EQ(Wrong(kernel, operation, Step::kArray, n, Epilogue(), into), 0)
              << kernel.name << " " << operation.name << " n " << n;
        }
        EXPECT_EQ(Wrong(kernel, operation, Step::kChannel, n, Epilogue(), Into::kA), 0);
        EXPECT_EQ(Wrong(kernel, operation, Step::kScalar, n, Epilogue(), Into::kA), 0);
      }
    }
  }
}

TEST(EltwiseF32, AffineScalesShiftsAndBoundsEveryLength) {
  for (const EltwiseF32Kernel& kernel : Rows(EltwiseF32Kernels)) {
    for (const Epilogue& epilogue : Epilogues()) {
      for (int64_t n = 0; n <= 70; ++n) {
        std::vector<float> in = Random(static_cast<uint64_t>(n)).Floats(n, 8.0f);
        const std::vector<float> old = in;
        std::vector<float> fresh(in.size() + 1, kGuard);
        UnaryF32Args args;
        args.in = in.data();
        args.out = n % 2 == 0 ? fresh.data() : in.data();
        args.n = n;
        args.scale = 1.5f;
        args.shift = -0.75f;
        args.epilogue = epilogue;
        kernel.affine(args);
        EXPECT_EQ(fresh.back(), kGuard);
        for (size_t i = 0; i < in.size(); ++i) {
          Exact want;
          want.Add(1.5 * static_cast<double>(old[i]));
          want.Add(-0.75);
          ASSERT_TRUE(IsNear(args.out[i], want, epilogue)) << kernel.name << " n " << n;
        }
      }
    }
  }
}

TEST(EltwiseF32, AnElementDoesNotDependOnItsPlace) {
  for (const EltwiseF32Kernel& kernel : Rows(EltwiseF32Kernels)) {
    const std::vector<float> in(40, 1.2345678f);
    for (int64_t n = 1; n <= 40; ++n) {
      std::vector<float> out(40);
      UnaryF32Args args;
      args.in = in.data();
      args.out = out.data();
      args.n = n;
      args.scale = 3.3333f;
      args.shift = 0.1111f;
      args.epilogue.hard_swish = true;
      kernel.affine(args);
      for (int64_t i = 1; i < n; ++i) ASSERT_EQ(out[0], out[static_cast<size_t>(i)]);
    }
  }
}

TEST(EltwiseF32, NaNsPassTheClamp) {
  for (const EltwiseF32Kernel& kernel : Rows(EltwiseF32Kernels)) {
    float value = std::nanf("");
    UnaryF32Args args;
    args.in = args.out = &value;
    args.n = 1;
    args.epilogue.min = 0;
    args.epilogue.max = 6;
    kernel.affine(args);
    EXPECT_TRUE(std::isnan(value)) << kernel.name;
  }
}

TEST(EltwiseF32, TableIsOrdered) {
  ExpectTableIsOrdered(Rows(EltwiseF32Kernels), SelectEltwiseF32);
}

}  // namespace
}  // namespace minnow::kernels
