// Twelve sums that do not wait for each other: enough for two units of five or six cycles.
//
// The includer has defined V, a vector, and Step(sum), a multiply-add of each of its elements, and
// includes this inside a namespace of its own. The compiler is told that something writes to the
// sums before and reads them in the end, or it would make one of them, or none.

constexpr int kChains = 12;

inline void RunChains(int64_t steps, V start) {
  V sums[kChains];
  MINNOW_UNROLL
  for (int i = 0; i < kChains; ++i) sums[i] = start;
  __asm__ volatile("" : : "r"(sums) : "memory");
  for (int64_t step = 0; step < steps; ++step) {
    MINNOW_UNROLL
    for (int i = 0; i < kChains; ++i) sums[i] = Step(sums[i]);
  }
  V sum = sums[0];
  MINNOW_UNROLL
  for (int i = 1; i < kChains; ++i) sum += sums[i];
  __asm__ volatile("" : : "r"(&sum) : "memory");
}
