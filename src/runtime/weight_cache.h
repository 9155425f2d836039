// Packed weights, made once and shared by the plans of a model (one a batch size).
#ifndef MINNOW_RUNTIME_WEIGHT_CACHE_H_
#define MINNOW_RUNTIME_WEIGHT_CACHE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/status.h"
#include "tensor/tensor.h"

namespace minnow::runtime {

using SharedBuffer = std::shared_ptr<const AlignedBuffer>;

// Thread safe.
class WeightCache {
 public:
  // What `fill` gave the first time for these elements, this shape and this form
  // ("gemm_f32_14x32_avx512", …). It writes the zeroed buffer of `bytes` bytes.
  template <typename Fill>
  StatusOr<SharedBuffer> Get(const Tensor& tensor, const std::string& form, size_t bytes,
                             const Fill& fill) {
    if (SharedBuffer found = Find(tensor, form)) return found;
    StatusOr<AlignedBuffer> buffer = AlignedBuffer::Allocate(bytes);
    if (!buffer.ok()) return buffer.status();
    fill(&*buffer);
    return Insert(tensor, form, std::make_shared<const AlignedBuffer>(std::move(*buffer)));
  }

  // The same for weights that are packed in `parts`, which threads share: `fill` is called once for
  // each of them, at FillPending() or before, and together they write all of an unfilled buffer.
  using FillPart = std::function<void(const Tensor&, int64_t part, AlignedBuffer*)>;
  StatusOr<SharedBuffer> GetLater(const Tensor& tensor, const std::string& form, size_t bytes,
                                  int64_t parts, FillPart fill);
  // Before anybody reads them: fills the buffers of GetLater.
  void FillPending();

  // Forgets what no plan holds any more.
  void ReleaseUnused();

  int64_t bytes() const;

 private:
  struct Entry {
    Tensor tensor;  // kept, so that its address stays its identity
    std::string form;
    SharedBuffer buffer;
  };

  struct Pending {
    Tensor tensor;
    int64_t parts;
    FillPart fill;
    std::shared_ptr<AlignedBuffer> buffer;
  };

  SharedBuffer Find(const Tensor& tensor, const std::string& form) const;
  SharedBuffer Insert(const Tensor& tensor, const std::string& form, SharedBuffer buffer);

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::vector<Pending> pending_;
  size_t pending_bytes_ = 0;
};

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_WEIGHT_CACHE_H_
