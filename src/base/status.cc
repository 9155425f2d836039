#include "base/status.h"

#include <cstdarg>
#include <cstdio>

namespace minnow {
namespace {

Status Format(StatusCode code, const char* format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, arguments);
  std::string message(length > 0 ? static_cast<size_t>(length) : 0, '\0');
  if (length > 0) std::vsnprintf(message.data(), message.size() + 1, format, again);
  va_end(again);
  return Status(code, std::move(message));
}

}  // namespace

const char* StatusCodeName(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "OK";
    case StatusCode::kInvalidArgument:
      return "ERR_INVALID_ARGUMENT";
    case StatusCode::kInvalidModel:
      return "ERR_INVALID_MODEL";
    case StatusCode::kInvalidImage:
      return "ERR_INVALID_IMAGE";
    case StatusCode::kUnsupported:
      return "ERR_UNSUPPORTED";
    case StatusCode::kNotFound:
      return "ERR_NOT_FOUND";
    case StatusCode::kResourceExhausted:
      return "ERR_OUT_OF_MEMORY";
    case StatusCode::kBusy:
      return "ERR_BUSY";
    case StatusCode::kCancelled:
      return "ERR_CANCELLED";
    case StatusCode::kInternal:
      return "ERR_INTERNAL";
  }
  return "ERR_INTERNAL";
}

Status Status::WithContext(std::string_view context) const {
  if (ok()) return *this;
  return Status(code_, std::string(context) + ": " + message_);
}

#define MINNOW_DEFINE_FACTORY(name, code)                        \
  Status name(const char* format, ...) {                         \
    va_list arguments;                                           \
    va_start(arguments, format);                                 \
    Status status = Format(StatusCode::code, format, arguments); \
    va_end(arguments);                                           \
    return status;                                               \
  }
MINNOW_DEFINE_FACTORY(InvalidArgument, kInvalidArgument)
MINNOW_DEFINE_FACTORY(InvalidModel, kInvalidModel)
MINNOW_DEFINE_FACTORY(InvalidImage, kInvalidImage)
MINNOW_DEFINE_FACTORY(Unsupported, kUnsupported)
MINNOW_DEFINE_FACTORY(NotFound, kNotFound)
MINNOW_DEFINE_FACTORY(ResourceExhausted, kResourceExhausted)
MINNOW_DEFINE_FACTORY(Cancelled, kCancelled)
MINNOW_DEFINE_FACTORY(Internal, kInternal)
#undef MINNOW_DEFINE_FACTORY

}  // namespace minnow
