// How a value lies in memory while a network runs. Shapes in the graph are logical: NHWC for
// images.
#ifndef MINNOW_RUNTIME_LAYOUT_H_
#define MINNOW_RUNTIME_LAYOUT_H_

#include <cstdint>

#include "base/aligned_buffer.h"
#include "kernels/epilogue.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace minnow::runtime {

enum class Layout : uint8_t {
  kRowMajor,  // as the shape says
  kPlanar,    // shape [N,H,W,C] stored as NCHW: what a network with NCHW input is given
  kBlocked,   // shape [N,H,W,C] stored as [N][C/16][H][W][16], f32, lanes beyond C unspecified
  kBiased,    // i8 as the shape says, 128 added: unsigned bytes
};
inline constexpr int kLayoutCount = 4;

inline int64_t Blocks(int64_t channels) {
  return (channels + kernels::kBlock - 1) / kernels::kBlock;
}

// Elements that a value takes, padding lanes included.
inline int64_t PhysicalElements(const Shape& shape, Layout layout) {
  if (layout != Layout::kBlocked) return shape.ElementCount();
  return shape[0] * shape[1] * shape[2] * Blocks(shape[3]) * kernels::kBlock;
}

inline size_t PhysicalBytes(const Shape& shape, DType dtype, Layout layout) {
  return static_cast<size_t>(PhysicalElements(shape, layout)) * DTypeSize(dtype);
}

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_LAYOUT_H_
