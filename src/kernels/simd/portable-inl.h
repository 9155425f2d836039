// Four lanes of float by the compilers' vector extension: SSE2, NEON and Wasm SIMD128 without a
// line for any of them. Included inside a namespace.

typedef float V __attribute__((vector_size(16)));
constexpr int kLanes = 4;
// Blocks of channels that one chain of sums runs over; 0: all (multiply-adds are fused).
constexpr int kBlocksAPart = 2;

MINNOW_INLINE V Load(const float* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof(v));
  return v;
}
MINNOW_INLINE void Store(float* p, V v) { __builtin_memcpy(p, &v, sizeof(v)); }
MINNOW_INLINE V Set(float x) { return V{x, x, x, x}; }
MINNOW_INLINE V Add(V a, V b) { return a + b; }
MINNOW_INLINE V Sub(V a, V b) { return a - b; }
MINNOW_INLINE V Mul(V a, V b) { return a * b; }
MINNOW_INLINE V Div(V a, V b) { return a / b; }
// a * b + c, two roundings.
MINNOW_INLINE V MulAdd(V a, V b, V c) { return a * b + c; }
// The second operand when one is NaN, as the x86 instructions do.
MINNOW_INLINE V Min(V a, V b) { return a < b ? a : b; }
MINNOW_INLINE V Max(V a, V b) { return a > b ? a : b; }
