// One caller's state: an arena, the bound inputs and outputs of one plan.
#ifndef MINNOW_RUNTIME_SESSION_H_
#define MINNOW_RUNTIME_SESSION_H_

#include <atomic>
#include <memory>
#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "runtime/model.h"
#include "runtime/profiler.h"
#include "tensor/tensor.h"

namespace minnow::runtime {

struct Slot;

struct RunOptions {
  // Threads of this run at most; 0: as many as the pool has. Results do not depend on it.
  int threads = 0;
  // Whose threads; null: ThreadPool::Shared().
  ThreadPool* pool = nullptr;
  // Looked at between operators; when it becomes true, Run returns kCancelled.
  const std::atomic<bool>* cancelled = nullptr;
  // When set, one record an operator is written to it (allocates).
  Profile* profile = nullptr;
};

// Not thread safe; use one session a thread. Allocates in Create and Prepare, never in Run (but for
// the scratch of more threads than any run before had, and for tensors whose shapes depend on
// data).
class Session {
 public:
  static StatusOr<std::unique_ptr<Session>> Create(std::shared_ptr<const Model> model);
  ~Session();

  // Makes the session ready for inputs of these shapes (one a model input, all static). Does
  // nothing when they are those of the last call. A new session is prepared for the declared
  // shapes, unknown dims taken as 1.
  Status Prepare(const std::vector<Shape>& input_shapes);

  // Memory to write input `index` to (row-major, 64-byte aligned), valid until the next Prepare.
  // Its contents are lost by Run, unless the model was compiled with keep_inputs.
  MutableTensorView input(size_t index);
  // Makes the next Run read input `index` from `data` (row-major, aligned as its type, not written
  // to meanwhile) and spares a copy. False where operators want the session's own memory: write to
  // input(index) then.
  bool Lend(size_t index, const void* data);
  // Result `index` of the last Run, row-major, valid until the next Run or Prepare. Where its shape
  // depends on data, it is empty before the first Run.
  TensorView output(size_t index) const;

  // Errors: kCancelled, kInvalidArgument (data-dependent index out of range). Weights and inputs
  // with NaN or infinity are legal.
  Status Run(const RunOptions& options);

  const Model& model() const { return *model_; }
  size_t arena_bytes() const;

 private:
  explicit Session(std::shared_ptr<const Model> model);
  Status ReserveScratch(int threads);
  Status RunOperators(const RunOptions& options);
  char* MemoryOf(const Slot& root);
  // Points all that shares the memory of an input to `data`; null: back to the arena.
  void PointInput(size_t index, const void* data);
  Status RunTail(const RunOptions& options);

  std::shared_ptr<const Model> model_;
  std::shared_ptr<const Plan> plan_;
  AlignedBuffer arena_;
  AlignedBuffer scratch_;
  int scratch_threads_ = 0;
  std::vector<void*> buffers_;  // one a plan value
  std::vector<bool> lent_;      // one an input
  std::vector<Tensor> tail_outputs_;
};

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_SESSION_H_
