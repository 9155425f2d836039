// What the files of this family define for its table.
#ifndef MINNOW_KERNELS_RESIZE_DECLARATIONS_H_
#define MINNOW_KERNELS_RESIZE_DECLARATIONS_H_

#include <cstdint>

#include "kernels/resize/resize.h"

namespace minnow::kernels {

void resize_row_u8_reference(const ResizeRowPlan& plan, const uint8_t* source, float* out);
void blend_rows_f32_reference(int64_t taps, const float* const* rows, const float* weights,
                              int64_t begin, int64_t count, const float* scale, const float* offset,
                              float* out);
void blend_rows_u8_reference(int64_t taps, const float* const* rows, const float* weights,
                             int64_t begin, int64_t count, uint8_t* out);

void resize_row_u8_avx2(const ResizeRowPlan& plan, const uint8_t* source, float* out);
void blend_rows_f32_avx2(int64_t taps, const float* const* rows, const float* weights,
                         int64_t begin, int64_t count, const float* scale, const float* offset,
                         float* out);
void blend_rows_u8_avx2(int64_t taps, const float* const* rows, const float* weights, int64_t begin,
                        int64_t count, uint8_t* out);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_RESIZE_DECLARATIONS_H_
