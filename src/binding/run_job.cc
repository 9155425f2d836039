// One run of a network on tensors from JavaScript, on the pool or on the calling thread.
#include "binding/run_job.h"

#include <cstring>
#include <utility>
#include <vector>

#include "binding/errors.h"
#include "binding/values.h"

namespace minnow::binding {
namespace {

int ThreadsOf(Napi::Value value) {
  return value.IsNumber() ? value.As<Napi::Number>().Int32Value() : 0;
}

StatusOr<std::vector<TensorView>> ReadInputs(const runtime::Model& model, Napi::Value value) {
  const size_t count = model.inputs().size();
  if (!value.IsArray() || value.As<Napi::Array>().Length() != count) {
    return InvalidArgument("the model has %zu inputs", count);
  }
  std::vector<TensorView> views;
  for (size_t i = 0; i < count; ++i) {
    const runtime::TensorInfo& info = model.inputs()[i];
    StatusOr<TensorView> view =
        ReadTensor(value.As<Napi::Array>().Get(static_cast<uint32_t>(i)), info.dtype, info.name);
    if (!view.ok()) return view.status();
    views.push_back(*view);
  }
  return views;
}

// REQUIRES: nobody writes to the inputs meanwhile; the network may read them where they are.
Status FillAndRun(runtime::Session* session, const std::vector<TensorView>& inputs,
                  const runtime::RunOptions& options) {
  std::vector<Shape> shapes;
  for (const TensorView& input : inputs) shapes.push_back(input.shape);
  MINNOW_RETURN_IF_ERROR(session->Prepare(shapes).WithContext("run"));
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (session->Lend(i, inputs[i].data)) continue;
    const size_t bytes = inputs[i].size_bytes();
    if (bytes != 0) std::memcpy(session->input(i).data, inputs[i].data, bytes);
  }
  return session->Run(options);
}

// Writes to those of `outs` that are there, makes new arrays for the others.
StatusOr<Napi::Value> MakeResults(Napi::Env env, const runtime::Model& model,
                                  const std::vector<TensorView>& outputs, Napi::Value outs) {
  std::vector<Napi::Value> targets(outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!outs.IsArray()) break;
    const Napi::Value target = outs.As<Napi::Array>().Get(static_cast<uint32_t>(i));
    if (!target.IsTypedArray()) continue;
    MINNOW_RETURN_IF_ERROR(CheckTarget(target, outputs[i], model.outputs()[i].name));
    targets[i] = target;
  }
  Napi::Array results = Napi::Array::New(env, outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (targets[i].IsEmpty()) {
      targets[i] = MakeTypedArray(env, outputs[i]);
      if (targets[i].IsEmpty()) return Napi::Value();
    } else {
      MINNOW_RETURN_IF_ERROR(CopyInto(targets[i], outputs[i], model.outputs()[i].name));
    }
    Napi::Object result = Napi::Object::New(env);
    result.Set("data", targets[i]);
    result.Set("shape", MakeShape(env, outputs[i].shape));
    results.Set(static_cast<uint32_t>(i), result);
  }
  return Napi::Value(results);
}

class RunJob : public Job {
 public:
  RunJob(std::shared_ptr<const LoadedModel> model, std::vector<Tensor> inputs, int threads)
      : model_(std::move(model)), inputs_(std::move(inputs)), threads_(threads) {}

  // Called on the JavaScript thread, before the job starts.
  void KeepOuts(const Napi::Object& outs) { outs_ = Napi::Persistent(outs); }

  Status Execute(const std::atomic<bool>* cancelled) override {
    if (cancelled->load(std::memory_order_relaxed)) return Cancelled("run: cancelled");
    StatusOr<classify::SessionPool::Lease> session = model_->sessions->Acquire();
    if (!session.ok()) return session.status().WithContext("run");
    runtime::RunOptions options;
    options.threads = threads_;
    options.cancelled = cancelled;
    std::vector<TensorView> views;
    for (const Tensor& input : inputs_) views.push_back(input.view());
    MINNOW_RETURN_IF_ERROR(FillAndRun(&**session, views, options));
    inputs_.clear();
    for (size_t i = 0; i < model_->model->outputs().size(); ++i) {
      const TensorView output = (*session)->output(i);
      StatusOr<Tensor> copy = Tensor::Allocate(output.dtype, output.shape);
      if (!copy.ok()) return copy.status().WithContext("run");
      if (output.size_bytes() != 0) {
        std::memcpy(copy->mutable_data(), output.data, output.size_bytes());
      }
      outputs_.push_back(std::move(*copy));
    }
    return OkStatus();
  }

  Napi::Value Result(Napi::Env env) override {
    std::vector<TensorView> views;
    for (const Tensor& output : outputs_) views.push_back(output.view());
    const Napi::Value outs = outs_.IsEmpty() ? env.Undefined() : outs_.Value();
    StatusOr<Napi::Value> results = MakeResults(env, *model_->model, views, outs);
    return results.ok() ? *results : Throw(env, results.status().WithContext("run"));
  }

 private:
  const std::shared_ptr<const LoadedModel> model_;
  std::vector<Tensor> inputs_;
  const int threads_;
  std::vector<Tensor> outputs_;
  Napi::ObjectReference outs_;
};

}  // namespace

StatusOr<std::unique_ptr<Job>> MakeRunJob(std::shared_ptr<const LoadedModel> model,
                                          Napi::Value inputs, Napi::Value outs,
                                          Napi::Value threads) {
  StatusOr<std::vector<TensorView>> views = ReadInputs(*model->model, inputs);
  if (!views.ok()) return views.status().WithContext("run");
  std::vector<Tensor> copies;
  for (const TensorView& view : *views) {
    StatusOr<Tensor> copy = Tensor::Allocate(view.dtype, view.shape);
    if (!copy.ok()) return copy.status().WithContext("run");
    if (view.size_bytes() != 0) std::memcpy(copy->mutable_data(), view.data, view.size_bytes());
    copies.push_back(std::move(*copy));
  }
  auto job = std::make_unique<RunJob>(std::move(model), std::move(copies), ThreadsOf(threads));
  if (outs.IsObject()) job->KeepOuts(outs.As<Napi::Object>());
  return std::unique_ptr<Job>(std::move(job));
}

StatusOr<Napi::Value> RunNow(Napi::Env env, const LoadedModel& model, Napi::Value inputs,
                             Napi::Value outs, Napi::Value threads) {
  StatusOr<classify::SessionPool::Lease> session = model.sessions->Acquire();
  if (!session.ok()) return session.status().WithContext("run");
  // Read last: nothing between here and the copies into the session runs JavaScript.
  StatusOr<std::vector<TensorView>> views = ReadInputs(*model.model, inputs);
  if (!views.ok()) return views.status().WithContext("run");
  runtime::RunOptions options;
  options.threads = ThreadsOf(threads);
  MINNOW_RETURN_IF_ERROR(FillAndRun(&**session, *views, options));
  std::vector<TensorView> outputs;
  for (size_t i = 0; i < model.model->outputs().size(); ++i) {
    outputs.push_back((*session)->output(i));
  }
  StatusOr<Napi::Value> results = MakeResults(env, *model.model, outputs, outs);
  if (!results.ok()) return results.status().WithContext("run");
  return results;
}

Status ProfileNow(const LoadedModel& model, Napi::Value inputs, Napi::Value threads,
                  runtime::Profile* profile) {
  StatusOr<classify::SessionPool::Lease> session = model.sessions->Acquire();
  if (!session.ok()) return session.status();
  runtime::RunOptions options;
  options.threads = ThreadsOf(threads);
  options.profile = profile;
  if (inputs.IsArray()) {
    StatusOr<std::vector<TensorView>> views = ReadInputs(*model.model, inputs);
    if (!views.ok()) return views.status();
    return FillAndRun(&**session, *views, options);
  }
  std::vector<Tensor> zeros;
  std::vector<TensorView> views;
  for (const runtime::TensorInfo& info : model.model->inputs()) {
    Shape shape = info.shape;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] == kUnknownDim) shape[axis] = 1;
    }
    StatusOr<Tensor> tensor = Tensor::Allocate(info.dtype, shape);
    if (!tensor.ok()) return tensor.status();
    views.push_back(tensor->view());
    zeros.push_back(std::move(*tensor));
  }
  return FillAndRun(&**session, views, options);
}

}  // namespace minnow::binding
