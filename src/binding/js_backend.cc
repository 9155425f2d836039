// A wasi-nn backend that JavaScript implements.
#include "binding/js_backend.h"

#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "wasi_nn/convert.h"

namespace minnow::binding {
namespace {

constexpr StatusCode kCodes[] = {
    StatusCode::kInvalidArgument, StatusCode::kInvalidModel, StatusCode::kUnsupported,
    StatusCode::kNotFound,        StatusCode::kBusy,         StatusCode::kResourceExhausted,
};

// What was thrown, as a Status; the exception is cleared. Anything may be thrown, so this asks for
// strings only where they are.
Status TakeError(Napi::Env env) {
  napi_value raw = nullptr;
  if (!env.IsExceptionPending() || napi_get_and_clear_last_exception(env, &raw) != napi_ok ||
      raw == nullptr) {
    return Internal("backend: no value");
  }
  const Napi::Value thrown(env, raw);
  if (thrown.IsString()) {
    return Internal("backend: %s", thrown.As<Napi::String>().Utf8Value().c_str());
  }
  if (!thrown.IsObject()) return Internal("backend: threw what is no error");
  const std::string name = StringField(thrown.As<Napi::Object>(), "code");
  const std::string message = StringField(thrown.As<Napi::Object>(), "message");
  StatusCode code = StatusCode::kInternal;
  for (const StatusCode known : kCodes) {
    if (name == StatusCodeName(known)) code = known;
  }
  // A getter may have thrown in its turn.
  if (env.IsExceptionPending()) (void)napi_get_and_clear_last_exception(env, &raw);
  return Status(code, "backend: " + message);
}

// object[method](...args).
StatusOr<Napi::Value> Invoke(const Napi::Object& object, const JsGate& gate, const char* method,
                             const std::vector<napi_value>& args) {
  const Napi::Value function = object.Get(method);
  if (function.IsEmpty() || !function.IsFunction()) {
    return Internal("backend: %s is no function", method);
  }
  const Napi::Value result = function.As<Napi::Function>().Call(object, args);
  if (gate.after) gate.after();
  if (result.IsEmpty() || object.Env().IsExceptionPending()) {
    return TakeError(object.Env());
  }
  return result;
}

// close() where there is one; what it throws does not matter any more.
void Close(const Napi::ObjectReference& reference, const JsGate& gate) {
  if (gate.open == 0 || reference.IsEmpty()) return;
  const Napi::HandleScope scope(reference.Env());
  const Napi::Object object = reference.Value();
  if (object.IsEmpty() || !object.Get("close").IsFunction()) return;
  (void)Invoke(object, gate, "close", {});
}

std::optional<DType> FindDType(const std::string& name) {
  for (const DType dtype :
       {DType::kF32, DType::kF16, DType::kF64, DType::kU8, DType::kS8, DType::kU16, DType::kS16,
        DType::kS32, DType::kU32, DType::kS64, DType::kU64, DType::kBool}) {
    if (name == DTypeName(dtype)) return dtype;
  }
  return std::nullopt;
}

StatusOr<Shape> ReadDims(Napi::Value value) {
  if (!value.IsArray()) return Internal("backend: a tensor has no shape");
  const Napi::Array list = value.As<Napi::Array>();
  std::vector<int64_t> dims;
  for (uint32_t i = 0; i < list.Length() && i <= static_cast<uint32_t>(kMaxRank); ++i) {
    const Napi::Value dim = list.Get(i);
    dims.push_back(dim.IsNumber() ? dim.As<Napi::Number>().Int64Value() : kUnknownDim);
  }
  return Shape::Make(dims.data(), dims.size());
}

StatusOr<std::vector<wasi_nn::TensorSpec>> ReadSpecs(const Napi::Object& graph, const char* name) {
  const Napi::Value value = graph.Get(name);
  if (!value.IsArray()) return Internal("backend: %s is no array", name);
  const Napi::Array list = value.As<Napi::Array>();
  std::vector<wasi_nn::TensorSpec> specs;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Value item = list.Get(i);
    if (!item.IsObject()) return Internal("backend: %s has no objects", name);
    const Napi::Object object = item.As<Napi::Object>();
    wasi_nn::TensorSpec spec;
    spec.name = StringField(object, "name");
    const std::optional<DType> dtype = FindDType(StringField(object, "dtype"));
    if (!dtype.has_value()) return Unsupported("backend: %s have an unknown dtype", name);
    spec.dtype = *dtype;
    StatusOr<Shape> shape = ReadDims(object.Get("shape"));
    if (!shape.ok()) return shape.status();
    spec.shape = *shape;
    spec.layout = StringField(object, "layout");
    specs.push_back(std::move(spec));
  }
  return specs;
}

class JsContext : public wasi_nn::BackendContext {
 public:
  JsContext(Napi::Object object, std::shared_ptr<JsGate> gate,
            std::shared_ptr<wasi_nn::BackendGraph> graph, const wasi_nn::ContextOptions& options)
      : object_(Napi::Persistent(object)),
        gate_(std::move(gate)),
        graph_(std::move(graph)),
        layout_(options.input_layout),
        lease_(options.budget),
        inputs_(graph_->info().inputs.size()),
        outputs_(graph_->info().outputs.size()) {}

  ~JsContext() override { Close(object_, *gate_); }

  Status SetInput(size_t index, const wasi_nn::GuestTensor& tensor) override {
    const wasi_nn::TensorSpec& spec = graph_->info().inputs[index];
    const Napi::Env env = object_.Env();
    const Napi::HandleScope scope(env);
    Input& input = inputs_[index];
    const size_t bytes = static_cast<size_t>(tensor.shape.ElementCount()) * DTypeSize(spec.dtype);
    MINNOW_RETURN_IF_ERROR(lease_.Resize(lease_.bytes() - input.bytes + bytes));
    input.bytes = bytes;
    void* data = nullptr;
    napi_value buffer = nullptr;
    napi_value array = nullptr;
    if (napi_create_arraybuffer(env, bytes, &data, &buffer) != napi_ok ||
        napi_create_typedarray(env, ArrayTypeOf(spec.dtype),
                               static_cast<size_t>(tensor.shape.ElementCount()), buffer, 0,
                               &array) != napi_ok) {
      return TakeError(env);
    }
    MINNOW_RETURN_IF_ERROR(wasi_nn::WriteTensor(tensor, spec, layout_, data));
    Napi::Object feed = Napi::Object::New(env);
    feed.Set("data", array);
    feed.Set("shape", MakeShape(env, tensor.shape));
    input.feed = Napi::Persistent(feed);
    return OkStatus();
  }

  Status Compute() override {
    const Napi::Env env = object_.Env();
    const Napi::HandleScope scope(env);
    Napi::Array feeds = Napi::Array::New(env, inputs_.size());
    for (size_t i = 0; i < inputs_.size(); ++i) {
      feeds.Set(static_cast<uint32_t>(i), inputs_[i].feed.Value());
    }
    StatusOr<Napi::Value> results = Invoke(object_.Value(), *gate_, "compute", {feeds});
    if (!results.ok()) return results.status();
    if (!results->IsArray()) return Internal("backend: compute gave no array");
    const Napi::Array list = results->As<Napi::Array>();
    for (size_t i = 0; i < outputs_.size(); ++i) {
      const wasi_nn::TensorSpec& spec = graph_->info().outputs[i];
      StatusOr<TensorView> view =
          ReadTensor(list.Get(static_cast<uint32_t>(i)), spec.dtype, spec.name);
      if (!view.ok()) return Internal("backend: %s", view.status().message().c_str());
      StatusOr<Tensor> copy = Tensor::Allocate(view->dtype, view->shape);
      if (!copy.ok()) return copy.status();
      if (view->size_bytes() != 0) {
        std::memcpy(copy->mutable_data(), view->data, view->size_bytes());
      }
      outputs_[i] = std::move(*copy);
    }
    return OkStatus();
  }

  TensorView Output(size_t index) override { return outputs_[index].view(); }

 private:
  struct Input {
    Napi::ObjectReference feed;
    size_t bytes = 0;
  };

  const Napi::ObjectReference object_;
  const std::shared_ptr<JsGate> gate_;
  const std::shared_ptr<wasi_nn::BackendGraph> graph_;
  const wasi_nn::InputLayout layout_;
  wasi_nn::Budget::Lease lease_;
  std::vector<Input> inputs_;
  std::vector<Tensor> outputs_;
};

class JsGraph : public wasi_nn::BackendGraph, public std::enable_shared_from_this<JsGraph> {
 public:
  JsGraph(Napi::Object object, std::shared_ptr<JsGate> gate)
      : object_(Napi::Persistent(object)), gate_(std::move(gate)) {}
  ~JsGraph() override { Close(object_, *gate_); }

  Status ReadInfo(const std::string& backend) {
    const Napi::Object object = object_.Value();
    info_.backend = backend;
    info_.format = StringField(object, "format");
    const double bytes = NumberField(object, "bytes", 0);
    memory_bytes_ = bytes > 0 && bytes < 9e15 ? static_cast<uint64_t>(bytes) : 0;
    StatusOr<std::vector<wasi_nn::TensorSpec>> inputs = ReadSpecs(object, "inputs");
    if (!inputs.ok()) return inputs.status();
    StatusOr<std::vector<wasi_nn::TensorSpec>> outputs = ReadSpecs(object, "outputs");
    if (!outputs.ok()) return outputs.status();
    info_.inputs = std::move(*inputs);
    info_.outputs = std::move(*outputs);
    return OkStatus();
  }

  const wasi_nn::GraphInfo& info() const override { return info_; }
  uint64_t memory_bytes() const override { return memory_bytes_; }

  StatusOr<std::unique_ptr<wasi_nn::BackendContext>> CreateContext(
      const wasi_nn::ContextOptions& options) override {
    const Napi::HandleScope scope(object_.Env());
    StatusOr<Napi::Value> context = Invoke(object_.Value(), *gate_, "createContext", {});
    if (!context.ok()) return context.status();
    if (!context->IsObject()) return Internal("backend: createContext gave no object");
    return std::unique_ptr<wasi_nn::BackendContext>(std::make_unique<JsContext>(
        context->As<Napi::Object>(), gate_, shared_from_this(), options));
  }

 private:
  const Napi::ObjectReference object_;
  const std::shared_ptr<JsGate> gate_;
  wasi_nn::GraphInfo info_;
  uint64_t memory_bytes_ = 0;
};

class JsBackend : public wasi_nn::Backend {
 public:
  JsBackend(Napi::Object object, std::shared_ptr<JsGate> gate)
      : object_(Napi::Persistent(object)), gate_(std::move(gate)) {}

  StatusOr<std::shared_ptr<wasi_nn::BackendGraph>> Load(
      const std::vector<importers::Bytes>& builders, const wasi_nn::EncodingRow& encoding,
      wasi_nn::Target target) override {
    static constexpr const char* kTargets[] = {"cpu", "gpu", "tpu", "auto"};
    const Napi::Env env = object_.Env();
    const Napi::HandleScope scope(env);
    Napi::Array parts = Napi::Array::New(env, builders.size());
    for (size_t i = 0; i < builders.size(); ++i) {
      const auto size = static_cast<int64_t>(builders[i].size);
      if (size > kMaxElements) return ResourceExhausted("a builder of more than 2 GiB");
      const Napi::Value copy = MakeTypedArray(env, {DType::kU8, Shape{size}, builders[i].data});
      if (copy.IsEmpty()) return TakeError(env);
      parts.Set(static_cast<uint32_t>(i), copy);
    }
    StatusOr<Napi::Value> result =
        Invoke(object_.Value(), *gate_, "load",
               {parts, Napi::String::New(env, encoding.name),
                Napi::String::New(env, kTargets[static_cast<size_t>(target)])});
    if (!result.ok()) return result.status();
    if (!result->IsObject()) return std::shared_ptr<wasi_nn::BackendGraph>();
    auto graph = std::make_shared<JsGraph>(result->As<Napi::Object>(), gate_);
    MINNOW_RETURN_IF_ERROR(graph->ReadInfo(StringField(object_.Value(), "name")));
    return std::shared_ptr<wasi_nn::BackendGraph>(std::move(graph));
  }

 private:
  const Napi::ObjectReference object_;
  const std::shared_ptr<JsGate> gate_;
};

}  // namespace

std::shared_ptr<wasi_nn::Backend> MakeJsBackend(Napi::Object object, std::shared_ptr<JsGate> gate) {
  return std::make_shared<JsBackend>(object, std::move(gate));
}

}  // namespace minnow::binding
