// How fast is each integer row on the layers of MobileNetV2: products, depthwise windows, sums of
// two arrays, float to bytes? The rate counts a multiply-add as two.
#include <algorithm>

#include "kernel_bench.h"
#include "kernels/qdwconv/qdwconv.h"
#include "kernels/qeltwise/qeltwise.h"
#include "kernels/qgemm/qgemm.h"

namespace minnow::kernels {
namespace {

// Bytes of all values, aligned.
class Bytes {
 public:
  explicit Bytes(int64_t count) {
    StatusOr<AlignedBuffer> buffer = AlignedBuffer::Allocate(static_cast<size_t>(count));
    if (!buffer.ok()) std::abort();
    buffer_ = std::move(*buffer);
    uint32_t state = 1;
    for (int64_t i = 0; i < count; ++i) {
      state = state * 1664525u + 1013904223u;
      data()[i] = static_cast<uint8_t>(state >> 24);
    }
  }
  uint8_t* data() { return buffer_.as<uint8_t>(); }

 private:
  AlignedBuffer buffer_;
};

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

struct Layer {
  const char* name;
  int64_t pixels, in_c, out_c;
};

constexpr Layer kPointwise[] = {
    {"112x112_32_16", 112 * 112, 32, 16}, {"112x112_16_96", 112 * 112, 16, 96},
    {"56x56_24_144", 56 * 56, 24, 144},   {"56x56_144_24", 56 * 56, 144, 24},
    {"28x28_32_192", 28 * 28, 32, 192},   {"28x28_192_32", 28 * 28, 192, 32},
    {"14x14_64_384", 14 * 14, 64, 384},   {"14x14_384_64", 14 * 14, 384, 64},
    {"14x14_96_576", 14 * 14, 96, 576},   {"14x14_576_96", 14 * 14, 576, 96},
    {"7x7_160_960", 7 * 7, 160, 960},     {"7x7_960_160", 7 * 7, 960, 160},
    {"7x7_320_1280", 7 * 7, 320, 1280},   {"1x1_1280_1001", 1, 1280, 1001},
};

void BM_Pointwise(benchmark::State& state, const QgemmKernel* kernel, const Layer& layer) {
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
    for (const Layer& layer : kPointwise) {
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
    benchmark::RegisterBenchmark((name + "/quantize").c_str(), BM_Quantize, kernel);
  }
  return true;
}();

}  // namespace
}  // namespace minnow::kernels
