// From a Status to a JavaScript error: the only place.
#ifndef MINNOW_BINDING_ERRORS_H_
#define MINNOW_BINDING_ERRORS_H_

#include <string>

#include "base/status.h"
#include "binding/node.h"

namespace minnow::binding {

// new MinnowError(message, code), with the class that lib gave to initialize().
Napi::Value MakeError(Napi::Env env, const std::string& message, const char* code);
Napi::Value MakeError(Napi::Env env, const Status& status);

// Leaves the error pending; the caller returns at once. Returns undefined.
Napi::Value Throw(Napi::Env env, const Status& status);
Napi::Value ThrowClosed(Napi::Env env, const char* what);

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_ERRORS_H_
