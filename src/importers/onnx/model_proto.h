// What an ONNX file holds, as views into its bytes. Field numbers: onnx/onnx.proto.
#ifndef MINNOW_IMPORTERS_ONNX_MODEL_PROTO_H_
#define MINNOW_IMPORTERS_ONNX_MODEL_PROTO_H_

#include <optional>
#include <string_view>
#include <vector>

#include "importers/importer.h"
#include "importers/node_view.h"

namespace minnow::importers::onnx {

// A graph input or output.
struct ValueInfo {
  std::string_view name;
  bool is_tensor = false;
  int64_t elem_type = 0;
  // Absent: rank unknown. kUnknownDim where the file gives a symbol, nothing, or a negative number.
  std::optional<std::vector<int64_t>> dims;
};

struct OpsetImport {
  std::string_view domain;
  int64_t version = 0;
};

struct ModelProto {
  int64_t ir_version = 0;
  std::vector<OpsetImport> opsets;
  bool has_graph = false;
  bool has_sparse_initializers = false;
  std::vector<NodeRecord> nodes;
  std::vector<Bytes> initializers;  // encoded tensors
  std::vector<ValueInfo> inputs;
  std::vector<ValueInfo> outputs;
};

// kInvalidModel for malformed bytes. Checks the encoding, not what it means.
Status ParseModel(Bytes bytes, ModelProto* model);

// True for "" and "ai.onnx", the domain of the standard operators.
inline bool IsStandardDomain(std::string_view domain) {
  return domain.empty() || domain == "ai.onnx";
}

}  // namespace minnow::importers::onnx

#endif  // MINNOW_IMPORTERS_ONNX_MODEL_PROTO_H_
