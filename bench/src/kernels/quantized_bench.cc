// How fast is each integer row on the layers of MobileNetV2: products, depthwise windows, sums of
// two arrays, float to bytes, tables, pools? The rate counts a multiply-add as two.
#include <algorithm>

#include "kernel_bench.h"
#include "kernels/qdwconv/qdwconv.h"
#include "kernels/qeltwise/qeltwise.h"
#include "kernels/qgemm/qgemm.h"
#include "kernels/qpool/qpool.h"

namespace minnow::kernels {
namespace {

// Factors that spread the sums over the bytes.
struct Factors {
  explicit Factors(int64_t columns)
      : bias(static_cast<size_t>(columns), 100),
        multipliers(static_cast<size_t>(columns), 0.0003f),
        scales(static_cast<size_t>(columns), static_cast<double>(0.0003f)) {}
  Requant From(int64_t first) const {
    Requant requant;
    requant.multipliers = multipliers.data() + first;
    requant.scales = scales.data() + first;
    requant.zero_point = 100;
    return requant;
  }
  std::vector<int32_t> bias;
  std::vector<float> multipliers;
  std::vector<double> scales;
};

void BM_Pointwise(benchmark::State& state, const QgemmKernel* kernel, const PointwiseLayer& layer) {
  const int64_t k = layer.in_c, n = layer.out_c, width = QgemmWidth(*kernel, n);
  const int64_t column_bytes = QgemmColumnBytes(*kernel, 1, k);
  Bytes a(layer.pixels * k + kQgemmOverRead), c(layer.pixels * n), packed(width * column_bytes);
  std::vector<int16_t> weights(static_cast<size_t>(n * k));
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<int8_t>(i * 37);
  std::fill_n(packed.data(), width * column_bytes, uint8_t{0});
  PackQgemm(*kernel, weights.data(), n, 1, k, packed.data());
  const Factors factors(width);
  const int64_t tap = 0;
  QgemmArgs args;
  args.m = layer.pixels;
  args.a = a.data();
  args.taps = &tap;
  args.channels = args.pixel_stride = k;
  args.c_pixel_stride = n;
  for (auto _ : state) {
    if (kernel->begin != nullptr) kernel->begin();
    for (int64_t panel = 0; panel < QgemmPanelCount(*kernel, n); ++panel) {
      const QgemmPanel p = QgemmPanelAt(*kernel, n, panel);
      args.b = packed.data() + p.first * column_bytes;
      args.bias = factors.bias.data() + p.first;
      args.c = c.data() + p.first;
      args.columns = std::min(n - p.first, p.vectors * kernel->lanes);
      args.requant = factors.From(p.first);
      kernel->panels[p.vectors - 1](args);
    }
    if (kernel->end != nullptr) kernel->end();
    benchmark::ClobberMemory();
  }
  SetRate(state, kernel == &SelectQgemm(DefaultIsa(), layer.pixels, k),
          2.0 * static_cast<double>(layer.pixels * k * n));
}

struct Window {
  const char* name;
  int64_t size, channels, stride;
};

constexpr Window kWindows[] = {
    {"112x112_32_s1", 112, 32, 1}, {"112x112_96_s2", 112, 96, 2}, {"56x56_144_s1", 56, 144, 1},
    {"28x28_192_s1", 28, 192, 1},  {"14x14_384_s1", 14, 384, 1},  {"7x7_960_s1", 7, 960, 1},
    {"48x48_16_s1", 48, 16, 1},    {"64x64_16_s2", 64, 16, 2},    {"32x32_32_s2", 32, 32, 2},
};

void BM_Depthwise(benchmark::State& state, const QdwconvKernel* kernel, const Window& window) {
  const int64_t pitch = window.size * window.channels, out = window.size / window.stride;
  const int64_t width = QdwconvWidth(*kernel, window.channels);
  Bytes image((window.size + 2) * pitch + kQdwconvOverRead), c(out * out * window.channels);
  Bytes packed(width * QdwconvChannelBytes(*kernel, 3, 3));
  std::vector<const uint8_t*> rows;
  for (int64_t y = 0; y < window.size + 2; ++y) rows.push_back(image.data() + y * pitch);
  const Factors factors(width);
  QdwconvArgs args;
  args.rows = rows.data();
  args.zero = image.data();
  args.channels = window.channels;
  args.in_width = window.size;
  args.out_width = args.out_rows = out;
  args.stride_h = args.stride_w = window.stride;
  args.pad_left = 1;
  args.weights = packed.data();
  args.bias = factors.bias.data();
  args.out = c.data();
  args.requant = factors.From(0);
  for (auto _ : state) {
    kernel->run(args);
    benchmark::ClobberMemory();
  }
  SetRate(state, kernel == &SelectQdwconv(DefaultIsa()),
          2.0 * 9 * static_cast<double>(out * out * window.channels));
}

void BM_Add(benchmark::State& state, const QeltwiseKernel* kernel) {
  constexpr int64_t kCount = 56 * 56 * 24;
  Bytes a(kCount), b(kCount), c(kCount);
  QbinaryArgs args;
  args.a = a.data();
  args.b = b.data();
  args.out = c.data();
  args.n = kCount;
  args.a_scale = 0.11;
  args.b_scale = 0.13;
  args.requant.y_scale = 0.17;
  args.requant.zero_point = 20;
  if (!FillQbinaryFactors(&args)) std::abort();
  for (auto _ : state) {
    kernel->binary(args);
    benchmark::ClobberMemory();
  }
  SetBandwidth(state, kernel == &SelectQeltwise(DefaultIsa()), 3.0 * kCount);
}

// The products of a gate of MobileNetV3-small, 14 x 14 x 240: one factor a channel.
void BM_Gate(benchmark::State& state, const QeltwiseKernel* kernel) {
  constexpr int64_t kRun = 4 * 240, kCount = 14 * 14 * 240;
  Bytes a(kCount), b(kRun + kQbinaryPeriod), c(kCount);
  QbinaryArgs args;
  args.is_product = true;
  args.a_scale = 0.03;
  args.b_scale = 1.0 / 255;
  args.requant.y_scale = 0.0213;  // no ratio that makes ties
  if (!FillQbinaryFactors(&args)) std::abort();
  std::vector<float> factors;
  for (int64_t i = 0; i < kRun + kQbinaryPeriod; ++i) {
    factors.push_back(static_cast<float>(b.data()[i]) * args.product * kGuessUnits);
  }
  args.a = a.data();
  args.b = b.data();
  args.b_factors = factors.data();
  args.b_period = kRun;
  args.out = c.data();
  args.n = kCount;
  for (auto _ : state) {
    kernel->binary(args);
    benchmark::ClobberMemory();
  }
  SetBandwidth(state, kernel == &SelectQeltwise(DefaultIsa()), 2.0 * kCount);
}

// A table of bytes.
void BM_Map(benchmark::State& state, const QeltwiseKernel* kernel) {
  constexpr int64_t kCount = 28 * 28 * 192;
  Bytes in(kCount), out(kCount), table(256);
  for (auto _ : state) {
    kernel->map({in.data(), out.data(), kCount, table.data()});
    benchmark::ClobberMemory();
  }
  SetBandwidth(state, kernel == &SelectQeltwise(DefaultIsa()), 2.0 * kCount);
}

// 3 x 3 by 2 of SqueezeNet, and the mean of MobileNetV2.
void BM_Pool(benchmark::State& state, const QpoolKernel* kernel, bool is_mean) {
  const int64_t side = is_mean ? 7 : 55, channels = is_mean ? 1280 : 64;
  const int64_t window = is_mean ? 7 : 3;
  Bytes in(side * side * channels + kQpoolOverRead), out(side * channels);
  std::vector<const uint8_t*> rows;
  QpoolArgs args;
  args.channels = args.pixel_stride = channels;
  args.in_width = side;
  args.kernel_h = args.kernel_w = window;
  args.stride = 2;
  args.out_width = (side - window) / 2 + 1;
  args.out = out.data();
  for (int64_t y = 0; y < side; ++y) rows.push_back(in.data() + y * side * channels);
  for (auto _ : state) {
    for (int64_t y = 0; y + window <= side; y += 2) {
      args.rows = rows.data() + y;
      (is_mean ? kernel->average_row : kernel->max_row)(args);
    }
    benchmark::ClobberMemory();
  }
  SetBandwidth(state, kernel == &SelectQpool(DefaultIsa()),
               static_cast<double>(side * side * channels));
}

void BM_Quantize(benchmark::State& state, const QeltwiseKernel* kernel) {
  constexpr int64_t kCount = 224 * 224 * 3;
  Floats in(kCount);
  Bytes out(kCount);
  for (auto _ : state) {
    kernel->quantize({in.data(), out.data(), kCount, 0.0078f, 128});
    benchmark::ClobberMemory();
  }
  SetBandwidth(state, kernel == &SelectQeltwise(DefaultIsa()), 5.0 * kCount);
}

const bool kRegistered = [] {
  for (const QgemmKernel* kernel : RowsOf(QgemmKernels)) {
    for (const PointwiseLayer& layer : kPointwise) {
      if (layer.pixels < kernel->min_rows) continue;
      const std::string name = std::string(kernel->name) + "/" + layer.name;
      benchmark::RegisterBenchmark(name.c_str(), BM_Pointwise, kernel, layer);
    }
  }
  for (const QdwconvKernel* kernel : RowsOf(QdwconvKernels)) {
    for (const Window& window : kWindows) {
      const std::string name = std::string(kernel->name) + "/" + window.name;
      benchmark::RegisterBenchmark(name.c_str(), BM_Depthwise, kernel, window);
    }
  }
  for (const QeltwiseKernel* kernel : RowsOf(QeltwiseKernels)) {
    const std::string name = kernel->name;
    benchmark::RegisterBenchmark((name + "/add").c_str(), BM_Add, kernel);
    benchmark::RegisterBenchmark((name + "/gate").c_str(), BM_Gate, kernel);
    benchmark::RegisterBenchmark((name + "/quantize").c_str(), BM_Quantize, kernel);
    benchmark::RegisterBenchmark((name + "/map").c_str(), BM_Map, kernel);
  }
  for (const QpoolKernel* kernel : RowsOf(QpoolKernels)) {
    const std::string name = kernel->name;
    benchmark::RegisterBenchmark((name + "/max").c_str(), BM_Pool, kernel, false);
    benchmark::RegisterBenchmark((name + "/mean").c_str(), BM_Pool, kernel, true);
  }
  return true;
}();

}  // namespace
}  // namespace minnow::kernels
