#include "importers/torchscript/trace.h"

#include "graph/infer_shapes.h"
#include "importers/torchscript/batch.h"
#include "importers/torchscript/weights.h"
#include "tensor/load_limits.h"

namespace minnow::importers::torchscript {

using graph::kNoValue;
using graph::ValueId;

namespace {

constexpr size_t kMaxName = 300;

}  // namespace

std::string Trace::InnerName(std::string_view op_name) const {
  return path_.empty() ? std::string(op_name) : path_ + "/" + std::string(op_name);
}

// "features.0/conv2d", "features.0/conv2d_1", …
std::string Trace::UniqueName(std::string name) {
  if (name.size() > kMaxName) name.resize(kMaxName);
  const std::string base = name;
  for (int& next = names_[base]; names_.count(name) != 0 && next > 0; ++next) {
    name = base + "_" + std::to_string(next);
  }
  names_[name] = 1;
  return name;
}

void Trace::SetBatch(ValueId value, bool has_batch) {
  has_batch_.resize(static_cast<size_t>(graph_.value_count()), false);
  has_batch_[static_cast<size_t>(value)] = has_batch;
}

Value Trace::AddInput(std::string_view name, const Shape& shape) {
  const ValueId input = graph_.AddInput(std::string(name), DType::kF32, shape);
  names_[std::string(name)] = 1;
  SetBatch(input, shape.rank() > 0 && shape[0] == kUnknownDim);
  return heap_->MakeTensor(input);
}

// A node of its own: a value may be given out twice, and it may be an input.
void Trace::AddOutput(const std::string& name, ValueId value) {
  path_.clear();
  const ValueId output = Add(name, graph::Identity{}, {value});
  if (output != kNoValue) graph_.AddOutput(output);
}

ValueId Trace::Read(TensorCell* cell) {
  if (cell->is_stale) {
    Fail(Unsupported("a tensor that was changed in place through another view of it"));
    return kNoValue;
  }
  if (cell->value == kNoValue && cell->stored != nullptr) {
    const std::string name = cell->name.empty() ? InnerName("tensor") : std::string(cell->name);
    cell->value = AddConstant(name, ReadTensor(*cell->stored, archive_, &budget_bytes_));
  }
  return cell->value;
}

std::optional<Tensor> Trace::Stored(const TensorCell& cell) {
  if (cell.is_stale) return std::nullopt;
  if (cell.value != kNoValue) {
    const Tensor* constant = graph_.ConstantOf(cell.value);
    return constant == nullptr ? std::nullopt : std::optional<Tensor>(*constant);
  }
  if (cell.stored == nullptr) return std::nullopt;
  StatusOr<Tensor> tensor = ReadTensor(*cell.stored, archive_, &budget_bytes_);
  if (tensor.ok()) return std::move(*tensor);
  Fail(tensor.status());
  return std::nullopt;
}

ValueId Trace::Add(std::string_view op_name, graph::Op op, std::vector<ValueId> inputs) {
  if (!status_.ok()) return kNoValue;
  Fail(CheckLoad(graph_.node_count()));
  if (graph_.node_count() >= kMaxNodes) {
    Fail(ResourceExhausted("the program unrolls to more than %d operators", kMaxNodes));
    return kNoValue;
  }
  const std::string name = UniqueName(InnerName(op_name));
  const ValueId output = graph_.AddNode(name, std::move(op), std::move(inputs), name);
  const graph::NodeId id = graph_.value(output).producer;
  Fail(graph::InferNode(&graph_, id));
  if (!status_.ok()) return kNoValue;
  const graph::Node& node = graph_.node(id);
  std::vector<bool> has_batch;
  has_batch.reserve(node.inputs.size());
  for (const ValueId input : node.inputs) has_batch.push_back(HasBatch(input));
  SetBatch(output, KeepsBatch(graph_, node, has_batch));
  return output;
}

ValueId Trace::AddConstant(std::string name, StatusOr<Tensor> tensor) {
  if (!tensor.ok()) Fail(tensor.status());
  if (!status_.ok()) return kNoValue;
  if (graph_.value_count() >= 4 * kMaxNodes) {
    Fail(ResourceExhausted("the program makes more than %d constants", 3 * kMaxNodes));
    return kNoValue;
  }
  return graph_.AddConstant(UniqueName(std::move(name)), std::move(*tensor));
}

bool Trace::ChargeMade(size_t bytes) {
  made_bytes_ += static_cast<int64_t>(bytes);
  if (made_bytes_ <= kMaxMadeBytes) return true;
  Fail(ResourceExhausted("the program makes constants of more than %lld bytes",
                         static_cast<long long>(kMaxMadeBytes)));
  return false;
}

ValueId Trace::AddFloats(std::string_view name, const Shape& shape,
                         const std::vector<float>& values) {
  if (!ChargeMade(values.size() * sizeof(float))) return kNoValue;
  return AddConstant(InnerName(name), Tensor::From<float>(shape, values.data()));
}

ValueId Trace::AddInts(const Shape& shape, const std::vector<int64_t>& values) {
  if (!ChargeMade(values.size() * sizeof(int64_t))) return kNoValue;
  return AddConstant(InnerName("ints"), Tensor::From<int64_t>(shape, values.data()));
}

Shape Trace::ShapeOf(ValueId value) {
  if (value == kNoValue) return Shape();
  const std::optional<Shape>& shape = graph_.value(value).shape;
  if (const Tensor* constant = graph_.ConstantOf(value)) return constant->shape();
  if (shape) return *shape;
  Fail(Unsupported("the number of dimensions is not known before run time"));
  return Shape();
}

Value Trace::DimOf(ValueId value, int axis) {
  const Shape shape = ShapeOf(value);
  if (!status_.ok() || axis >= shape.rank()) return MakeInt(0);
  if (shape[axis] != kUnknownDim) return MakeInt(shape[axis]);
  const bool is_batch = axis == 0 && HasBatch(value);
  if (is_batch && batch_.Is(Value::Kind::kSymbol)) return batch_;
  const ValueId list = Add("size", graph::ShapeOf{axis, axis + 1, DType::kS64}, {value});
  const ValueId dim = Add("size", graph::Squeeze{{0}}, {list});
  const Value symbol = MakeSymbol(dim, is_batch);
  if (is_batch) batch_ = symbol;
  return symbol;
}

void Trace::MarkView(TensorCell* base, TensorCell* view) {
  if (base->views == 0) {
    base->views = ++view_count_;
    views_[base->views].push_back(base);
  }
  view->views = base->views;
  views_[base->views].push_back(view);
}

void Trace::Assign(TensorCell* cell, ValueId value) {
  if (cell->views != 0) {
    for (TensorCell* other : views_[cell->views]) other->is_stale = other != cell;
    views_[cell->views] = {cell};
  }
  cell->value = value;
}

}  // namespace minnow::importers::torchscript
