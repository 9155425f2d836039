#include "runtime/memory_planner.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>

#include "base/aligned_buffer.h"

namespace minnow::runtime {
namespace {

// A value that has its place. Together in memory, for the search goes through all of them.
struct Placed {
  size_t offset, end;
  int first, last;
};

// `placed` by rising offset.
size_t BestOffset(const std::vector<Placed>& placed, const Lifetime& value, size_t bytes) {
  size_t best = 0, best_gap = std::numeric_limits<size_t>::max();
  size_t end = 0;
  for (const Placed& other : placed) {
    if (other.first > value.last || value.first > other.last) continue;
    if (other.offset >= end + bytes && other.offset - end < best_gap) {
      best = end;
      best_gap = other.offset - end;
    }
    end = std::max(end, other.end);
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
  std::vector<Placed> placed;
  for (size_t index : order) {
    Lifetime& value = (*values)[index];
    value.offset = 0;
    if (value.bytes == 0) continue;
    const size_t bytes = RoundUp(value.bytes, kAlignment);
    value.offset = BestOffset(placed, value, bytes);
    arena = std::max(arena, value.offset + bytes);
    const auto higher =
        std::upper_bound(placed.begin(), placed.end(), value.offset,
                         [](size_t offset, const Placed& other) { return offset < other.offset; });
    placed.insert(higher, {value.offset, value.offset + bytes, value.first, value.last});
  }
  return arena;
}

}  // namespace minnow::runtime
