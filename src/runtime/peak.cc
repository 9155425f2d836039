#include "runtime/peak.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/cpu_features.h"
#include "base/thread_pool.h"
#include "kernels/peak/peak.h"

namespace minnow::runtime {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBursts = 30;
// About 100 us: long beside the start of a loop on all threads, short beside a time slice.
constexpr int64_t kSteps = 30'000;

double Best(kernels::PeakFunction multiply_adds, Team* team) {
  if (multiply_adds == nullptr) return 0;
  double best = 0;
  for (int burst = 0; burst < kBursts; ++burst) {
    std::atomic<int64_t> done{0};
    const Clock::time_point start = Clock::now();
    team->ParallelFor(team->size(), [&](int64_t, int) {
      done.fetch_add(multiply_adds(kSteps), std::memory_order_relaxed);
    });
    const std::chrono::duration<double, std::nano> time = Clock::now() - start;
    best = std::max(best, 2.0 * static_cast<double>(done.load()) / time.count());
  }
  return best;
}

}  // namespace

Peak MeasurePeak(int threads) {
  const kernels::PeakKernel& kernel = kernels::SelectPeak(DefaultIsa());
  Team team(&ThreadPool::Shared(), threads > 0 ? threads : ThreadPool::DefaultThreads());
  Peak peak;
  peak.f32 = Best(kernel.f32, &team);
  peak.bytes = Best(kernel.bytes, &team);
  return peak;
}

}  // namespace minnow::runtime
