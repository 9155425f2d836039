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
#include "graph/graph.h"
#include "tensor/shape.h"
#include "tensor/tensor.h"

namespace minnow::runtime {

using SharedBuffer = std::shared_ptr<const AlignedBuffer>;

// How weights are packed in parts, which threads share: `from` and `to` are the first bytes of all
// weights and of all that is packed. A part writes its share of `to` and no more, and reads nothing
// of `from` that lies where another part writes, so that both may be the same memory.
struct Packing {
  int64_t parts = 0;
  size_t scratch_bytes = 0;  // for one part at a time
  std::function<void(int64_t part, const void* from, void* to, void* scratch)> pack;
  // The way back; never in place.
  std::function<void(int64_t part, const void* from, void* to)> unpack;
};

// Weights in the form that one kernel wants.
struct PackedWeights {
  uint64_t identity = 0;  // of the tensor
  Shape shape;
  std::string form;
  SharedBuffer buffer;
};

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

  // The same for weights that are packed at FillPending(). Until then the buffer is empty.
  StatusOr<SharedBuffer> GetLater(const Tensor& tensor, const std::string& form, size_t bytes,
                                  Packing packing);
  // Takes the elements of what is pending out of `graph`; Restore() gives them back to it and to
  // its copies, from their packed form, which is kept from now on.
  void ReleaseSources(graph::Graph* graph);
  // Before anybody reads them: fills the buffers of GetLater, in the memory of the weights where
  // nobody else holds those. Forgets what it could not fill. kResourceExhausted without memory, or
  // when the load takes too long.
  Status FillPending();
  // Forgets what FillPending() has not filled.
  void DropPending();

  // Weights that ReleaseSources() took, unpacked. kResourceExhausted without memory.
  Status Restore(graph::Graph* graph) const;

  // Forgets what no plan holds any more.
  void ReleaseUnused();

  int64_t bytes() const;

  // All that is in it, and what another cache held.
  std::vector<PackedWeights> entries() const;
  void Add(std::vector<PackedWeights> entries);

 private:
  struct Entry : PackedWeights {
    std::shared_ptr<const Packing> packing;  // of GetLater
    bool is_source = false;                  // the only form of weights that a graph needs

    // While the buffer of GetLater is empty.
    bool IsPending() const { return packing != nullptr && buffer->data() == nullptr; }
  };

  struct Pending {
    Tensor tensor;
    size_t bytes;
    std::shared_ptr<const Packing> packing;
    std::shared_ptr<AlignedBuffer> buffer;
  };

  SharedBuffer Find(const Tensor& tensor, const std::string& form) const;
  SharedBuffer Insert(const Tensor& tensor, const std::string& form, SharedBuffer buffer);
  static Status FillBatch(Pending* batch, size_t count, size_t bytes);
  StatusOr<Tensor> Unpacked(const Tensor& hollow) const;

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::vector<Pending> pending_;
};

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_WEIGHT_CACHE_H_
