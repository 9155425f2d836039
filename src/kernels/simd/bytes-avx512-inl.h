// Vectors of 32-bit sums, of 16 lanes and of 8, and what the integer kernels do with them. Included
// inside a target region (AVX-512 with VNNI) and a namespace, after <immintrin.h>.

struct Wide {
  using I = __m512i;
  using F = __m512;
  static constexpr int kLanes = 16;

  static MINNOW_INLINE I Load(const void* p) { return _mm512_loadu_si512(p); }
  static MINNOW_INLINE void Store(void* p, I v) { _mm512_storeu_si512(p, v); }
  static MINNOW_INLINE I Set(int32_t x) { return _mm512_set1_epi32(x); }
  static MINNOW_INLINE F SetF(float x) { return _mm512_set1_ps(x); }
  static MINNOW_INLINE I Zero() { return _mm512_setzero_si512(); }
  static MINNOW_INLINE I Add(I a, I b) { return _mm512_add_epi32(a, b); }
  // sum + four products of bytes of x (unsigned) and w (signed) a lane.
  // By name: GCC 12 copies the accumulators of the intrinsic, and spills them.
  static MINNOW_INLINE I Dot(I sum, I x, I w) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(x), "vm"(w));
    return sum;
  }
  static MINNOW_INLINE bool Any(I x) { return _mm512_test_epi32_mask(x, x) != 0; }
  static MINNOW_INLINE I Low8(I a, I b) { return _mm512_unpacklo_epi8(a, b); }
  static MINNOW_INLINE I High8(I a, I b) { return _mm512_unpackhi_epi8(a, b); }
  static MINNOW_INLINE I Low16(I a, I b) { return _mm512_unpacklo_epi16(a, b); }
  static MINNOW_INLINE I High16(I a, I b) { return _mm512_unpackhi_epi16(a, b); }

  static MINNOW_INLINE F Scale(I sum, F multiplier, F shift) {
    return _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), multiplier, shift);
  }
  static MINNOW_INLINE F LoadF(const float* p) { return _mm512_loadu_ps(p); }
  static MINNOW_INLINE I Round(F x) { return _mm512_cvtps_epi32(x); }
  // x within bits of positive floats, which are ordered as integers are.
  static MINNOW_INLINE F Bound(F x, I low, I high) {
    const I bits = _mm512_castps_si512(x);
    return _mm512_castsi512_ps(_mm512_min_epi32(_mm512_max_epi32(bits, low), high));
  }
  // Whose lower half is the smaller one.
  static MINNOW_INLINE I Nearer(I a, I b) { return _mm512_min_epu16(a, b); }
  // Lanes without any of these bits.
  static MINNOW_INLINE uint32_t Without(I x, I bits) { return _mm512_testn_epi32_mask(x, bits); }
  // The upper halves of both, four by four.
  static MINNOW_INLINE I Upper(I a, I b) {
    return _mm512_permutex2var_epi16(
        a,
        _mm512_cvtepu8_epi16(_mm256_setr_epi8(1, 3, 5, 7, 33, 35, 37, 39, 9, 11, 13, 15, 41, 43, 45,
                                              47, 17, 19, 21, 23, 49, 51, 53, 55, 25, 27, 29, 31,
                                              57, 59, 61, 63)),
        b);
  }
  // Upper halves as saturated bytes: 16, 32, 48 or 64 columns at the front.
  template <int NV>
  static MINNOW_INLINE I Pack(const I (&q)[NV]) {
    const I low = Upper(q[0], q[NV > 1 ? 1 : 0]);
    const I high = NV > 2 ? Upper(q[NV > 2 ? 2 : 0], q[NV > 3 ? 3 : 0]) : low;
    I bytes = _mm512_packus_epi16(low, high);
    if (NV == 1) {
      bytes = _mm512_permutexvar_epi32(
          _mm512_setr_epi32(0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), bytes);
    } else if (NV == 2) {
      bytes = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 0, 0, 0, 0), bytes);
    } else if (NV == 3) {
      bytes = _mm512_permutexvar_epi32(
          _mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0, 0, 0, 0), bytes);
    }
    return bytes;
  }
  // Four rows of 16 columns, one after the other.
  static MINNOW_INLINE I PackRows(const I (&q)[4]) {
    const I bytes = _mm512_packus_epi16(Upper(q[0], q[1]), Upper(q[2], q[3]));
    return _mm512_permutexvar_epi32(
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), bytes);
  }
  static MINNOW_INLINE void StoreBytes(uint8_t* p, I v, uint64_t mask) {
    if (mask == ~uint64_t{0}) {
      _mm512_storeu_si512(p, v);
    } else {
      _mm512_mask_storeu_epi8(p, mask, v);
    }
  }
};

struct Half {
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
  static MINNOW_INLINE I Dot(I sum, I x, I w) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(x), "vm"(w));
    return sum;
  }
  static MINNOW_INLINE bool Any(I x) { return _mm256_test_epi32_mask(x, x) != 0; }
  static MINNOW_INLINE I Low8(I a, I b) { return _mm256_unpacklo_epi8(a, b); }
  static MINNOW_INLINE I High8(I a, I b) { return _mm256_unpackhi_epi8(a, b); }
  static MINNOW_INLINE I Low16(I a, I b) { return _mm256_unpacklo_epi16(a, b); }
  static MINNOW_INLINE I High16(I a, I b) { return _mm256_unpackhi_epi16(a, b); }

  static MINNOW_INLINE F Scale(I sum, F multiplier, F shift) {
    return _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), multiplier, shift);
  }
  static MINNOW_INLINE F LoadF(const float* p) { return _mm256_loadu_ps(p); }
  static MINNOW_INLINE I Round(F x) { return _mm256_cvtps_epi32(x); }
  static MINNOW_INLINE F Bound(F x, I low, I high) {
    const I bits = _mm256_castps_si256(x);
    return _mm256_castsi256_ps(_mm256_min_epi32(_mm256_max_epi32(bits, low), high));
  }
  static MINNOW_INLINE I Nearer(I a, I b) { return _mm256_min_epu16(a, b); }
  static MINNOW_INLINE uint32_t Without(I x, I bits) { return _mm256_testn_epi32_mask(x, bits); }
  static MINNOW_INLINE I Upper(I a, I b) {
    return _mm256_permutex2var_epi16(
        a,
        _mm256_cvtepu8_epi16(
            _mm_setr_epi8(1, 3, 5, 7, 17, 19, 21, 23, 9, 11, 13, 15, 25, 27, 29, 31)),
        b);
  }
  template <int NV>
  static MINNOW_INLINE I Pack(const I (&q)[NV]) {
    static_assert(NV == 4, "rows of 32 columns");
    return _mm256_packus_epi16(Upper(q[0], q[1]), Upper(q[2], q[3]));
  }
  static MINNOW_INLINE void StoreBytes(uint8_t* p, I v, uint64_t mask) {
    _mm256_mask_storeu_epi8(p, static_cast<__mmask32>(mask), v);
  }
};

// Four vectors, byte by byte in turn: vector v has channels 4 v to 4 v + 3 of each 16.
template <class V>
MINNOW_INLINE void Zip(typename V::I a, typename V::I b, typename V::I c, typename V::I d,
                       typename V::I (&out)[4]) {
  const auto low_ab = V::Low8(a, b), high_ab = V::High8(a, b);
  const auto low_cd = V::Low8(c, d), high_cd = V::High8(c, d);
  out[0] = V::Low16(low_ab, low_cd);
  out[1] = V::High16(low_ab, low_cd);
  out[2] = V::Low16(high_ab, high_cd);
  out[3] = V::High16(high_ab, high_cd);
}

// All bits below n.
MINNOW_INLINE uint64_t MaskOf(int64_t n) { return n >= 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1; }
