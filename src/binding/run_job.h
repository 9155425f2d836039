// One run of a network on tensors from JavaScript, on the pool or on the calling thread.
#ifndef MINNOW_BINDING_RUN_JOB_H_
#define MINNOW_BINDING_RUN_JOB_H_

#include <memory>

#include "base/status.h"
#include "binding/job_queue.h"
#include "binding/loaded_model.h"
#include "binding/node.h"
#include "runtime/profiler.h"

namespace minnow::binding {

// `inputs`: an array of {data, shape}, one a model input, in order. `outs`: an array of typed
// arrays or undefined, one an output. `threads`: a number, 0 for the default. Results are an array
// of {data, shape}; an `out` that does not fit is kInvalidArgument and nothing is written.
StatusOr<std::unique_ptr<Job>> MakeRunJob(std::shared_ptr<const LoadedModel> model,
                                          Napi::Value inputs, Napi::Value outs,
                                          Napi::Value threads);

// On this thread. An empty Napi::Value means that a JavaScript exception is pending.
StatusOr<Napi::Value> RunNow(Napi::Env env, const LoadedModel& model, Napi::Value inputs,
                             Napi::Value outs, Napi::Value threads);

// `inputs` may be null: zeros of the declared shapes.
Status ProfileNow(const LoadedModel& model, Napi::Value inputs, Napi::Value threads,
                  runtime::Profile* profile);

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_RUN_JOB_H_
