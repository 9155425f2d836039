// What one JavaScript environment (the main thread, or one worker) owns. Nothing is static: a
// second worker that loads the addon gets its own.
#ifndef MINNOW_BINDING_ENV_DATA_H_
#define MINNOW_BINDING_ENV_DATA_H_

#include <memory>

#include "binding/job_queue.h"
#include "binding/node.h"

namespace minnow::binding {

struct EnvData {
  static EnvData* Get(Napi::Env env) { return env.GetInstanceData<EnvData>(); }

  // lib's class MinnowError; empty until initialize() was called.
  Napi::FunctionReference error_class;
  Napi::FunctionReference model_class;
  Napi::FunctionReference classifier_class;
  Napi::FunctionReference cancel_token_class;
  std::shared_ptr<JobQueue> jobs;
};

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_ENV_DATA_H_
