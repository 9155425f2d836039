// How much a model file may ask for while it is loaded.
//
//   const LoadScope scope(limits);
//   … importers::ImportModel(…); runtime::Model::Compile(…); …
//
// A scope holds for its thread: readers and passes many calls deep ask it instead of each handing
// it on. Without one the defaults hold.
#ifndef MINNOW_TENSOR_LOAD_LIMITS_H_
#define MINNOW_TENSOR_LOAD_LIMITS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "tensor/shape.h"

namespace minnow {

// What the dimensions of a tensor without elements multiply to at most, without the 0: what costs
// nothing to declare is still looped over and listed, 128 MiB a list of indices.
inline constexpr int64_t kMaxSidesOfNothing = int64_t{1} << 24;

// What is beyond one of them is kResourceExhausted, before memory is taken for it; what nests too
// deep is kInvalidModel or kUnsupported, as the format has it.
struct LoadLimits {
  // Dimensions of a tensor, up to kMaxRank, and its elements, up to kMaxElements.
  int rank = kMaxRank;
  int64_t elements = kMaxElements;
  // Operators of the graph as imported. Some passes look through the whole graph for each: four
  // times as many as the largest known image network has.
  int nodes = 16384;
  // Levels of messages, elements, tables, blocks, expressions or calls, where a format's own limit
  // is not lower: protobuf 16, XML 32, FlatBuffers 64, TorchScript 200, its calls 400.
  int nesting = 400;
  // Working memory of one session.
  size_t arena_bytes = size_t{1} << 30;
  // From the first byte to the plan, by the wall clock; looked at between operators. 0: no limit,
  // as in a guest: its host bounds its time, and makes its clock.
#if defined(__wasm__)
  int64_t milliseconds = 0;
#else
  int64_t milliseconds = 60'000;
#endif
  // Elements that one pass may read and multiply to compute constants, about a second in plain C++;
  // what takes more is no error, but left to the run.
  double folded_work = 1e9;
};

// In force on this thread from here to the end of the block. Inside another scope the earlier
// deadline counts.
class LoadScope {
 public:
  explicit LoadScope(const LoadLimits& limits);
  ~LoadScope();
  LoadScope(const LoadScope&) = delete;
  LoadScope& operator=(const LoadScope&) = delete;

 private:
  friend const LoadLimits& CurrentLoadLimits();
  friend Status CheckLoadTime();

  const LoadLimits limits_;
  const LoadScope* const outer_;
  std::chrono::steady_clock::time_point deadline_;
  int64_t milliseconds_;  // of the scope whose deadline it is
};

// Of the innermost scope; the defaults outside of any.
const LoadLimits& CurrentLoadLimits();
// How deep a format may nest whose own limit is `own`.
int AllowedNesting(int own);

Status CheckLoadTime();
// The time, and the operators there are so far.
Status CheckLoad(int nodes);
// kInvalidArgument for a shape that no tensor can have, kResourceExhausted beyond the limits.
// Dimensions that are not known do not count; of one that is 0, see kMaxSidesOfNothing.
Status CheckTensorLimits(const Shape& shape);

}  // namespace minnow

#endif  // MINNOW_TENSOR_LOAD_LIMITS_H_
