// How symbols travel: one rule an operator for the dimensions of its output, and shape lists
// followed element by element.
#include "passes/symbolic_shapes.h"

#include <algorithm>
#include <utility>

#include "graph/infer_shapes.h"
#include "passes/rewrite.h"

namespace minnow::passes {

using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

using MaybeDim = std::optional<Dim>;
using MaybeDims = std::optional<std::vector<MaybeDim>>;

namespace {

// Shape lists are short; longer integer tensors are data.
constexpr int64_t kMaxListElements = 64;

Dim ConstantDim(int64_t value) { return Dim{value, {}}; }

bool IsInteger(DType dtype) { return dtype == DType::kS64 || dtype == DType::kS32; }

MaybeDims Widen(const Dims* dims) {
  if (dims == nullptr) return std::nullopt;
  return std::vector<MaybeDim>(dims->begin(), dims->end());
}

MaybeDim Product(const std::vector<MaybeDim>& dims, size_t first, size_t last) {
  MaybeDim product = ConstantDim(1);
  for (size_t i = first; i < last && product; ++i) {
    product = dims[i] ? Multiply(*product, *dims[i]) : std::nullopt;
  }
  return product;
}

std::optional<size_t> Axis(int64_t axis, size_t rank) {
  const StatusOr<int> normalized = NormalizeAxis(axis, static_cast<int>(rank));
  if (!normalized.ok()) return std::nullopt;
  return static_cast<size_t>(*normalized);
}

}  // namespace

std::optional<Dim> Multiply(const Dim& a, const Dim& b) {
  int64_t factor = 0;
  if (__builtin_mul_overflow(a.factor, b.factor, &factor) || factor > kMaxElements) {
    return std::nullopt;
  }
  Dim product{factor, a.symbols};
  product.symbols.insert(product.symbols.end(), b.symbols.begin(), b.symbols.end());
  std::sort(product.symbols.begin(), product.symbols.end());
  return product;
}

std::optional<Dim> Divide(const Dim& a, const Dim& b) {
  if (b.factor <= 0 || a.factor % b.factor != 0) return std::nullopt;
  if (!std::includes(a.symbols.begin(), a.symbols.end(), b.symbols.begin(), b.symbols.end())) {
    return std::nullopt;
  }
  Dim quotient{a.factor / b.factor, {}};
  std::set_difference(a.symbols.begin(), a.symbols.end(), b.symbols.begin(), b.symbols.end(),
                      std::back_inserter(quotient.symbols));
  return quotient;
}

// The analysis in progress. A rule that gives nothing, or a dim that is absent, means "not known";
// what InferShapes found always wins.
class ShapeRules {
 public:
  ShapeRules(const Graph& graph, SymbolicShapes* shapes) : graph_(graph), shapes_(*shapes) {}

  Status Run() {
    for (ValueId id : graph_.inputs()) Record(id, std::nullopt);
    StatusOr<std::vector<NodeId>> order = graph_.TopologicalOrder();
    if (!order.ok()) return order.status();
    for (NodeId id : *order) {
      const Node& node = graph_.node(id);
      TrackElements(node);
      const MaybeDims dims = std::visit([&](const auto& op) { return Rule(op, node); }, node.op);
      Record(node.outputs[0], dims);
    }
    return OkStatus();
  }

 private:
  void Record(ValueId id, const MaybeDims& rule) {
    const std::optional<Shape>& shape = graph_.value(id).shape;
    if (!shape && !rule) return;
    const size_t rank = shape ? static_cast<size_t>(shape->rank()) : rule->size();
    const bool use_rule = rule && rule->size() == rank;
    Dims dims;
    for (size_t i = 0; i < rank; ++i) {
      const int64_t inferred = shape ? (*shape)[static_cast<int>(i)] : kUnknownDim;
      if (inferred != kUnknownDim) {
        dims.push_back(ConstantDim(inferred));
      } else if (use_rule && (*rule)[i]) {
        dims.push_back(*(*rule)[i]);
      } else {
        dims.push_back(Dim{1, {next_symbol_++}});
      }
    }
    shapes_.dims_[id] = std::move(dims);
  }

  MaybeDims DimsOf(const Node& node, size_t input) {
    const ValueId id = InputOf(node, input);
    if (id == kNoValue) return std::nullopt;
    if (shapes_.dims_.count(id) == 0 && graph_.IsConstant(id)) Record(id, std::nullopt);
    return Widen(shapes_.DimsOf(id));
  }

  // An i32/i64 list operand: the attribute when the input is absent.
  std::optional<std::vector<int64_t>> List(const Node& node, size_t input,
                                           const std::vector<int64_t>& attribute) {
    const ValueId id = InputOf(node, input);
    return id == kNoValue ? attribute : graph::ConstantInts(graph_, id);
  }

  // --- Dimensions -------------------------------------------------------------------------------

  // Operators that keep the shape of their first input.
  template <typename Op>
  MaybeDims Rule(const Op&, const Node& node) {
    using namespace graph;  // NOLINT: names of ops
    if constexpr (std::is_same_v<Op, Unary> || std::is_same_v<Op, Clamp> ||
                  std::is_same_v<Op, Identity> || std::is_same_v<Op, Cast> ||
                  std::is_same_v<Op, BatchNorm> || std::is_same_v<Op, Softmax>) {
      return DimsOf(node, 0);
    } else {
      return std::nullopt;
    }
  }

  MaybeDims Rule(const graph::Binary&, const Node& node) { return Broadcast(node); }
  MaybeDims Rule(const graph::Where&, const Node& node) { return Broadcast(node); }

  MaybeDims Broadcast(const Node& node) {
    std::vector<MaybeDim> result;
    for (size_t input = 0; input < node.inputs.size(); ++input) {
      const MaybeDims dims = DimsOf(node, input);
      if (!dims) return std::nullopt;
      if (dims->size() > result.size()) {
        result.insert(result.begin(), dims->size() - result.size(), ConstantDim(1));
      }
      const size_t offset = result.size() - dims->size();
      for (size_t i = 0; i < dims->size(); ++i) {
        result[offset + i] = BroadcastDim(result[offset + i], (*dims)[i]);
      }
    }
    return result;
  }

  // Two different symbols: either may be the 1 that is stretched.
  static MaybeDim BroadcastDim(const MaybeDim& a, const MaybeDim& b) {
    if (!a || !b) return std::nullopt;
    if (*a == *b || *b == ConstantDim(1)) return a;
    if (*a == ConstantDim(1)) return b;
    return std::nullopt;
  }

  MaybeDims Rule(const graph::Conv2D& op, const Node& node) {
    MaybeDims dims = DimsOf(node, 0);
    const MaybeDims weights = DimsOf(node, 1);
    if (!dims || dims->size() != 4 || !weights || weights->size() != 4) return std::nullopt;
    int kernel_axis = 1;  // kOHWI
    if (op.weight_layout == graph::WeightLayout::kOIHW) kernel_axis = 2;
    if (op.weight_layout == graph::WeightLayout::kHWIO ||
        op.weight_layout == graph::WeightLayout::kHWCM) {
      kernel_axis = 0;
    }
    const size_t axis = static_cast<size_t>(kernel_axis);
    SlideWindows(op, (*weights)[axis], (*weights)[axis + 1], false, &*dims);
    return dims;
  }

  MaybeDims Rule(const graph::Pool2D& op, const Node& node) {
    MaybeDims dims = DimsOf(node, 0);
    if (!dims || dims->size() != 4) return std::nullopt;
    SlideWindows(op, ConstantDim(op.kernel_h), ConstantDim(op.kernel_w), op.ceil_mode, &*dims);
    return dims;
  }

  // Height and width of `dims` after the window; Record takes channels from InferShapes.
  template <typename Op>
  void SlideWindows(const Op& op, const MaybeDim& kernel_h, const MaybeDim& kernel_w,
                    bool ceil_mode, std::vector<MaybeDim>* dims) {
    const size_t height = op.layout == graph::DataLayout::kNHWC ? 1 : 2;
    const graph::Padding& pad = op.padding;
    (*dims)[height] = Slide((*dims)[height], kernel_h, op.stride_h, op.dilation_h, pad.mode,
                            pad.top + pad.bottom, ceil_mode);
    (*dims)[height + 1] = Slide((*dims)[height + 1], kernel_w, op.stride_w, op.dilation_w, pad.mode,
                                pad.left + pad.right, ceil_mode);
    if constexpr (std::is_same_v<Op, graph::Conv2D>) {
      (*dims)[op.layout == graph::DataLayout::kNHWC ? 3 : 1] = std::nullopt;
    }
  }

  // output = (input + slack) / stride + 1 with slack = pads - dilation * (kernel - 1) - 1, or
  // ceil(input / stride) for SAME: equal (input, stride, slack) are equal outputs.
  MaybeDim Slide(const MaybeDim& input, const MaybeDim& kernel, int64_t stride, int64_t dilation,
                 graph::PadMode mode, int64_t pads, bool ceil_mode) {
    if (!input || !kernel || !kernel->IsConstant()) return std::nullopt;
    const bool is_same = mode == graph::PadMode::kSameUpper || mode == graph::PadMode::kSameLower;
    if (mode == graph::PadMode::kValid) pads = 0;
    const int64_t slack = is_same ? 0 : pads - dilation * (kernel->factor - 1) - 1;
    if (stride == 1 && (is_same || slack == -1)) return input;
    if (ceil_mode) return std::nullopt;  // which depends on the pads one by one
    std::vector<int64_t> key = {stride, slack, is_same, input->factor};
    key.insert(key.end(), input->symbols.begin(), input->symbols.end());
    const auto [entry, is_new] = window_symbols_.try_emplace(key, next_symbol_);
    if (is_new) ++next_symbol_;
    return Dim{1, {entry->second}};
  }

  MaybeDims Rule(const graph::Concat& op, const Node& node) {
    MaybeDims result = DimsOf(node, 0);
    if (!result) return std::nullopt;
    const std::optional<size_t> axis = Axis(op.axis, result->size());
    if (!axis) return std::nullopt;
    if (node.inputs.size() > 1) (*result)[*axis] = std::nullopt;
    return result;
  }

  MaybeDims Rule(const graph::FullyConnected&, const Node& node) { return ReplaceLast(node, 2); }

  MaybeDims Rule(const graph::MatMul& op, const Node& node) {
    if (op.transpose_a) return std::nullopt;
    return ReplaceLast(node, 2);
  }

  MaybeDims Rule(const graph::Gemm& op, const Node& node) {
    if (op.transpose_a) return std::nullopt;
    return ReplaceLast(node, 2);
  }

  // x [..., K] times a matrix: all dims of x but the last.
  MaybeDims ReplaceLast(const Node& node, size_t weights_rank) {
    MaybeDims dims = DimsOf(node, 0);
    const MaybeDims weights = DimsOf(node, 1);
    if (!dims || dims->empty() || !weights || weights->size() != weights_rank) return std::nullopt;
    dims->back() = std::nullopt;
    return dims;
  }

  MaybeDims Rule(const graph::Reduce& op, const Node& node) {
    const MaybeDims dims = DimsOf(node, 0);
    const auto axes = List(node, 1, op.axes);
    if (!dims || !axes) return std::nullopt;
    std::vector<bool> reduced(dims->size(), axes->empty());
    for (int64_t axis : *axes) {
      const std::optional<size_t> normalized = Axis(axis, dims->size());
      if (!normalized) return std::nullopt;
      reduced[*normalized] = true;
    }
    std::vector<MaybeDim> result;
    for (size_t i = 0; i < dims->size(); ++i) {
      if (!reduced[i]) result.push_back((*dims)[i]);
      if (reduced[i] && op.keep_dims) result.push_back(ConstantDim(1));
    }
    return result;
  }

  MaybeDims Rule(const graph::Transpose& op, const Node& node) {
    const MaybeDims dims = DimsOf(node, 0);
    if (!dims) return std::nullopt;
    std::vector<MaybeDim> result(dims->rbegin(), dims->rend());
    if (op.perm.empty()) return result;
    if (op.perm.size() != dims->size()) return std::nullopt;
    for (size_t i = 0; i < result.size(); ++i) {
      const std::optional<size_t> axis = Axis(op.perm[i], dims->size());
      if (!axis) return std::nullopt;
      result[i] = (*dims)[*axis];
    }
    return result;
  }

  MaybeDims Rule(const graph::Pad& op, const Node& node) {
    MaybeDims dims = DimsOf(node, 0);
    const auto pads = List(node, 1, op.pads);
    if (!dims || !pads || pads->size() != 2 * dims->size()) return std::nullopt;
    for (size_t i = 0; i < dims->size(); ++i) {
      if ((*pads)[i] != 0 || (*pads)[i + dims->size()] != 0) (*dims)[i] = std::nullopt;
    }
    return dims;
  }

  MaybeDims Rule(const graph::Slice& op, const Node& node) {
    MaybeDims dims = DimsOf(node, 0);
    const auto axes = List(node, 3, op.axes);
    if (!dims || !axes || axes->empty()) return std::nullopt;
    for (int64_t axis : *axes) {
      const std::optional<size_t> normalized = Axis(axis, dims->size());
      if (!normalized) return std::nullopt;
      (*dims)[*normalized] = std::nullopt;
    }
    return dims;
  }

  MaybeDims Rule(const graph::Flatten& op, const Node& node) {
    const MaybeDims dims = DimsOf(node, 0);
    if (!dims) return std::nullopt;
    const int64_t rank = static_cast<int64_t>(dims->size());
    const int64_t axis = op.axis < 0 ? op.axis + rank : op.axis;
    if (axis < 0 || axis > rank) return std::nullopt;
    return std::vector<MaybeDim>{Product(*dims, 0, static_cast<size_t>(axis)),
                                 Product(*dims, static_cast<size_t>(axis), dims->size())};
  }

  MaybeDims Rule(const graph::Squeeze& op, const Node& node) {
    const MaybeDims dims = DimsOf(node, 0);
    const auto axes = List(node, 1, op.axes);
    if (!dims || !axes || axes->empty()) return std::nullopt;
    std::vector<bool> dropped(dims->size(), false);
    for (int64_t axis : *axes) {
      const std::optional<size_t> normalized = Axis(axis, dims->size());
      if (!normalized) return std::nullopt;
      dropped[*normalized] = true;
    }
    std::vector<MaybeDim> result;
    for (size_t i = 0; i < dims->size(); ++i) {
      if (!dropped[i]) result.push_back((*dims)[i]);
    }
    return result;
  }

  MaybeDims Rule(const graph::Unsqueeze& op, const Node& node) {
    const MaybeDims dims = DimsOf(node, 0);
    const auto axes = List(node, 1, op.axes);
    if (!dims || !axes) return std::nullopt;
    const size_t rank = dims->size() + axes->size();
    std::vector<bool> added(rank, false);
    for (int64_t axis : *axes) {
      const std::optional<size_t> normalized = Axis(axis, rank);
      if (!normalized || added[*normalized]) return std::nullopt;
      added[*normalized] = true;
    }
    std::vector<MaybeDim> result;
    auto next = dims->begin();
    for (size_t i = 0; i < rank; ++i) result.push_back(added[i] ? ConstantDim(1) : *next++);
    return result;
  }

  MaybeDims Rule(const graph::Reshape& op, const Node& node) {
    std::vector<MaybeDim> target;
    if (InputOf(node, 1) == kNoValue) {
      for (int64_t dim : op.shape) target.push_back(ConstantDim(dim));
    } else {
      const IntElements* list = Elements(node.inputs[1]);
      if (list == nullptr || list->shape.rank() != 1) return std::nullopt;
      target = list->elements;
    }
    const MaybeDims dims = DimsOf(node, 0);
    size_t inferred = target.size();
    for (size_t i = 0; i < target.size(); ++i) {
      if (!target[i] || !target[i]->IsConstant()) continue;
      if (target[i]->factor == -1) inferred = i;
      if (target[i]->factor == 0 && !op.allow_zero) {
        target[i] = dims && i < dims->size() ? (*dims)[i] : std::nullopt;
      }
    }
    if (inferred == target.size()) return target;
    target[inferred] = ConstantDim(1);
    const MaybeDim all = dims ? Product(*dims, 0, dims->size()) : std::nullopt;
    const MaybeDim others = Product(target, 0, target.size());
    target[inferred] = all && others ? Divide(*all, *others) : std::nullopt;
    return target;
  }

  // --- Elements of shape lists ------------------------------------------------------------------

  const IntElements* Elements(ValueId id) {
    if (id == kNoValue) return nullptr;
    const auto known = shapes_.elements_.find(id);
    if (known != shapes_.elements_.end()) return &known->second;
    const Tensor* tensor = graph_.ConstantOf(id);
    if (tensor == nullptr || !IsInteger(tensor->dtype()) ||
        tensor->ElementCount() > kMaxListElements) {
      return nullptr;
    }
    IntElements list{tensor->shape(), {}};
    for (int64_t i = 0; i < tensor->ElementCount(); ++i) {
      list.elements.push_back(ConstantDim(
          tensor->dtype() == DType::kS64 ? tensor->as<int64_t>()[i] : tensor->as<int32_t>()[i]));
    }
    return &(shapes_.elements_[id] = std::move(list));
  }

  void TrackElements(const Node& node) {
    std::optional<IntElements> list;
    if (const auto* op = std::get_if<graph::ShapeOf>(&node.op)) {
      list = ShapeElements(*op, node);
    } else if (const auto* cast = std::get_if<graph::Cast>(&node.op)) {
      if (IsInteger(cast->dtype)) list = Copy(node.inputs[0]);
    } else if (const auto* binary = std::get_if<graph::Binary>(&node.op)) {
      list = Combine(*binary, node);
    } else if (const auto* reduce = std::get_if<graph::Reduce>(&node.op)) {
      list = ReduceElements(*reduce, node);
    } else {
      list = Move(node);
    }
    if (list) shapes_.elements_[node.outputs[0]] = std::move(*list);
  }

  std::optional<IntElements> Copy(ValueId id) {
    const IntElements* list = Elements(id);
    return list == nullptr ? std::nullopt : std::optional<IntElements>(*list);
  }

  std::optional<IntElements> ShapeElements(const graph::ShapeOf& op, const Node& node) {
    const MaybeDims dims = DimsOf(node, 0);
    if (!dims) return std::nullopt;
    const int64_t rank = static_cast<int64_t>(dims->size());
    const auto clip = [rank](int64_t axis) {
      return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
    };
    IntElements list;
    for (int64_t i = clip(op.start); i < clip(op.end); ++i) {
      list.elements.push_back((*dims)[static_cast<size_t>(i)]);
    }
    list.shape = Shape{static_cast<int64_t>(list.elements.size())};
    return list;
  }

  // Products and exact quotients, elementwise or against a single element.
  std::optional<IntElements> Combine(const graph::Binary& op, const Node& node) {
    if (op.kind != graph::BinaryKind::kMul && op.kind != graph::BinaryKind::kDiv) {
      return std::nullopt;
    }
    const std::optional<IntElements> a = Copy(node.inputs[0]), b = Copy(node.inputs[1]);
    if (!a || !b) return std::nullopt;
    const size_t size_a = a->elements.size(), size_b = b->elements.size();
    if (size_a != size_b && size_a != 1 && size_b != 1) return std::nullopt;
    if (a->shape.rank() > 1 || b->shape.rank() > 1 || size_a == 0 || size_b == 0) {
      return std::nullopt;
    }
    const bool is_scalar = a->shape.rank() == 0 && b->shape.rank() == 0;
    const size_t size = std::max(size_a, size_b);
    IntElements list{is_scalar ? Shape{} : Shape{static_cast<int64_t>(size)}, {}};
    for (size_t i = 0; i < size; ++i) {
      const MaybeDim& x = a->elements[size_a == 1 ? 0 : i];
      const MaybeDim& y = b->elements[size_b == 1 ? 0 : i];
      if (!x || !y) {
        list.elements.push_back(std::nullopt);
      } else {
        list.elements.push_back(op.kind == graph::BinaryKind::kMul ? Multiply(*x, *y)
                                                                   : Divide(*x, *y));
      }
    }
    return list;
  }

  std::optional<IntElements> ReduceElements(const graph::Reduce& op, const Node& node) {
    const IntElements* list = Elements(node.inputs[0]);
    if (list == nullptr || list->shape.rank() != 1 || op.kind != graph::ReduceKind::kProd) {
      return std::nullopt;
    }
    return IntElements{op.keep_dims ? Shape{1} : Shape{},
                       {Product(list->elements, 0, list->elements.size())}};
  }

  // Operators that only choose and order elements are run on element numbers instead of elements.
  std::optional<IntElements> Move(const Node& node) {
    using namespace graph;  // NOLINT: names of ops
    const bool is_concat = std::holds_alternative<Concat>(node.op);
    const bool moves =
        is_concat || std::holds_alternative<Gather>(node.op) ||
        std::holds_alternative<Slice>(node.op) || std::holds_alternative<StridedSlice>(node.op) ||
        std::holds_alternative<Squeeze>(node.op) || std::holds_alternative<Unsqueeze>(node.op) ||
        std::holds_alternative<Reshape>(node.op) || std::holds_alternative<Identity>(node.op);
    if (!moves || !IsInteger(graph_.value(node.outputs[0]).dtype)) return std::nullopt;
    std::vector<MaybeDim> table;
    std::vector<Tensor> tensors;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const bool is_data = i == 0 || is_concat;
      const std::optional<Tensor> tensor =
          is_data ? Number(node.inputs[i], &table) : ConstantTensor(node.inputs[i]);
      if (!tensor) return std::nullopt;
      tensors.push_back(*tensor);
    }
    const StatusOr<Tensor> moved = EvaluateOne(node.op, tensors);
    if (!moved.ok() || moved->ElementCount() > kMaxListElements) return std::nullopt;
    IntElements list{moved->shape(), {}};
    for (int64_t i = 0; i < moved->ElementCount(); ++i) {
      list.elements.push_back(table[static_cast<size_t>(moved->as<int64_t>()[i])]);
    }
    return list;
  }

  std::optional<Tensor> ConstantTensor(ValueId id) const {
    const Tensor* tensor = graph_.ConstantOf(id);
    return tensor == nullptr ? std::nullopt : std::optional<Tensor>(*tensor);
  }

  // A tensor of positions in `table`, to which the elements of `id` are appended.
  std::optional<Tensor> Number(ValueId id, std::vector<MaybeDim>* table) {
    const IntElements* list = Elements(id);
    if (list == nullptr) return std::nullopt;
    std::vector<int64_t> numbers;
    for (const MaybeDim& element : list->elements) {
      numbers.push_back(static_cast<int64_t>(table->size()));
      table->push_back(element);
    }
    StatusOr<Tensor> tensor = Tensor::From(list->shape, numbers.data());
    return tensor.ok() ? std::optional<Tensor>(*tensor) : std::nullopt;
  }

  const Graph& graph_;
  SymbolicShapes& shapes_;
  int next_symbol_ = 0;
  std::map<std::vector<int64_t>, int> window_symbols_;
};

StatusOr<SymbolicShapes> SymbolicShapes::Analyze(const Graph& graph) {
  SymbolicShapes shapes;
  MINNOW_RETURN_IF_ERROR(ShapeRules(graph, &shapes).Run());
  return shapes;
}

const Dims* SymbolicShapes::DimsOf(ValueId id) const {
  const auto found = dims_.find(id);
  return found == dims_.end() ? nullptr : &found->second;
}

const IntElements* SymbolicShapes::ElementsOf(ValueId id) const {
  const auto found = elements_.find(id);
  return found == elements_.end() ? nullptr : &found->second;
}

bool SymbolicShapes::AreEqual(ValueId a, ValueId b) const {
  const Dims* dims_a = DimsOf(a);
  const Dims* dims_b = DimsOf(b);
  return dims_a != nullptr && dims_b != nullptr && *dims_a == *dims_b;
}

}  // namespace minnow::passes
