// One executable step of a plan.
#ifndef MINNOW_RUNTIME_OPERATOR_H_
#define MINNOW_RUNTIME_OPERATOR_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/status.h"
#include "base/thread_pool.h"

namespace minnow::runtime {

// Index of a value's memory in a plan. kNoSlot: an optional operand that is absent.
using SlotId = int32_t;
inline constexpr SlotId kNoSlot = -1;

// What a session lends to an operator for one run.
struct RunContext {
  Team* team = nullptr;
  void* const* buffers = nullptr;  // by SlotId
  char* scratch = nullptr;
  size_t scratch_bytes_per_worker = 0;

  template <typename T>
  T* buffer(SlotId slot) const {
    return slot == kNoSlot ? nullptr : static_cast<T*>(buffers[slot]);
  }
  float* scratch_of(int worker) const {
    return reinterpret_cast<float*>(scratch +
                                    scratch_bytes_per_worker * static_cast<size_t>(worker));
  }
};

// Immutable once built; Run may be called from many sessions at once.
class Operator {
 public:
  virtual ~Operator() = default;
  // Fast operators cannot fail; only those that meet data-dependent indices do.
  virtual Status Run(const RunContext& context) const = 0;
  // Multiply-accumulates of one run.
  virtual int64_t macs() const { return 0; }
  // The chosen kernel row, for profiles.
  virtual const char* kernel() const { return "copy"; }
  virtual size_t scratch_bytes() const { return 0; }
  // Its inputs may lie at any address (of their type), and no byte beyond them is read.
  virtual bool reads_exactly() const { return false; }

  // Set by the lowering, for profiles and messages.
  std::string node_name;
  std::string op_name;
  std::string output_shape;
};

// Cuts `units` of equal cost into contiguous ranges, a few a thread, and calls
// body(first, last, worker) on each.
template <typename Body>
void ForEachRange(Team* team, int64_t units, const Body& body) {
  if (units <= 0) return;
  if (team->size() == 1) {
    body(int64_t{0}, units, 0);
    return;
  }
  // One range a thread: a worker that is still waking up leaves its own to the others whole.
  const int64_t ranges = std::min<int64_t>(units, team->size());
  team->ParallelFor(ranges, [&](int64_t range, int worker) {
    body(units * range / ranges, units * (range + 1) / ranges, worker);
  });
}

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_OPERATOR_H_
