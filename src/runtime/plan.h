// A network compiled for fixed input shapes: operators in running order and where each value lives.
#ifndef MINNOW_RUNTIME_PLAN_H_
#define MINNOW_RUNTIME_PLAN_H_

#include <memory>
#include <vector>

#include "runtime/layout.h"
#include "runtime/operator.h"
#include "runtime/tail.h"
#include "tensor/tensor.h"

namespace minnow::runtime {

// Memory of one value in one layout.
struct Slot {
  Shape shape;
  DType dtype = DType::kF32;
  Layout layout = Layout::kRowMajor;
  // The slot whose memory this one shares (a Reshape, a part of a Concat), or itself; and where in
  // it.
  SlotId root = kNoSlot;
  size_t root_offset = 0;
  // Roots: a constant's elements, or where it lies in the arena.
  std::shared_ptr<const AlignedBuffer> constant;
  size_t arena_offset = 0;
};

// Immutable and shared by sessions.
class Plan {
 public:
  std::vector<Slot> slots;
  std::vector<std::unique_ptr<Operator>> operators;
  std::vector<SlotId> inputs;
  std::vector<bool> lendable;   // one an input: all that read it read exactly
  std::vector<SlotId> outputs;  // kNoSlot: the next output of the tail
  std::vector<Shape> input_shapes;
  size_t arena_bytes = 0;
  size_t scratch_bytes_per_worker = 0;  // a multiple of kAlignment
  std::unique_ptr<Tail> tail;           // what runs after the operators; null: nothing

  int64_t macs() const;
};

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_PLAN_H_
