// Does every row of the integer elementwise table give the exact bytes and floats for all lengths,
// scales and zero points?
#include "kernels/qeltwise/qeltwise.h"

#include <gtest/gtest.h>

#include <limits>

#include "kernels/quantized_testing.h"

namespace minnow::kernels {
namespace {

// Scales from which ties follow, and others.
double RandomScale(Random* random) {
  if (random->Between(0, 1) == 0) return std::ldexp(1.0, -static_cast<int>(random->Between(0, 4)));
  return static_cast<double>(static_cast<float>(random->Between(70, 1000)) / 997.0f);
}

QbinaryArgs RandomArgs(Random* random) {
  QbinaryArgs args;
  args.is_product = random->Between(0, 2) == 0;
  args.a_zero = static_cast<int32_t>(random->Between(0, 255));
  args.b_zero = static_cast<int32_t>(random->Between(0, 255));
  args.a_scale = RandomScale(random);
  args.b_scale = RandomScale(random) * (!args.is_product && random->Between(0, 2) == 0 ? -1 : 1);
  args.requant.y_scale = RandomScale(random) * (args.is_product ? 50.0 : 1.0);
  args.requant.zero_point = static_cast<int32_t>(random->Between(0, 255));
  if (random->Between(0, 1) == 0) {
    args.requant.min = static_cast<int32_t>(random->Between(0, 100));
    args.requant.max = static_cast<int32_t>(random->Between(100, 255));
  }
  return args;
}

// What products may be given beside `b`; empty where there are no such factors.
std::vector<float> FactorsOf(const QeltwiseKernel& kernel, QbinaryArgs args,
                             std::vector<uint8_t> b) {
  QproductFactors factors;
  if (!args.is_product || !factors.Find(kernel, args)) return {};
  b.resize((b.size() + kQbinaryPeriod - 1) / kQbinaryPeriod * kQbinaryPeriod);
  std::vector<float> row(b.size());
  args.b = b.data();
  args.n = static_cast<int64_t>(b.size());
  kernel.factors(args, factors, row.data());
  return row;
}

TEST(Qeltwise, GivesTheExactBytesOfEveryPair) {
  for (const QeltwiseKernel& kernel : Rows(QeltwiseKernels)) {
    Random random(1);
    std::vector<uint8_t> a(65536), b(65536), out(65536);
    for (size_t i = 0; i < a.size(); ++i) {
      a[i] = static_cast<uint8_t>(i / 256);
      b[i] = static_cast<uint8_t>(i % 256);
    }
    for (int round = 0; round < 60; ++round) {
      QbinaryArgs args = RandomArgs(&random);
      ASSERT_TRUE(FillQbinaryFactors(&args));
      args.a = a.data();
      args.b = b.data();
      args.out = out.data();
      args.n = 65536;
      const std::vector<float> factors = FactorsOf(kernel, args, b);
      if (round % 2 == 0 && !factors.empty()) args.b_factors = factors.data();
      kernel.binary(args);
      int wrong = 0;
      for (size_t i = 0; i < out.size(); ++i) wrong += out[i] != QbinaryExact(args, a[i], b[i]);
      EXPECT_EQ(wrong, 0) << kernel.name << " round " << round;
    }
  }
}

TEST(Qeltwise, WritesNoMoreThanItsLength) {
  for (const QeltwiseKernel& kernel : Rows(QeltwiseKernels)) {
    Random random(2);
    for (int64_t n = 0; n <= 200; ++n) {
      QbinaryArgs args = RandomArgs(&random);
      ASSERT_TRUE(FillQbinaryFactors(&args));
      const std::vector<uint8_t> a = RandomBytes(&random, n, 0), b = RandomBytes(&random, n, 0);
      std::vector<uint8_t> out(static_cast<size_t>(n + 1), kByteGuard);
      args.a = a.data();
      args.b = b.data();
      args.out = out.data();
      args.n = n;
      const std::vector<float> factors = FactorsOf(kernel, args, b);
      if (random.Between(0, 1) == 0 && !factors.empty()) args.b_factors = factors.data();
      kernel.binary(args);
      EXPECT_EQ(out.back(), kByteGuard);
      for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(out[i], QbinaryExact(args, a[i], b[i]));
    }
  }
}

// Repeats as long as a gate's channels.
TEST(Qeltwise, RepeatsTheSecondOperand) {
  for (const QeltwiseKernel& kernel : Rows(QeltwiseKernels)) {
    Random random(6);
    for (int64_t n = 1; n <= 700; n += 13) {
      QbinaryArgs args = RandomArgs(&random);
      ASSERT_TRUE(FillQbinaryFactors(&args));
      args.b_period = random.Between(1, 4) * kQbinaryPeriod;
      const std::vector<uint8_t> a = RandomBytes(&random, n, 0);
      std::vector<uint8_t> b = RandomBytes(&random, args.b_period, 0);
      const auto period = static_cast<size_t>(args.b_period);
      for (int64_t i = 0; i < kQbinaryPeriod; ++i) b.push_back(b[static_cast<size_t>(i)]);
      std::vector<uint8_t> out(a.size() + 1, kByteGuard);
      args.a = a.data();
      args.b = b.data();
      args.out = out.data();
      const std::vector<float> factors = FactorsOf(kernel, args, b);
      if (random.Between(0, 1) == 0 && !factors.empty()) args.b_factors = factors.data();
      args.n = n;
      kernel.binary(args);
      EXPECT_EQ(out.back(), kByteGuard);
      int wrong = 0;
      for (size_t i = 0; i < a.size(); ++i)
        wrong += out[i] != QbinaryExact(args, a[i], b[i % period]);
      EXPECT_EQ(wrong, 0) << kernel.name << " " << n;
    }
  }
}

TEST(Qeltwise, FindsFactorsUnlessProductsAreHalves) {
  for (const QeltwiseKernel& kernel : Rows(QeltwiseKernels)) {
    if (kernel.isa == Isa::kPortable) continue;
    QbinaryArgs args;
    args.is_product = true;
    args.a_scale = 0.00455143673;  // (32 - 79) * 194 of it are 41.5000001
    args.a_zero = 79;
    args.requant.zero_point = 100;
    ASSERT_TRUE(FillQbinaryFactors(&args));
    QproductFactors factors;
    EXPECT_TRUE(factors.Find(kernel, args)) << kernel.name;
    EXPECT_GT(factors.count, 0) << kernel.name;
    args.a_scale = 0.5;
    args.requant.y_scale = 4;
    ASSERT_TRUE(FillQbinaryFactors(&args));
    QproductFactors none;
    EXPECT_FALSE(none.Find(kernel, args)) << kernel.name;
  }
}

TEST(Qeltwise, RefusesFactorsBeyondItsRange) {
  QbinaryArgs args;
  args.a_scale = 1e30;
  EXPECT_FALSE(FillQbinaryFactors(&args));
  args.is_product = true;
  EXPECT_FALSE(FillQbinaryFactors(&args));
  args.a_scale = 1e-45;
  EXPECT_FALSE(FillQbinaryFactors(&args));
}

TEST(Qeltwise, QuantizesHalvesToEvenAndNanToTheZeroPoint) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const QeltwiseKernel& kernel : Rows(QeltwiseKernels)) {
    Random random(3);
    for (int64_t n = 0; n <= 150; ++n) {
      std::vector<float> in = random.Floats(n, 200.0f);
      for (size_t i = 0; i < in.size(); i += 3) in[i] = std::floor(in[i]) + 0.5f;
      for (size_t i = 1; i < in.size(); i += 29) in[i] = kNan;
      for (size_t i = 2; i < in.size(); i += 29) in[i] = i % 2 == 0 ? kInfinity : -1e30f;
      std::vector<uint8_t> out(static_cast<size_t>(n + 1), kByteGuard);
      constexpr float kScales[] = {1.0f, 0.7f, 3e38f, 1e-40f, 0.0f};
      const float scale = kScales[n % 5];
      const auto zero = static_cast<int32_t>(random.Between(0, 255));
      const QuantizeArgs args = {in.data(), out.data(), n, scale, zero};
      kernel.quantize(args);
      EXPECT_EQ(out.back(), kByteGuard);
      for (size_t i = 0; i < in.size(); ++i) {
        const double steps = std::nearbyint(static_cast<double>(in[i] / scale)) + zero;
        const double want = std::isnan(steps) ? zero : std::clamp(steps, 0.0, 255.0);
        EXPECT_EQ(static_cast<double>(out[i]), want) << kernel.name << " " << in[i] << " " << zero;
      }
    }
  }
}

TEST(Qeltwise, DequantizesEveryByte) {
  for (const QeltwiseKernel& kernel : Rows(QeltwiseKernels)) {
    Random random(4);
    for (int64_t n = 0; n <= 100; ++n) {
      const std::vector<uint8_t> in = RandomBytes(&random, n, 0);
      std::vector<float> out(static_cast<size_t>(n + 1), kGuard);
      const auto zero = static_cast<int32_t>(random.Between(0, 255));
      kernel.dequantize({in.data(), out.data(), n, 0.1f, zero});
      EXPECT_EQ(out.back(), kGuard);
      for (size_t i = 0; i < in.size(); ++i) {
        EXPECT_EQ(out[i], static_cast<float>(in[i] - zero) * 0.1f) << kernel.name;
      }
    }
  }
}

TEST(Qeltwise, LooksUpEveryByteAtEveryLength) {
  for (const QeltwiseKernel& kernel : Rows(QeltwiseKernels)) {
    Random random(5);
    const std::vector<uint8_t> table = RandomBytes(&random, 256, 0);
    for (int64_t n = 0; n <= 600; ++n) {
      std::vector<uint8_t> in(static_cast<size_t>(n));
      for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<uint8_t>(i * 7 + in.size());
      std::vector<uint8_t> out(in.size() + 1, kByteGuard);
      kernel.map({in.data(), out.data(), n, table.data()});
      EXPECT_EQ(out.back(), kByteGuard);
      int wrong = 0;
      for (size_t i = 0; i < in.size(); ++i) wrong += out[i] != table[in[i]];
      EXPECT_EQ(wrong, 0) << kernel.name << " " << n;
    }
  }
}

TEST(Qeltwise, TableIsOrdered) { ExpectTableIsOrdered(Rows(QeltwiseKernels), SelectQeltwise); }

}  // namespace
}  // namespace minnow::kernels
