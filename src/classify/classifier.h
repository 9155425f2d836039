// From a picture to the best classes of a network.
#ifndef MINNOW_CLASSIFY_CLASSIFIER_H_
#define MINNOW_CLASSIFY_CLASSIFIER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/status.h"
#include "classify/output_kind.h"
#include "classify/session_pool.h"
#include "classify/top_k.h"
#include "image/image.h"
#include "image/preprocess.h"
#include "runtime/model.h"
#include "tensor/tensor.h"

namespace minnow::classify {

struct ClassifierOptions {
  ClassifierOptions() { preprocess.width = preprocess.height = 0; }

  // How pixels become the tensor. width and height of 0 (the default here) are read from the model,
  // and are 224 where it leaves them open; `layout` is always the model's.
  image::PreprocessSpec preprocess;
  // Where the model's own shape does not show it ([N,3,3,3]), and to be compared with where it
  // does.
  std::optional<image::TensorLayout> layout;
  OutputKind output = OutputKind::kProbabilities;
  // Of every picture.
  image::DecodeLimits limits;
};

struct ClassifyOptions {
  int64_t top_k = 5;
  // Threads of this run at most; 0: ThreadPool::DefaultThreads().
  int threads = 0;
  // Looked at before decoding, before the network and between its operators.
  const std::atomic<bool>* cancelled = nullptr;
};

struct Classification {
  std::vector<Prediction> predictions;
  // Bytes to input tensor (decode, resize, normalise), and input tensor to predictions.
  double decode_ms = 0;
  double infer_ms = 0;
};

struct EncodedImage {
  const uint8_t* bytes = nullptr;
  size_t size = 0;
};

// Immutable and thread safe. Several pictures are several runs with a batch of one: a run already
// fills a core, and the first answer does not wait for the last picture.
class Classifier {
 public:
  // `sessions->model()` has one 4-D input with three channels, f32 or u8, and at least one output.
  // kUnsupported says what it has instead; kInvalidArgument when the options contradict the model.
  static StatusOr<Classifier> Create(std::shared_ptr<SessionPool> sessions,
                                     const ClassifierOptions& options);

  // Errors: kInvalidImage, kResourceExhausted (limits, memory), kInvalidArgument (a bad view),
  // kCancelled.
  StatusOr<Classification> Classify(const EncodedImage& image,
                                    const ClassifyOptions& options) const;
  StatusOr<Classification> Classify(const image::ImageView& image,
                                    const ClassifyOptions& options) const;

  // What Classify would feed the network: one picture as an f32 tensor (u8 where takes_bytes()).
  StatusOr<Tensor> Preprocess(const EncodedImage& image) const;
  StatusOr<Tensor> Preprocess(const image::ImageView& image) const;

  // What is in force: sizes and layout filled in.
  const image::PreprocessSpec& preprocess() const { return spec_; }
  // Pixels go in as bytes; scale, mean and std do not count.
  bool takes_bytes() const { return takes_bytes_; }
  OutputKind output() const { return output_; }
  // Number of scores of one picture; -1 where the model leaves it open.
  int64_t class_count() const { return class_count_; }

 private:
  Classifier() = default;
  StatusOr<image::Image> Decode(const EncodedImage& image, int threads) const;
  Status PreprocessInto(const image::ImageView& image, const MutableTensorView& input) const;

  std::shared_ptr<SessionPool> sessions_;
  image::PreprocessSpec spec_;
  Shape input_shape_;
  OutputKind output_ = OutputKind::kProbabilities;
  bool takes_bytes_ = false;
  image::DecodeLimits limits_;
  int64_t class_count_ = -1;
};

}  // namespace minnow::classify

#endif  // MINNOW_CLASSIFY_CLASSIFIER_H_
