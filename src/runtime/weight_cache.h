// Packed weights, made once and shared by the plans of a model (one a batch size).
#ifndef MINNOW_RUNTIME_WEIGHT_CACHE_H_
#define MINNOW_RUNTIME_WEIGHT_CACHE_H_

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

  // Forgets what no plan holds any more.
  void ReleaseUnused();

  int64_t bytes() const;

 private:
  struct Entry {
    Tensor tensor;  // kept, so that its address stays its identity
    std::string form;
    SharedBuffer buffer;
  };

  SharedBuffer Find(const Tensor& tensor, const std::string& form) const;
  SharedBuffer Insert(const Tensor& tensor, const std::string& form, SharedBuffer buffer);

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_WEIGHT_CACHE_H_
