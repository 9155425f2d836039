// What lib sees when it loads the addon: one row an export.

#include <memory>

#include "base/cpu_features.h"
#include "base/memory_reserve.h"
#include "base/thread_pool.h"
#include "binding/cancel_token.h"
#include "binding/classifier_wrap.h"
#include "binding/env_data.h"
#include "binding/model_wrap.h"
#include "binding/node.h"
#include "binding/quantize_job.h"
#include "binding/thumbnail.h"
#include "binding/wasi_nn_wrap.h"
#include "importers/importer.h"
#include "runtime/peak.h"

namespace minnow::binding {
namespace {

// initialize({MinnowError}): the class that errors are made with, once an environment.
Napi::Value Initialize(const Napi::CallbackInfo& info) {
  const Napi::Value error = info[0].As<Napi::Object>().Get("MinnowError");
  EnvData::Get(info.Env())->error_class = Napi::Persistent(error.As<Napi::Function>());
  return info.Env().Undefined();
}

// shutdown(): cancels and waits for the environment's jobs; later ones fail. For 'exit' listeners,
// because process.exit() on the main thread runs no cleanup hooks.
Napi::Value Shutdown(const Napi::CallbackInfo& info) {
  EnvData::Get(info.Env())->jobs->Shutdown();
  return info.Env().Undefined();
}

// info() -> {isa, threads, formats}
Napi::Value Info(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array formats = Napi::Array::New(env);
  for (const importers::Importer& importer : importers::Importers()) {
    formats.Set(formats.Length(), Napi::String::New(env, importer.name));
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("isa", IsaName(DefaultIsa()));
  object.Set("threads", ThreadPool::DefaultThreads());
  object.Set("formats", formats);
  return object;
}

// peak(threads) -> {f32, int8}: 10^9 operations a second, 0 where it is not measured
Napi::Value MeasurePeak(const Napi::CallbackInfo& info) {
  const int threads = info[0].IsNumber() ? info[0].As<Napi::Number>().Int32Value() : 0;
  const runtime::Peak peak = runtime::MeasurePeak(threads);
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("f32", peak.f32);
  object.Set("int8", peak.bytes);
  return object;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  MemoryReserve::Install();
  auto data = std::make_unique<EnvData>();
  data->jobs = JobQueue::Create(env);
  if (data->jobs == nullptr) return exports;
  const Napi::Function model = ModelWrap::Define(env);
  const Napi::Function classifier = ClassifierWrap::Define(env);
  const Napi::Function token = CancelToken::Define(env);
  data->model_class = Napi::Persistent(model);
  data->classifier_class = Napi::Persistent(classifier);
  data->cancel_token_class = Napi::Persistent(token);
  env.SetInstanceData(data.release());

  exports.Set("NativeClassifier", classifier);
  exports.Set("CancelToken", token);
  exports.Set("loadModel", Napi::Function::New(env, ModelWrap::Load, "loadModel"));
  exports.Set("loadModelSync", Napi::Function::New(env, ModelWrap::LoadSync, "loadModelSync"));
  exports.Set("quantize", Napi::Function::New(env, Quantize, "quantize"));
  exports.Set("NativeWasiNN", WasiNnWrap::Define(env));
  exports.Set("wasiNnFunctions",
              Napi::Function::New(env, WasiNnWrap::Functions, "wasiNnFunctions"));
  exports.Set("thumbnailSync", Napi::Function::New(env, ThumbnailSync, "thumbnailSync"));
  exports.Set("initialize", Napi::Function::New(env, Initialize, "initialize"));
  exports.Set("shutdown", Napi::Function::New(env, Shutdown, "shutdown"));
  exports.Set("peak", Napi::Function::New(env, MeasurePeak, "peak"));
  exports.Set("info", Napi::Function::New(env, Info, "info"));
  return exports;
}

}  // namespace
}  // namespace minnow::binding

// The macro needs a plain name, so it is given at file scope.
static Napi::Object InitMinnow(Napi::Env env, Napi::Object exports) {
  return minnow::binding::Init(env, exports);
}

NODE_API_MODULE(minnow, InitMinnow)
