// How operators of a .tflite file find their inputs and become nodes.
#include "importers/tflite/node.h"

#include <cstring>
#include <utility>

#include "importers/import_context.h"

namespace minnow::importers::tflite {

using graph::kNoValue;
using graph::ValueId;

namespace {

StatusOr<Tensor> ScaleTensor(const Quantization& q) {
  if (q.scales.size() == 1) return Tensor::From(Shape{}, q.scales.data());
  return Tensor::From(Shape{static_cast<int64_t>(q.scales.size())}, q.scales.data());
}

StatusOr<Tensor> ZeroPointTensor(const Quantization& q, DType dtype) {
  const auto count = static_cast<int64_t>(q.zero_points.size());
  StatusOr<Tensor> tensor = Tensor::Allocate(dtype, count == 1 ? Shape{} : Shape{count});
  if (!tensor.ok()) return tensor;
  // Checked to be in the type's range; the machine is little-endian.
  const size_t size = DTypeSize(dtype);
  for (size_t i = 0; i < q.zero_points.size(); ++i) {
    std::memcpy(tensor->mutable_as<char>() + i * size, &q.zero_points[i], size);
  }
  return tensor;
}

bool IsZero(const std::vector<int32_t>& values) {
  for (int32_t value : values) {
    if (value != 0) return false;
  }
  return true;
}

}  // namespace

ImportState::ImportState(const ModelRecord& model, size_t constant_budget_bytes)
    : model_(model),
      constant_budget_bytes_(constant_budget_bytes),
      stored_(model.tensors.size(), kNoValue),
      real_(model.tensors.size(), kNoValue),
      constants_(model.tensors.size()) {}

std::string ImportState::NameOf(int32_t index) {
  std::string name(tensor(index).name);
  if (name.empty() || !names_.insert(name).second) {
    name += ":" + std::to_string(index);
    names_.insert(name);
  }
  return name;
}

Status ImportState::AddInput(int32_t index) {
  const TensorRecord& record = tensor(index);
  if (!record.dtype) return Unsupported("element type %d is not supported", record.type);
  const StatusOr<Shape> shape = ShapeOf(record);
  if (!shape.ok()) return shape.status();
  MINNOW_RETURN_IF_ERROR(CheckQuantization(record));
  return Define(index, graph_.AddInput(NameOf(index), *record.dtype, *shape));
}

Status ImportState::Define(int32_t index, ValueId value) {
  MINNOW_RETURN_IF_ERROR(status_);
  ValueId& known = stored_[static_cast<size_t>(index)];
  if (known != kNoValue || tensor(index).is_constant) {
    return InvalidModel("tensor %s is made twice", Quote(tensor(index).name).c_str());
  }
  known = value;
  if (!IsQuantized(index)) return OkStatus();
  graph_.value(value).quantization = tensor(index).quantization;
  return CheckQuantization(tensor(index));
}

Status ImportState::AddOutput(int32_t index) {
  ValueId value = Stored(index);
  MINNOW_RETURN_IF_ERROR(status_);
  const bool is_made = graph_.value(value).producer != graph::kNoNode;
  if (!is_made || !outputs_.insert(value).second) {
    value = graph_.AddNode("", graph::Identity{}, {value},
                           graph_.value(value).name + "/output" + std::to_string(outputs_.size()));
    outputs_.insert(value);
  }
  graph_.AddOutput(value);
  return OkStatus();
}

const Tensor* ImportState::Constant(int32_t index) {
  const TensorRecord& record = tensor(index);
  std::optional<Tensor>& constant = constants_[static_cast<size_t>(index)];
  if (!record.is_constant) return nullptr;
  if (constant) return &*constant;
  StatusOr<Tensor> tensor_or = Unsupported("its constants are larger than the file");
  if (record.data.size <= constant_budget_bytes_) {
    constant_budget_bytes_ -= record.data.size;
    tensor_or = CopyConstant(record);
  }
  if (!tensor_or.ok()) {
    Fail(tensor_or.status().WithContext("tensor " + Quote(record.name)));
    return nullptr;
  }
  constant = std::move(*tensor_or);
  return &*constant;
}

ValueId ImportState::AddConstant(const std::string& name, StatusOr<Tensor> tensor_or) {
  if (!tensor_or.ok()) {
    Fail(tensor_or.status());
    return kNoValue;
  }
  return graph_.AddConstant(name, std::move(*tensor_or));
}

ValueId ImportState::Stored(int32_t index) {
  ValueId& value = stored_[static_cast<size_t>(index)];
  if (value != kNoValue) return value;
  if (const Tensor* constant = Constant(index)) {
    value = graph_.AddConstant(NameOf(index), *constant);
  } else {
    Fail(InvalidModel("tensor %s is read before it is made", Quote(tensor(index).name).c_str()));
  }
  return value;
}

bool ImportState::IsQuantized(int32_t index) const {
  const TensorRecord& record = tensor(index);
  if (!record.quantization || !record.dtype) return false;
  return *record.dtype == DType::kU8 || *record.dtype == DType::kS8 ||
         *record.dtype == DType::kS16 || *record.dtype == DType::kS32;
}

ValueId ImportState::Dequantized(int32_t index, ValueId stored, int64_t axis) {
  const TensorRecord& record = tensor(index);
  if (Status status = CheckQuantization(record); !status.ok()) {
    Fail(status.WithContext("tensor " + Quote(record.name)));
  }
  if (!status_.ok()) return kNoValue;
  const Quantization& q = *record.quantization;
  const std::string name = graph_.value(stored).name;
  std::vector<ValueId> inputs = {stored, AddConstant(name + "/scale", ScaleTensor(q))};
  if (!IsZero(q.zero_points)) {
    inputs.push_back(AddConstant(name + "/zero_point", ZeroPointTensor(q, *record.dtype)));
  }
  if (!status_.ok()) return kNoValue;
  return graph_.AddNode(name + "/dequantize", graph::Dequantize{axis}, std::move(inputs),
                        name + "/real");
}

ValueId ImportState::Real(int32_t index) {
  if (!IsQuantized(index)) return Stored(index);
  ValueId& value = real_[static_cast<size_t>(index)];
  if (value == kNoValue) {
    const ValueId stored = Stored(index);
    if (status_.ok()) value = Dequantized(index, stored, tensor(index).quantization->axis);
  }
  return value;
}

int32_t Node::InputIndex(size_t i) const {
  if (HasInput(i)) return record_.inputs[i];
  Record(InvalidModel("input %zu is missing", i));
  return -1;
}

int32_t Node::OutputIndex(size_t i) const {
  if (i < output_count()) return record_.outputs[i];
  Record(InvalidModel("output %zu is missing", i));
  return -1;
}

ValueId Node::Stored(size_t i) const {
  const int32_t index = InputIndex(i);
  return index < 0 ? kNoValue : import_->Stored(index);
}

ValueId Node::Real(size_t i) const {
  const int32_t index = InputIndex(i);
  return index < 0 ? kNoValue : import_->Real(index);
}

ValueId Node::OptionalReal(size_t i) const { return HasInput(i) ? Real(i) : kNoValue; }

Shape Node::ShapeOfIndex(int32_t index) const {
  if (index < 0) return Shape();
  const StatusOr<Shape> shape = ShapeOf(import_->tensor(index));
  if (shape.ok()) return *shape;
  Record(shape.status());
  return Shape();
}

Shape Node::InputShape(size_t i) const { return ShapeOfIndex(InputIndex(i)); }
Shape Node::OutputShape(size_t i) const { return ShapeOfIndex(OutputIndex(i)); }

DType Node::OutputType(size_t i) const {
  const int32_t index = OutputIndex(i);
  if (index < 0) return DType::kF32;
  const TensorRecord& record = import_->tensor(index);
  if (!record.dtype) Record(Unsupported("element type %d is not supported", record.type));
  return record.dtype.value_or(DType::kF32);
}

const Tensor* Node::Constant(size_t i) const {
  return HasInput(i) ? import_->Constant(record_.inputs[i]) : nullptr;
}

std::optional<std::vector<int64_t>> Node::Ints(size_t i) const {
  const Tensor* tensor = Constant(i);
  if (tensor == nullptr) return std::nullopt;
  const bool is_long = tensor->dtype() == DType::kS64;
  if (!is_long && tensor->dtype() != DType::kS32) {
    Record(InvalidModel("input %zu has the type %s, expected i32 or i64", i,
                        DTypeName(tensor->dtype())));
    return std::nullopt;
  }
  std::vector<int64_t> values;
  for (int64_t k = 0; k < tensor->ElementCount(); ++k) {
    values.push_back(is_long ? tensor->as<int64_t>()[k] : tensor->as<int32_t>()[k]);
  }
  return values;
}

std::vector<int64_t> Node::RequiredInts(size_t i, const char* what) const {
  std::optional<std::vector<int64_t>> values = Ints(i);
  if (values) return std::move(*values);
  Record(HasInput(i) ? Unsupported("%s computed at run time", what)
                     : InvalidModel("input %zu (%s) is missing", i, what));
  return {};
}

bool Node::KeepsQuantization() const {
  const TensorRecord* first = nullptr;
  const auto fits = [&](int32_t index) {
    const TensorRecord& record = import_->tensor(index);
    if (!import_->IsQuantized(index)) return false;
    if (first == nullptr) first = &record;
    const Quantization &a = *first->quantization, &b = *record.quantization;
    return record.dtype == first->dtype && b.scales.size() == 1 && a.scales == b.scales &&
           a.zero_points == b.zero_points;
  };
  bool all = true, any = false;
  for (const std::vector<int32_t>* list : {&record_.inputs, &record_.outputs}) {
    for (int32_t index : *list) {
      // Axes, shapes and indices are integers that stand for themselves.
      if (index < 0) continue;
      const bool is_quantized = import_->IsQuantized(index);
      const bool is_list = list == &record_.inputs && !is_quantized && index != record_.inputs[0];
      if (is_list) continue;
      any = any || is_quantized;
      all = all && fits(index);
    }
  }
  return all || !any;
}

std::optional<Quantization> Node::InputQuantization(size_t i) const {
  if (!HasInput(i) || !import_->IsQuantized(record_.inputs[i])) return std::nullopt;
  return import_->tensor(record_.inputs[i]).quantization;
}

ValueId Node::Dequantized(size_t i, ValueId stored, int64_t axis) const {
  const int32_t index = InputIndex(i);
  if (index < 0 || stored == kNoValue) return kNoValue;
  return import_->Dequantized(index, stored, axis);
}

ValueId Node::AddConstant(StatusOr<Tensor> tensor) const {
  return import_->AddConstant(name_ + "/constant" + std::to_string(inner_count_++),
                              std::move(tensor));
}

ValueId Node::AddInts(const std::vector<int64_t>& values) const {
  return AddConstant(Tensor::From(Shape{static_cast<int64_t>(values.size())}, values.data()));
}

Status Node::ChargeMade(int64_t elements, size_t element_bytes) const {
  size_t& budget = import_->made_budget_bytes_;
  if (elements > static_cast<int64_t>(budget / element_bytes)) {
    return Fail(Unsupported("the tables that it needs are too large"));
  }
  budget -= static_cast<size_t>(elements) * element_bytes;
  return OkStatus();
}

ValueId Node::Add(graph::Op op, std::vector<ValueId> inputs) const {
  if (!import_->status().ok()) return kNoValue;
  const std::string inner = name_ + "/" + std::to_string(inner_count_++);
  return import_->graph().AddNode(name_, std::move(op), std::move(inputs), inner);
}

Status Node::OutputStored(size_t i, graph::Op op, std::vector<ValueId> inputs) const {
  const int32_t index = OutputIndex(i);
  MINNOW_RETURN_IF_ERROR(import_->status());
  while (!inputs.empty() && inputs.back() == kNoValue) inputs.pop_back();
  return import_->Define(index, import_->graph().AddNode(name_, std::move(op), std::move(inputs),
                                                         import_->NameOf(index)));
}

Status Node::OutputReal(size_t i, graph::Op op, std::vector<ValueId> inputs) const {
  const int32_t index = OutputIndex(i);
  MINNOW_RETURN_IF_ERROR(import_->status());
  if (!import_->IsQuantized(index)) return OutputStored(i, std::move(op), std::move(inputs));
  const TensorRecord& record = import_->tensor(index);
  MINNOW_RETURN_IF_ERROR(CheckQuantization(record));
  while (!inputs.empty() && inputs.back() == kNoValue) inputs.pop_back();
  const ValueId real = Add(std::move(op), std::move(inputs));
  const Quantization& q = *record.quantization;
  return OutputStored(
      i, graph::Quantize{q.axis},
      {real, AddConstant(ScaleTensor(q)), AddConstant(ZeroPointTensor(q, *record.dtype))});
}

Status Node::OutputMoved(graph::Op op) const {
  if (KeepsQuantization()) return OutputStored(0, std::move(op), {Stored(0)});
  return OutputReal(0, std::move(op), {Real(0)});
}

}  // namespace minnow::importers::tflite
