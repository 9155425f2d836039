// Small pictures of pictures, for reports.
#ifndef MINNOW_BINDING_THUMBNAIL_H_
#define MINNOW_BINDING_THUMBNAIL_H_

#include "binding/node.h"

namespace minnow::binding {

// thumbnailSync(bytes, width, height) -> {data, width, height}: a JPEG or PNG file as RGB pixels,
// upright, with its proportions, no larger than asked for and than it is. On this thread.
Napi::Value ThumbnailSync(const Napi::CallbackInfo& info);

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_THUMBNAIL_H_
