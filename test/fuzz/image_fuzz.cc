// Can bytes that claim to be a picture make the decoders misbehave? Decodes them, then brings what
// came out to a network's input, with sizes and modes taken from the bytes themselves.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/decode.h"
#include "image/preprocess.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace minnow::image;  // NOLINT(google-build-using-namespace)
  const uint8_t choice = size == 0 ? 0 : bytes[size - 1];
  DecodeOptions options;
  options.max_pixels = 1 << 20;
  if (choice & 1) options.target_width = options.target_height = 24;
  (void)ReadInfo(bytes, size, options).ok();
  const auto image = Decode(bytes, size, options);
  if (!image.ok()) return 0;

  PreprocessSpec spec;
  spec.width = 1 + (choice >> 3);
  spec.height = 24;
  spec.resize = choice & 2 ? ResizeMode::kCenterCrop : ResizeMode::kStretch;
  spec.layout = choice & 4 ? TensorLayout::kNCHW : TensorLayout::kNHWC;
  const ImageView view{image->width, image->height, 3, image->pixels.as<uint8_t>()};
  std::vector<float> tensor(static_cast<size_t>(3 * spec.width * spec.height));
  (void)Preprocess(view, spec, tensor.data()).ok();
  return 0;
}
