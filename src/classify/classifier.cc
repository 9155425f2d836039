// From a picture to the best classes of a network.
#include "classify/classifier.h"

#include <chrono>
#include <utility>

#include "image/decode.h"
#include "runtime/session.h"

namespace minnow::classify {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kDefaultSide = 224;
// A quantised softmax has scale 1/256 and zero point 0 (u8) or -128 (i8): the TFLite 8-bit
// quantisation specification, SOFTMAX.
constexpr float kQuantisedStep = 1.0f / 256;

double MsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

bool IsCancelled(const ClassifyOptions& options) {
  return options.cancelled != nullptr && options.cancelled->load(std::memory_order_relaxed);
}

const char* LayoutName(image::TensorLayout layout) {
  return layout == image::TensorLayout::kNHWC ? "NHWC" : "NCHW";
}

Status CheckInput(const runtime::Model& model) {
  if (model.inputs().size() != 1 || model.outputs().empty()) {
    return Unsupported("image classification needs a model with one input, this one has %zu",
                       model.inputs().size());
  }
  const runtime::TensorInfo& input = model.inputs()[0];
  if (input.shape.rank() != 4) {
    return Unsupported("input \"%s\" has shape %s, an image needs four dimensions",
                       input.name.c_str(), input.shape.ToString().c_str());
  }
  if (input.shape[0] != 1 && input.shape[0] != kUnknownDim) {
    return Unsupported("input \"%s\" has a fixed batch of %lld, only 1 is supported",
                       input.name.c_str(), static_cast<long long>(input.shape[0]));
  }
  if (input.dtype != DType::kF32 && input.dtype != DType::kU8) {
    return Unsupported("input \"%s\" is %s, an image needs f32 or u8", input.name.c_str(),
                       DTypeName(input.dtype));
  }
  return OkStatus();
}

// The layout that the model shows by its name for it or by where its three channels are, else the
// one asked for.
StatusOr<image::TensorLayout> FindLayout(const runtime::TensorInfo& input,
                                         std::optional<image::TensorLayout> asked) {
  const bool can_be_nchw = input.shape[1] == 3;
  const bool can_be_nhwc = input.shape[3] == 3;
  if (!can_be_nchw && !can_be_nhwc) {
    return Unsupported("input \"%s\" has shape %s, an image has 3 channels", input.name.c_str(),
                       input.shape.ToString().c_str());
  }
  std::optional<image::TensorLayout> shown;
  if (can_be_nchw != can_be_nhwc) {
    shown = can_be_nchw ? image::TensorLayout::kNCHW : image::TensorLayout::kNHWC;
  } else if (!input.layout.empty()) {
    shown = input.layout == "NCHW" ? image::TensorLayout::kNCHW : image::TensorLayout::kNHWC;
  }
  if (!shown && !asked) {
    return InvalidArgument("input \"%s\" %s may be NHWC or NCHW; give preprocess.layout",
                           input.name.c_str(), input.shape.ToString().c_str());
  }
  if (shown && asked && *shown != *asked) {
    return InvalidArgument("preprocess.layout is %s but input \"%s\" %s is %s", LayoutName(*asked),
                           input.name.c_str(), input.shape.ToString().c_str(), LayoutName(*shown));
  }
  return shown ? *shown : *asked;
}

StatusOr<int64_t> ResolveSide(const char* name, int64_t asked, int64_t declared) {
  if (asked != 0 && declared != kUnknownDim && asked != declared) {
    return InvalidArgument("%s is %lld but the model's input is fixed to %lld", name,
                           static_cast<long long>(asked), static_cast<long long>(declared));
  }
  if (declared != kUnknownDim) return declared;
  return asked != 0 ? asked : kDefaultSide;
}

// What the integers of a u8 or i8 output stand for: what the model says, else a softmax.
QuantParams ParamsOf(const runtime::TensorInfo& output) {
  if (output.quantization && output.quantization->scales.size() == 1) {
    return {output.quantization->scales[0], output.quantization->zero_points[0]};
  }
  return {kQuantisedStep, output.dtype == DType::kS8 ? -128 : 0};
}

Status ReadScores(const TensorView& output, const QuantParams& params,
                  std::vector<double>* scores) {
  const double scale = static_cast<double>(params.scale);
  const size_t count = static_cast<size_t>(output.ElementCount());
  scores->resize(count);
  for (size_t i = 0; i < count; ++i) {
    switch (output.dtype) {
      case DType::kF32:
        (*scores)[i] = static_cast<double>(output.as<float>()[i]);
        break;
      case DType::kU8:
        (*scores)[i] = (output.as<uint8_t>()[i] - params.zero_point) * scale;
        break;
      case DType::kS8:
        (*scores)[i] = (output.as<int8_t>()[i] - params.zero_point) * scale;
        break;
      default:
        return Unsupported("the output is %s, scores need f32, u8 or i8", DTypeName(output.dtype));
    }
  }
  return OkStatus();
}

}  // namespace

StatusOr<Classifier> Classifier::Create(std::shared_ptr<SessionPool> sessions,
                                        const ClassifierOptions& options) {
  const runtime::Model& model = *sessions->model();
  MINNOW_RETURN_IF_ERROR(CheckInput(model));
  const runtime::TensorInfo& input = model.inputs()[0];
  StatusOr<image::TensorLayout> layout = FindLayout(input, options.layout);
  if (!layout.ok()) return layout.status();

  const bool nhwc = *layout == image::TensorLayout::kNHWC;
  const int height_axis = nhwc ? 1 : 2;
  StatusOr<int64_t> height =
      ResolveSide("height", options.preprocess.height, input.shape[height_axis]);
  if (!height.ok()) return height.status();
  StatusOr<int64_t> width =
      ResolveSide("width", options.preprocess.width, input.shape[height_axis + 1]);
  if (!width.ok()) return width.status();

  Classifier classifier;
  classifier.spec_ = options.preprocess;
  classifier.spec_.layout = *layout;
  classifier.spec_.height = *height;
  classifier.spec_.width = *width;
  classifier.input_shape_ = nhwc ? Shape{1, *height, *width, 3} : Shape{1, 3, *height, *width};
  classifier.output_ = options.output;
  classifier.takes_bytes_ = input.dtype == DType::kU8;
  if (classifier.takes_bytes_) classifier.output_ = OutputKind::kProbabilities;
  classifier.limits_ = options.limits;
  Shape scores = model.outputs()[0].shape;
  if (scores.rank() > 0) {
    if (scores[0] == kUnknownDim) scores[0] = 1;
    classifier.class_count_ = scores.ElementCount();
  }
  classifier.sessions_ = std::move(sessions);
  return classifier;
}

StatusOr<image::Image> Classifier::Decode(const EncodedImage& image, int threads) const {
  image::DecodeOptions options = image::DecodeOptionsFor(spec_);
  static_cast<image::DecodeLimits&>(options) = limits_;
  options.threads = threads;
  return image::Decode(image.bytes, image.size, options);
}

Status Classifier::PreprocessInto(const image::ImageView& image,
                                  const MutableTensorView& input) const {
  return takes_bytes_ ? image::PreprocessToBytes(image, spec_, input.as<uint8_t>())
                      : image::Preprocess(image, spec_, input.as<float>());
}

StatusOr<Tensor> Classifier::Preprocess(const EncodedImage& image) const {
  StatusOr<image::Image> decoded = Decode(image, /*threads=*/0);
  if (!decoded.ok()) return decoded.status().WithContext("preprocess");
  return Preprocess(image::ViewOf(*decoded));
}

StatusOr<Tensor> Classifier::Preprocess(const image::ImageView& image) const {
  StatusOr<Tensor> tensor = Tensor::Allocate(takes_bytes_ ? DType::kU8 : DType::kF32, input_shape_);
  if (!tensor.ok()) return tensor.status().WithContext("preprocess");
  if (Status status = PreprocessInto(image, tensor->mutable_view()); !status.ok()) {
    return status.WithContext("preprocess");
  }
  return tensor;
}

StatusOr<Classification> Classifier::Classify(const EncodedImage& image,
                                              const ClassifyOptions& options) const {
  if (IsCancelled(options)) return Cancelled("classify: cancelled");
  const Clock::time_point start = Clock::now();
  StatusOr<image::Image> decoded = Decode(image, options.threads);
  if (!decoded.ok()) return decoded.status().WithContext("classify");
  const double decode_ms = MsSince(start);
  StatusOr<Classification> result = Classify(image::ViewOf(*decoded), options);
  if (result.ok()) result->decode_ms += decode_ms;
  return result;
}

StatusOr<Classification> Classifier::Classify(const image::ImageView& image,
                                              const ClassifyOptions& options) const {
  if (IsCancelled(options)) return Cancelled("classify: cancelled");
  StatusOr<SessionPool::Lease> session = sessions_->Acquire();
  if (!session.ok()) return session.status().WithContext("classify");
  if (Status status = (*session)->Prepare({input_shape_}); !status.ok()) {
    return status.WithContext("classify");
  }

  Classification result;
  Clock::time_point start = Clock::now();
  Status status = PreprocessInto(image, (*session)->input(0));
  if (!status.ok()) return status.WithContext("classify");
  result.decode_ms = MsSince(start);

  start = Clock::now();
  runtime::RunOptions run;
  run.threads = options.threads;
  run.cancelled = options.cancelled;
  status = (*session)->Run(run);
  if (!status.ok()) return status.WithContext("classify");
  std::vector<double> scores;
  status = ReadScores((*session)->output(0), ParamsOf((*session)->model().outputs()[0]), &scores);
  if (!status.ok()) return status.WithContext("classify");
  if (output_ == OutputKind::kLogits) SoftmaxInPlace(&scores);
  result.predictions = TopK(scores, options.top_k);
  result.infer_ms = MsSince(start);
  return result;
}

}  // namespace minnow::classify
