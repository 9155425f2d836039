// The native half of lib's MobileNet: pictures in, best classes out.
#ifndef MINNOW_BINDING_CLASSIFIER_WRAP_H_
#define MINNOW_BINDING_CLASSIFIER_WRAP_H_

#include <memory>

#include "binding/node.h"
#include "classify/classifier.h"

namespace minnow::binding {

// new NativeClassifier(nativeModel, options): options are {scale, mean, std, order, layout, resize,
// width, height, maxPixels}, all resolved by lib; width, height of 0 and layout '' are the model's.
class ClassifierWrap : public Napi::ObjectWrap<ClassifierWrap> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit ClassifierWrap(const Napi::CallbackInfo& info);

 private:
  // describe() -> {width, height, layout, bytes, output, classes}
  Napi::Value Describe(const Napi::CallbackInfo& info);
  // classify(image, topK, threads, token?) -> Promise<{predictions, decodeMs, inferMs}>.
  // `image` is a Uint8Array with a JPEG or PNG file, or {data, width, height, channels}. Copied.
  Napi::Value Classify(const Napi::CallbackInfo& info);
  // The same on this thread; the image is borrowed.
  Napi::Value ClassifySync(const Napi::CallbackInfo& info);
  // preprocess(image, token?) -> Promise<{data, shape}>: what the network would be fed.
  Napi::Value Preprocess(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  std::shared_ptr<const classify::Classifier> classifier_;
};

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_CLASSIFIER_WRAP_H_
