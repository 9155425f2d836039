// The native half of lib's Model: load, describe, run, profile.
#include "binding/model_wrap.h"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "binding/cancel_token.h"
#include "binding/env_data.h"
#include "binding/errors.h"
#include "binding/model_source.h"
#include "binding/run_job.h"
#include "binding/values.h"

namespace minnow::binding {
namespace {

std::string TextOf(Napi::Value value) {
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

StatusOr<ModelSource> ReadSource(const Napi::CallbackInfo& info) {
  if (!info[0].IsArray()) return InvalidArgument("load: not a list of files");
  const Napi::Array list = info[0].As<Napi::Array>();
  ModelSource source;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Value part = list.Get(i);
    if (part.IsString()) {
      source.AddPath(part.As<Napi::String>().Utf8Value());
      continue;
    }
    StatusOr<ArrayBytes> bytes = ReadBytes(part);
    if (!bytes.ok()) return bytes.status().WithContext("load");
    source.AddBytes({bytes->data, bytes->size});
  }
  source.format = TextOf(info[1]);
  source.options.in_floats = TextOf(info[2]) == "fp32";
  source.limits = ReadLoadLimits(info[3]);
  source.cache_folder = TextOf(info[4]);
  return source;
}

class LoadJob : public Job {
 public:
  explicit LoadJob(ModelSource source) : source_(std::move(source)) {}

  Status Execute(const std::atomic<bool>* cancelled) override {
    if (cancelled->load(std::memory_order_relaxed)) return Cancelled("load: cancelled");
    StatusOr<std::shared_ptr<const LoadedModel>> loaded = source_.Load();
    if (!loaded.ok()) return loaded.status();
    loaded_ = std::move(*loaded);
    return OkStatus();
  }

  Napi::Value Result(Napi::Env env) override { return ModelWrap::Wrap(env, std::move(loaded_)); }

 private:
  ModelSource source_;
  std::shared_ptr<const LoadedModel> loaded_;
};

Napi::Object MakeQuantization(Napi::Env env, const Quantization& quantization) {
  const auto count = static_cast<uint32_t>(quantization.scales.size());
  Napi::Array scales = Napi::Array::New(env, count), zero_points = Napi::Array::New(env, count);
  for (uint32_t i = 0; i < count; ++i) {
    scales.Set(i, static_cast<double>(quantization.scales[i]));
    zero_points.Set(i, static_cast<double>(quantization.zero_points[i]));
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("scales", scales);
  object.Set("zeroPoints", zero_points);
  object.Set("axis", quantization.axis);
  return object;
}

Napi::Array MakeInfos(Napi::Env env, const std::vector<runtime::TensorInfo>& infos) {
  Napi::Array list = Napi::Array::New(env, infos.size());
  for (size_t i = 0; i < infos.size(); ++i) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("name", infos[i].name);
    object.Set("dtype", DTypeName(infos[i].dtype));
    object.Set("shape", MakeShape(env, infos[i].shape));
    object.Set("layout", infos[i].layout);
    if (infos[i].quantization) {
      object.Set("quantization", MakeQuantization(env, *infos[i].quantization));
    }
    list.Set(static_cast<uint32_t>(i), object);
  }
  return list;
}

Napi::Value MakeProfile(Napi::Env env, const runtime::Profile& profile) {
  Napi::Array operators = Napi::Array::New(env, profile.operators.size());
  for (size_t i = 0; i < profile.operators.size(); ++i) {
    const runtime::OperatorRecord& record = profile.operators[i];
    Napi::Object object = Napi::Object::New(env);
    object.Set("name", record.name);
    object.Set("op", record.op);
    object.Set("kernel", record.kernel);
    object.Set("output", record.output);
    object.Set("macs", static_cast<double>(record.macs));
    object.Set("ms", record.ms);
    object.Set("gflops", record.gflops);
    operators.Set(static_cast<uint32_t>(i), object);
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("totalMs", profile.total_ms);
  result.Set("threads", profile.threads);
  result.Set("operators", operators);
  return result;
}

}  // namespace

Napi::Function ModelWrap::Define(Napi::Env env) {
  return DefineClass(
      env, "NativeModel",
      {InstanceMethod("describe", &ModelWrap::Describe),
       InstanceMethod("graphs", &ModelWrap::Graphs),
       InstanceMethod("arenaBytes", &ModelWrap::ArenaBytes), InstanceMethod("run", &ModelWrap::Run),
       InstanceMethod("runSync", &ModelWrap::RunSync),
       InstanceMethod("profile", &ModelWrap::Profile), InstanceMethod("close", &ModelWrap::Close)});
}

ModelWrap::ModelWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ModelWrap>(info) {}

ModelWrap::~ModelWrap() { Release(); }

Napi::Value ModelWrap::Wrap(Napi::Env env, std::shared_ptr<const LoadedModel> model) {
  const Napi::Object object = EnvData::Get(env)->model_class.New({});
  // Empty when the environment is being terminated.
  ModelWrap* wrap = object.IsEmpty() ? nullptr : Unwrap(object);
  if (wrap == nullptr) return env.Undefined();
  wrap->external_bytes_ = model->model->weight_bytes();
  wrap->loaded_ = std::move(model);
  Napi::MemoryManagement::AdjustExternalMemory(env, wrap->external_bytes_);
  return object;
}

std::shared_ptr<const LoadedModel> ModelWrap::Get(Napi::Value value) {
  const EnvData* data = EnvData::Get(value.Env());
  if (!value.IsObject() || !value.As<Napi::Object>().InstanceOf(data->model_class.Value())) {
    return nullptr;
  }
  return Unwrap(value.As<Napi::Object>())->loaded_;
}

// load(files, format, precision, limits, cacheFolder, token); without the token at once
Napi::Value ModelWrap::Load(const Napi::CallbackInfo& info) {
  StatusOr<ModelSource> source = ReadSource(info);
  const Status kept = source.ok() ? source->KeepBytes() : source.status();
  if (!kept.ok()) return Throw(info.Env(), kept);
  return CancelToken::StartJob(info.Env(), std::make_unique<LoadJob>(std::move(*source)), info[5]);
}

Napi::Value ModelWrap::LoadSync(const Napi::CallbackInfo& info) {
  StatusOr<ModelSource> source = ReadSource(info);
  if (!source.ok()) return Throw(info.Env(), source.status());
  StatusOr<std::shared_ptr<const LoadedModel>> loaded = source->Load();
  if (!loaded.ok()) return Throw(info.Env(), loaded.status());
  return Wrap(info.Env(), std::move(*loaded));
}

Napi::Value ModelWrap::Describe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (loaded_ == nullptr) return ThrowClosed(env, "the model");
  Napi::Object object = Napi::Object::New(env);
  object.Set("format", loaded_->format);
  object.Set("output", classify::OutputKindName(loaded_->output));
  object.Set("cache", loaded_->cache);
  object.Set("macs", static_cast<double>(loaded_->model->macs()));
  object.Set("weightBytes", static_cast<double>(loaded_->model->weight_bytes()));
  object.Set("inputs", MakeInfos(env, loaded_->model->inputs()));
  object.Set("outputs", MakeInfos(env, loaded_->model->outputs()));
  return object;
}

Napi::Value ModelWrap::Graphs(const Napi::CallbackInfo& info) {
  if (loaded_ == nullptr) return ThrowClosed(info.Env(), "the model");
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("imported", loaded_->model->imported_text());
  object.Set("optimized", loaded_->model->optimized_text());
  return object;
}

Napi::Value ModelWrap::ArenaBytes(const Napi::CallbackInfo& info) {
  if (loaded_ == nullptr) return ThrowClosed(info.Env(), "the model");
  StatusOr<classify::SessionPool::Lease> session = loaded_->sessions->Acquire();
  if (!session.ok()) return Throw(info.Env(), session.status());
  return Napi::Number::New(info.Env(), static_cast<double>((*session)->arena_bytes()));
}

Napi::Value ModelWrap::Run(const Napi::CallbackInfo& info) {
  if (loaded_ == nullptr) return ThrowClosed(info.Env(), "the model");
  StatusOr<std::unique_ptr<Job>> job = MakeRunJob(loaded_, info[0], info[1], info[2]);
  if (!job.ok()) return Throw(info.Env(), job.status());
  return CancelToken::StartJob(info.Env(), std::move(*job), info[3]);
}

Napi::Value ModelWrap::RunSync(const Napi::CallbackInfo& info) {
  if (loaded_ == nullptr) return ThrowClosed(info.Env(), "the model");
  StatusOr<Napi::Value> result = RunNow(info.Env(), *loaded_, info[0], info[1], info[2]);
  if (!result.ok()) return Throw(info.Env(), result.status());
  return *result;
}

Napi::Value ModelWrap::Profile(const Napi::CallbackInfo& info) {
  if (loaded_ == nullptr) return ThrowClosed(info.Env(), "the model");
  runtime::Profile profile;
  const Status status = ProfileNow(*loaded_, info[0], info[1], &profile);
  if (!status.ok()) return Throw(info.Env(), status.WithContext("profile"));
  return MakeProfile(info.Env(), profile);
}

Napi::Value ModelWrap::Close(const Napi::CallbackInfo& info) {
  Release();
  return info.Env().Undefined();
}

void ModelWrap::Release() {
  loaded_.reset();
  if (external_bytes_ != 0) {
    Napi::MemoryManagement::AdjustExternalMemory(Env(), -external_bytes_);
    external_bytes_ = 0;
  }
}

}  // namespace minnow::binding
