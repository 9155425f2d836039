// How functions report failure: Status (a code and a message), StatusOr<T> (a value or a Status).
//
// No exceptions cross a folder. Every layer adds its own prefix with WithContext, outermost first:
//   load: onnx: node "conv1" (Conv): dilations [2,2] are not supported
#ifndef MINNOW_BASE_STATUS_H_
#define MINNOW_BASE_STATUS_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace minnow {

enum class StatusCode {
  kOk = 0,
  kInvalidArgument,    // the caller broke a documented precondition
  kInvalidModel,       // bytes are not a well-formed model
  kInvalidImage,       // bytes are not a decodable image
  kUnsupported,        // well formed, but not implemented here
  kNotFound,           // no graph, tensor or file of that name
  kResourceExhausted,  // allocation failed or a stated limit was passed
  kBusy,               // the session is already running
  kCancelled,          // the caller's cancellation token was set
  kInternal,           // an invariant of ours is broken: a bug
};

// The stable code that JavaScript sees as `error.code`, e.g. "ERR_INVALID_MODEL"; "OK" for kOk.
const char* StatusCodeName(StatusCode code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // The same code with "context: " before the message. An ok status stays as it is.
  Status WithContext(std::string_view context) const;

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

inline Status OkStatus() { return Status(); }

// Formats like printf. One factory a code, so that call sites read as what went wrong.
Status InvalidArgument(const char* format, ...) __attribute__((format(printf, 1, 2)));
Status InvalidModel(const char* format, ...) __attribute__((format(printf, 1, 2)));
Status InvalidImage(const char* format, ...) __attribute__((format(printf, 1, 2)));
Status Unsupported(const char* format, ...) __attribute__((format(printf, 1, 2)));
Status NotFound(const char* format, ...) __attribute__((format(printf, 1, 2)));
Status ResourceExhausted(const char* format, ...) __attribute__((format(printf, 1, 2)));
Status Cancelled(const char* format, ...) __attribute__((format(printf, 1, 2)));
Status Internal(const char* format, ...) __attribute__((format(printf, 1, 2)));

template <typename T>
class [[nodiscard]] StatusOr {
 public:
  StatusOr(Status status) : status_(std::move(status)) {}  // NOLINT: implicit by design
  StatusOr(T value) : value_(std::move(value)) {}          // NOLINT: implicit by design

  bool ok() const { return status_.ok(); }
  const Status& status() const { return status_; }

  // REQUIRES: ok().
  T& value() { return *value_; }
  const T& value() const { return *value_; }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace minnow

// Returns from the enclosing function when `expression` is not ok. The only macro that hides a
// return.
#define MINNOW_RETURN_IF_ERROR(expression)                                      \
  do {                                                                          \
    if (::minnow::Status minnow_status_ = (expression); !minnow_status_.ok()) { \
      return minnow_status_;                                                    \
    }                                                                           \
  } while (0)

#endif  // MINNOW_BASE_STATUS_H_
