// Weights of a 3 x 3 window as their rows need them. Included inside a target region and a
// namespace, after simd/bytes-avx512-inl.h.

// Row `ky` of three columns, each of which has its rows side by side in the bytes of a lane.
MINNOW_INLINE Wide::I TapsOfRow(const Wide::I (&columns)[3], int ky) {
  Wide::I row = Wide::Zero();
  MINNOW_UNROLL
  for (int kx = 2; kx >= 0; --kx) {
    const Wide::I tap = _mm512_and_si512(_mm512_srli_epi32(columns[kx], 8 * ky), Wide::Set(0xff));
    row = _mm512_or_si512(_mm512_slli_epi32(row, 8), tap);
  }
  return row;
}
