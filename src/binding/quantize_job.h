// The native half of lib's quantize.
#ifndef MINNOW_BINDING_QUANTIZE_JOB_H_
#define MINNOW_BINDING_QUANTIZE_JOB_H_

#include "binding/node.h"

namespace minnow::binding {

// quantize(nativeModel, pictures, options, token?) -> Promise<{bytes, equalized, biasCorrected,
// signalToNoiseDb, products, realOperators}>. `pictures`: an array of {data, shape}, the network's
// f32 input; copied. `options`: {range, percentile, equalize, biasCorrection, threads}, all
// resolved by lib; choices are 'auto', 'on' or 'off'.
Napi::Value Quantize(const Napi::CallbackInfo& info);

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_QUANTIZE_JOB_H_
