#include "kernels/qdwconv/qdwconv.h"

#include <algorithm>

#include "kernels/qdwconv/declarations.h"
#include "kernels/table.h"

namespace minnow::kernels {
namespace {

#define MINNOW_QDWCONV(isa, suffix, form) \
  {isa, "qdwconv_" #suffix, QdwconvForm::form, qdwconv_##suffix},
constexpr QdwconvKernel kKernels[] = {
#include "kernels/qdwconv/kernels.inc"
};
#undef MINNOW_QDWCONV

// Blocks of 64 channels, the last one of 32 where that is enough, each four vectors wide; blocks of
// 16 of two.
struct Block {
  int64_t first, width, vectors;
};

Block BlockAt(QdwconvForm form, int64_t channels, int64_t at) {
  if (form == QdwconvForm::kPlain) return {at, 1, 1};
  if (form == QdwconvForm::kPairs) return {at / 16 * 16, 16, 2};
  const int64_t first = at / 64 * 64;
  return {first, channels - first > 32 ? 64 : 32, 4};
}

// Rows of a column that lie side by side in the weights of a channel.
int64_t RowsOf(QdwconvForm form) { return form == QdwconvForm::kQuads ? 4 : 2; }

int64_t ColumnGroups(QdwconvForm form, int64_t kernel_h) {
  return (kernel_h + RowsOf(form) - 1) / RowsOf(form);
}

}  // namespace

const QdwconvKernel& SelectQdwconv(Isa isa) { return Select(kKernels, isa); }

const QdwconvKernel* QdwconvKernels(size_t* count) { return Supported(kKernels, count); }

int64_t QdwconvWidth(const QdwconvKernel& kernel, int64_t channels) {
  if (kernel.form == QdwconvForm::kPlain || channels == 0) return channels;
  const Block last = BlockAt(kernel.form, channels, channels - 1);
  return last.first + last.width;
}

int64_t QdwconvChannelBytes(const QdwconvKernel& kernel, int64_t kernel_h, int64_t kernel_w) {
  if (kernel.form == QdwconvForm::kPlain) return kernel_h * kernel_w * 2;
  return ColumnGroups(kernel.form, kernel_h) * kernel_w * 4;
}

int64_t QdwconvChannelAt(const QdwconvKernel& kernel, int64_t channels, int64_t at) {
  const Block block = BlockAt(kernel.form, channels, at);
  const int64_t lanes = block.width / block.vectors, within = at - block.first;
  return block.first + PackedColumn(block.vectors, within / lanes, within % lanes);
}

int64_t QdwconvPlanes(const QdwconvKernel& kernel, int16_t smallest, int16_t largest) {
  if (kernel.form != QdwconvForm::kQuads) return 1;
  int64_t planes = 1;
  while (smallest < -128 * planes || largest > 127 * planes) ++planes;
  return planes;
}

void PackQdwconv(const QdwconvKernel& kernel, const int16_t* weights, int64_t channels,
                 int64_t kernel_h, int64_t kernel_w, int64_t planes, void* packed) {
  const int64_t taps = kernel_h * kernel_w;
  const int64_t bytes = QdwconvChannelBytes(kernel, kernel_h, kernel_w);
  for (int64_t at = 0; at < QdwconvWidth(kernel, channels); ++at) {
    const int64_t channel = QdwconvChannelAt(kernel, channels, at);
    if (channel >= channels) continue;
    const int16_t* w = weights + channel * taps;
    const Block block = BlockAt(kernel.form, channels, at);
    const int64_t lane = at - block.first, rows = RowsOf(kernel.form);
    for (int64_t tap = 0; tap < taps; ++tap) {
      const int64_t ky = tap / kernel_w, kx = tap % kernel_w;
      if (kernel.form == QdwconvForm::kPlain) {
        static_cast<int16_t*>(packed)[tap * channels + channel] = w[tap];
        continue;
      }
      auto* out = static_cast<char*>(packed) + block.first * bytes * planes;
      const int64_t group = (kx * ColumnGroups(kernel.form, kernel_h) + ky / rows) * planes;
      const int64_t place = (group * block.width + lane) * rows + ky % rows;
      if (kernel.form == QdwconvForm::kPairs) {
        reinterpret_cast<int16_t*>(out)[place] = w[tap];
        continue;
      }
      int16_t rest = w[tap];
      for (int64_t plane = 0; plane < planes; ++plane) {
        const int16_t part = std::clamp<int16_t>(rest, -128, 127);
        reinterpret_cast<int8_t*>(out)[place + plane * block.width * rows] =
            static_cast<int8_t>(part);
        rest = static_cast<int16_t>(rest - part);
      }
    }
  }
}

}  // namespace minnow::kernels
