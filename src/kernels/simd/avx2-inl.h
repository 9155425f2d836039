// Eight lanes of float. Included inside a target region and a namespace, after <immintrin.h>.

using V = __m256;
constexpr int kLanes = 8;
// Blocks of channels that one chain of sums runs over; 0: all (multiply-adds are fused).
constexpr int kBlocksAPart = 0;

MINNOW_INLINE V Load(const float* p) { return _mm256_loadu_ps(p); }
MINNOW_INLINE void Store(float* p, V v) { _mm256_storeu_ps(p, v); }
MINNOW_INLINE V Set(float x) { return _mm256_set1_ps(x); }
MINNOW_INLINE V Add(V a, V b) { return _mm256_add_ps(a, b); }
MINNOW_INLINE V Sub(V a, V b) { return _mm256_sub_ps(a, b); }
MINNOW_INLINE V Mul(V a, V b) { return _mm256_mul_ps(a, b); }
MINNOW_INLINE V Div(V a, V b) { return _mm256_div_ps(a, b); }
MINNOW_INLINE V MulAdd(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
MINNOW_INLINE V Min(V a, V b) { return _mm256_min_ps(a, b); }
MINNOW_INLINE V Max(V a, V b) { return _mm256_max_ps(a, b); }
