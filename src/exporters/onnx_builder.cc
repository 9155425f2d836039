// Field numbers: onnx/onnx.proto.
#include "exporters/onnx_builder.h"

namespace minnow::exporters {
namespace {

using importers::ProtobufWriter;

// IR version 8 came with opset 14 to 16; every reader of those opsets knows it.
constexpr int64_t kIrVersion = 8;
constexpr int64_t kAttributeFloat = 1, kAttributeInt = 2, kAttributeText = 3, kAttributeInts = 7;

struct AttributeWriter {
  ProtobufWriter* proto;

  void operator()(int64_t value) const {
    proto->Int(3, value);
    proto->Int(20, kAttributeInt);
  }
  void operator()(float value) const {
    proto->Float(2, value);
    proto->Int(20, kAttributeFloat);
  }
  void operator()(const std::string& value) const {
    proto->Text(4, value);
    proto->Int(20, kAttributeText);
  }
  void operator()(const std::vector<int64_t>& values) const {
    for (const int64_t value : values) proto->Int(8, value);
    proto->Int(20, kAttributeInts);
  }
};

ProtobufWriter ValueInfo(const std::string& name, DType dtype, const std::optional<Shape>& shape) {
  ProtobufWriter tensor;
  tensor.Int(1, OnnxTypeOf(dtype));
  if (shape) {
    ProtobufWriter dims;
    for (int axis = 0; axis < shape->rank(); ++axis) {
      ProtobufWriter dim;
      if ((*shape)[axis] != kUnknownDim) {
        dim.Int(1, (*shape)[axis]);
      } else if (axis == 0) {
        dim.Text(2, "batch");
      }
      dims.Message(1, dim);
    }
    tensor.Message(2, dims);
  }
  ProtobufWriter type, info;
  type.Message(1, tensor);
  info.Text(1, name);
  info.Message(2, type);
  return info;
}

}  // namespace

int64_t OnnxTypeOf(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return 1;
    case DType::kU8:
      return 2;
    case DType::kS8:
      return 3;
    case DType::kU16:
      return 4;
    case DType::kS16:
      return 5;
    case DType::kS32:
      return 6;
    case DType::kS64:
      return 7;
    case DType::kBool:
      return 9;
    case DType::kF16:
      return 10;
    case DType::kF64:
      return 11;
    case DType::kU32:
      return 12;
    case DType::kU64:
      return 13;
  }
  return 0;
}

std::string OnnxBuilder::Unique(const std::string& name) {
  std::string unique = name.empty() ? "value" : name;
  for (int i = 1; !taken_.insert(unique).second; ++i) unique = name + "_" + std::to_string(i);
  return unique;
}

void OnnxBuilder::AddInput(const std::string& name, DType dtype,
                           const std::optional<Shape>& shape) {
  graph_.Message(11, ValueInfo(name, dtype, shape));
}

void OnnxBuilder::AddOutput(const std::string& name, DType dtype,
                            const std::optional<Shape>& shape) {
  graph_.Message(12, ValueInfo(name, dtype, shape));
}

// raw_data is little-endian, as are all machines that this builds for.
void OnnxBuilder::AddInitializer(const std::string& name, const Tensor& tensor) {
  ProtobufWriter proto;
  for (const int64_t dim : tensor.shape()) proto.Int(1, dim);
  proto.Int(2, OnnxTypeOf(tensor.dtype()));
  proto.Text(8, name);
  proto.Blob(9, tensor.data(), tensor.size_bytes());
  graph_.Message(5, proto);
}

void OnnxBuilder::AddNode(const std::string& op, const std::vector<std::string>& inputs,
                          const std::string& output, const std::vector<OnnxAttribute>& attributes) {
  ProtobufWriter node;
  for (const std::string& input : inputs) node.Text(1, input);
  node.Text(2, output);
  node.Text(3, output);
  node.Text(4, op);
  for (const OnnxAttribute& attribute : attributes) {
    ProtobufWriter proto;
    proto.Text(1, attribute.name);
    std::visit(AttributeWriter{&proto}, attribute.value);
    node.Message(5, proto);
  }
  graph_.Message(1, node);
}

std::string OnnxBuilder::Finish(int64_t opset) const {
  ProtobufWriter graph = graph_;
  graph.Text(2, "minnow");
  ProtobufWriter operators, model;
  operators.Text(1, "");
  operators.Int(2, opset);
  model.Int(1, kIrVersion);
  model.Text(2, "minnow");
  model.Message(7, graph);
  model.Message(8, operators);
  return model.bytes();
}

}  // namespace minnow::exporters
