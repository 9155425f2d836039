// What the benches of kernels share: arrays, labels and rates. Registered for every row of a family
// that this machine runs, over the layers of MobileNetV2 1.0 at 224.
#ifndef MINNOW_BENCH_SRC_KERNELS_KERNEL_BENCH_H_
#define MINNOW_BENCH_SRC_KERNELS_KERNEL_BENCH_H_

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/cpu_features.h"

namespace minnow::kernels {

// Floats in (-1, 1); bytes of all values.
template <typename T>
T FromBits(uint32_t bits);
template <>
inline float FromBits<float>(uint32_t bits) {
  return static_cast<float>(static_cast<int32_t>(bits)) / 2147483648.0f;
}
template <>
inline uint8_t FromBits<uint8_t>(uint32_t bits) {
  return static_cast<uint8_t>(bits >> 24);
}

// Random, the same in every run, aligned.
template <typename T>
class Values {
 public:
  explicit Values(int64_t count) {
    StatusOr<AlignedBuffer> buffer =
        AlignedBuffer::Allocate(static_cast<size_t>(count) * sizeof(T));
    if (!buffer.ok()) std::abort();
    buffer_ = std::move(*buffer);
    uint32_t state = 1;
    for (int64_t i = 0; i < count; ++i) {
      state = state * 1664525u + 1013904223u;
      data()[i] = FromBits<T>(state);
    }
  }
  T* data() { return buffer_.as<T>(); }

 private:
  AlignedBuffer buffer_;
};
using Floats = Values<float>;
using Bytes = Values<uint8_t>;

// The pointwise layers of MobileNetV2 1.0, and its classifier.
struct PointwiseLayer {
  const char* name;
  int64_t pixels, in_c, out_c;
};
inline constexpr PointwiseLayer kPointwise[] = {
    {"112x112_32_16", 112 * 112, 32, 16}, {"112x112_16_96", 112 * 112, 16, 96},
    {"56x56_96_24", 56 * 56, 96, 24},     {"56x56_24_144", 56 * 56, 24, 144},
    {"56x56_144_24", 56 * 56, 144, 24},   {"28x28_144_32", 28 * 28, 144, 32},
    {"28x28_32_192", 28 * 28, 32, 192},   {"28x28_192_32", 28 * 28, 192, 32},
    {"14x14_192_64", 14 * 14, 192, 64},   {"14x14_64_384", 14 * 14, 64, 384},
    {"14x14_384_64", 14 * 14, 384, 64},   {"14x14_384_96", 14 * 14, 384, 96},
    {"14x14_96_576", 14 * 14, 96, 576},   {"14x14_576_96", 14 * 14, 576, 96},
    {"7x7_576_160", 7 * 7, 576, 160},     {"7x7_160_960", 7 * 7, 160, 960},
    {"7x7_960_160", 7 * 7, 960, 160},     {"7x7_960_320", 7 * 7, 960, 320},
    {"7x7_320_1280", 7 * 7, 320, 1280},   {"1x1_1280_1008", 1, 1280, 1008},
};

inline int64_t BlocksOf(int64_t channels) { return (channels + 15) / 16; }

// "<--" marks the row that the dispatcher takes; the rate counts a multiply-add as two.
inline void SetRate(benchmark::State& state, bool picked, double flops) {
  state.SetLabel(picked ? "<--" : "");
  state.counters["GFLOP"] =
      benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

inline void SetBandwidth(benchmark::State& state, bool picked, double bytes) {
  state.SetLabel(picked ? "<--" : "");
  state.counters["GB"] =
      benchmark::Counter(bytes * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

// Every supported row of a family, best first.
template <typename Kernel>
std::vector<const Kernel*> RowsOf(const Kernel* (*list)(size_t*)) {
  size_t count = 0;
  const Kernel* first = list(&count);
  std::vector<const Kernel*> rows;
  for (size_t i = 0; i < count; ++i) rows.push_back(first + i);
  return rows;
}

}  // namespace minnow::kernels

#endif  // MINNOW_BENCH_SRC_KERNELS_KERNEL_BENCH_H_
