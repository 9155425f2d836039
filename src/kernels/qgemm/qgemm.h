// Matrix multiplication on bytes, requantised to bytes: pointwise convolutions, convolutions by
// taps (implicit GEMM) and fully connected layers on row-major pixels.
//
//   sum[p][n] = bias[n] + row_offsets[p] + sum over taps t, k of a_t[p][k] * b[t][k][n]
//   c[p][n] = requant(sum[p][n])
//
// A is unsigned. Sums are exact in 32 bits (wrapping on the way there does no harm), so results do
// not depend on the kernel or on how the work is cut.
#ifndef MINNOW_KERNELS_QGEMM_QGEMM_H_
#define MINNOW_KERNELS_QGEMM_QGEMM_H_

#include <cstddef>
#include <cstdint>

#include "base/cpu_features.h"
#include "kernels/requant.h"

namespace minnow::kernels {

// Bytes behind the last element of A that a kernel may read.
inline constexpr int64_t kQgemmOverRead = 64;

// Pixels p in [0, m), m >= 0; output channels n in [0, columns) of one panel.
struct QgemmArgs {
  int64_t m = 0;
  // Element (t, p, k) of A: a[taps[t] + p * pixel_stride + k], k in [0, channels).
  const uint8_t* a = nullptr;
  const int64_t* taps = nullptr;
  int64_t tap_count = 1;
  int64_t channels = 0;
  int64_t pixel_stride = 0;
  const void* b = nullptr;               // one packed panel (PackQgemm), 64-byte aligned
  const int32_t* bias = nullptr;         // of the panel's width, in register order
  const int32_t* row_offsets = nullptr;  // [m] or null
  uint8_t* c = nullptr;                  // element (p, n): c[p * c_pixel_stride + n]
  int64_t c_pixel_stride = 0;
  int64_t columns = 0;  // that exist: others of the panel are not written
  Requant requant;
};

using QgemmFunction = void (*)(const QgemmArgs&);

// How weights are packed.
enum class QgemmForm : uint8_t {
  kQuads,  // s8 [k / 4][column][4]: products of bytes
  kPairs,  // s16 [k / 2][column][2]
  kRows,   // s16 [column][k]
};

struct QgemmKernel {
  Isa isa;
  const char* name;
  QgemmForm form;
  int64_t min_rows;     // that a call must have
  int64_t lanes;        // columns of a vector
  int64_t max_vectors;  // of a panel
  int64_t depth;        // to a multiple of which the channels of a tap are filled up with zeros
  // By the number of vectors of the panel, less one.
  QgemmFunction panels[4];
  // sums[p] = factor * (sum over taps and k of a_t[p][k]); null where weights are 16 bits wide and
  // need no such term.
  void (*row_sums)(const QgemmArgs& args, int32_t factor, int32_t* sums);
  // Before the first and after the last panel that a thread runs; null where there is nothing to
  // do.
  void (*begin)();
  void (*end)();
};

const QgemmKernel& SelectQgemm(Isa isa);
// The best one for calls of at least `rows` rows and taps of `channels` channels.
const QgemmKernel& SelectQgemm(Isa isa, int64_t rows, int64_t channels);
const QgemmKernel* QgemmKernels(size_t* count);

// Panels of a layer with n columns: full ones, then at most one of fewer vectors.
struct QgemmPanel {
  int64_t first;  // column
  int64_t vectors;
};
int64_t QgemmPanelCount(const QgemmKernel& kernel, int64_t n);
QgemmPanel QgemmPanelAt(const QgemmKernel& kernel, int64_t n, int64_t panel);
// Columns, those beyond n included; and bytes of one packed column.
int64_t QgemmWidth(const QgemmKernel& kernel, int64_t n);
int64_t QgemmColumnBytes(const QgemmKernel& kernel, int64_t taps, int64_t channels);
// Column whose bias and multiplier stand at place `at` of [0, QgemmWidth); n or more: none's.
int64_t QgemmColumnAt(const QgemmKernel& kernel, int64_t n, int64_t at);

// Packs weights[n][taps][channels]. REQUIRES: kQuads: they fit s8. `packed` has QgemmWidth *
// QgemmColumnBytes bytes, zeroed, 64-byte aligned; a panel starts at its first column.
void PackQgemm(const QgemmKernel& kernel, const int16_t* weights, int64_t n, int64_t taps,
               int64_t channels, void* packed);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_QGEMM_QGEMM_H_
