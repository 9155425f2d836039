// The native half of lib's MobileNet: pictures in, best classes out.
#include "binding/classifier_wrap.h"

#include <string>
#include <utility>

#include "binding/cancel_token.h"
#include "binding/env_data.h"
#include "binding/errors.h"
#include "binding/model_wrap.h"
#include "binding/values.h"

namespace minnow::binding {
namespace {

// A picture as lib gives it: encoded when `channels` is 0, else pixels.
struct ImageInput {
  ArrayBytes bytes;
  int64_t width = 0;
  int64_t height = 0;
  int channels = 0;
};

StatusOr<ImageInput> ReadImage(Napi::Value value) {
  ImageInput image;
  if (value.IsTypedArray()) {
    StatusOr<ArrayBytes> bytes = ReadBytes(value);
    if (!bytes.ok()) return bytes.status().WithContext("image");
    image.bytes = *bytes;
    return image;
  }
  if (!value.IsObject()) return InvalidArgument("image: neither bytes nor pixels");
  const Napi::Object object = value.As<Napi::Object>();
  image.width = static_cast<int64_t>(NumberField(object, "width", 0));
  image.height = static_cast<int64_t>(NumberField(object, "height", 0));
  image.channels = static_cast<int>(NumberField(object, "channels", 3));
  StatusOr<ArrayBytes> bytes = ReadBytes(object.Get("data"));
  if (!bytes.ok()) return bytes.status().WithContext("image");
  image.bytes = *bytes;
  constexpr int64_t kMaxSide = int64_t{1} << 30;
  if (image.width < 1 || image.height < 1 || image.width > kMaxSide || image.height > kMaxSide ||
      (image.channels != 1 && image.channels != 3 && image.channels != 4)) {
    return InvalidArgument("image: %lld x %lld with %d channels",
                           static_cast<long long>(image.width),
                           static_cast<long long>(image.height), image.channels);
  }
  const uint64_t needed = static_cast<uint64_t>(image.width) * static_cast<uint64_t>(image.height) *
                          static_cast<uint64_t>(image.channels);
  if (needed != image.bytes.size) {
    return InvalidArgument("image: %lld x %lld with %d channels needs %llu bytes, data has %zu",
                           static_cast<long long>(image.width),
                           static_cast<long long>(image.height), image.channels,
                           static_cast<unsigned long long>(needed), image.bytes.size);
  }
  return image;
}

StatusOr<classify::Classification> ClassifyImage(const classify::Classifier& classifier,
                                                 const ImageInput& image, const uint8_t* data,
                                                 const classify::ClassifyOptions& options) {
  if (image.channels == 0) {
    return classifier.Classify(classify::EncodedImage{data, image.bytes.size}, options);
  }
  return classifier.Classify(image::ImageView{image.width, image.height, image.channels, data},
                             options);
}

Napi::Value MakeClassification(Napi::Env env, const classify::Classification& result) {
  Napi::Array predictions = Napi::Array::New(env, result.predictions.size());
  for (size_t i = 0; i < result.predictions.size(); ++i) {
    Napi::Object prediction = Napi::Object::New(env);
    prediction.Set("index", static_cast<double>(result.predictions[i].index));
    prediction.Set("probability", result.predictions[i].probability);
    predictions.Set(static_cast<uint32_t>(i), prediction);
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("predictions", predictions);
  object.Set("decodeMs", result.decode_ms);
  object.Set("inferMs", result.infer_ms);
  return object;
}

class ClassifyJob : public Job {
 public:
  ClassifyJob(std::shared_ptr<const classify::Classifier> classifier, const ImageInput& image,
              AlignedBuffer data, const classify::ClassifyOptions& options)
      : classifier_(std::move(classifier)),
        image_(image),
        data_(std::move(data)),
        options_(options) {}

  Status Execute(const std::atomic<bool>* cancelled) override {
    options_.cancelled = cancelled;
    StatusOr<classify::Classification> result =
        ClassifyImage(*classifier_, image_, data_.as<uint8_t>(), options_);
    data_ = AlignedBuffer();
    if (!result.ok()) return result.status();
    result_ = std::move(*result);
    return OkStatus();
  }

  Napi::Value Result(Napi::Env env) override { return MakeClassification(env, result_); }

 private:
  const std::shared_ptr<const classify::Classifier> classifier_;
  const ImageInput image_;  // its `bytes.data` is not used: the copy is
  AlignedBuffer data_;
  classify::ClassifyOptions options_;
  classify::Classification result_;
};

class PreprocessJob : public Job {
 public:
  PreprocessJob(std::shared_ptr<const classify::Classifier> classifier, const ImageInput& image,
                AlignedBuffer data)
      : classifier_(std::move(classifier)), image_(image), data_(std::move(data)) {}

  Status Execute(const std::atomic<bool>* cancelled) override {
    if (cancelled->load(std::memory_order_relaxed)) return Cancelled("preprocess: cancelled");
    const auto* data = data_.as<uint8_t>();
    StatusOr<Tensor> tensor =
        image_.channels == 0
            ? classifier_->Preprocess(classify::EncodedImage{data, image_.bytes.size})
            : classifier_->Preprocess(
                  image::ImageView{image_.width, image_.height, image_.channels, data});
    data_ = AlignedBuffer();
    if (!tensor.ok()) return tensor.status();
    tensor_ = std::move(*tensor);
    return OkStatus();
  }

  Napi::Value Result(Napi::Env env) override {
    const Napi::Value data = MakeTypedArray(env, tensor_.view());
    if (data.IsEmpty()) return data;
    Napi::Object object = Napi::Object::New(env);
    object.Set("data", data);
    object.Set("shape", MakeShape(env, tensor_.shape()));
    return object;
  }

 private:
  const std::shared_ptr<const classify::Classifier> classifier_;
  const ImageInput image_;  // its `bytes.data` is not used: the copy is
  AlignedBuffer data_;
  Tensor tensor_;
};

classify::ClassifyOptions ReadOptions(Napi::Value top_k, Napi::Value threads) {
  classify::ClassifyOptions options;
  if (top_k.IsNumber()) options.top_k = top_k.As<Napi::Number>().Int64Value();
  if (threads.IsNumber()) options.threads = threads.As<Napi::Number>().Int32Value();
  return options;
}

classify::ClassifierOptions ReadClassifierOptions(const Napi::Object& object) {
  classify::ClassifierOptions options;
  image::PreprocessSpec& spec = options.preprocess;
  spec.scale = static_cast<float>(NumberField(object, "scale", 1));
  TripleField(object, "mean", spec.mean);
  TripleField(object, "std", spec.std);
  spec.width = static_cast<int64_t>(NumberField(object, "width", 0));
  spec.height = static_cast<int64_t>(NumberField(object, "height", 0));
  if (StringField(object, "order") == "bgr") spec.order = image::ChannelOrder::kBGR;
  if (StringField(object, "resize") == "crop") spec.resize = image::ResizeMode::kCenterCrop;
  const std::string layout = StringField(object, "layout");
  if (layout == "NHWC") options.layout = image::TensorLayout::kNHWC;
  if (layout == "NCHW") options.layout = image::TensorLayout::kNCHW;
  image::DecodeLimits& limits = options.limits;
  limits.max_pixels = static_cast<int64_t>(
      NumberField(object, "maxPixels", static_cast<double>(limits.max_pixels)));
  limits.max_scans = static_cast<int>(NumberField(object, "scans", limits.max_scans));
  limits.max_chunks = static_cast<int>(NumberField(object, "chunks", limits.max_chunks));
  return options;
}

}  // namespace

Napi::Function ClassifierWrap::Define(Napi::Env env) {
  return DefineClass(env, "NativeClassifier",
                     {InstanceMethod("describe", &ClassifierWrap::Describe),
                      InstanceMethod("classify", &ClassifierWrap::Classify),
                      InstanceMethod("classifySync", &ClassifierWrap::ClassifySync),
                      InstanceMethod("preprocess", &ClassifierWrap::Preprocess),
                      InstanceMethod("close", &ClassifierWrap::Close)});
}

ClassifierWrap::ClassifierWrap(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<ClassifierWrap>(info) {
  const std::shared_ptr<const LoadedModel> loaded = ModelWrap::Get(info[0]);
  if (loaded == nullptr || !info[1].IsObject()) {
    Throw(info.Env(), InvalidArgument("NativeClassifier: no open model"));
    return;
  }
  classify::ClassifierOptions options = ReadClassifierOptions(info[1].As<Napi::Object>());
  options.output = loaded->output;
  StatusOr<classify::Classifier> classifier =
      classify::Classifier::Create(loaded->sessions, options);
  if (!classifier.ok()) {
    Throw(info.Env(), classifier.status().WithContext("load"));
    return;
  }
  classifier_ = std::make_shared<const classify::Classifier>(std::move(*classifier));
}

Napi::Value ClassifierWrap::Describe(const Napi::CallbackInfo& info) {
  if (classifier_ == nullptr) return ThrowClosed(info.Env(), "the network");
  const image::PreprocessSpec& spec = classifier_->preprocess();
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("width", static_cast<double>(spec.width));
  object.Set("height", static_cast<double>(spec.height));
  object.Set("layout", spec.layout == image::TensorLayout::kNHWC ? "NHWC" : "NCHW");
  object.Set("bytes", classifier_->takes_bytes());
  object.Set("output", classify::OutputKindName(classifier_->output()));
  object.Set("classes", static_cast<double>(classifier_->class_count()));
  return object;
}

Napi::Value ClassifierWrap::Classify(const Napi::CallbackInfo& info) {
  if (classifier_ == nullptr) return ThrowClosed(info.Env(), "the network");
  StatusOr<ImageInput> image = ReadImage(info[0]);
  if (!image.ok()) return Throw(info.Env(), image.status().WithContext("classify"));
  StatusOr<AlignedBuffer> copy = CopyBytes(image->bytes);
  if (!copy.ok()) return Throw(info.Env(), copy.status().WithContext("classify"));
  auto job = std::make_unique<ClassifyJob>(classifier_, *image, std::move(*copy),
                                           ReadOptions(info[1], info[2]));
  return CancelToken::StartJob(info.Env(), std::move(job), info[3]);
}

Napi::Value ClassifierWrap::ClassifySync(const Napi::CallbackInfo& info) {
  if (classifier_ == nullptr) return ThrowClosed(info.Env(), "the network");
  StatusOr<ImageInput> image = ReadImage(info[0]);
  if (!image.ok()) return Throw(info.Env(), image.status().WithContext("classify"));
  StatusOr<classify::Classification> result =
      ClassifyImage(*classifier_, *image, image->bytes.data, ReadOptions(info[1], info[2]));
  if (!result.ok()) return Throw(info.Env(), result.status());
  return MakeClassification(info.Env(), *result);
}

Napi::Value ClassifierWrap::Preprocess(const Napi::CallbackInfo& info) {
  if (classifier_ == nullptr) return ThrowClosed(info.Env(), "the network");
  StatusOr<ImageInput> image = ReadImage(info[0]);
  if (!image.ok()) return Throw(info.Env(), image.status().WithContext("preprocess"));
  StatusOr<AlignedBuffer> copy = CopyBytes(image->bytes);
  if (!copy.ok()) return Throw(info.Env(), copy.status().WithContext("preprocess"));
  auto job = std::make_unique<PreprocessJob>(classifier_, *image, std::move(*copy));
  return CancelToken::StartJob(info.Env(), std::move(job), info[1]);
}

Napi::Value ClassifierWrap::Close(const Napi::CallbackInfo& info) {
  classifier_.reset();
  return info.Env().Undefined();
}

}  // namespace minnow::binding
