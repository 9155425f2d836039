// A compiled network: immutable, shared by every thread, worker and guest.
#ifndef MINNOW_RUNTIME_MODEL_H_
#define MINNOW_RUNTIME_MODEL_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cpu_features.h"
#include "base/status.h"
#include "graph/graph.h"
#include "runtime/weight_cache.h"
#include "tensor/dtype.h"
#include "tensor/quantization.h"
#include "tensor/shape.h"

namespace minnow::runtime {

class Plan;

struct CompileOptions {
  // Kernels are chosen up to this level. Tests force lower ones.
  Isa isa = DefaultIsa();
  // Largest arena of one session, in bytes.
  size_t max_arena_bytes = size_t{1} << 30;
  // What was written to the inputs outlives a run: for callers that run again on the same inputs.
  bool keep_inputs = false;
  // A quantised network is computed in floats.
  bool in_floats = false;
};

struct TensorInfo {
  std::string name;
  DType dtype = DType::kF32;
  // -1 where the model leaves it open (usually the batch, dimension 0).
  Shape shape;
  // What the integers of a quantised tensor stand for.
  std::optional<Quantization> quantization;
  // "NHWC" or "NCHW" where the network shows it (a 4-D input that feeds a convolution), else "".
  std::string layout;
};

// What a model was compiled to, for another process to go on from. Copies share elements.
struct CompiledParts {
  std::string imported_text;
  graph::Graph graph;        // after passes::Optimize
  graph::Graph specialized;  // after passes::Specialize, for the declared shapes
  std::vector<PackedWeights> weights;
};

class Model {
 public:
  // `graph` comes from an importer. Optimises it, and plans the input shapes with unknown batch set
  // to 1 (so that errors show at load). Sets `parts` where it is not null; weights are then kept as
  // they were, too. Thread safe.
  static StatusOr<std::shared_ptr<const Model>> Compile(graph::Graph graph,
                                                        const CompileOptions& options,
                                                        CompiledParts* parts = nullptr);
  // The model that gave `parts`, compiled with the same options: lowers it, and packs what is
  // missing.
  static StatusOr<std::shared_ptr<const Model>> Restore(CompiledParts parts,
                                                        const CompileOptions& options);
  ~Model();

  const std::vector<TensorInfo>& inputs() const { return inputs_; }
  const std::vector<TensorInfo>& outputs() const { return outputs_; }
  const CompileOptions& options() const { return options_; }
  // Multiply-accumulates of one run at batch 1, and bytes of the weights.
  int64_t macs() const;
  int64_t weight_bytes() const;

  // After the passes. Weights that are kept in packed form only are unpacked: kResourceExhausted
  // without memory for them.
  StatusOr<graph::Graph> graph() const;
  // The graph as imported and after the passes, as graph::Print gives them.
  const std::string& imported_text() const { return imported_text_; }
  std::string optimized_text() const;

  // The plan for these input shapes: compiled on first use, kept for the next (a small cache), its
  // packed weights shared with the other plans. Errors: kInvalidArgument when a shape does not fit
  // the declared one. Nodes whose shapes depend on data, and all behind them, are left to the
  // interpreter.
  StatusOr<std::shared_ptr<const Plan>> PlanFor(const std::vector<Shape>& input_shapes) const;

 private:
  struct Cache;
  explicit Model(const CompileOptions& options);
  // The inputs' shapes with unknown dimensions set to 1.
  StatusOr<std::vector<Shape>> DeclaredShapes() const;
  StatusOr<graph::Graph> Specialized(const std::vector<Shape>& input_shapes) const;
  // A new plan of a specialised graph, which it drops before weights are packed. `gives_weights`,
  // when given, is a graph whose weights need not stay in it.
  StatusOr<std::shared_ptr<const Plan>> MakePlan(graph::Graph specialized,
                                                 graph::Graph* gives_weights) const;
  // REQUIRES: graph_. The facts of it, and the plan that is there from the start.
  Status Finish(graph::Graph specialized, graph::Graph* gives_weights);

  graph::Graph graph_;  // after passes::Optimize; large weights may be in the cache alone
  CompileOptions options_;
  std::vector<TensorInfo> inputs_;
  std::vector<TensorInfo> outputs_;
  std::string imported_text_;
  std::shared_ptr<const Plan> default_plan_;
  std::unique_ptr<Cache> cache_;
};

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_MODEL_H_
