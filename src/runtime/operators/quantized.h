// Integer operators as executable steps. Images are row-major bytes, unsigned: i8 values lie with
// 128 added (Layout::kBiased), and all zero points below are those of the bytes as they lie.
#ifndef MINNOW_RUNTIME_OPERATORS_QUANTIZED_H_
#define MINNOW_RUNTIME_OPERATORS_QUANTIZED_H_

#include <memory>
#include <vector>

#include "base/cpu_features.h"
#include "base/status.h"
#include "runtime/operator.h"
#include "runtime/operators/convolution.h"
#include "runtime/operators/qlayer.h"

namespace minnow::runtime {

// Convolution with groups 1. REQUIRES: layer.taps() and layer.channels() are those of
// QconvTaps(geometry).
struct QconvTaps {
  std::vector<int64_t> rows, columns;  // of each tap, in pixels from the window's first
  int64_t channels = 0;                // bytes that follow one another in a tap
};
QconvTaps TapsOf(const ConvGeometry& geometry);
std::unique_ptr<Operator> MakeQconv(const ConvGeometry& geometry, QgemmLayer layer, SlotId input,
                                    SlotId output);

// y [rows, n] from x [rows, k].
std::unique_ptr<Operator> MakeQfullyConnected(int64_t rows, QgemmLayer layer, SlotId input,
                                              SlotId output);

// groups == in_c == out_c.
StatusOr<std::unique_ptr<Operator>> MakeQdepthwise(const ConvGeometry& geometry, QdwconvLayer layer,
                                                   SlotId input, SlotId output);

// Bytes with their first bit turned: from i8 to the unsigned form, and back.
std::unique_ptr<Operator> MakeSignFlip(int64_t bytes, SlotId input, SlotId output);

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_OPERATORS_QUANTIZED_H_
