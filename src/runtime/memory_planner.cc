#include "runtime/memory_planner.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>

#include "base/aligned_buffer.h"

namespace minnow::runtime {
namespace {

// Bytes that a value occupies: kernels may read a little past its end.
size_t Extent(const Lifetime& value) { return RoundUp(value.bytes, kAlignment); }

bool Overlap(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

// `alive` are the placed values that share time with the new one, by rising offset.
size_t BestOffset(const std::vector<const Lifetime*>& alive, size_t bytes) {
  size_t best = std::numeric_limits<size_t>::max(), best_gap = best;
  size_t end = 0;
  for (const Lifetime* value : alive) {
    if (value->offset >= end + bytes && value->offset - end < best_gap) {
      best = end;
      best_gap = value->offset - end;
    }
    end = std::max(end, value->offset + Extent(*value));
  }
  return best_gap == std::numeric_limits<size_t>::max() ? end : best;
}

}  // namespace

size_t PlanMemory(std::vector<Lifetime>* values) {
  std::vector<size_t> order(values->size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return (*values)[a].bytes > (*values)[b].bytes; });
  size_t arena = 0;
  std::vector<const Lifetime*> placed;  // by rising offset
  for (size_t index : order) {
    Lifetime& value = (*values)[index];
    value.offset = 0;
    if (value.bytes == 0) continue;
    std::vector<const Lifetime*> alive;
    for (const Lifetime* other : placed) {
      if (Overlap(*other, value)) alive.push_back(other);
    }
    value.offset = BestOffset(alive, Extent(value));
    arena = std::max(arena, value.offset + Extent(value));
    placed.insert(std::upper_bound(
                      placed.begin(), placed.end(), &value,
                      [](const Lifetime* a, const Lifetime* b) { return a->offset < b->offset; }),
                  &value);
  }
  return arena;
}

}  // namespace minnow::runtime
