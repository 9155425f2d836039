// What every op means, in plain C++ on row-major tensors: the oracle of tests, the evaluator of
// constants, and what the runtime falls back to for an op without a fast kernel.
//
// One file a theme (convolution, elementwise, reduction, movement, …). Straight loops, every index
// checked or bounded, accumulation in double.
//
// Where formats or C++ leave a choice: a NaN wins every maximum and minimum; integers wrap around,
// their division by zero is kInvalidArgument; Mod has the divisor's sign; a float cast to an
// integer truncates and saturates, NaN gives 0; Round takes halves to even; the maximum of nothing
// is -inf, the average of nothing but padding 0. f16 is computed in f32 and
// rounded once an op.
#ifndef MINNOW_INTERPRETER_INTERPRETER_H_
#define MINNOW_INTERPRETER_INTERPRETER_H_

#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"
#include "tensor/tensor.h"

namespace minnow::interpreter {

// Evaluates one op. inputs[i].data is null where an optional input is absent. Outputs have their
// dtype and static shape from InferShapes and memory that does not overlap the inputs. Sums are
// accumulated in double, so that this is the higher-precision reference of the fast kernels.
// Errors: kUnsupported for a dtype that is not implemented, kInvalidArgument for an index out of
// range.
Status Evaluate(const graph::Op& op, const std::vector<TensorView>& inputs,
                const std::vector<MutableTensorView>& outputs);

struct RunLimits {
  // Of the tensors that live at once, inputs included.
  size_t max_bytes = std::numeric_limits<size_t>::max();
  // Called before each node where it is set; an error ends the run.
  std::function<Status(const graph::Node&)> before_node;
};

// Runs a whole graph, any layout, straight from the importer: specialises the shapes to the inputs
// given (in graph order), folds nothing, allocates every value. Shapes may depend on data. Slow and
// exact. Above limits.max_bytes: kResourceExhausted.
StatusOr<std::vector<Tensor>> RunGraph(const graph::Graph& graph,
                                       const std::vector<TensorView>& inputs,
                                       const RunLimits& limits = {});

// Output dtypes and shapes of one op whose inputs are all known, constants included (a Reshape
// reads its shape input). The same rules as graph::InferShapes.
StatusOr<std::vector<Tensor>> AllocateOutputs(const graph::Op& op,
                                              const std::vector<TensorView>& inputs);

}  // namespace minnow::interpreter

#endif  // MINNOW_INTERPRETER_INTERPRETER_H_
