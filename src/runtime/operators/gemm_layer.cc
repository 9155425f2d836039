#include "runtime/operators/gemm_layer.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "base/thread_pool.h"
#include "runtime/layout.h"
#include "runtime/operator.h"

namespace minnow::runtime {

using kernels::GemmF32Args;
using kernels::kBlock;

namespace {

constexpr size_t kSmallBytes = 256 * 1024;

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
    const int64_t panels = kernels::PanelsFor(kernel, n).count();
    Team team(&ThreadPool::Shared(), bytes < kSmallBytes ? 1 : ThreadPool::DefaultThreads());
    team.ParallelFor(panels, [&](int64_t index, int) {
      const kernels::GemmPanel panel = kernels::PanelAt(kernel, n, index);
      kernels::PackPanel(panel, reordered.data() + panel.first * k, k,
                         buffer->as<float>() + panel.first * k);
    });
  });
}

// Packing waits for memory: each panel is a part, for all threads. A panel's rows may lie where the
// panel will, and are copied first; the copy is in the second-level cache.
StatusOr<SharedBuffer> PackLater(const kernels::GemmF32Kernel& kernel, const Tensor& weights,
                                 int64_t k, int64_t n, size_t bytes, WeightCache* cache) {
  Packing packing;
  packing.parts = kernels::PanelsFor(kernel, n).count();
  packing.scratch_bytes = static_cast<size_t>(kernel.wide * k) * sizeof(float);
  packing.pack = [&kernel, k, n](int64_t part, const void* from, void* to, void* scratch) {
    const kernels::GemmPanel panel = kernels::PanelAt(kernel, n, part);
    std::memcpy(scratch, static_cast<const float*>(from) + panel.first * k,
                static_cast<size_t>(panel.rows * k) * sizeof(float));
    kernels::PackPanel(panel, static_cast<const float*>(scratch), k,
                       static_cast<float*>(to) + panel.first * k);
  };
  packing.unpack = [&kernel, k, n](int64_t part, const void* from, void* to) {
    const kernels::GemmPanel panel = kernels::PanelAt(kernel, n, part);
    kernels::UnpackPanel(panel, static_cast<const float*>(from) + panel.first * k, k,
                         static_cast<float*>(to) + panel.first * k);
  };
  return cache->GetLater(weights, kernel.name, bytes, std::move(packing));
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
