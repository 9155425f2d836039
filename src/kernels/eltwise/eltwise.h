// f32 elementwise arithmetic on flat arrays.
#ifndef MINNOW_KERNELS_ELTWISE_ELTWISE_H_
#define MINNOW_KERNELS_ELTWISE_ELTWISE_H_

#include <cstddef>
#include <cstdint>

#include "base/cpu_features.h"
#include "kernels/epilogue.h"

namespace minnow::kernels {

// out[i] = epilogue(a[i] op b[j]), i in [0, n), where j is i (kArray), 0 (kScalar) or i % 16
// (kBlock: one value a channel of a block; a and out then start on a block).
struct BinaryF32Args {
  const float* a = nullptr;
  const float* b = nullptr;
  float* out = nullptr;  // may be a or b
  int64_t n = 0;
  enum class Step : uint8_t { kArray, kScalar, kChannel } b_step = Step::kArray;
  Epilogue epilogue;
};

// out[i] = epilogue(scale * in[i] + shift), i in [0, n): Clamp and HardSwish (scale 1, shift 0),
// HardSigmoid (bounds 0 and 1).
struct UnaryF32Args {
  const float* in = nullptr;
  float* out = nullptr;  // may be in
  int64_t n = 0;
  float scale = 1.0f;
  float shift = 0.0f;
  Epilogue epilogue;
};

using BinaryF32Function = void (*)(const BinaryF32Args&);
using UnaryF32Function = void (*)(const UnaryF32Args&);

struct EltwiseF32Kernel {
  Isa isa;
  const char* name;
  BinaryF32Function add, sub, mul, div, min, max;
  UnaryF32Function affine;
};

const EltwiseF32Kernel& SelectEltwiseF32(Isa isa);
const EltwiseF32Kernel* EltwiseF32Kernels(size_t* count);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_ELTWISE_ELTWISE_H_
