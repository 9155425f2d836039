#include "guest/picture.h"

#include "image/decode.h"
#include "image/preprocess.h"

namespace minnow::guest {

StatusOr<std::vector<float>> PictureToTensor(const uint8_t* bytes, size_t size, PreprocessKind kind,
                                             int side, bool planar) {
  image::PreprocessSpec spec;
  spec.width = side;
  spec.height = side;
  spec.layout = planar ? image::TensorLayout::kNCHW : image::TensorLayout::kNHWC;
  Apply(kind, &spec);
  StatusOr<image::Image> image = image::Decode(bytes, size, image::DecodeOptionsFor(spec));
  if (!image.ok()) return image.status();
  std::vector<float> tensor(3 * static_cast<size_t>(side) * static_cast<size_t>(side));
  MINNOW_RETURN_IF_ERROR(image::Preprocess(image::ViewOf(*image), spec, tensor.data()));
  return tensor;
}

}  // namespace minnow::guest
