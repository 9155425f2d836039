// Integer operators as executable steps. Images are row-major bytes, unsigned: i8 values lie with
// 128 added (Layout::kBiased), and all zero points below are those of the bytes as they lie.
#ifndef MINNOW_RUNTIME_OPERATORS_QUANTIZED_H_
#define MINNOW_RUNTIME_OPERATORS_QUANTIZED_H_

#include <array>
#include <memory>
#include <vector>

#include "base/cpu_features.h"
#include "base/status.h"
#include "kernels/qeltwise/qeltwise.h"
#include "kernels/qpool/qpool.h"
#include "runtime/operator.h"
#include "runtime/operators/convolution.h"
#include "runtime/operators/qlayer.h"

namespace minnow::runtime {

// Convolution with groups 1, of pixels or of planes. REQUIRES: the layer was made with the taps
// of TapsOf(geometry, is_planar).
struct QconvTaps {
  std::vector<int64_t> rows, columns, planes;  // of each tap, from the window's first
  // Which element of a row of OHWI weights stands at each place, tap after tap.
  std::vector<int64_t> order;
};
QconvTaps TapsOf(const ConvGeometry& geometry, bool is_planar);
std::unique_ptr<Operator> MakeQconv(const ConvGeometry& geometry, bool is_planar, QgemmLayer layer,
                                    SlotId input, SlotId output);

// y [rows, n] from x [rows, k].
std::unique_ptr<Operator> MakeQfullyConnected(int64_t rows, QgemmLayer layer, SlotId input,
                                              SlotId output);

// groups == in_c == out_c.
StatusOr<std::unique_ptr<Operator>> MakeQdepthwise(const ConvGeometry& geometry, QdwconvLayer layer,
                                                   SlotId input, SlotId output);

// out = a op b on `groups` runs of `elems` elements; b has one run for all where `b_repeats`.
// `args` has everything but the arrays.
struct QbinaryOperands {
  int64_t groups = 1, elems = 0;
  bool b_repeats = false;
  SlotId a = kNoSlot, b = kNoSlot, output = kNoSlot;
};
std::unique_ptr<Operator> MakeQbinary(const QbinaryOperands& operands,
                                      const kernels::QbinaryArgs& args, Isa isa);

// Floats to bytes, and back.
std::unique_ptr<Operator> MakeQuantize(int64_t elems, float scale, int32_t zero_point, SlotId input,
                                       SlotId output, Isa isa);
std::unique_ptr<Operator> MakeDequantize(int64_t elems, float scale, int32_t zero_point,
                                         SlotId input, SlotId output, Isa isa);

// Windows over pixels, `geometry` as of a depthwise convolution; maxima do without `params`.
// REQUIRES: kernel_h <= kMaxWindowRows; of an average: kernels::QaverageFits.
std::unique_ptr<Operator> MakeQpool(const ConvGeometry& geometry, graph::PoolKind kind,
                                    bool count_padding, const graph::ByteParams& params,
                                    SlotId input, SlotId output, Isa isa);

// The mean of each channel over the pixels of an image; y row-major [images, channels]. REQUIRES:
// kernels::QaverageFits.
struct ByteMeanShape {
  int64_t images = 0;
  int64_t pixels = 0;
  int64_t channels = 0;
};
std::unique_ptr<Operator> MakeByteMean(const ByteMeanShape& shape, const graph::ByteParams& params,
                                       SlotId input, SlotId output, Isa isa);

// out[i] = table[in[i]].
std::unique_ptr<Operator> MakeByteTable(int64_t elems, const std::array<uint8_t, 256>& table,
                                        SlotId input, SlotId output, Isa isa);

// A copy of bytes into another layout: from planes to pixels, else from one of kRowMajor and
// kBiased to the other.
std::unique_ptr<Operator> MakeByteReorder(const Shape& shape, Layout from, SlotId input,
                                          SlotId output);

// `outer` times `bytes` of each part in turn.
struct BytePart {
  SlotId input = kNoSlot;
  int64_t bytes = 0;
};
std::unique_ptr<Operator> MakeByteConcat(int64_t outer, std::vector<BytePart> parts, SlotId output);

// Rows above and below each image of `height` rows; bytes to the left and right of each row.
struct BytePadShape {
  int64_t images = 0, height = 0, row_bytes = 0;
  int64_t top = 0, bottom = 0, left = 0, right = 0;
};
std::unique_ptr<Operator> MakeBytePad(const BytePadShape& shape, uint8_t value, SlotId input,
                                      SlotId output);

// Softmax of `rows` rows of n.
std::unique_ptr<Operator> MakeByteSoftmax(int64_t rows, int64_t n, const graph::ByteParams& params,
                                          SlotId input, SlotId output, Isa isa);

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_OPERATORS_QUANTIZED_H_
