// From a number of rows that is known when it runs to an instance for so many. Included inside a
// target region and a namespace, after simd/unroll.h.

template <int N>
struct Rows {
  static constexpr int kCount = N;
};

// run(Rows<m>()), 1 <= m <= MR.
template <int MR, class Run>
MINNOW_INLINE void WithRows(int64_t m, const Run& run) {
  if constexpr (MR > 1) {
    if (m < MR) return WithRows<MR - 1>(m, run);
  }
  run(Rows<MR>());
}
