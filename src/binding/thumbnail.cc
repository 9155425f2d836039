// How is a picture shown small, in its own proportions?
#include "binding/thumbnail.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/aligned_buffer.h"
#include "binding/errors.h"
#include "binding/values.h"
#include "image/decode.h"
#include "image/preprocess.h"

namespace minnow::binding {
namespace {

constexpr int64_t kMaxSide = 4096;

// The larger of 1 and `side` shrunk by `factor`, rounded.
int64_t Shrink(int64_t side, double factor) {
  return std::max<int64_t>(1, std::llround(static_cast<double>(side) * factor));
}

struct Pixels {
  int64_t width = 0;
  int64_t height = 0;
  AlignedBuffer data;  // RGB
};

StatusOr<Pixels> Thumbnail(const ArrayBytes& bytes, int64_t width, int64_t height) {
  image::DecodeOptions options;
  StatusOr<image::ImageInfo> facts = image::ReadInfo(bytes.data, bytes.size, options);
  if (!facts.ok()) return facts.status();
  const double factor = std::min({1.0, static_cast<double>(width) / facts->width,
                                  static_cast<double>(height) / facts->height});
  image::PreprocessSpec spec;
  spec.width = Shrink(facts->width, factor);
  spec.height = Shrink(facts->height, factor);
  StatusOr<image::Image> picture =
      image::Decode(bytes.data, bytes.size, image::DecodeOptionsFor(spec));
  if (!picture.ok()) return picture.status();
  StatusOr<AlignedBuffer> data =
      AlignedBuffer::Allocate(static_cast<size_t>(spec.width * spec.height * 3));
  if (!data.ok()) return data.status();
  const Status status =
      image::PreprocessToBytes(image::ViewOf(*picture), spec, static_cast<uint8_t*>(data->data()));
  if (!status.ok()) return status;
  return Pixels{spec.width, spec.height, std::move(*data)};
}

}  // namespace

Napi::Value ThumbnailSync(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  StatusOr<ArrayBytes> bytes = ReadBytes(info[0]);
  if (!bytes.ok()) return Throw(env, bytes.status().WithContext("thumbnail"));
  const double width = info[1].IsNumber() ? info[1].As<Napi::Number>().DoubleValue() : 0;
  const double height = info[2].IsNumber() ? info[2].As<Napi::Number>().DoubleValue() : 0;
  if (!(width >= 1 && width <= kMaxSide && height >= 1 && height <= kMaxSide)) {
    return Throw(env, InvalidArgument("thumbnail: sides must be 1 to %lld",
                                      static_cast<long long>(kMaxSide)));
  }
  StatusOr<Pixels> pixels =
      Thumbnail(*bytes, static_cast<int64_t>(width), static_cast<int64_t>(height));
  if (!pixels.ok()) return Throw(env, pixels.status().WithContext("thumbnail"));
  const auto size = static_cast<size_t>(pixels->width * pixels->height * 3);
  Napi::Buffer<uint8_t> data =
      Napi::Buffer<uint8_t>::Copy(env, static_cast<const uint8_t*>(pixels->data.data()), size);
  if (env.IsExceptionPending()) return {};
  Napi::Object object = Napi::Object::New(env);
  object.Set("data", data);
  object.Set("width", static_cast<double>(pixels->width));
  object.Set("height", static_cast<double>(pixels->height));
  return object;
}

}  // namespace minnow::binding
