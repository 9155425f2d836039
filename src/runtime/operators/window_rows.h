// The rows of an image under a window, as kernels of pools take them.
#ifndef MINNOW_RUNTIME_OPERATORS_WINDOW_ROWS_H_
#define MINNOW_RUNTIME_OPERATORS_WINDOW_ROWS_H_

#include "runtime/operators/convolution.h"

namespace minnow::runtime {

// Windows of more rows are left to the interpreter.
inline constexpr int64_t kMaxWindowRows = 64;

// Points rows[0, kernel_h) to the rows of `image`, `pitch` elements apart, under the windows of
// output row `out_row`; null: outside. REQUIRES: kernel_h <= kMaxWindowRows.
template <typename T>
void PointToWindowRows(const ConvGeometry& g, const T* image, int64_t pitch, int64_t out_row,
                       const T* (&rows)[kMaxWindowRows]) {
  for (int64_t ky = 0; ky < g.kernel_h; ++ky) {
    const int64_t y = out_row * g.stride_h + ky * g.dilation_h - g.pad_top;
    rows[ky] = y >= 0 && y < g.in_h ? image + y * pitch : nullptr;
  }
}

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_OPERATORS_WINDOW_ROWS_H_
