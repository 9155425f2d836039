// The native half of lib's Model: load, describe, run, profile.
#ifndef MINNOW_BINDING_MODEL_WRAP_H_
#define MINNOW_BINDING_MODEL_WRAP_H_

#include <memory>

#include "binding/loaded_model.h"
#include "binding/node.h"

namespace minnow::binding {

class ModelWrap : public Napi::ObjectWrap<ModelWrap> {
 public:
  static Napi::Function Define(Napi::Env env);
  // A JavaScript object around `model`, made by the loaders only.
  static Napi::Value Wrap(Napi::Env env, std::shared_ptr<const LoadedModel> model);
  // Null when `value` is no model, or a closed one.
  static std::shared_ptr<const LoadedModel> Get(Napi::Value value);

  // loadModel(buffers: Uint8Array[], format: string, token?) -> Promise<Model>. The bytes are
  // copied.
  static Napi::Value Load(const Napi::CallbackInfo& info);
  // loadModelSync(buffers, format) -> Model. The bytes are borrowed.
  static Napi::Value LoadSync(const Napi::CallbackInfo& info);

  explicit ModelWrap(const Napi::CallbackInfo& info);
  ~ModelWrap() override;

 private:
  // describe() -> {format, output, macs, weightBytes, inputs, outputs}
  Napi::Value Describe(const Napi::CallbackInfo& info);
  // graphs() -> {imported, optimized}: text
  Napi::Value Graphs(const Napi::CallbackInfo& info);
  // arenaBytes() -> bytes of one session at the declared shapes
  Napi::Value ArenaBytes(const Napi::CallbackInfo& info);
  // run(inputs: {data, shape}[], outs: (TypedArray | undefined)[], threads, token?)
  //   -> Promise<{data, shape}[]>. Inputs are copied; outs are written when the run has ended.
  Napi::Value Run(const Napi::CallbackInfo& info);
  // runSync(inputs, outs, threads) -> {data, shape}[]. Inputs are borrowed.
  Napi::Value RunSync(const Napi::CallbackInfo& info);
  // profile(inputs | null, threads) -> {totalMs, threads, operators}. null: zeros of the declared
  // shapes.
  Napi::Value Profile(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  void Release();

  std::shared_ptr<const LoadedModel> loaded_;
  int64_t external_bytes_ = 0;
};

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_MODEL_WRAP_H_
