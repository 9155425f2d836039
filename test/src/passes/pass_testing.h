// How tests of passes build graphs, run one pass as the driver does, and compare results.
#ifndef MINNOW_TEST_SRC_PASSES_PASS_TESTING_H_
#define MINNOW_TEST_SRC_PASSES_PASS_TESTING_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"
#include "graph/infer_shapes.h"
#include "graph/print.h"
#include "graph/validate.h"
#include "interpreter/interpreter.h"
#include "passes/pipeline.h"

namespace minnow::passes {

// Reproducible on every machine, unlike <random>'s distributions.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2654435761u + 1) {}
  uint32_t Next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>(state_ >> 33);
  }
  int64_t Below(int64_t limit) { return Next() % limit; }
  bool OneIn(int64_t n) { return Below(n) == 0; }
  float Float(float low, float high) {
    return low + (high - low) * static_cast<float>(Next() % 65536) / 65535.0f;
  }

 private:
  uint64_t state_;
};

class GraphBuilder {
 public:
  explicit GraphBuilder(uint64_t seed = 1) : random_(seed) {}

  graph::ValueId Input(const std::string& name, const Shape& shape) {
    return graph_.AddInput(name, DType::kF32, shape);
  }
  // A constant of random numbers.
  graph::ValueId Weights(const std::string& name, const Shape& shape, float low = -1.0f,
                         float high = 1.0f) {
    Tensor tensor = *Tensor::Allocate(DType::kF32, shape);
    for (int64_t i = 0; i < tensor.ElementCount(); ++i) {
      tensor.mutable_as<float>()[i] = random_.Float(low, high);
    }
    return graph_.AddConstant(name, tensor);
  }
  graph::ValueId Floats(const std::string& name, const Shape& shape,
                        const std::vector<float>& values) {
    return graph_.AddConstant(name, *Tensor::From(shape, values.data()));
  }
  graph::ValueId Scalar(const std::string& name, float value) {
    return Floats(name, Shape{}, {value});
  }
  graph::ValueId Ints(const std::string& name, const std::vector<int64_t>& values) {
    const Shape shape = {static_cast<int64_t>(values.size())};
    return graph_.AddConstant(name, *Tensor::From(shape, values.data()));
  }
  graph::ValueId Op(graph::Op op, const std::vector<graph::ValueId>& inputs,
                    const std::string& name) {
    return graph_.AddNode("", std::move(op), inputs, name);
  }
  graph::ValueId Binary(graph::BinaryKind kind, graph::ValueId a, graph::ValueId b,
                        const std::string& name) {
    return Op(graph::Binary{kind, {}}, {a, b}, name);
  }
  void Output(graph::ValueId value) { graph_.AddOutput(value); }

  Random& random() { return random_; }
  graph::Graph& graph() { return graph_; }

 private:
  Random random_;
  graph::Graph graph_;
};

inline Status Settle(graph::Graph* graph) {
  graph->RemoveUnused();
  MINNOW_RETURN_IF_ERROR(graph::InferShapes(graph));
  return graph::Validate(*graph);
}

using PassFunction = Status (*)(graph::Graph*);

// The graph's text after one pass; the error's where it fails.
inline std::string After(PassFunction pass, graph::Graph* graph) {
  Status status = Settle(graph);
  if (status.ok()) status = pass(graph);
  if (status.ok()) status = Settle(graph);
  return status.ok() ? graph::Print(*graph) : status.message();
}

// Live nodes whose op is a T.
template <typename T>
int CountOf(const graph::Graph& graph) {
  int count = 0;
  for (graph::NodeId id = 0; id < graph.node_count(); ++id) {
    const graph::Node& node = graph.node(id);
    count += !node.dead && std::holds_alternative<T>(node.op);
  }
  return count;
}

// Random input tensors; unknown dims become `unknown`.
inline std::vector<Tensor> RandomInputs(const graph::Graph& graph, int64_t unknown, uint64_t seed) {
  Random random(seed);
  std::vector<Tensor> tensors;
  for (graph::ValueId id : graph.inputs()) {
    Shape shape = *graph.value(id).shape;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] == kUnknownDim) shape[axis] = unknown;
    }
    Tensor tensor = *Tensor::Allocate(DType::kF32, shape);
    for (int64_t i = 0; i < tensor.ElementCount(); ++i) {
      tensor.mutable_as<float>()[i] = random.Float(-1.0f, 1.0f);
    }
    tensors.push_back(tensor);
  }
  return tensors;
}

inline StatusOr<std::vector<Tensor>> Results(const graph::Graph& graph,
                                             const std::vector<Tensor>& inputs) {
  std::vector<TensorView> views;
  for (const Tensor& input : inputs) views.push_back(input.view());
  return interpreter::RunGraph(graph, views);
}

// Equal shapes, and elements within `tolerance` of the largest (of 0.1, where all are smaller: what
// was added up is of the order of 1).
inline testing::AssertionResult AreClose(const StatusOr<std::vector<Tensor>>& expected,
                                         const StatusOr<std::vector<Tensor>>& actual,
                                         double tolerance = 1e-5) {
  if (!expected.ok()) return testing::AssertionFailure() << expected.status().message();
  if (!actual.ok()) return testing::AssertionFailure() << actual.status().message();
  if (expected->size() != actual->size()) return testing::AssertionFailure() << "output count";
  for (size_t i = 0; i < expected->size(); ++i) {
    const Tensor& a = (*expected)[i];
    const Tensor& b = (*actual)[i];
    if (a.dtype() != b.dtype() || a.shape() != b.shape()) {
      return testing::AssertionFailure() << "output " << i << " is " << b.shape().ToString()
                                         << ", expected " << a.shape().ToString();
    }
    if (a.dtype() != DType::kF32) continue;
    double largest = 0.1, difference = 0;
    for (int64_t k = 0; k < a.ElementCount(); ++k) {
      const double x = a.as<float>()[k], y = b.as<float>()[k];
      largest = std::max(largest, std::fabs(x));
      const double apart = x == y ? 0.0 : std::fabs(x - y);
      difference = std::isnan(apart) ? INFINITY : std::max(difference, apart);
    }
    if (!(difference <= tolerance * largest)) {
      return testing::AssertionFailure()
             << "output " << i << " differs by " << difference << " of " << largest;
    }
  }
  return testing::AssertionSuccess();
}

// The pass keeps the results, for two values of the unknown dims.
inline void ExpectKeepsResults(PassFunction pass, const graph::Graph& graph) {
  graph::Graph before = graph, after = graph;
  ASSERT_TRUE(Settle(&before).ok());
  const std::string text = After(pass, &after);
  for (int64_t unknown : {1, 3}) {
    const std::vector<Tensor> inputs = RandomInputs(before, unknown, 7);
    EXPECT_TRUE(AreClose(Results(before, inputs), Results(after, inputs)))
        << "before:\n"
        << graph::Print(before) << "after:\n"
        << text;
  }
}

}  // namespace minnow::passes

#endif  // MINNOW_TEST_SRC_PASSES_PASS_TESTING_H_
