// How fast is each GEMM row on the pointwise layers, the first convolution and the classifier?
#include "kernel_bench.h"
#include "kernels/gemm/gemm.h"

namespace minnow::kernels {
namespace {

// All panels of a layer, the weights packed before.
void RunPanels(const GemmF32Kernel& kernel, GemmF32Args args, int64_t k, int64_t n) {
  const GemmPanels panels = PanelsFor(kernel, n);
  float* const c = args.c;
  int64_t column = 0;
  for (int64_t panel = 0; panel < panels.count(); ++panel) {
    const bool wide = panel < panels.wide_count;
    const int64_t width = wide ? kernel.wide : kBlock;
    args.c = c + column / kBlock * args.c_block_stride;
    args.prefetch = args.b + width * k;
    (wide ? kernel.wide_panel : kernel.narrow_panel)(args);
    args.b += width * k;
    args.bias += width;
    column += width;
  }
}

void BM_Pointwise(benchmark::State& state, const GemmF32Kernel* kernel,
                  const PointwiseLayer& layer) {
  const int64_t in_blocks = BlocksOf(layer.in_c), out_blocks = BlocksOf(layer.out_c);
  Floats a(in_blocks * layer.pixels * kBlock), c(out_blocks * layer.pixels * kBlock);
  Floats weights(layer.out_c * layer.in_c), bias(out_blocks * kBlock);
  Floats packed(PackedGemmF32Size(*kernel, layer.in_c, layer.out_c));
  PackGemmF32(*kernel, weights.data(), layer.in_c, layer.out_c, packed.data());
  const int64_t tap = 0;
  GemmF32Args args;
  args.m = layer.pixels;
  args.a = a.data();
  args.taps = &tap;
  args.channels = layer.in_c;
  args.a_block_stride = args.c_block_stride = layer.pixels * kBlock;
  args.b = packed.data();
  args.bias = bias.data();
  args.c = c.data();
  args.epilogue.min = 0;
  args.epilogue.max = 6;
  for (auto _ : state) {
    RunPanels(*kernel, args, layer.in_c, layer.out_c);
    benchmark::ClobberMemory();
  }
  SetRate(state, kernel == &SelectGemmF32(DefaultIsa()),
          2.0 * static_cast<double>(layer.pixels * layer.in_c * layer.out_c));
}

// 3x3, stride 2, from a padded row-major (taps run along 9 floats) or planar image (along 3).
void BM_First(benchmark::State& state, const GemmF32Kernel* kernel, bool planar) {
  constexpr int64_t kIn = 226, kOut = 112, kChannels = 32, kK = 27;
  Floats a(3 * kIn * kIn), weights(kChannels * kK), bias(kChannels);
  Floats c(kChannels * kOut * kOut), packed(PackedGemmF32Size(*kernel, kK, kChannels));
  PackGemmF32(*kernel, weights.data(), kK, kChannels, packed.data());
  std::vector<int64_t> taps;
  for (int64_t ky = 0; ky < 3; ++ky) {
    for (int64_t plane = 0; plane < (planar ? 3 : 1); ++plane) {
      taps.push_back(planar ? plane * kIn * kIn + ky * kIn : ky * kIn * 3);
    }
  }
  GemmF32Args args;
  args.m = kOut;
  args.taps = taps.data();
  args.tap_count = static_cast<int64_t>(taps.size());
  args.channels = kK / args.tap_count;
  args.pixel_stride = planar ? 2 : 6;
  args.a_block_stride = kBlock;
  args.c_block_stride = kOut * kOut * kBlock;
  args.b = packed.data();
  args.bias = bias.data();
  for (auto _ : state) {
    for (int64_t row = 0; row < kOut; ++row) {
      args.a = a.data() + 2 * row * kIn * (planar ? 1 : 3);
      args.c = c.data() + row * kOut * kBlock;
      RunPanels(*kernel, args, kK, kChannels);
    }
    benchmark::ClobberMemory();
  }
  SetRate(state, kernel == &SelectGemmF32(DefaultIsa()), 2.0 * kOut * kOut * kChannels * kK);
}

const bool kRegistered = [] {
  for (const GemmF32Kernel* kernel : RowsOf(GemmF32Kernels)) {
    const std::string name = kernel->name;
    for (const PointwiseLayer& layer : kPointwise) {
      benchmark::RegisterBenchmark((name + "/" + layer.name).c_str(), BM_Pointwise, kernel, layer);
    }
    for (const bool planar : {false, true}) {
      const char* form = planar ? "/first_planar" : "/first_row_major";
      benchmark::RegisterBenchmark((name + form).c_str(), BM_First, kernel, planar);
    }
  }
  return true;
}();

}  // namespace
}  // namespace minnow::kernels
