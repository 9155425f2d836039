// What this machine can do at best: what a profile compares operators with.
#ifndef MINNOW_RUNTIME_PEAK_H_
#define MINNOW_RUNTIME_PEAK_H_

namespace minnow::runtime {

// 10^9 operations a second, two a multiply-add, of all threads together.
struct Peak {
  double f32 = 0;
  double bytes = 0;  // into sums of 32 bits; 0 where it is not measured (no VNNI, or AMX)
};

// The best of some short bursts, on `threads` threads of the shared pool or as many as are idle
// (0: ThreadPool::DefaultThreads()), with the instruction set in use. Takes about 10 ms.
Peak MeasurePeak(int threads);

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_PEAK_H_
