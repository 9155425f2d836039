#include "base/thread_pool.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/cpu_features.h"
#include "base/denormals.h"
#include "base/parking_spot.h"
#include "base/target_region.h"

namespace minnow {
namespace {

constexpr int kMaxWorkers = 256;

// How long a thread looks for work before it sleeps. Waking a parked thread takes 20 us and more,
// the gap between two operators is below 5 us; 4000 pauses are about 60 us at 3 GHz.
constexpr int kSpins = 4000;

inline void CpuPause() {
#if MINNOW_X86_64
  __builtin_ia32_pause();
#endif
}

// A team's ticket: generation in the upper half, "open" in bit 31, members at work below.
constexpr uint64_t kOpen = uint64_t{1} << 31;
constexpr uint64_t kActiveMask = kOpen - 1;
constexpr uint32_t Generation(uint64_t ticket) { return static_cast<uint32_t>(ticket >> 32); }

}  // namespace

// What the threads of one team share. A member enters a generation only while it is open, so the
// caller never waits for a member that is still waking up: it does that member's share itself.
struct TeamState {
  struct alignas(64) Range {
    std::atomic<int64_t> next{0};
    int64_t end = 0;
  };

  std::atomic<uint64_t> ticket{0};
  std::atomic<bool> closing{false};
  std::mutex mutex;
  std::vector<ParkingSpot*> parked;  // members that sleep; guarded by `mutex`
  std::atomic<int> parked_count{0};
  Team::Trampoline trampoline = nullptr;
  const void* body = nullptr;
  int size = 1;
  int serving = 0;                // members inside Serve; guarded by the pool's mutex
  Range ranges[kMaxWorkers + 1];  // the caller has one as well

  TeamState() { parked.reserve(kMaxWorkers); }

  // A thread does its own range first, so that it meets the same rows in one operator after the
  // other, then helps with what is left of the others'.
  void Drain(int worker) {
    for (int i = 0; i < size; ++i) {
      Range& range = ranges[(worker + i) % size];
      for (;;) {
        const int64_t index = range.next.fetch_add(1, std::memory_order_relaxed);
        if (index >= range.end) break;
        trampoline(body, index, worker);
      }
    }
  }

  // Returns when `seen` is no longer the current generation.
  void AwaitWork(uint32_t seen, ParkingSpot* spot) {
    for (int spins = 0; spins < kSpins; ++spins) {
      if (Generation(ticket.load(std::memory_order_acquire)) != seen) return;
      CpuPause();
    }
    std::unique_lock<std::mutex> lock(mutex);
    // Counted before the last look: who opens a generation looks at the count after it did.
    parked_count.fetch_add(1);
    if (Generation(ticket.load()) != seen) {
      parked_count.fetch_sub(1);
      return;
    }
    parked.push_back(spot);
    spot->Park(lock);
  }

  // The life of a member, from recruitment to release.
  void Serve(int worker, ParkingSpot* spot) {
    uint32_t seen = 0;
    for (;;) {
      AwaitWork(seen, spot);
      // In this order: the ticket that announces the end is stored after `closing`.
      uint64_t current = ticket.load(std::memory_order_acquire);
      if (closing.load(std::memory_order_acquire)) return;
      seen = Generation(current);
      bool entered = false;
      while (!entered && Generation(current) == seen && (current & kOpen) != 0) {
        entered = ticket.compare_exchange_weak(current, current + 1, std::memory_order_acq_rel);
      }
      if (!entered) continue;
      Drain(worker);
      ticket.fetch_sub(1, std::memory_order_release);
    }
  }

  // Opens the next generation. REQUIRES: the last one is closed and no member is at work.
  void Open() {
    const uint64_t next = uint64_t{Generation(ticket.load(std::memory_order_relaxed)) + 1u} << 32;
    ticket.store(next | kOpen);
    if (parked_count.load() == 0) return;
    std::lock_guard<std::mutex> lock(mutex);
    for (ParkingSpot* spot : parked) spot->WakeElsewhere();
    parked_count.fetch_sub(static_cast<int>(parked.size()));
    parked.clear();
  }

  void CloseAndAwait() {
    ticket.fetch_and(~kOpen, std::memory_order_acq_rel);
    for (int spins = 0; (ticket.load(std::memory_order_acquire) & kActiveMask) != 0; ++spins) {
      if (spins < kSpins) {
        CpuPause();
      } else {
        std::this_thread::yield();
      }
    }
  }
};

struct ThreadPool::State {
  struct Call {
    TeamState* team;
    int worker;
  };

  struct Worker {
    State* state;
    pthread_t thread;  // not std::thread, which ends the process where none is to be had
    ParkingSpot spot;
  };

  std::mutex mutex;
  std::condition_variable released;  // for teams that wait for their members to leave
  std::deque<std::function<void()>> jobs;
  std::vector<Call> calls;  // members asked for that have not come yet
  std::vector<std::unique_ptr<TeamState>> free_teams;
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<ParkingSpot*> parked;  // of idle workers that sleep, the last to fall asleep last
  std::atomic<int> wanted{0};        // jobs and calls waiting: what a spinning worker looks at
  int idle = 0;                      // workers that sleep or spin
  bool stopping = false;

  // REQUIRES: the mutex is held.
  void UpdateWanted() {
    wanted.store(static_cast<int>(jobs.size() + calls.size()), std::memory_order_release);
  }

  // Wakes as many workers as there is work for, less those that are awake and look for some.
  // `elsewhere`: on other CPUs than the caller's, which goes on working. REQUIRES: the mutex is
  // held.
  void WakeForWork(bool elsewhere) {
    UpdateWanted();
    int awake = idle - static_cast<int>(parked.size());
    for (; awake < wanted && !parked.empty(); ++awake) {
      ParkingSpot* const spot = parked.back();
      parked.pop_back();
      elsewhere ? spot->WakeElsewhere() : spot->Wake();
    }
  }

  void Serve(std::unique_lock<std::mutex>& lock, ParkingSpot* spot) {
    const Call call = calls.back();
    calls.pop_back();
    UpdateWanted();
    ++call.team->serving;
    lock.unlock();
    call.team->Serve(call.worker, spot);
    lock.lock();
    if (--call.team->serving == 0) released.notify_all();
  }

  void RunJob(std::unique_lock<std::mutex>& lock) {
    std::function<void()> job = std::move(jobs.front());
    jobs.pop_front();
    UpdateWanted();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }

  void Work(ParkingSpot* spot) {
    std::unique_lock<std::mutex> lock(mutex);
    bool worked = false;
    for (;;) {
      ++idle;
      if (worked) {
        // More work often follows at once (the next image of a loop): look before sleeping.
        lock.unlock();
        for (int spins = 0; spins < kSpins && wanted.load(std::memory_order_acquire) == 0;
             ++spins) {
          CpuPause();
        }
        lock.lock();
      }
      while (!stopping && calls.empty() && jobs.empty()) {
        parked.push_back(spot);
        spot->Park(lock);
      }
      --idle;
      worked = true;
      if (!calls.empty()) {
        Serve(lock, spot);
      } else if (!jobs.empty()) {
        RunJob(lock);
      } else {
        return;
      }
    }
  }

  static void* Main(void* opaque) {
    const FlushDenormals flush;
    Worker* const worker = static_cast<Worker*>(opaque);
    worker->state->Work(&worker->spot);
    return nullptr;
  }
};

ThreadPool& ThreadPool::Shared() {
  // Never destroyed: its threads may be at work when static destructors run.
  static ThreadPool* const pool = new ThreadPool(DefaultThreads());
  return *pool;
}

int ThreadPool::DefaultThreads() {
  static const int threads = [] {
    if (const char* text = std::getenv("MINNOW_THREADS")) {
      char* end = nullptr;
      const long value = std::strtol(text, &end, 10);
      if (end != text && *end == '\0' && value >= 1 && value <= kMaxWorkers) {
        return static_cast<int>(value);
      }
    }
    return std::min(AvailableCpus(), kMaxWorkers);
  }();
  return threads;
}

ThreadPool::ThreadPool(int workers) : state_(std::make_unique<State>()) {
  const int count = std::clamp(workers, 0, kMaxWorkers);
  state_->calls.reserve(static_cast<size_t>(count));
  state_->parked.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    auto worker = std::make_unique<State::Worker>();
    worker->state = state_.get();
    if (pthread_create(&worker->thread, nullptr, State::Main, worker.get()) != 0) break;
    state_->workers.push_back(std::move(worker));
  }
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    state_->stopping = true;
    for (ParkingSpot* spot : state_->parked) spot->Wake();
    state_->parked.clear();
  }
  for (const auto& worker : state_->workers) pthread_join(worker->thread, nullptr);
}

void ThreadPool::Submit(std::function<void()> job) {
  if (state_->workers.empty()) {
    job();
    return;
  }
  std::lock_guard<std::mutex> lock(state_->mutex);
  state_->jobs.push_back(std::move(job));
  state_->WakeForWork(/*elsewhere=*/false);
}

int ThreadPool::QueueDepth() const {
  std::lock_guard<std::mutex> lock(state_->mutex);
  return static_cast<int>(state_->jobs.size());
}

int ThreadPool::workers() const { return static_cast<int>(state_->workers.size()); }

Team::Team(ThreadPool* pool, int max_threads) : pool_(pool) {
  if (max_threads <= 1) return;
  ThreadPool::State& pool_state = *pool->state_;
  std::lock_guard<std::mutex> lock(pool_state.mutex);
  const int promised = static_cast<int>(pool_state.jobs.size() + pool_state.calls.size());
  const int members = std::min(max_threads - 1, pool_state.idle - promised);
  if (members <= 0) return;
  if (pool_state.free_teams.empty()) {
    state_ = new TeamState;
  } else {
    state_ = pool_state.free_teams.back().release();
    pool_state.free_teams.pop_back();
  }
  state_->ticket.store(0, std::memory_order_relaxed);
  state_->closing.store(false, std::memory_order_relaxed);
  size_ = members + 1;
  state_->size = size_;
  for (int worker = 1; worker <= members; ++worker) pool_state.calls.push_back({state_, worker});
  pool_state.WakeForWork(/*elsewhere=*/true);
}

Team::~Team() {
  if (state_ == nullptr) return;
  state_->closing.store(true, std::memory_order_release);
  ThreadPool::State& pool_state = *pool_->state_;
  std::unique_lock<std::mutex> lock(pool_state.mutex);
  // Members that have not come are not waited for.
  auto& calls = pool_state.calls;
  calls.erase(std::remove_if(calls.begin(), calls.end(),
                             [this](const auto& call) { return call.team == state_; }),
              calls.end());
  pool_state.UpdateWanted();
  state_->Open();
  pool_state.released.wait(lock, [this] { return state_->serving == 0; });
  pool_state.free_teams.emplace_back(state_);
}

void Team::Dispatch(int64_t count, Trampoline trampoline, const void* body) {
  state_->trampoline = trampoline;
  state_->body = body;
  for (int worker = 0; worker < size_; ++worker) {
    TeamState::Range& range = state_->ranges[worker];
    range.next.store(count * worker / size_, std::memory_order_relaxed);
    range.end = count * (worker + 1) / size_;
  }
  state_->Open();
  state_->Drain(0);
  state_->CloseAndAwait();
}

}  // namespace minnow
