// What the shape rules may know of real tensors: everything. Internal to interpreter/.
#ifndef MINNOW_INTERPRETER_FACTS_H_
#define MINNOW_INTERPRETER_FACTS_H_

#include <vector>

#include "graph/op_rules.h"
#include "tensor/tensor.h"

namespace minnow::interpreter {

inline std::vector<graph::InputFact> FactsOf(const std::vector<TensorView>& inputs) {
  std::vector<graph::InputFact> facts(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    facts[i].present = inputs[i].data != nullptr;
    facts[i].dtype = inputs[i].dtype;
    facts[i].shape = inputs[i].shape;
    facts[i].data = inputs[i].data;
  }
  return facts;
}

}  // namespace minnow::interpreter

#endif  // MINNOW_INTERPRETER_FACTS_H_
