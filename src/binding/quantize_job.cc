#include "binding/quantize_job.h"

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "binding/cancel_token.h"
#include "binding/errors.h"
#include "binding/loaded_model.h"
#include "binding/model_wrap.h"
#include "binding/values.h"
#include "quantize/quantize.h"

namespace minnow::binding {
namespace {

quantize::Choice ReadChoice(const Napi::Object& object, const char* name) {
  const std::string text = StringField(object, name);
  if (text == "on") return quantize::Choice::kOn;
  return text == "off" ? quantize::Choice::kOff : quantize::Choice::kAuto;
}

quantize::QuantizeOptions ReadOptions(const Napi::Object& object) {
  quantize::QuantizeOptions options;
  const std::string range = StringField(object, "range");
  if (range == "minmax") options.range = quantize::RangeMethod::kMinMax;
  if (range == "percentile") options.range = quantize::RangeMethod::kPercentile;
  options.percentile = NumberField(object, "percentile", options.percentile);
  options.equalize = ReadChoice(object, "equalize");
  options.correct_bias = ReadChoice(object, "biasCorrection");
  options.limits.threads = static_cast<int>(NumberField(object, "threads", 0));
  return options;
}

StatusOr<std::vector<Tensor>> CopyPictures(const runtime::Model& model, Napi::Value value) {
  if (!value.IsArray() || model.inputs().size() != 1) {
    return InvalidArgument("not a list of pictures for a network with one input");
  }
  const Napi::Array list = value.As<Napi::Array>();
  std::vector<Tensor> pictures;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const StatusOr<TensorView> view = ReadTensor(list.Get(i), DType::kF32, model.inputs()[0].name);
    if (!view.ok()) return view.status();
    StatusOr<Tensor> copy = Tensor::From(view->shape, view->as<float>());
    if (!copy.ok()) return copy.status();
    pictures.push_back(std::move(*copy));
  }
  return pictures;
}

class QuantizeJob : public Job {
 public:
  QuantizeJob(std::shared_ptr<const LoadedModel> model, std::vector<Tensor> pictures,
              const quantize::QuantizeOptions& options)
      : model_(std::move(model)), pictures_(std::move(pictures)), options_(options) {}

  Status Execute(const std::atomic<bool>* cancelled) override {
    options_.limits.cancelled = cancelled;
    const StatusOr<graph::Graph> graph = model_->model->graph();
    if (!graph.ok()) return graph.status().WithContext("quantize");
    StatusOr<quantize::QuantizedNetwork> network = quantize::Quantize(*graph, pictures_, options_);
    pictures_.clear();
    if (!network.ok()) return network.status();
    network_ = std::move(*network);
    return OkStatus();
  }

  Napi::Value Result(Napi::Env env) override {
    const TensorView bytes = {
        DType::kU8, {static_cast<int64_t>(network_.onnx.size())}, network_.onnx.data()};
    const Napi::Value array = MakeTypedArray(env, bytes);
    if (array.IsEmpty()) return array;
    Napi::Array names = Napi::Array::New(env, network_.real_operators.size());
    for (size_t i = 0; i < network_.real_operators.size(); ++i) {
      names.Set(static_cast<uint32_t>(i), network_.real_operators[i]);
    }
    Napi::Object object = Napi::Object::New(env);
    object.Set("bytes", array);
    object.Set("equalized", network_.equalized);
    object.Set("biasCorrected", network_.bias_corrected);
    object.Set("signalToNoiseDb", network_.signal_to_noise_db);
    object.Set("products", network_.products);
    object.Set("realOperators", names);
    return object;
  }

 private:
  const std::shared_ptr<const LoadedModel> model_;
  std::vector<Tensor> pictures_;
  quantize::QuantizeOptions options_;
  quantize::QuantizedNetwork network_;
};

}  // namespace

Napi::Value Quantize(const Napi::CallbackInfo& info) {
  const std::shared_ptr<const LoadedModel> model = ModelWrap::Get(info[0]);
  if (model == nullptr || !info[2].IsObject()) {
    return Throw(info.Env(), InvalidArgument("quantize: no open model"));
  }
  StatusOr<std::vector<Tensor>> pictures = CopyPictures(*model->model, info[1]);
  if (!pictures.ok()) return Throw(info.Env(), pictures.status().WithContext("quantize"));
  auto job = std::make_unique<QuantizeJob>(model, std::move(*pictures),
                                           ReadOptions(info[2].As<Napi::Object>()));
  return CancelToken::StartJob(info.Env(), std::move(job), info[3]);
}

}  // namespace minnow::binding
