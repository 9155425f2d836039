// What is known about shapes when dimensions of the inputs are not: which unknown dimensions are
// equal, and what the elements of shape lists are in terms of them.
//
// An unknown dimension of a graph input is a symbol. Shapes of other values are expressed in these
// symbols as far as the operators allow, in fresh symbols otherwise: equal expressions are equal
// dimensions in every run, different ones may be equal or not.
#ifndef MINNOW_PASSES_SYMBOLIC_SHAPES_H_
#define MINNOW_PASSES_SYMBOLIC_SHAPES_H_

#include <map>
#include <optional>
#include <vector>

#include "graph/graph.h"

namespace minnow::passes {

// factor * product of symbols. Every symbol stands for a number >= 0.
struct Dim {
  int64_t factor = 1;
  std::vector<int> symbols;  // ascending, repeated for powers

  bool IsConstant() const { return symbols.empty(); }
  bool operator==(const Dim& other) const {
    return factor == other.factor && symbols == other.symbols;
  }
  bool operator!=(const Dim& other) const { return !(*this == other); }
};

using Dims = std::vector<Dim>;

// Elements of an integer tensor of static shape; nothing where an element is not known.
struct IntElements {
  Shape shape;
  std::vector<std::optional<Dim>> elements;
};

class SymbolicShapes {
 public:
  // REQUIRES: inferred shapes. Fails as TopologicalOrder and interpreter::Evaluate do.
  static StatusOr<SymbolicShapes> Analyze(const graph::Graph& graph);

  // Null when the rank is not known.
  const Dims* DimsOf(graph::ValueId id) const;
  // Null when `id` is no small i32/i64 tensor made from shapes and constants.
  const IntElements* ElementsOf(graph::ValueId id) const;
  // True when both have the same shape in every run.
  bool AreEqual(graph::ValueId a, graph::ValueId b) const;

 private:
  friend class ShapeRules;

  std::map<graph::ValueId, Dims> dims_;
  std::map<graph::ValueId, IntElements> elements_;
};

// Overflow (beyond kMaxElements) and inexact quotients give nothing.
std::optional<Dim> Multiply(const Dim& a, const Dim& b);
std::optional<Dim> Divide(const Dim& a, const Dim& b);

}  // namespace minnow::passes

#endif  // MINNOW_PASSES_SYMBOLIC_SHAPES_H_
