// Eight lanes of 32-bit sums, from products of 16-bit pairs. Included inside a target region (AVX2)
// and a namespace, after <immintrin.h>.

struct Wide {
  using I = __m256i;
  using F = __m256;
  static constexpr int kLanes = 8;

  static MINNOW_INLINE I Load(const void* p) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(p));
  }
  static MINNOW_INLINE void Store(void* p, I v) {
    _mm256_storeu_si256(static_cast<__m256i*>(p), v);
  }
  static MINNOW_INLINE I Set(int32_t x) { return _mm256_set1_epi32(x); }
  static MINNOW_INLINE F SetF(float x) { return _mm256_set1_ps(x); }
  // sum + two products of 16-bit numbers a lane.
  static MINNOW_INLINE I Dot(I sum, I x, I w) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(x, w));
  }
  static MINNOW_INLINE bool Any(I x) { return _mm256_testz_si256(x, x) == 0; }
  // Sixteen bytes to 16 bits each.
  static MINNOW_INLINE I Widen(const uint8_t* p) {
    return _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }

  static MINNOW_INLINE F Scale(I sum, F multiplier, F shift) {
    return _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), multiplier, shift);
  }
  static MINNOW_INLINE F LoadF(const float* p) { return _mm256_loadu_ps(p); }
  static MINNOW_INLINE I Round(F x) { return _mm256_cvtps_epi32(x); }
  // x within bits of positive floats, which are ordered as integers are.
  static MINNOW_INLINE F Bound(F x, I low, I high) {
    const I bits = _mm256_castps_si256(x);
    return _mm256_castsi256_ps(_mm256_min_epi32(_mm256_max_epi32(bits, low), high));
  }
  // Whose lower half is the smaller one.
  static MINNOW_INLINE I Nearer(I a, I b) { return _mm256_min_epu16(a, b); }
  // Lanes without any of these bits.
  static MINNOW_INLINE uint32_t Without(I x, I bits) {
    const I none = _mm256_cmpeq_epi32(_mm256_and_si256(x, bits), _mm256_setzero_si256());
    return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(none)));
  }
  // Upper halves as saturated bytes: 8 or 16 columns at the front of the lower half.
  template <int NV>
  static MINNOW_INLINE I Pack(const I (&q)[NV]) {
    const I words =
        _mm256_packs_epi32(_mm256_srai_epi32(q[0], 16), _mm256_srai_epi32(q[NV > 1 ? 1 : 0], 16));
    const I bytes = _mm256_packus_epi16(words, words);
    const __m128i low = _mm256_castsi256_si128(bytes), high = _mm256_extracti128_si256(bytes, 1);
    const __m128i row = NV > 1 ? _mm_unpacklo_epi64(low, high) : _mm_unpacklo_epi32(low, high);
    return _mm256_castsi128_si256(row);
  }
  static MINNOW_INLINE void StoreBytes(uint8_t* p, I v, uint64_t mask) {
    const __m128i row = _mm256_castsi256_si128(v);
    if (mask == 0xffff) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(p), row);
      return;
    }
    uint8_t bytes[16];
    _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes), row);
    for (int i = 0; i < 16 && (mask >> i) != 0; ++i) p[i] = bytes[i];
  }
};

// All bits below n, of 16.
MINNOW_INLINE uint64_t MaskOf(int64_t n) { return n >= 16 ? 0xffff : (uint64_t{1} << n) - 1; }
