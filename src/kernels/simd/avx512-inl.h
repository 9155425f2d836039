// Sixteen lanes of float. Included inside a target region and a namespace, after <immintrin.h>.

using V = __m512;
constexpr int kLanes = 16;
// Blocks of channels that one chain of sums runs over; 0: all (multiply-adds are fused).
constexpr int kBlocksAPart = 0;

MINNOW_INLINE V Load(const float* p) { return _mm512_loadu_ps(p); }
MINNOW_INLINE void Store(float* p, V v) { _mm512_storeu_ps(p, v); }
MINNOW_INLINE V Set(float x) { return _mm512_set1_ps(x); }
MINNOW_INLINE V Add(V a, V b) { return _mm512_add_ps(a, b); }
MINNOW_INLINE V Sub(V a, V b) { return _mm512_sub_ps(a, b); }
MINNOW_INLINE V Mul(V a, V b) { return _mm512_mul_ps(a, b); }
MINNOW_INLINE V Div(V a, V b) { return _mm512_div_ps(a, b); }
MINNOW_INLINE V MulAdd(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
MINNOW_INLINE V Min(V a, V b) { return _mm512_min_ps(a, b); }
MINNOW_INLINE V Max(V a, V b) { return _mm512_max_ps(a, b); }
