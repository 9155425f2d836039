// The native half of lib's WasiNN: one host a guest, one native call an import.
#ifndef MINNOW_BINDING_WASI_NN_WRAP_H_
#define MINNOW_BINDING_WASI_NN_WRAP_H_

#include <memory>

#include "binding/js_backend.h"
#include "binding/node.h"
#include "binding/values.h"
#include "wasi_nn/host.h"

namespace minnow::binding {

class WasiNnWrap : public Napi::ObjectWrap<WasiNnWrap> {
 public:
  // new NativeWasiNN({errnoSet, inputLayout, strictTarget, threads, graphs, contexts, bytes,
  //   backends: (object | null)[]}); null is minnow's own engine
  static Napi::Function Define(Napi::Env env);
  // wasiNnFunctions() -> [{name, params}], in the order of `call`'s first argument.
  static Napi::Value Functions(const Napi::CallbackInfo& info);

  explicit WasiNnWrap(const Napi::CallbackInfo& info);

 private:
  // call(function, memory: Uint8Array | undefined, ...i32) -> error code. Throws nothing; the guest
  // may be shared, detached, or above 2 GiB.
  Napi::Value Call(const Napi::CallbackInfo& info);
  // addModel(name, parts: Uint8Array[], encoding, inputLayout)
  Napi::Value AddModel(const Napi::CallbackInfo& info);
  // describe(handle | name) -> {backend, format, inputs, outputs} | null
  Napi::Value Describe(const Napi::CallbackInfo& info);
  Napi::Value LastError(const Napi::CallbackInfo& info);
  // state() -> {graphs, contexts, bytes, replacedTarget}
  Napi::Value State(const Napi::CallbackInfo& info);
  // reset() -> false when called from inside a call
  Napi::Value Reset(const Napi::CallbackInfo& info);
  // close() -> false when called from inside a call
  Napi::Value Close(const Napi::CallbackInfo& info);

  std::shared_ptr<JsGate> gate_ = std::make_shared<JsGate>();
  std::unique_ptr<wasi_nn::Host> host_;
};

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_WASI_NN_WRAP_H_
