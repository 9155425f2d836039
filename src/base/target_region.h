// Compiles a stretch of code for a CPU feature set without any compiler flag.
//
//   #include <immintrin.h>              // std and intrinsic headers first
//   MINNOW_TARGET_BEGIN("avx2,fma")     // outside any namespace
//   ... kernels in a namespace ...
//   MINNOW_TARGET_END
//
// No std containers or inline std functions inside a region: the linker might keep that copy for
// callers on a CPU without the feature.
#ifndef MINNOW_BASE_TARGET_REGION_H_
#define MINNOW_BASE_TARGET_REGION_H_

#if defined(__x86_64__)
#define MINNOW_X86_64 1
#else
#define MINNOW_X86_64 0
#endif

#define MINNOW_PRAGMA(text) _Pragma(#text)

#if defined(__clang__)
#define MINNOW_TARGET_BEGIN(features) \
  MINNOW_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define MINNOW_TARGET_END MINNOW_PRAGMA(clang attribute pop)
#elif defined(__GNUC__)
// GCC 12 takes the undefined pass-through operands of its own AVX-512 intrinsics for a mistake.
#define MINNOW_TARGET_BEGIN(features)                           \
  MINNOW_PRAGMA(GCC diagnostic push)                            \
  MINNOW_PRAGMA(GCC diagnostic ignored "-Wuninitialized")       \
  MINNOW_PRAGMA(GCC diagnostic ignored "-Wmaybe-uninitialized") \
  MINNOW_PRAGMA(GCC push_options)                               \
  MINNOW_PRAGMA(GCC target(features))
#define MINNOW_TARGET_END        \
  MINNOW_PRAGMA(GCC pop_options) \
  MINNOW_PRAGMA(GCC diagnostic pop)
#else
#define MINNOW_TARGET_BEGIN(features)
#define MINNOW_TARGET_END
#endif

#endif  // MINNOW_BASE_TARGET_REGION_H_
