// Does a thread that sleeps wake once for each call, on another CPU where that is asked, and with
// the CPUs that it had? A hang shows as the runner's timeout.
#include "base/parking_spot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

namespace minnow {
namespace {

// A thread that parks again and again; `on_wake` runs after each time, with the mutex held.
class Sleeper {
 public:
  explicit Sleeper(std::function<void()> on_wake = [] {})
      : on_wake_(std::move(on_wake)), thread_([this] { Sleep(); }) {}
  ~Sleeper() {
    Call([this](ParkingSpot* spot) {
      ends_ = true;
      spot->Wake();
    });
    thread_.join();
  }

  // Once the thread is parked: `wake` with the mutex held.
  void Call(const std::function<void(ParkingSpot*)>& wake) {
    for (;;) {
      {
        std::lock_guard<std::mutex> lock(mutex_);
        if (is_parked_) {
          is_parked_ = false;
          wake(&spot_);
          return;
        }
      }
      std::this_thread::yield();
    }
  }

  int times() {
    std::lock_guard<std::mutex> lock(mutex_);
    return times_;
  }

 private:
  void Sleep() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      is_parked_ = true;
      spot_.Park(lock);
      if (ends_) return;
      ++times_;
      on_wake_();
    }
  }

  std::function<void()> on_wake_;
  std::mutex mutex_;
  ParkingSpot spot_;
  bool is_parked_ = false;
  bool ends_ = false;
  int times_ = 0;
  std::thread thread_;
};

void Wake(ParkingSpot* spot) { spot->Wake(); }
void WakeElsewhere(ParkingSpot* spot) { spot->WakeElsewhere(); }

TEST(ParkingSpot, WakesOnceForEachCall) {
  Sleeper sleeper;
  for (int i = 0; i < 2000; ++i) sleeper.Call(i % 2 == 0 ? Wake : WakeElsewhere);
  sleeper.Call(Wake);  // parked once more: the call before has been counted
  EXPECT_GE(sleeper.times(), 2000);
}

#if defined(__linux__)

std::vector<int> CpusOfThisThread() {
  cpu_set_t set;
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

void KeepThisThreadOn(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(cpu, &set);
  ASSERT_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
}

// What a sleeper sees each time that it wakes, while its waker is kept on the first CPU, where it
// went to sleep itself.
struct Wakes {
  std::vector<int> on;                  // the CPU
  std::vector<std::vector<int>> those;  // that it may use
};

Wakes WakesElsewhere(int count) {
  const std::vector<int> cpus = CpusOfThisThread();
  Wakes wakes;
  {
    // Started before the waker is kept on one CPU: threads inherit that.
    Sleeper sleeper([&] {
      wakes.on.push_back(sched_getcpu());
      wakes.those.push_back(CpusOfThisThread());
      KeepThisThreadOn({cpus[0]});
      KeepThisThreadOn(cpus);
    });
    KeepThisThreadOn({cpus[0]});
    for (int i = 0; i < count; ++i) sleeper.Call(WakeElsewhere);
  }
  KeepThisThreadOn(cpus);
  return wakes;
}

TEST(ParkingSpot, WakesOnAnotherCpuThanItsWaker) {
  const std::vector<int> cpus = CpusOfThisThread();
  if (cpus.size() < 2) GTEST_SKIP() << "one CPU";
  const Wakes wakes = WakesElsewhere(200);
  ASSERT_EQ(wakes.on.size(), 200u);
  // It may move on as soon as it is awake, but seldom has by then.
  EXPECT_LT(std::count(wakes.on.begin(), wakes.on.end(), cpus[0]), 100);
}

TEST(ParkingSpot, LeavesAThreadTheCpusThatItHad) {
  const std::vector<int> cpus = CpusOfThisThread();
  for (const auto& those : WakesElsewhere(50).those) ASSERT_EQ(those, cpus);
}

TEST(ParkingSpot, WakesOnTheOnlyCpuThatThereIs) {
  const std::vector<int> cpus = CpusOfThisThread();
  KeepThisThreadOn({cpus[0]});
  for (const auto& those : WakesElsewhere(50).those) ASSERT_EQ(those.size(), 1u);
  KeepThisThreadOn(cpus);
}

#endif  // __linux__

}  // namespace
}  // namespace minnow
