// The handle by which lib cancels a job that it started.
#include "binding/cancel_token.h"

#include <utility>

#include "binding/env_data.h"

namespace minnow::binding {

Napi::Function CancelToken::Define(Napi::Env env) {
  return DefineClass(env, "CancelToken", {InstanceMethod("cancel", &CancelToken::Cancel)});
}

Napi::Value CancelToken::StartJob(Napi::Env env, std::unique_ptr<Job> job, Napi::Value token) {
  EnvData* data = EnvData::Get(env);
  std::weak_ptr<JobQueue::Entry>* entry = nullptr;
  if (token.IsObject() && token.As<Napi::Object>().InstanceOf(data->cancel_token_class.Value())) {
    entry = &Unwrap(token.As<Napi::Object>())->entry_;
  }
  return data->jobs->Start(env, std::move(job), entry);
}

Napi::Value CancelToken::Cancel(const Napi::CallbackInfo& info) {
  EnvData::Get(info.Env())->jobs->Cancel(entry_);
  return info.Env().Undefined();
}

}  // namespace minnow::binding
