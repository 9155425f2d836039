// Post-training quantisation: from a float network and calibration pictures to an ONNX file of
// integers (QDQ form).
#ifndef MINNOW_QUANTIZE_QUANTIZE_H_
#define MINNOW_QUANTIZE_QUANTIZE_H_

#include <string>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"
#include "quantize/calibrate.h"
#include "quantize/observer.h"
#include "tensor/tensor.h"

namespace minnow::quantize {

// kAuto: both ways are tried on the calibration pictures, and what clearly brings the output nearer
// to the float network's is kept.
enum class Choice : uint8_t { kAuto, kOn, kOff };

struct QuantizeOptions {
  RangeMethod range = RangeMethod::kPercentile;
  double percentile = 99.999;  // kPercentile only
  Choice equalize = Choice::kAuto;
  Choice correct_bias = Choice::kAuto;
  RunLimits limits;
};

struct QuantizedNetwork {
  std::string onnx;  // the file
  bool equalized = false;
  bool bias_corrected = false;
  // Of the first output (its logits, where it ends in a softmax) on the calibration pictures, in
  // decibels.
  double signal_to_noise_db = 0.0;
  int products = 0;  // convolutions and fully connected layers in integers
  // Operators that stay real: `NAME (Op)`.
  std::vector<std::string> real_operators;
};

// `graph` is what passes::Optimize leaves, with one f32 input; `inputs` (at least one) are what it
// is fed, batch of one. Errors: kUnsupported (nothing to quantise, quantised already, an operator
// that ONNX cannot hold), kInvalidArgument (values that are not finite), kCancelled.
StatusOr<QuantizedNetwork> Quantize(const graph::Graph& graph, const std::vector<Tensor>& inputs,
                                    const QuantizeOptions& options);

}  // namespace minnow::quantize

#endif  // MINNOW_QUANTIZE_QUANTIZE_H_
