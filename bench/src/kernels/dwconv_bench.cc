// How fast is each depthwise row on the layers of MobileNetV2?
#include "kernel_bench.h"
#include "kernels/dwconv/dwconv.h"

namespace minnow::kernels {
namespace {

struct Layer {
  const char* name;
  int64_t side, channels, kernel, stride;
};

constexpr Layer kLayers[] = {
    {"112x112_32", 112, 32, 3, 1},        {"112x112_96_stride2", 112, 96, 3, 2},
    {"56x56_144", 56, 144, 3, 1},         {"56x56_144_stride2", 56, 144, 3, 2},
    {"28x28_192", 28, 192, 3, 1},         {"28x28_192_stride2", 28, 192, 3, 2},
    {"14x14_384", 14, 384, 3, 1},         {"14x14_576", 14, 576, 3, 1},
    {"14x14_576_stride2", 14, 576, 3, 2}, {"7x7_960", 7, 960, 3, 1},
    {"14x14_240_5x5", 14, 240, 5, 1},
};

void BM_Depthwise(benchmark::State& state, const DwconvF32Kernel* kernel, const Layer& layer) {
  const int64_t blocks = BlocksOf(layer.channels), side = layer.side;
  const int64_t pad = (layer.kernel - 1) / 2, out = (side - 1) / layer.stride + 1;
  Floats in(blocks * side * side * kBlock), result(blocks * out * out * kBlock);
  Floats weights(blocks * layer.kernel * layer.kernel * kBlock), bias(blocks * kBlock);
  std::vector<const float*> rows(static_cast<size_t>((out - 1) * layer.stride + layer.kernel));
  DwconvF32Args args;
  args.rows = rows.data();
  args.in_width = side;
  args.out_width = args.out_rows = out;
  args.kernel_h = args.kernel_w = layer.kernel;
  args.stride_h = args.stride_w = layer.stride;
  args.pad_left = pad;
  args.epilogue.min = 0;
  args.epilogue.max = 6;
  for (auto _ : state) {
    for (int64_t block = 0; block < blocks; ++block) {
      for (size_t i = 0; i < rows.size(); ++i) {
        const int64_t y = static_cast<int64_t>(i) - pad;
        const bool inside = y >= 0 && y < side;
        rows[i] = inside ? in.data() + (block * side + y) * side * kBlock : nullptr;
      }
      args.weights = weights.data() + block * layer.kernel * layer.kernel * kBlock;
      args.bias = bias.data() + block * kBlock;
      args.out = result.data() + block * out * out * kBlock;
      kernel->run(args);
    }
    benchmark::ClobberMemory();
  }
  SetRate(state, kernel == &SelectDwconvF32(DefaultIsa()),
          2.0 * static_cast<double>(out * out * layer.channels * layer.kernel * layer.kernel));
}

const bool kRegistered = [] {
  for (const DwconvF32Kernel* kernel : RowsOf(DwconvF32Kernels)) {
    for (const Layer& layer : kLayers) {
      const std::string name = std::string(kernel->name) + "/" + layer.name;
      benchmark::RegisterBenchmark(name.c_str(), BM_Depthwise, kernel, layer);
    }
  }
  return true;
}();

}  // namespace
}  // namespace minnow::kernels
