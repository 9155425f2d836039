// Asynchronous work of one JavaScript environment.
#include "binding/job_queue.h"

#include <utility>

#include "base/thread_pool.h"
#include "binding/errors.h"

namespace minnow::binding {

struct JobQueue::Entry {
  enum class State { kQueued, kRunning, kEnded };

  Entry(std::unique_ptr<Job> work, napi_deferred promise)
      : job(std::move(work)), deferred(promise) {}

  State state = State::kQueued;  // guarded by the queue's mutex
  std::atomic<bool> cancelled{false};
  std::unique_ptr<Job> job;  // reset on the JavaScript thread only
  Status status;             // written before `state` becomes kEnded
  const napi_deferred deferred;
};

std::shared_ptr<JobQueue> JobQueue::Create(Napi::Env env) {
  std::shared_ptr<JobQueue> queue(new JobQueue(env));
  const Napi::String name = Napi::String::New(env, "minnow jobs");
  napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr,
                                                       nullptr, queue.get(), OnDone, &queue->wake_);
  if (status == napi_ok) status = napi_unref_threadsafe_function(env, queue->wake_);
  if (status != napi_ok) {
    Napi::Error::New(env, "minnow: cannot create a thread-safe function")
        .ThrowAsJavaScriptException();
    return nullptr;
  }
  // Hooks run last in, first out, so this one runs before Node closes `wake_`. It owns a reference.
  napi_add_env_cleanup_hook(env, OnCleanup, new std::shared_ptr<JobQueue>(queue));
  return queue;
}

void JobQueue::OnCleanup(void* opaque) {
  auto* queue = static_cast<std::shared_ptr<JobQueue>*>(opaque);
  (*queue)->Shutdown();
  delete queue;
}

Napi::Value JobQueue::Start(Napi::Env env, std::unique_ptr<Job> job, std::weak_ptr<Entry>* handle) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (closed_) return ThrowClosed(env, "minnow: the environment");
  }
  napi_deferred deferred = nullptr;
  napi_value promise = nullptr;
  // Fails when the environment is being terminated at this moment.
  if (napi_create_promise(env, &deferred, &promise) != napi_ok) return env.Undefined();
  auto entry = std::make_shared<Entry>(std::move(job), deferred);
  if (handle != nullptr) *handle = entry;
  if (pending_.empty()) napi_ref_threadsafe_function(env, wake_);
  pending_.insert(entry);
  ThreadPool::Shared().Submit([queue = shared_from_this(), entry]() { queue->RunOnWorker(entry); });
  return Napi::Value(env, promise);
}

void JobQueue::RunOnWorker(const std::shared_ptr<Entry>& entry) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (closed_ || entry->state != Entry::State::kQueued) return;
    entry->state = Entry::State::kRunning;
    ++running_;
  }
  Status status = entry->job->Execute(&entry->cancelled);
  std::lock_guard<std::mutex> lock(mutex_);
  entry->status = std::move(status);
  entry->state = Entry::State::kEnded;
  --running_;
  if (!closed_) PushDone(entry);
  // Notified under the lock: Shutdown's caller may free what the queue refers to right after.
  quiet_.notify_all();
}

void JobQueue::PushDone(const std::shared_ptr<Entry>& entry) {
  done_.push_back(entry);
  napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
}

void JobQueue::OnDone(napi_env env, napi_value, void* context, void*) {
  if (env == nullptr) return;  // the environment is closing: Shutdown has cleaned up
  std::shared_ptr<JobQueue> queue = static_cast<JobQueue*>(context)->shared_from_this();
  std::vector<std::shared_ptr<Entry>> done;
  {
    std::lock_guard<std::mutex> lock(queue->mutex_);
    done.swap(queue->done_);
  }
  for (const std::shared_ptr<Entry>& entry : done) queue->Finish(env, entry);
}

void JobQueue::Finish(Napi::Env env, const std::shared_ptr<Entry>& entry) {
  if (pending_.erase(entry) == 0) return;
  if (pending_.empty()) napi_unref_threadsafe_function(env, wake_);
  Napi::HandleScope scope(env);
  napi_value result = nullptr;
  napi_value error = nullptr;
  if (entry->status.ok()) {
    result = entry->job->Result(env);
    if (env.IsExceptionPending()) error = env.GetAndClearPendingException().Value();
  } else {
    error = MakeError(env, entry->status);
  }
  // Both fail, and may, when the environment is being terminated.
  if (error != nullptr) {
    napi_reject_deferred(env, entry->deferred, error);
  } else {
    napi_resolve_deferred(env, entry->deferred, result);
  }
  entry->job.reset();
}

void JobQueue::Cancel(const std::weak_ptr<Entry>& handle) {
  const std::shared_ptr<Entry> entry = handle.lock();
  if (entry == nullptr) return;
  entry->cancelled.store(true, std::memory_order_relaxed);
  std::lock_guard<std::mutex> lock(mutex_);
  if (closed_ || entry->state != Entry::State::kQueued) return;
  entry->state = Entry::State::kEnded;
  entry->status = Cancelled("cancelled before it began");
  PushDone(entry);
}

void JobQueue::Shutdown() {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    if (closed_) return;
    closed_ = true;
    for (const auto& entry : pending_) entry->cancelled.store(true, std::memory_order_relaxed);
    quiet_.wait(lock, [this] { return running_ == 0; });
    done_.clear();
  }
  for (const auto& entry : pending_) entry->job.reset();
  pending_.clear();
  napi_release_threadsafe_function(wake_, napi_tsfn_abort);
}

}  // namespace minnow::binding
