// The messages ModelProto, GraphProto, NodeProto, AttributeProto and ValueInfoProto.
#include "importers/onnx/model_proto.h"

#include "base/memory_reserve.h"
#include "importers/protobuf_reader.h"

namespace minnow::importers::onnx {
namespace {

// AttributeProto.type.
Attribute::Kind KindOf(int64_t type) {
  switch (type) {
    case 1:
      return Attribute::Kind::kFloat;
    case 2:
      return Attribute::Kind::kInt;
    case 3:
      return Attribute::Kind::kText;
    case 4:
      return Attribute::Kind::kTensor;
    case 6:
      return Attribute::Kind::kFloats;
    case 7:
      return Attribute::Kind::kInts;
    default:
      return Attribute::Kind::kOther;
  }
}

Status ParseAttribute(ProtobufReader reader, Attribute* attribute) {
  int64_t type = 0;
  Attribute::Kind seen = Attribute::Kind::kOther;
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        attribute->name = reader.Text();
        break;
      case 2:
        attribute->real = reader.Float();
        seen = Attribute::Kind::kFloat;
        break;
      case 3:
        attribute->number = reader.Int();
        seen = Attribute::Kind::kInt;
        break;
      case 4:
        attribute->text = reader.Text();
        seen = Attribute::Kind::kText;
        break;
      case 5:
        attribute->blob = reader.Blob();
        seen = Attribute::Kind::kTensor;
        break;
      case 7:
        reader.AppendFloats(&attribute->floats);
        seen = Attribute::Kind::kFloats;
        break;
      case 8:
        reader.AppendInts(&attribute->ints);
        seen = Attribute::Kind::kInts;
        break;
      case 20:
        type = reader.Int();
        break;
    }
  }
  // Writers before IR version 2 leave `type` out; the field that is there says it then.
  attribute->kind = type == 0 ? seen : KindOf(type);
  return reader.status();
}

Status ParseNode(ProtobufReader reader, NodeRecord* node) {
  MINNOW_RETURN_IF_ERROR(MemoryReserve::Check());
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        node->inputs.push_back(reader.Text());
        break;
      case 2:
        node->outputs.push_back(reader.Text());
        break;
      case 3:
        node->name = reader.Text();
        break;
      case 4:
        node->op = reader.Text();
        break;
      case 5:
        MINNOW_RETURN_IF_ERROR(ParseAttribute(reader.Message(), &node->attributes.emplace_back()));
        break;
      case 7:
        node->domain = reader.Text();
        break;
    }
  }
  if (reader.status().ok() && node->op.empty()) {
    return InvalidModel("node %s names no operator", Quote(node->name).c_str());
  }
  return reader.status();
}

Status ParseDim(ProtobufReader reader, int64_t* dim) {
  *dim = kUnknownDim;
  while (reader.Next()) {
    if (reader.field() == 1) *dim = reader.Int();
  }
  if (*dim < 0) *dim = kUnknownDim;
  return reader.status();
}

Status ParseShape(ProtobufReader reader, std::vector<int64_t>* dims) {
  while (reader.Next()) {
    if (reader.field() != 1) continue;
    MINNOW_RETURN_IF_ERROR(ParseDim(reader.Message(), &dims->emplace_back()));
  }
  return reader.status();
}

Status ParseTensorType(ProtobufReader reader, ValueInfo* info) {
  info->is_tensor = true;
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        info->elem_type = reader.Int();
        break;
      case 2:
        MINNOW_RETURN_IF_ERROR(ParseShape(reader.Message(), &info->dims.emplace()));
        break;
    }
  }
  return reader.status();
}

Status ParseType(ProtobufReader reader, ValueInfo* info) {
  while (reader.Next()) {
    if (reader.field() != 1) continue;
    MINNOW_RETURN_IF_ERROR(ParseTensorType(reader.Message(), info));
  }
  return reader.status();
}

Status ParseValueInfo(ProtobufReader reader, ValueInfo* info) {
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        info->name = reader.Text();
        break;
      case 2:
        MINNOW_RETURN_IF_ERROR(ParseType(reader.Message(), info));
        break;
    }
  }
  return reader.status();
}

Status ParseGraph(ProtobufReader reader, ModelProto* model) {
  model->has_graph = true;
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        MINNOW_RETURN_IF_ERROR(ParseNode(reader.Message(), &model->nodes.emplace_back()));
        break;
      case 5:
        model->initializers.push_back(reader.Blob());
        break;
      case 11:
        MINNOW_RETURN_IF_ERROR(ParseValueInfo(reader.Message(), &model->inputs.emplace_back()));
        break;
      case 12:
        MINNOW_RETURN_IF_ERROR(ParseValueInfo(reader.Message(), &model->outputs.emplace_back()));
        break;
      case 15:
        model->has_sparse_initializers = true;
        break;
    }
  }
  return reader.status();
}

Status ParseOpset(ProtobufReader reader, OpsetImport* opset) {
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        opset->domain = reader.Text();
        break;
      case 2:
        opset->version = reader.Int();
        break;
    }
  }
  return reader.status();
}

}  // namespace

Status ParseModel(Bytes bytes, ModelProto* model) {
  ProtobufReader reader(bytes);
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        model->ir_version = reader.Int();
        break;
      case 7:
        MINNOW_RETURN_IF_ERROR(ParseGraph(reader.Message(), model));
        break;
      case 8:
        MINNOW_RETURN_IF_ERROR(ParseOpset(reader.Message(), &model->opsets.emplace_back()));
        break;
    }
  }
  return reader.status();
}

}  // namespace minnow::importers::onnx
