// Places values with known lifetimes in one arena.
//
// Greedy by size: the largest value first, each at the lowest offset where no placed value overlaps
// it both in time and in memory, the tightest such gap preferred (Pisarchyk and Lee, "Efficient
// Memory Management for Deep Neural Net Inference", 2020, section 4.3).
#ifndef MINNOW_RUNTIME_MEMORY_PLANNER_H_
#define MINNOW_RUNTIME_MEMORY_PLANNER_H_

#include <cstddef>
#include <vector>

namespace minnow::runtime {

struct Lifetime {
  size_t bytes = 0;
  int first = 0;      // the operator that writes it, -1 for inputs
  int last = 0;       // the last operator that reads it, inclusive
  size_t offset = 0;  // out: a multiple of kAlignment
};

// Fills in the offsets and returns the arena's size. Values of zero bytes get offset 0.
size_t PlanMemory(std::vector<Lifetime>* values);

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_MEMORY_PLANNER_H_
