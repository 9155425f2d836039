// What the fuzzers of picture formats share: a Status, or a picture within the limits that can be
// resized.
#ifndef MINNOW_TEST_FUZZ_FUZZ_IMAGE_H_
#define MINNOW_TEST_FUZZ_FUZZ_IMAGE_H_

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "image/decode.h"
#include "image/preprocess.h"

namespace minnow::fuzz {

inline void Resize(const image::Image& image, image::PreprocessSpec spec) {
  spec.width = 7;
  spec.height = 5;
  std::vector<float> tensor(static_cast<size_t>(3 * spec.width * spec.height), -1.0f);
  if (!image::Preprocess(image::ViewOf(image), spec, tensor.data()).ok()) std::abort();
  for (const float element : tensor) {
    if (!(element >= 0.0f && element <= 255.5f)) std::abort();
  }
}

// Several threads must come to what one does: the same pixels or the same complaint.
inline void DecodeByThreads(const uint8_t* data, size_t size, image::DecodeOptions options,
                            const StatusOr<image::Image>& want) {
  options.threads = 3;
  options.min_pixels_per_thread = 1;
  const StatusOr<image::Image> image = image::Decode(data, size, options);
  if (image.ok() != want.ok()) std::abort();
  if (!image.ok()) {
    if (image.status().message() != want.status().message()) std::abort();
    return;
  }
  if (image->width != want->width || image->height != want->height ||
      std::memcmp(image->pixels.data(), want->pixels.data(), want->pixels.size()) != 0) {
    std::abort();
  }
}

// The size decides what is asked for besides: the target that a JPEG may be reduced for, the way
// of resizing.
inline void FuzzImage(const uint8_t* data, size_t size) {
  image::DecodeOptions options;
  options.max_pixels = 1 << 20;
  options.target_width = options.target_height = size % 2 == 0 ? 0 : 8;
  const StatusOr<image::ImageInfo> info = image::ReadInfo(data, size, options);
  const StatusOr<image::Image> image = image::Decode(data, size, options);
  DecodeByThreads(data, size, options, image);
  if (!image.ok()) {
    if (image.status().code() == StatusCode::kInternal) std::abort();
    return;
  }
  if (!info.ok() || info->width * info->height > options.max_pixels) std::abort();
  if (options.target_width == 0 && (info->width != image->width || info->height != image->height)) {
    std::abort();
  }
  if (image->pixels.size() != static_cast<size_t>(3 * image->width * image->height)) std::abort();
  image::PreprocessSpec spec;
  if (size % 3 == 0) spec.resize = image::ResizeMode::kCenterCrop;
  if (size % 5 == 0) spec.layout = image::TensorLayout::kNCHW;
  Resize(*image, spec);
}

}  // namespace minnow::fuzz

#endif  // MINNOW_TEST_FUZZ_FUZZ_IMAGE_H_
