// From a Status to a JavaScript error: the only place.
#include "binding/errors.h"

#include "binding/env_data.h"

namespace minnow::binding {

Napi::Value MakeError(Napi::Env env, const std::string& message, const char* code) {
  const EnvData* data = EnvData::Get(env);
  const Napi::String text = Napi::String::New(env, message);
  if (data == nullptr || data->error_class.IsEmpty()) return Napi::Error::New(env, text).Value();
  return data->error_class.New({text, Napi::String::New(env, code)});
}

Napi::Value MakeError(Napi::Env env, const Status& status) {
  return MakeError(env, status.message(), StatusCodeName(status.code()));
}

Napi::Value Throw(Napi::Env env, const Status& status) {
  napi_throw(env, MakeError(env, status));
  return env.Undefined();
}

Napi::Value ThrowClosed(Napi::Env env, const char* what) {
  napi_throw(env, MakeError(env, std::string(what) + " is closed", "ERR_CLOSED"));
  return env.Undefined();
}

}  // namespace minnow::binding
