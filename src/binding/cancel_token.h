// The handle by which lib cancels a job that it started: `new CancelToken()`, `token.cancel()`.
#ifndef MINNOW_BINDING_CANCEL_TOKEN_H_
#define MINNOW_BINDING_CANCEL_TOKEN_H_

#include <memory>

#include "binding/job_queue.h"
#include "binding/node.h"

namespace minnow::binding {

class CancelToken : public Napi::ObjectWrap<CancelToken> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit CancelToken(const Napi::CallbackInfo& info) : Napi::ObjectWrap<CancelToken>(info) {}

  // Starts `job` on the environment's queue; `token` is a CancelToken or undefined.
  static Napi::Value StartJob(Napi::Env env, std::unique_ptr<Job> job, Napi::Value token);

 private:
  Napi::Value Cancel(const Napi::CallbackInfo& info);

  std::weak_ptr<JobQueue::Entry> entry_;
};

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_CANCEL_TOKEN_H_
