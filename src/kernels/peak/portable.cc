// A product and a sum each; as vectors of what the compiler takes for granted.
#include "base/target_region.h"
#include "kernels/peak/declarations.h"
#include "kernels/simd/unroll.h"

namespace minnow::kernels {
namespace {

using V = float __attribute__((vector_size(16)));
inline V Step(V sum) { return sum * 0.5f + 1.0f; }

// clang-format off
#include "kernels/peak/chains-inl.h"
// clang-format on
}  // namespace

int64_t peak_f32_portable(int64_t steps) {
  RunChains(steps, V{});
  return steps * kChains * 4;
}

}  // namespace minnow::kernels
