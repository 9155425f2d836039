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

// Floats in (-1, 1), aligned.
class Floats {
 public:
  explicit Floats(int64_t count) {
    StatusOr<AlignedBuffer> buffer =
        AlignedBuffer::Allocate(static_cast<size_t>(count) * sizeof(float));
    if (!buffer.ok()) std::abort();
    buffer_ = std::move(*buffer);
    uint32_t state = 1;
    for (int64_t i = 0; i < count; ++i) {
      state = state * 1664525u + 1013904223u;
      data()[i] = static_cast<float>(static_cast<int32_t>(state)) / 2147483648.0f;
    }
  }
  float* data() { return buffer_.as<float>(); }

 private:
  AlignedBuffer buffer_;
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
