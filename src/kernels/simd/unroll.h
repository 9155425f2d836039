// Loops over arrays of registers must be unrolled, or the arrays live in memory.
#ifndef MINNOW_KERNELS_SIMD_UNROLL_H_
#define MINNOW_KERNELS_SIMD_UNROLL_H_

#if defined(__clang__)
#define MINNOW_UNROLL _Pragma("clang loop unroll(full)")
#else
#define MINNOW_UNROLL _Pragma("GCC unroll 32")
#endif

#define MINNOW_INLINE inline __attribute__((always_inline))

// Keeps the compiler from moving loads across: hoisting those of a whole unrolled block makes it
// spill accumulators (see bench/NOTES.md).
#define MINNOW_KEEP_ORDER() __asm__ volatile("" ::: "memory")

#endif  // MINNOW_KERNELS_SIMD_UNROLL_H_
