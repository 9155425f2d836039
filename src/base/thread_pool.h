// Minnow's own threads: a queue of jobs (one request each), and teams that split one run.
//
// A lone request is spread over all idle workers; when requests queue up, each gets one core. The
// caller's thread always takes part, so everything works, single-threaded, where no thread can be
// made (Wasm) or all workers are busy.
#ifndef MINNOW_BASE_THREAD_POOL_H_
#define MINNOW_BASE_THREAD_POOL_H_

#include <cstdint>
#include <functional>
#include <memory>

namespace minnow {

struct TeamState;

class ThreadPool {
 public:
  // The process's pool. It has `DefaultThreads()` workers, started when first needed, and lives
  // until the process ends (workers never touch the heap of a dying environment: see Submit).
  static ThreadPool& Shared();
  // MINNOW_THREADS when set to 1..256, else AvailableCpus().
  static int DefaultThreads();

  // Fewer where the system gives no more threads; with none, jobs run where they are submitted.
  explicit ThreadPool(int workers);
  // Finishes the queued jobs and joins.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Runs `job` on a worker, in order of submission. Thread safe. `job` must not block on another
  // job.
  void Submit(std::function<void()> job);
  // Jobs submitted and not begun.
  int QueueDepth() const;
  int workers() const;

 private:
  friend class Team;
  struct State;
  std::unique_ptr<State> state_;
};

// The threads of one run: the caller and up to `max_threads - 1` workers that are idle at the time
// of construction and not wanted by queued jobs. They are held (spinning briefly, then parked)
// until destruction. Not thread safe: one run, one team.
class Team {
 public:
  Team(ThreadPool* pool, int max_threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const { return size_; }

  // Calls body(index, worker) once for every index in [0, count), worker in [0, size()); returns
  // when all are done. Indices are handed out in contiguous runs, in rising order. No allocation.
  template <typename Body>
  void ParallelFor(int64_t count, const Body& body) {
    if (size_ == 1 || count <= 1) {
      for (int64_t i = 0; i < count; ++i) body(i, 0);
      return;
    }
    Dispatch(
        count,
        [](const void* opaque, int64_t index, int worker) {
          (*static_cast<const Body*>(opaque))(index, worker);
        },
        &body);
  }

 private:
  friend struct TeamState;
  using Trampoline = void (*)(const void* body, int64_t index, int worker);
  void Dispatch(int64_t count, Trampoline trampoline, const void* body);

  ThreadPool* pool_;
  TeamState* state_ = nullptr;  // null when size_ == 1
  int size_ = 1;
};

}  // namespace minnow

#endif  // MINNOW_BASE_THREAD_POOL_H_
