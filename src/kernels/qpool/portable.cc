// 16 channels at a time in plain C++.
#include "kernels/qpool/declarations.h"
#include "kernels/simd/unroll.h"

namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/requant-portable-inl.h"
#include "kernels/simd/window-inl.h"
// clang-format on

struct P {
  static constexpr int kBytes = 16;
  static constexpr bool Folds(int64_t /*channels*/) { return false; }

  struct Largest {
    uint8_t bytes[kBytes] = {};
    void Take(const uint8_t* p) {
      for (int i = 0; i < kBytes; ++i) bytes[i] = p[i] > bytes[i] ? p[i] : bytes[i];
    }
    void Store(uint8_t* out, int64_t count) const {
      for (int i = 0; i < kBytes && i < count; ++i) out[i] = bytes[i];
    }
  };

  struct Sums {
    int32_t sums[kBytes] = {};
    void Take(const uint8_t* p) {
      for (int i = 0; i < kBytes; ++i) sums[i] += p[i];
    }
    void TakeAll(const uint8_t* p, int64_t count, int64_t stride) {
      for (int64_t i = 0; i < count; ++i) Take(p + i * stride);
    }
    void Fold(int64_t /*channels*/) {}
    void Store(int32_t less, const Requant& requant, uint8_t* out, int64_t count) {
      for (int32_t& sum : sums) sum -= less;
      StoreSums(sums, count < kBytes ? count : kBytes, requant, out);
    }
  };
};

// clang-format off
#include "kernels/qpool/generic-inl.h"
// clang-format on
}  // namespace

void qpool_max_16_portable(const QpoolArgs& args) { MaxRow(args); }
void qpool_average_16_portable(const QpoolArgs& args) { AverageRow(args); }
void qpool_mean_16_portable(const QmeanArgs& args) { Mean(args); }

}  // namespace minnow::kernels
