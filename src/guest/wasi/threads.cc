// What the engine asks of threads, where there is one: base/thread_pool.h, with every job and every
// run done by its caller, and the destructors of thread_local variables.
#include <utility>

#include "base/thread_pool.h"

namespace minnow {

struct ThreadPool::State {};
struct TeamState {};

ThreadPool& ThreadPool::Shared() {
  static ThreadPool* const pool = new ThreadPool(0);
  return *pool;
}

int ThreadPool::DefaultThreads() { return 1; }
ThreadPool::ThreadPool(int) {}
ThreadPool::~ThreadPool() = default;
void ThreadPool::Submit(std::function<void()> job) { std::move(job)(); }
int ThreadPool::QueueDepth() const { return 0; }
int ThreadPool::workers() const { return 0; }

Team::Team(ThreadPool* pool, int) : pool_(pool) {}
Team::~Team() = default;

// Never called: a team has one member.
void Team::Dispatch(int64_t count, Trampoline trampoline, const void* body) {
  (void)pool_;
  (void)state_;
  for (int64_t i = 0; i < count; ++i) trampoline(body, i, 0);
}

}  // namespace minnow

// libc++abi leaves it out. Called for thread_local variables with a destructor; this thread ends
// with the module.
extern "C" int __cxa_thread_atexit(void (*)(void*), void*, void*) { return 0; }
