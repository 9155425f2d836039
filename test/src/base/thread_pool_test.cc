// Does the pool run every job and every index exactly once, under any contention, without a
// deadlock? A hang shows as the runner's timeout.
#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/child_process.h"
#include "base/cpu_features.h"

namespace minnow {
namespace {

void Sleep(int microseconds) {
  std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
}

// A team of exactly `size`: new workers are idle only once they have started.
std::unique_ptr<Team> FullTeam(ThreadPool* pool, int size) {
  for (;;) {
    auto team = std::make_unique<Team>(pool, size);
    if (team->size() == size) return team;
    team.reset();
    Sleep(100);
  }
}

// How often each index of [0, count) was given, and whether a worker number was ever used by two
// threads at once.
struct Tally {
  explicit Tally(int64_t count) : times(static_cast<size_t>(count)), busy(1024) {}
  void operator()(int64_t index, int worker) const {
    if (busy[static_cast<size_t>(worker)].exchange(true)) clash = true;
    times[static_cast<size_t>(index)].fetch_add(1, std::memory_order_relaxed);
    busy[static_cast<size_t>(worker)] = false;
  }
  bool EachOnce() const {
    for (const auto& time : times) {
      if (time.load(std::memory_order_relaxed) != 1) return false;
    }
    return !clash;
  }
  mutable std::vector<std::atomic<int>> times;
  mutable std::vector<std::atomic<bool>> busy;
  mutable std::atomic<bool> clash{false};
};

TEST(Team, GivesEveryIndexOnceForEverySizeAndCount) {
  for (const int workers : {0, 1, 2, 3, 7}) {
    ThreadPool pool(workers);
    for (const int size : {1, 2, 3, 5, 8, 100}) {
      Team team(&pool, size);
      EXPECT_GE(team.size(), 1);
      EXPECT_LE(team.size(), std::min(size, workers + 1));
      for (const int64_t count : {0, 1, 2, 3, 7, 8, 9, 63, 64, 65, 1000}) {
        const Tally tally(count);
        std::atomic<int> highest{0};
        team.ParallelFor(count, [&](int64_t index, int worker) {
          tally(index, worker);
          int seen = highest.load();
          while (seen < worker && !highest.compare_exchange_weak(seen, worker)) {
          }
        });
        EXPECT_TRUE(tally.EachOnce()) << workers << " " << size << " " << count;
        EXPECT_LT(highest.load(), team.size());
      }
    }
  }
}

TEST(Team, ResultsAreVisibleToTheCallerAndFromOneLoopToTheNext) {
  ThreadPool pool(3);
  Team team(&pool, 4);
  std::vector<int64_t> from(1000, 1), to(1000);
  for (int round = 0; round < 200; ++round) {
    // Each reads what another thread may have written in the round before.
    team.ParallelFor(1000, [&](int64_t i, int) {
      to[static_cast<size_t>(i)] = from[static_cast<size_t>(999 - i)] + 1;
    });
    from.swap(to);
  }
  for (const int64_t value : from) ASSERT_EQ(value, 201);
}

TEST(Team, HoldsEveryWorkerOfTheLargestPool) {
  ThreadPool pool(10000);
  ASSERT_EQ(pool.workers(), 256);
  const std::unique_ptr<Team> team = FullTeam(&pool, 257);
  for (int round = 0; round < 20; ++round) {
    const Tally tally(5000);
    team->ParallelFor(5000, tally);
    EXPECT_TRUE(tally.EachOnce());
  }
}

TEST(Team, SurvivesThousandsOfShortLives) {
  ThreadPool pool(3);
  std::atomic<int64_t> sum{0};
  for (int life = 0; life < 5000; ++life) {
    Team team(&pool, 1 + life % 4);
    for (int loop = life % 3; loop > 0; --loop) {
      team.ParallelFor(3, [&](int64_t i, int) { sum += i + 1; });
    }
  }
  // Loops: 0, 1, 2, 0, 1, 2, … each 1 + 2 + 3.
  int64_t loops = 0;
  for (int life = 0; life < 5000; ++life) loops += life % 3;
  EXPECT_EQ(sum.load(), loops * 6);
}

TEST(Team, WakesMembersThatHaveGoneToSleep) {
  ThreadPool pool(2);
  const std::unique_ptr<Team> team = FullTeam(&pool, 3);
  for (int round = 0; round < 30; ++round) {
    Sleep(1500);  // longer than members spin
    const Tally tally(3);
    // Each waits for the others, so that sleeping members are needed.
    std::atomic<int> present{0};
    team->ParallelFor(3, [&](int64_t i, int worker) {
      tally(i, worker);
      if (round % 2 == 0) return;
      ++present;
      for (int spins = 0; present.load() < 2 && spins < 2000; ++spins) Sleep(10);
    });
    EXPECT_TRUE(tally.EachOnce());
  }
}

TEST(Team, ReleasesMembersThatSleepWhenItEnds) {
  ThreadPool pool(3);
  for (int round = 0; round < 10; ++round) {
    const std::unique_ptr<Team> team = FullTeam(&pool, 4);
    team->ParallelFor(8, [](int64_t, int) {});
    Sleep(1500);
  }
}

TEST(Team, ManyCallersAtOnceShareOnePool) {
  ThreadPool pool(3);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 6; ++caller) {
    callers.emplace_back([&, caller] {
      for (int life = 0; life < 300; ++life) {
        Team team(&pool, 2 + (life + caller) % 3);
        for (int loop = 0; loop < 5; ++loop) {
          const int64_t count = 1 + (life * 7 + loop) % 40;
          const Tally tally(count);
          team.ParallelFor(count, tally);
          if (!tally.EachOnce()) ++wrong;
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong.load(), 0);
}

TEST(Team, JobsAndOutsideCallersFormTeamsAtOnce) {
  std::atomic<int> wrong{0}, done{0};
  {
    ThreadPool pool(4);
    const auto work = [&] {
      Team team(&pool, 5);
      for (int loop = 0; loop < 4; ++loop) {
        const Tally tally(17);
        team.ParallelFor(17, tally);
        if (!tally.EachOnce()) ++wrong;
      }
      ++done;
    };
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&] {
        for (int i = 0; i < 200; ++i) {
          pool.Submit(work);
          if (i % 3 == 0) work();
        }
      });
    }
    for (std::thread& caller : callers) caller.join();
  }
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(done.load(), 4 * (200 + 67));
}

TEST(Team, LeavesWorkersToQueuedJobs) {
  ThreadPool pool(1);
  std::atomic<bool> begun{false}, go_on{false};
  pool.Submit([&] {
    begun = true;
    while (!go_on) Sleep(50);
  });
  while (!begun) Sleep(50);
  const Team team(&pool, 2);
  EXPECT_EQ(team.size(), 1);
  go_on = true;
}

TEST(ThreadPool, RunsEveryJobOnceInOrder) {
  std::vector<int> order;
  {
    ThreadPool pool(1);
    for (int i = 0; i < 1000; ++i) pool.Submit([&order, i] { order.push_back(i); });
  }
  ASSERT_EQ(order.size(), 1000u);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(order[static_cast<size_t>(i)], i);
}

TEST(ThreadPool, FinishesQueuedJobsBeforeItIsGone) {
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> done{0};
    {
      ThreadPool pool(2);
      for (int i = 0; i < 100; ++i) pool.Submit([&] { ++done; });
    }
    ASSERT_EQ(done.load(), 100);
  }
}

TEST(ThreadPool, TakesJobsFromJobsEvenWhileItEnds) {
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> done{0};
    {
      ThreadPool pool(2);
      for (int i = 0; i < 20; ++i) {
        pool.Submit([&] {
          ++done;
          pool.Submit([&] { ++done; });
        });
      }
    }
    ASSERT_EQ(done.load(), 40);
  }
}

TEST(ThreadPool, DestroysWhatAJobHoldsOnceItHasRun) {
  ThreadPool pool(1);
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = held;
  pool.Submit([held = std::move(held)] {});
  while (!watch.expired()) Sleep(50);
}

TEST(ThreadPool, RunsJobsInlineWithoutWorkers) {
  ThreadPool pool(0);
  EXPECT_EQ(pool.workers(), 0);
  const std::thread::id self = std::this_thread::get_id();
  int done = 0;
  pool.Submit([&] {
    EXPECT_EQ(std::this_thread::get_id(), self);
    pool.Submit([&] { ++done; });
    ++done;
  });
  EXPECT_EQ(done, 2);
  EXPECT_EQ(pool.QueueDepth(), 0);
  const Team team(&pool, 4);
  EXPECT_EQ(team.size(), 1);
}

TEST(ThreadPool, CountsJobsThatHaveNotBegun) {
  ThreadPool pool(1);
  std::atomic<bool> begun{false}, go_on{false};
  pool.Submit([&] {
    begun = true;
    while (!go_on) Sleep(50);
  });
  while (!begun) Sleep(50);
  EXPECT_EQ(pool.QueueDepth(), 0);
  for (int i = 0; i < 3; ++i) pool.Submit([] {});
  EXPECT_EQ(pool.QueueDepth(), 3);
  go_on = true;
  while (pool.QueueDepth() != 0) Sleep(50);
}

TEST(ThreadPool, NegativeWorkerCountsMeanNone) {
  const ThreadPool pool(-3);
  EXPECT_EQ(pool.workers(), 0);
}

TEST(ThreadPoolChild, DISABLED_SaysItsThreads) {
  std::printf("<<%d>>\n", ThreadPool::DefaultThreads());
}

TEST(ThreadPool, DefaultThreadsHonoursTheEnvironment) {
  const auto threads = [](const std::string& value) {
    return ChildSays("MINNOW_THREADS=" + value, "ThreadPoolChild.DISABLED_SaysItsThreads");
  };
  EXPECT_EQ(threads("3"), "3");
  EXPECT_EQ(threads("256"), "256");
  const std::string all = std::to_string(std::min(256, AvailableCpus()));
  for (const char* value : {"", "0", "-1", "257", "2x", "99999999999999999999"}) {
    EXPECT_EQ(threads(value), all) << value;
  }
}

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// (The sanitizers need more addresses than there are limits for.)
TEST(ThreadPoolChild, DISABLED_FindsNoRoomForStacks) {
  LimitAddressSpace(40 << 20);  // a stack takes 8 MiB unless `ulimit -s` says otherwise
  std::atomic<int> done{0};
  int workers = 0;
  {
    ThreadPool pool(200);
    workers = pool.workers();
    for (int i = 0; i < 100; ++i) pool.Submit([&] { ++done; });
    Team team(&pool, 8);
    team.ParallelFor(100, [&](int64_t, int) { ++done; });
  }
  std::printf("<<%d %d>>\n", workers < 200, done.load());
}

TEST(ThreadPool, GoesOnWithTheThreadsThatThereAre) {
  EXPECT_EQ(ChildSays("LC_ALL=C", "ThreadPoolChild.DISABLED_FindsNoRoomForStacks"), "1 200");
}
#endif

TEST(ThreadPool, SharedPoolHasTheDefaultThreads) {
  EXPECT_EQ(ThreadPool::Shared().workers(), ThreadPool::DefaultThreads());
  EXPECT_EQ(&ThreadPool::Shared(), &ThreadPool::Shared());
}

}  // namespace
}  // namespace minnow
