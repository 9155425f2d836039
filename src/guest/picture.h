// From the bytes of a picture to the tensor that a guest gives to its host.
#ifndef MINNOW_GUEST_PICTURE_H_
#define MINNOW_GUEST_PICTURE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/status.h"
#include "guest/preprocess_kind.h"

namespace minnow::guest {

// 3 * side * side floats, planar (NCHW) or not (NHWC). REQUIRES: kind is not kByFormat, side >= 1.
// Errors: kInvalidImage, kResourceExhausted.
StatusOr<std::vector<float>> PictureToTensor(const uint8_t* bytes, size_t size, PreprocessKind kind,
                                             int side, bool planar);

}  // namespace minnow::guest

#endif  // MINNOW_GUEST_PICTURE_H_
