#include "runtime/operators/gemm_layer.h"

#include <algorithm>
#include <string>

#include "base/thread_pool.h"
#include "runtime/layout.h"
#include "runtime/operator.h"

namespace minnow::runtime {

using kernels::GemmF32Args;
using kernels::kBlock;

namespace {

constexpr size_t kSmallBytes = 256 * 1024;

// Packing reads 16 or 32 rows at once, whose lines are far apart; they come sooner one behind the
// other.
void FetchRows(const float* rows, int64_t count) {
  constexpr int64_t kLine = 64 / sizeof(float);
  for (int64_t i = 0; i < count; i += kLine) __builtin_prefetch(rows + i, 0, 2);
}

// The weights in the order of `order`: a copy that is packed at once.
StatusOr<SharedBuffer> PackReordered(const kernels::GemmF32Kernel& kernel, const Tensor& weights,
                                     int64_t k, int64_t n, size_t bytes,
                                     const std::vector<int64_t>& order, WeightCache* cache) {
  const std::string form = std::string(kernel.name) + "/reordered";
  return cache->Get(weights, form, bytes, [&](AlignedBuffer* buffer) {
    const float* source = weights.as<float>();
    std::vector<float> reordered;
    reordered.reserve(static_cast<size_t>(k * n));
    for (int64_t row = 0; row < n; ++row) {
      for (const int64_t at : order) reordered.push_back(source[row * k + at]);
    }
    Team team(&ThreadPool::Shared(), bytes < kSmallBytes ? 1 : ThreadPool::DefaultThreads());
    ForEachRange(
        &team, kernels::PanelsFor(kernel, n).count(), [&](int64_t first, int64_t last, int) {
          kernels::PackGemmF32(kernel, reordered.data(), k, n, first, last, buffer->as<float>());
        });
  });
}

// Packing waits for memory: each panel is a part, for all threads.
StatusOr<SharedBuffer> PackLater(const kernels::GemmF32Kernel& kernel, const Tensor& weights,
                                 int64_t k, int64_t n, size_t bytes, WeightCache* cache) {
  const kernels::GemmPanels panels = kernels::PanelsFor(kernel, n);
  return cache->GetLater(
      weights, kernel.name, bytes, panels.count(),
      [&kernel, panels, k, n](const Tensor& tensor, int64_t panel, AlignedBuffer* buffer) {
        const int64_t wide = std::min(panel, panels.wide_count);
        const int64_t first = wide * kernel.wide + (panel - wide) * kBlock;
        const int64_t last = first + (panel < panels.wide_count ? kernel.wide : kBlock);
        FetchRows(tensor.as<float>() + first * k, (std::min(last, n) - first) * k);
        kernels::PackGemmF32(kernel, tensor.as<float>(), k, n, panel, panel + 1,
                             buffer->as<float>());
      });
}

}  // namespace

StatusOr<SharedBuffer> PadBias(const Tensor* bias, const Tensor& weights, int64_t n,
                               WeightCache* cache) {
  const size_t bytes = static_cast<size_t>(Blocks(n) * kBlock) * sizeof(float);
  if (bias == nullptr) return cache->Get(weights, "no bias", bytes, [](AlignedBuffer*) {});
  return cache->Get(*bias, "bias", bytes, [&](AlignedBuffer* buffer) {
    std::copy_n(bias->as<float>(), n, buffer->as<float>());
  });
}

StatusOr<GemmLayer> GemmLayer::Make(const Tensor& weights, const Tensor* bias, int64_t k, int64_t n,
                                    const kernels::Epilogue& epilogue, Isa isa,
                                    const std::vector<int64_t>* order, WeightCache* cache) {
  GemmLayer layer;
  layer.k_ = k;
  layer.n_ = n;
  layer.epilogue_ = epilogue;
  layer.kernel_ = &kernels::SelectGemmF32(isa);
  layer.panels_ = kernels::PanelsFor(*layer.kernel_, n);
  const size_t bytes =
      static_cast<size_t>(kernels::PackedGemmF32Size(*layer.kernel_, k, n)) * sizeof(float);
  StatusOr<SharedBuffer> packed =
      order != nullptr ? PackReordered(*layer.kernel_, weights, k, n, bytes, *order, cache)
                       : PackLater(*layer.kernel_, weights, k, n, bytes, cache);
  if (!packed.ok()) return packed.status();
  layer.weights_ = *packed;
  StatusOr<SharedBuffer> padded = PadBias(bias, weights, n, cache);
  if (!padded.ok()) return padded.status();
  layer.bias_ = *padded;
  return layer;
}

int64_t GemmLayer::FirstColumn(int64_t panel) const {
  if (panel < panels_.wide_count) return panel * kernel_->wide;
  return panels_.wide_count * kernel_->wide + (panel - panels_.wide_count) * kBlock;
}

int64_t GemmLayer::Width(int64_t panel) const {
  return panel < panels_.wide_count ? kernel_->wide : kBlock;
}

void GemmLayer::RunPanel(int64_t panel, GemmF32Args args) const {
  const int64_t column = FirstColumn(panel);
  const int64_t at = column / kBlock * args.c_block_stride;
  args.channels = k_ / args.tap_count;
  args.b = weights_->as<float>() + column * k_;
  args.bias = bias_->as<float>() + column;
  args.c += at;
  if (args.residual != nullptr) args.residual += at;
  args.epilogue = epilogue_;
  // The next panel. Past the last one nobody needs the lines, and fetching them does no harm.
  args.prefetch = args.b + Width(panel) * k_;
  (panel < panels_.wide_count ? kernel_->wide_panel : kernel_->narrow_panel)(args);
}

}  // namespace minnow::runtime
