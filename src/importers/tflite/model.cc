// Which field of the schema is which: https://www.tensorflow.org/lite, schema.fbs, version 3.
#include "importers/tflite/model.h"

#include "importers/import_context.h"

namespace minnow::importers::tflite {
namespace {

constexpr uint32_t kSchemaVersion = 3;
constexpr int32_t kPlaceholderCode = 127;

struct OperatorCode {
  int32_t code = 0;
  std::string_view custom_name;
};

// The code was a byte first; a file with a code above 127 has it in the second field alone.
OperatorCode ReadCode(const Table& table) {
  const int32_t old_code = table.S8(0, 0), code = table.S32(3, 0);
  return {old_code == kPlaceholderCode || code > old_code ? code : old_code, table.Text(1)};
}

Status ReadQuantization(const Table& table, TensorRecord* record) {
  Quantization quantization;
  quantization.scales = table.Floats(2);
  record->is_custom_quantized = table.U8(4, 0) != 0;
  const std::vector<int64_t> zero_points = table.Longs(3);
  if (quantization.scales.empty()) return OkStatus();
  quantization.axis = table.S32(6, 0);
  for (int64_t zero_point : zero_points) {
    const auto narrow = static_cast<int32_t>(zero_point);
    if (narrow != zero_point) {
      return InvalidModel("the zero point %lld", static_cast<long long>(zero_point));
    }
    quantization.zero_points.push_back(narrow);
  }
  if (zero_points.empty()) quantization.zero_points.assign(quantization.scales.size(), 0);
  record->quantization = std::move(quantization);
  return OkStatus();
}

Status ReadTensor(const Table& table, const std::vector<Table>& buffers, TensorRecord* record) {
  record->name = table.Text(3);
  record->type = table.S8(1, 0);
  record->dtype = ToDType(record->type);
  record->dims = table.Ints(0);
  const std::vector<int32_t> signature = table.Ints(7);
  if (signature.size() == record->dims.size()) record->dims = signature;
  const uint32_t buffer = table.U32(2, 0);
  if (buffer >= buffers.size() && buffer != 0) {
    return InvalidModel("it is in buffer %u of %zu", buffer, buffers.size());
  }
  if (buffer != 0) {
    // Weights beyond 2 GB lie behind the FlatBuffer and are named by their place there.
    if (buffers[buffer].U32(1, 0) > 1) return Unsupported("data outside the FlatBuffer");
    record->data = buffers[buffer].Blob(0);
  }
  bool is_empty = false;
  for (int32_t dim : record->dims) is_empty = is_empty || dim == 0;
  record->is_constant = record->data.size > 0 || (is_empty && buffer != 0);
  if (table.Child(6).present()) return Unsupported("sparse tensors are not supported");
  return ReadQuantization(table.Child(4), record);
}

Status CheckIndices(const std::vector<int32_t>& indices, size_t count, bool may_be_absent,
                    const char* what) {
  for (int32_t index : indices) {
    if (index == -1 && may_be_absent) continue;
    if (index < 0 || static_cast<size_t>(index) >= count) {
      return InvalidModel("%s %d is no tensor (there are %zu)", what, static_cast<int>(index),
                          count);
    }
  }
  return OkStatus();
}

Status ReadOperators(const Table& subgraph, const std::vector<OperatorCode>& codes,
                     ModelRecord* model) {
  for (const Table& table : subgraph.Children(3)) {
    OperatorRecord record;
    const uint32_t index = table.U32(0, 0);
    if (index >= codes.size()) {
      return InvalidModel("operator %zu has the code %u of %zu", model->operators.size(), index,
                          codes.size());
    }
    record.code = codes[index].code;
    record.custom_name = codes[index].custom_name;
    record.inputs = table.Ints(1);
    record.outputs = table.Ints(2);
    record.options = table.Child(4);
    MINNOW_RETURN_IF_ERROR(CheckIndices(record.inputs, model->tensors.size(), true, "input"));
    MINNOW_RETURN_IF_ERROR(CheckIndices(record.outputs, model->tensors.size(), false, "output"));
    model->operators.push_back(std::move(record));
  }
  return OkStatus();
}

}  // namespace

Status ReadModel(FlatBuffer* buffer, ModelRecord* model) {
  const Table root = buffer->Root();
  MINNOW_RETURN_IF_ERROR(buffer->status());
  const uint32_t version = root.U32(0, 0);
  const std::vector<Table> subgraphs = root.Children(2);
  const std::vector<Table> buffers = root.Children(4);
  std::vector<OperatorCode> codes;
  for (const Table& table : root.Children(1)) codes.push_back(ReadCode(table));
  MINNOW_RETURN_IF_ERROR(buffer->status());
  if (version != kSchemaVersion) {
    return Unsupported("schema version %u (%u is supported)", version, kSchemaVersion);
  }
  if (subgraphs.empty()) return InvalidModel("it has no graph");
  for (const Table& table : subgraphs[0].Children(0)) {
    TensorRecord record;
    MINNOW_RETURN_IF_ERROR(
        ReadTensor(table, buffers, &record).WithContext("tensor " + Quote(record.name)));
    model->tensors.push_back(std::move(record));
  }
  model->inputs = subgraphs[0].Ints(1);
  model->outputs = subgraphs[0].Ints(2);
  MINNOW_RETURN_IF_ERROR(buffer->status());
  MINNOW_RETURN_IF_ERROR(CheckIndices(model->inputs, model->tensors.size(), false, "graph input"));
  MINNOW_RETURN_IF_ERROR(
      CheckIndices(model->outputs, model->tensors.size(), false, "graph output"));
  MINNOW_RETURN_IF_ERROR(ReadOperators(subgraphs[0], codes, model));
  return buffer->status();
}

std::optional<DType> ToDType(int type) {
  switch (type) {
    case 0:
      return DType::kF32;
    case 1:
      return DType::kF16;
    case 2:
      return DType::kS32;
    case 3:
      return DType::kU8;
    case 4:
      return DType::kS64;
    case 6:
      return DType::kBool;
    case 7:
      return DType::kS16;
    case 9:
      return DType::kS8;
    case 10:
      return DType::kF64;
    case 12:
      return DType::kU64;
    case 15:
      return DType::kU32;
    case 16:
      return DType::kU16;
    default:
      return std::nullopt;
  }
}

}  // namespace minnow::importers::tflite
