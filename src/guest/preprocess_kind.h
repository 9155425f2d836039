// The named ways from pixels to numbers, as `preprocess` of the JavaScript API has them.
#ifndef MINNOW_GUEST_PREPROCESS_KIND_H_
#define MINNOW_GUEST_PREPROCESS_KIND_H_

#include <string_view>

#include "image/preprocess.h"

namespace minnow::guest {

enum class PreprocessKind { kByFormat, kTf, kImagenet, kUnit, kCaffeBgr, kNone };
inline constexpr int kPreprocessKinds = 6;

// "tf", "imagenet", …; false for any other name, also for "".
bool ParsePreprocessKind(std::string_view name, PreprocessKind* kind);

// What models of a format ("onnx", "tensorflow", …) usually expect.
PreprocessKind DefaultKind(std::string_view format);

// Scale, mean, std and channel order of `kind`; sizes and layout are not touched.
// REQUIRES: kind is not kByFormat.
void Apply(PreprocessKind kind, image::PreprocessSpec* spec);

}  // namespace minnow::guest

#endif  // MINNOW_GUEST_PREPROCESS_KIND_H_
