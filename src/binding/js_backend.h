// A wasi-nn backend that JavaScript implements (lib/wasi-nn-backend.js has its rules).
#ifndef MINNOW_BINDING_JS_BACKEND_H_
#define MINNOW_BINDING_JS_BACKEND_H_

#include <functional>
#include <memory>

#include "binding/node.h"
#include "binding/values.h"
#include "wasi_nn/backend.h"

namespace minnow::binding {

// Whether JavaScript may run now. Contexts also die in finalizers, where it may not.
struct JsGate {
  int open = 0;
  // Called after JavaScript has run: it may have grown the guest's memory, which moves it.
  std::function<void()> after;
};

class OpenGate {
 public:
  explicit OpenGate(JsGate* gate) : gate_(gate) { ++gate_->open; }
  ~OpenGate() { --gate_->open; }
  OpenGate(const OpenGate&) = delete;
  OpenGate& operator=(const OpenGate&) = delete;

 private:
  JsGate* const gate_;
};

// `object`: {load(parts, encoding, target) -> null | graph}
//   graph: {format, bytes, inputs, outputs, createContext() -> context, close()}
//   context: {compute([{data, shape}, ...]) -> [{data, shape}, ...], close()}
// Belongs to the environment of `object`; all calls come from its thread, with `gate` open.
// Whatever it throws becomes a Status.
std::shared_ptr<wasi_nn::Backend> MakeJsBackend(Napi::Object object, std::shared_ptr<JsGate> gate);

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_JS_BACKEND_H_
