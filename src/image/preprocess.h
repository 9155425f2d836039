// From pixels to the input tensor of a network: crop, resize, normalise and layout in one pass.
#ifndef MINNOW_IMAGE_PREPROCESS_H_
#define MINNOW_IMAGE_PREPROCESS_H_

#include <cstdint>

#include "base/status.h"
#include "image/decode.h"
#include "image/image.h"

namespace minnow::image {

enum class ResizeMode : uint8_t {
  kStretch,     // the whole picture, aspect ratio not kept
  kCenterCrop,  // the centred square of 87.5 % of the shorter side, as torchvision's 256 -> 224
};

enum class ChannelOrder : uint8_t { kRGB, kBGR };
enum class TensorLayout : uint8_t { kNHWC, kNCHW };

// tensor = (pixel * scale - mean[c]) / std[c], pixel in 0..255 after resizing (float, not rounded
// to 8 bits), c counted in the order of the tensor's channels.
struct PreprocessSpec {
  int64_t width = 224;
  int64_t height = 224;
  ResizeMode resize = ResizeMode::kStretch;
  ChannelOrder order = ChannelOrder::kRGB;
  TensorLayout layout = TensorLayout::kNHWC;
  float scale = 1.0f;
  float mean[3] = {0, 0, 0};
  float std[3] = {1, 1, 1};
  uint8_t background[3] = {0, 0, 0};  // under the alpha of 4-channel views
};

// Writes 3 * height * width floats to `out`: one image of the batch. The resize is the triangle
// filter whose support widens when it shrinks (Pillow's BILINEAR), without Pillow's rounding to 8
// bits between and after its passes, and gives the same bits on every machine. Beside a crop, the
// pixels around it count as far as the filter reaches. kInvalidArgument for a bad view or spec
// (sizes below 1, std 0).
Status Preprocess(const ImageView& view, const PreprocessSpec& spec, float* out);
// The same into bytes, for quantised networks: the resized pixel itself, rounded; scale, mean and
// std do not count.
Status PreprocessToBytes(const ImageView& view, const PreprocessSpec& spec, uint8_t* out);

// How to decode a picture that will be preprocessed by `spec`: its size as the target (for a crop,
// the size that the whole picture would have) and its background.
DecodeOptions DecodeOptionsFor(const PreprocessSpec& spec);

ImageView ViewOf(const Image& image);

}  // namespace minnow::image

#endif  // MINNOW_IMAGE_PREPROCESS_H_
