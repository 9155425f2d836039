// Asynchronous work of one JavaScript environment: queued on minnow's own pool, finished by a
// promise, cancelled and waited for before the environment goes away.
#ifndef MINNOW_BINDING_JOB_QUEUE_H_
#define MINNOW_BINDING_JOB_QUEUE_H_

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "base/status.h"
#include "binding/node.h"

namespace minnow::binding {

// One request. Made, finished and destroyed on the JavaScript thread.
class Job {
 public:
  virtual ~Job() = default;
  // On a pool thread: no JavaScript. Should look at `cancelled` now and then.
  virtual Status Execute(const std::atomic<bool>* cancelled) = 0;
  // After an ok Execute: what the promise resolves to. May leave an exception pending instead.
  virtual Napi::Value Result(Napi::Env env) = 0;
};

// All public functions but the workers' part run on the environment's JavaScript thread.
class JobQueue : public std::enable_shared_from_this<JobQueue> {
 public:
  struct Entry;

  // Null, with an exception pending, when Node refuses.
  static std::shared_ptr<JobQueue> Create(Napi::Env env);

  // Puts the job on the shared pool. `entry`, when not null, receives a handle for Cancel. While
  // jobs are pending the event loop stays alive. Throws ERR_CLOSED after Shutdown.
  Napi::Value Start(Napi::Env env, std::unique_ptr<Job> job, std::weak_ptr<Entry>* entry);

  // A job that has not begun ends at once; one that runs ends between two operators.
  void Cancel(const std::weak_ptr<Entry>& entry);

  // Cancels everything, waits for the jobs that run (one operator, or one decoding, at most) and
  // lets go of JavaScript. The promises stay pending. Idempotent.
  void Shutdown();

 private:
  explicit JobQueue(Napi::Env env) : env_(env) {}
  static void OnCleanup(void* opaque);
  static void OnDone(napi_env env, napi_value callback, void* context, void* data);

  void RunOnWorker(const std::shared_ptr<Entry>& entry);
  // REQUIRES: mutex_ is held and closed_ is false.
  void PushDone(const std::shared_ptr<Entry>& entry);
  void Finish(Napi::Env env, const std::shared_ptr<Entry>& entry);

  const napi_env env_;
  napi_threadsafe_function wake_ = nullptr;
  // Every job that is not finished. JavaScript thread only.
  std::unordered_set<std::shared_ptr<Entry>> pending_;

  std::mutex mutex_;
  std::condition_variable quiet_;
  // Guarded by mutex_, with the states of all entries.
  bool closed_ = false;
  int running_ = 0;
  std::vector<std::shared_ptr<Entry>> done_;
};

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_JOB_QUEUE_H_
