// The native half of lib's WasiNN: one host a guest, one native call an import.
#include "binding/wasi_nn_wrap.h"

#include <string>
#include <utility>
#include <vector>

#include "binding/errors.h"
#include "wasi_nn/graph_cache.h"
#include "wasi_nn/native_backend.h"

namespace minnow::binding {
namespace {

using wasi_nn::Host;
using wasi_nn::HostOptions;

constexpr size_t kFirstArg = 2;

HostOptions ReadOptions(const Napi::Object& object) {
  HostOptions options;
  options.errno_set =
      wasi_nn::FindErrnoSet(StringField(object, "errnoSet")).value_or(options.errno_set);
  options.input_layout =
      wasi_nn::FindInputLayout(StringField(object, "inputLayout")).value_or(options.input_layout);
  options.strict_target = object.Get("strictTarget").ToBoolean();
  options.threads = static_cast<int>(NumberField(object, "threads", 0));
  options.max_graphs = static_cast<uint64_t>(NumberField(object, "graphs", 0));
  options.max_contexts = static_cast<uint64_t>(NumberField(object, "contexts", 0));
  options.max_bytes = static_cast<uint64_t>(NumberField(object, "bytes", 0));
  return options;
}

std::vector<std::shared_ptr<wasi_nn::Backend>> ReadBackends(const Napi::Object& options,
                                                            const std::shared_ptr<JsGate>& gate) {
  const Napi::Value value = options.Get("backends");
  std::vector<std::shared_ptr<wasi_nn::Backend>> backends;
  if (!value.IsArray()) return backends;
  const Napi::Array list = value.As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Value item = list.Get(i);
    backends.push_back(item.IsObject() ? MakeJsBackend(item.As<Napi::Object>(), gate)
                                       : wasi_nn::MakeNativeBackend(&wasi_nn::GraphCache::Shared(),
                                                                    ReadLoadLimits(options)));
  }
  return backends;
}

Napi::Array MakeSpecs(Napi::Env env, const std::vector<wasi_nn::TensorSpec>& specs) {
  Napi::Array list = Napi::Array::New(env, specs.size());
  for (size_t i = 0; i < specs.size(); ++i) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("name", specs[i].name);
    object.Set("dtype", DTypeName(specs[i].dtype));
    object.Set("shape", MakeShape(env, specs[i].shape));
    object.Set("layout", specs[i].layout);
    list.Set(static_cast<uint32_t>(i), object);
  }
  return list;
}

}  // namespace

Napi::Function WasiNnWrap::Define(Napi::Env env) {
  return DefineClass(
      env, "NativeWasiNN",
      {InstanceMethod("call", &WasiNnWrap::Call), InstanceMethod("addModel", &WasiNnWrap::AddModel),
       InstanceMethod("describe", &WasiNnWrap::Describe),
       InstanceMethod("lastError", &WasiNnWrap::LastError),
       InstanceMethod("state", &WasiNnWrap::State), InstanceMethod("reset", &WasiNnWrap::Reset),
       InstanceMethod("close", &WasiNnWrap::Close)});
}

Napi::Value WasiNnWrap::Functions(const Napi::CallbackInfo& info) {
  Napi::Array list = Napi::Array::New(info.Env(), wasi_nn::kFunctionCount);
  for (size_t i = 0; i < wasi_nn::kFunctionCount; ++i) {
    Napi::Object row = Napi::Object::New(info.Env());
    row.Set("name", wasi_nn::kFunctions[i].name);
    row.Set("params", wasi_nn::kFunctions[i].params);
    list.Set(static_cast<uint32_t>(i), row);
  }
  return list;
}

WasiNnWrap::WasiNnWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<WasiNnWrap>(info) {
  if (!info[0].IsObject()) return;
  const Napi::Object options = info[0].As<Napi::Object>();
  host_ = std::make_unique<Host>(ReadOptions(options), ReadBackends(options, gate_));
}

Napi::Value WasiNnWrap::Call(const Napi::CallbackInfo& info) {
  const auto failed = static_cast<uint32_t>(wasi_nn::Errno::kRuntimeError);
  uint32_t function = 0;
  if (host_ == nullptr || napi_get_value_uint32(info.Env(), info[0], &function) != napi_ok ||
      function >= wasi_nn::kFunctionCount) {
    return Napi::Number::New(info.Env(), failed);
  }
  uint32_t args[wasi_nn::kMaxParams] = {};
  for (int i = 0; i < wasi_nn::kFunctions[function].params; ++i) {
    const size_t index = kFirstArg + static_cast<size_t>(i);
    // Takes the signed number that Wasm gives to JavaScript modulo 2^32.
    if (napi_get_value_uint32(info.Env(), info[index], &args[i]) != napi_ok) {
      return Napi::Number::New(info.Env(), failed);
    }
  }
  wasi_nn::GuestMemory memory;
  const auto read_memory = [&] {
    StatusOr<ArrayBytes> bytes = ReadBytes(info[1]);
    memory = bytes.ok() ? wasi_nn::GuestMemory(bytes->data, bytes->size) : wasi_nn::GuestMemory();
  };
  read_memory();
  const OpenGate open(gate_.get());
  const bool outermost = !host_->busy();
  if (outermost) gate_->after = read_memory;
  const uint32_t code = host_->Call(static_cast<wasi_nn::Function>(function), args, memory);
  if (outermost) gate_->after = nullptr;
  return Napi::Number::New(info.Env(), code);
}

Napi::Value WasiNnWrap::AddModel(const Napi::CallbackInfo& info) {
  if (host_ == nullptr) return ThrowClosed(info.Env(), "the wasi-nn host");
  if (host_->busy()) {
    return Throw(info.Env(), Status(StatusCode::kBusy, "called from inside a call of the guest"));
  }
  const wasi_nn::EncodingRow* encoding = wasi_nn::FindEncoding(info[2].ToString().Utf8Value());
  if (!info[1].IsArray() || encoding == nullptr) {
    return Throw(info.Env(), InvalidArgument("the model has no bytes, or no known encoding"));
  }
  const Napi::Array list = info[1].As<Napi::Array>();
  std::vector<importers::Bytes> parts;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    StatusOr<ArrayBytes> bytes = ReadBytes(list.Get(i));
    if (!bytes.ok()) return Throw(info.Env(), bytes.status());
    parts.push_back({bytes->data, bytes->size});
  }
  const OpenGate open(gate_.get());
  const Status status = host_->AddModel(info[0].ToString().Utf8Value(), parts, *encoding,
                                        wasi_nn::FindInputLayout(info[3].ToString().Utf8Value())
                                            .value_or(wasi_nn::InputLayout::kAuto));
  if (!status.ok()) return Throw(info.Env(), status);
  return info.Env().Undefined();
}

Napi::Value WasiNnWrap::Describe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (host_ == nullptr) return ThrowClosed(env, "the wasi-nn host");
  const wasi_nn::GraphInfo* graph = info[0].IsNumber()
                                        ? host_->Describe(info[0].As<Napi::Number>().Uint32Value())
                                        : host_->Describe(info[0].ToString().Utf8Value());
  if (graph == nullptr) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object.Set("backend", graph->backend);
  object.Set("format", graph->format);
  object.Set("inputs", MakeSpecs(env, graph->inputs));
  object.Set("outputs", MakeSpecs(env, graph->outputs));
  return object;
}

Napi::Value WasiNnWrap::LastError(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), host_ == nullptr ? "" : host_->last_error());
}

Napi::Value WasiNnWrap::State(const Napi::CallbackInfo& info) {
  if (host_ == nullptr) return ThrowClosed(info.Env(), "the wasi-nn host");
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("graphs", static_cast<double>(host_->graph_count()));
  object.Set("contexts", static_cast<double>(host_->context_count()));
  object.Set("bytes", static_cast<double>(host_->used_bytes()));
  object.Set("replacedTarget", host_->replaced_target());
  return object;
}

Napi::Value WasiNnWrap::Reset(const Napi::CallbackInfo& info) {
  const bool possible = host_ == nullptr || !host_->busy();
  const OpenGate open(gate_.get());
  if (possible && host_ != nullptr) host_->Reset();
  return Napi::Boolean::New(info.Env(), possible);
}

Napi::Value WasiNnWrap::Close(const Napi::CallbackInfo& info) {
  const bool possible = host_ == nullptr || !host_->busy();
  const OpenGate open(gate_.get());
  if (possible) host_.reset();
  return Napi::Boolean::New(info.Env(), possible);
}

}  // namespace minnow::binding
