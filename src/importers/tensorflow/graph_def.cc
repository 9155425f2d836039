// The messages GraphDef, NodeDef, AttrValue and TensorShapeProto.
#include "importers/tensorflow/graph_def.h"

#include "importers/protobuf_reader.h"

namespace minnow::importers::tensorflow {
namespace {

using Kind = Attribute::Kind;

// AttrValue.ListValue.
Status ParseList(ProtobufReader reader, Attribute* attribute) {
  attribute->kind = Kind::kInts;
  while (reader.Next()) {
    switch (reader.field()) {
      case 3:  // i
      case 5:  // b
      case 6:  // type
        reader.AppendInts(&attribute->ints);
        break;
      case 4:
        reader.AppendFloats(&attribute->floats);
        attribute->kind = Kind::kFloats;
        break;
      default:
        attribute->kind = Kind::kOther;
        break;
    }
  }
  return reader.status();
}

Status ParseValue(ProtobufReader reader, Attribute* attribute) {
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        MINNOW_RETURN_IF_ERROR(ParseList(reader.Message(), attribute));
        break;
      case 2:
        attribute->text = reader.Text();
        attribute->kind = Kind::kText;
        break;
      case 3:
      case 5:
      case 6:
        attribute->number = reader.Int();
        attribute->kind = Kind::kInt;
        break;
      case 4:
        attribute->real = reader.Float();
        attribute->kind = Kind::kFloat;
        break;
      case 7:
        attribute->blob = reader.Blob();
        attribute->kind = Kind::kShape;
        break;
      case 8:
        attribute->blob = reader.Blob();
        attribute->kind = Kind::kTensor;
        break;
    }
  }
  return reader.status();
}

Status ParseAttribute(ProtobufReader reader, Attribute* attribute) {
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        attribute->name = reader.Text();
        break;
      case 2:
        MINNOW_RETURN_IF_ERROR(ParseValue(reader.Message(), attribute));
        break;
    }
  }
  return reader.status();
}

Status ParseNode(ProtobufReader reader, NodeRecord* node) {
  node->numbered_outputs = true;
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        node->name = reader.Text();
        break;
      case 2:
        node->op = reader.Text();
        break;
      case 3:
        node->inputs.push_back(reader.Text());
        break;
      case 5:
        MINNOW_RETURN_IF_ERROR(ParseAttribute(reader.Message(), &node->attributes.emplace_back()));
        break;
    }
  }
  MINNOW_RETURN_IF_ERROR(reader.status());
  if (node->op.empty()) {
    return InvalidModel("node %s names no operator", Quote(node->name).c_str());
  }
  if (node->name.empty()) return InvalidModel("a node has no name");
  return OkStatus();
}

// An absent size is 0, as proto3 has it; -1 is unknown.
Status ParseDim(ProtobufReader reader, int64_t* size) {
  while (reader.Next()) {
    if (reader.field() == 1) *size = reader.Int();
  }
  return reader.status();
}

}  // namespace

Status ParseGraphDef(Bytes bytes, std::vector<NodeRecord>* nodes) {
  ProtobufReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() != 1) continue;
    MINNOW_RETURN_IF_ERROR(ParseNode(reader.Message(), &nodes->emplace_back()));
  }
  return reader.status();
}

StatusOr<std::optional<Shape>> ParseShape(Bytes message) {
  ProtobufReader reader(message);
  std::vector<int64_t> dims;
  bool unknown_rank = false;
  while (reader.Next()) {
    switch (reader.field()) {
      case 2:
        MINNOW_RETURN_IF_ERROR(ParseDim(reader.Message(), &dims.emplace_back(0)));
        break;
      case 3:
        unknown_rank = reader.Int() != 0;
        break;
    }
  }
  MINNOW_RETURN_IF_ERROR(reader.status());
  if (unknown_rank) return std::optional<Shape>();
  const StatusOr<Shape> shape = Shape::Make(dims.data(), dims.size());
  if (!shape.ok()) return InvalidModel("%s", shape.status().message().c_str());
  return std::optional<Shape>(*shape);
}

}  // namespace minnow::importers::tensorflow
