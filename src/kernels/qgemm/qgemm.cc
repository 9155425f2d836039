#include "kernels/qgemm/qgemm.h"

#include <algorithm>

#include "kernels/qgemm/declarations.h"
#include "kernels/table.h"

namespace minnow::kernels {
namespace {

#define MINNOW_QGEMM(isa, suffix, form, min_rows, lanes, max_vectors, depth, row_sums, begin, end) \
  {isa,                                                                                            \
   "qgemm_" #suffix,                                                                               \
   QgemmForm::form,                                                                                \
   min_rows,                                                                                       \
   lanes,                                                                                          \
   max_vectors,                                                                                    \
   depth,                                                                                          \
   {qgemm_##suffix<1>, qgemm_##suffix<std::min(2, max_vectors)>,                                   \
    qgemm_##suffix<std::min(3, max_vectors)>, qgemm_##suffix<std::min(4, max_vectors)>},           \
   row_sums,                                                                                       \
   begin,                                                                                          \
   end},
constexpr QgemmKernel kKernels[] = {
#include "kernels/qgemm/kernels.inc"
};
#undef MINNOW_QGEMM

int64_t PaddedChannels(const QgemmKernel& kernel, int64_t channels) {
  return (channels + kernel.depth - 1) / kernel.depth * kernel.depth;
}

// A tile multiplies as many bytes of a tap as its depth, whether they are there or not: with less
// than a third of them vectors are as fast.
bool IsDeepEnough(const QgemmKernel& kernel, int64_t channels) {
  return kernel.depth <= 4 || channels * 3 >= kernel.depth;
}

}  // namespace

const QgemmKernel& SelectQgemm(Isa isa) { return Select(kKernels, isa); }

const QgemmKernel& SelectQgemm(Isa isa, int64_t rows, int64_t channels) {
  const QgemmKernel* row = &Select(kKernels, isa);
  while (row->min_rows > rows || !IsDeepEnough(*row, channels)) ++row;
  return *row;
}

const QgemmKernel* QgemmKernels(size_t* count) { return Supported(kKernels, count); }

int64_t QgemmPanelCount(const QgemmKernel& kernel, int64_t n) {
  const int64_t wide = kernel.lanes * kernel.max_vectors;
  return (n + wide - 1) / wide;
}

QgemmPanel QgemmPanelAt(const QgemmKernel& kernel, int64_t n, int64_t panel) {
  const int64_t first = panel * kernel.lanes * kernel.max_vectors;
  const int64_t vectors = (n - first + kernel.lanes - 1) / kernel.lanes;
  return {first, std::min(kernel.max_vectors, vectors)};
}

int64_t QgemmWidth(const QgemmKernel& kernel, int64_t n) {
  return (n + kernel.lanes - 1) / kernel.lanes * kernel.lanes;
}

int64_t QgemmColumnBytes(const QgemmKernel& kernel, int64_t taps, int64_t channels) {
  return taps * PaddedChannels(kernel, channels) * (kernel.form == QgemmForm::kQuads ? 1 : 2);
}

int64_t QgemmColumnAt(const QgemmKernel& kernel, int64_t n, int64_t at) {
  const QgemmPanel panel = QgemmPanelAt(kernel, n, at / (kernel.lanes * kernel.max_vectors));
  const int64_t within = at - panel.first;
  return panel.first + PackedColumn(panel.vectors, within / kernel.lanes, within % kernel.lanes);
}

void PackQgemm(const QgemmKernel& kernel, const int16_t* weights, int64_t n, int64_t taps,
               int64_t channels, void* packed) {
  const int64_t padded = PaddedChannels(kernel, channels), depth = taps * padded;
  const int64_t group = kernel.form == QgemmForm::kQuads   ? 4
                        : kernel.form == QgemmForm::kPairs ? 2
                                                           : depth;
  for (int64_t panel = 0; panel < QgemmPanelCount(kernel, n); ++panel) {
    const QgemmPanel p = QgemmPanelAt(kernel, n, panel);
    const int64_t width = p.vectors * kernel.lanes;
    for (int64_t i = 0; i < width; ++i) {
      const int64_t column = QgemmColumnAt(kernel, n, p.first + i);
      if (column >= n) continue;
      const int16_t* row = weights + column * taps * channels;
      for (int64_t k = 0; k < taps * channels; ++k) {
        const int64_t at = k / channels * padded + k % channels;
        const int64_t place = p.first * depth + (at / group * width + i) * group + at % group;
        if (kernel.form == QgemmForm::kQuads) {
          static_cast<int8_t*>(packed)[place] = static_cast<int8_t>(row[k]);
        } else {
          static_cast<int16_t*>(packed)[place] = row[k];
        }
      }
    }
  }
}

}  // namespace minnow::kernels
