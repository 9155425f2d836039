// How near to the memory's speed are pooling, elementwise, softmax and reorder kernels?
#include "kernel_bench.h"
#include "kernels/eltwise/eltwise.h"
#include "kernels/pool/pool.h"
#include "kernels/reorder/reorder.h"
#include "kernels/softmax/softmax.h"

namespace minnow::kernels {
namespace {

// MobileNetV2's residual sums, smallest and largest.
constexpr int64_t kSums[] = {7 * 7 * 160, 56 * 56 * 32};

void BM_Add(benchmark::State& state, const EltwiseF32Kernel* kernel, int64_t elems) {
  Floats a(elems), b(elems), out(elems);
  BinaryF32Args args;
  args.a = a.data();
  args.b = b.data();
  args.out = out.data();
  args.n = elems;
  for (auto _ : state) {
    kernel->add(args);
    benchmark::ClobberMemory();
  }
  SetBandwidth(state, kernel == &SelectEltwiseF32(DefaultIsa()),
               3.0 * sizeof(float) * static_cast<double>(elems));
}

void BM_HardSwish(benchmark::State& state, const EltwiseF32Kernel* kernel, int64_t elems) {
  Floats in(elems), out(elems);
  UnaryF32Args args;
  args.in = in.data();
  args.out = out.data();
  args.n = elems;
  args.epilogue.hard_swish = true;
  for (auto _ : state) {
    kernel->affine(args);
    benchmark::ClobberMemory();
  }
  SetBandwidth(state, kernel == &SelectEltwiseF32(DefaultIsa()),
               2.0 * sizeof(float) * static_cast<double>(elems));
}

// The head: 7x7x1280 to 1280.
void BM_Mean(benchmark::State& state, const PoolF32Kernel* kernel) {
  constexpr int64_t kPixels = 49, kBlocks = 80;
  Floats in(kPixels * kBlocks * kBlock), out(kBlocks * kBlock);
  for (auto _ : state) {
    for (int64_t block = 0; block < kBlocks; ++block) {
      kernel->mean(in.data() + block * kPixels * kBlock, kPixels, out.data() + block * kBlock);
    }
    benchmark::ClobberMemory();
  }
  SetBandwidth(state, kernel == &SelectPoolF32(DefaultIsa()),
               sizeof(float) * static_cast<double>(kPixels * kBlocks * kBlock));
}

// SqueezeNet's first pooling: 3x3, stride 2, 111x111x64.
void BM_MaxPool(benchmark::State& state, const PoolF32Kernel* kernel) {
  constexpr int64_t kIn = 111, kOut = 55, kBlocks = 4;
  Floats in(kIn * kIn * kBlocks * kBlock), out(kOut * kOut * kBlocks * kBlock);
  const float* rows[3];
  PoolF32Args args;
  args.rows = rows;
  args.in_width = kIn;
  args.out_width = kOut;
  args.kernel_h = args.kernel_w = 3;
  args.stride = 2;
  for (auto _ : state) {
    for (int64_t row = 0; row < kBlocks * kOut; ++row) {
      for (int64_t ky = 0; ky < 3; ++ky) {
        rows[ky] = in.data() + (row / kOut * kIn + row % kOut * 2 + ky) * kIn * kBlock;
      }
      args.out = out.data() + row * kOut * kBlock;
      kernel->max_row(args);
    }
    benchmark::ClobberMemory();
  }
  SetBandwidth(state, kernel == &SelectPoolF32(DefaultIsa()),
               sizeof(float) * static_cast<double>(kIn * kIn * kBlocks * kBlock));
}

void BM_Softmax(benchmark::State& state) {
  Floats in(1001), out(1001);
  for (auto _ : state) {
    SoftmaxF32(in.data(), 1001, false, out.data());
    benchmark::ClobberMemory();
  }
  SetBandwidth(state, true, 2.0 * sizeof(float) * 1001);
}
BENCHMARK(BM_Softmax)->Name("softmax_f32/1001");

// 56x56x24, row-major (0) or planar (1), to blocks and back.
void BM_Reorder(benchmark::State& state) {
  constexpr int64_t kPixels = 56 * 56, kChannels = 24;
  const bool planar = state.range(0) != 0;
  Floats plain(kPixels * kChannels), blocked(kPixels * BlocksOf(kChannels) * kBlock);
  ReorderArgs args;
  args.pixels = kPixels;
  args.channels = kChannels;
  args.pixel_stride = planar ? 1 : kChannels;
  args.channel_stride = planar ? kPixels : 1;
  args.last_block = BlocksOf(kChannels);
  for (auto _ : state) {
    PlainToBlocked(args, plain.data(), blocked.data());
    BlockedToPlain(args, blocked.data(), plain.data());
    benchmark::ClobberMemory();
  }
  SetBandwidth(state, true, 4.0 * sizeof(float) * kPixels * kChannels);
}
BENCHMARK(BM_Reorder)->Name("reorder_f32/56x56_24/planar")->Arg(0)->Arg(1);

const bool kRegistered = [] {
  for (const EltwiseF32Kernel* kernel : RowsOf(EltwiseF32Kernels)) {
    for (const int64_t elems : kSums) {
      const std::string size = "/" + std::to_string(elems);
      benchmark::RegisterBenchmark((kernel->name + ("/add" + size)).c_str(), BM_Add, kernel, elems);
      benchmark::RegisterBenchmark((kernel->name + ("/hard_swish" + size)).c_str(), BM_HardSwish,
                                   kernel, elems);
    }
  }
  for (const PoolF32Kernel* kernel : RowsOf(PoolF32Kernels)) {
    const std::string name = kernel->name;
    benchmark::RegisterBenchmark((name + "/mean_7x7_1280").c_str(), BM_Mean, kernel);
    benchmark::RegisterBenchmark((name + "/max_3x3_stride2_111x111_64").c_str(), BM_MaxPool,
                                 kernel);
  }
  return true;
}();

}  // namespace
}  // namespace minnow::kernels
