// An ONNX file being written: nodes, initializers, inputs and outputs by name. Knows the encoding
// (onnx/onnx.proto) and no operator.
#ifndef MINNOW_EXPORTERS_ONNX_BUILDER_H_
#define MINNOW_EXPORTERS_ONNX_BUILDER_H_

#include <optional>
#include <string>
#include <unordered_set>
#include <variant>
#include <vector>

#include "importers/protobuf_writer.h"
#include "tensor/tensor.h"

namespace minnow::exporters {

struct OnnxAttribute {
  std::string name;
  std::variant<int64_t, float, std::string, std::vector<int64_t>> value;
};

class OnnxBuilder {
 public:
  // `name`, or with a number behind it where that is taken (or empty); taken from now on.
  std::string Unique(const std::string& name);

  void AddInput(const std::string& name, DType dtype, const std::optional<Shape>& shape);
  void AddOutput(const std::string& name, DType dtype, const std::optional<Shape>& shape);
  void AddInitializer(const std::string& name, const Tensor& tensor);
  // An input name may be "": an optional input that is absent.
  void AddNode(const std::string& op, const std::vector<std::string>& inputs,
               const std::string& output, const std::vector<OnnxAttribute>& attributes);

  // The encoded ModelProto.
  std::string Finish(int64_t opset) const;

 private:
  importers::ProtobufWriter graph_;
  std::unordered_set<std::string> taken_;
};

// TensorProto.DataType.
int64_t OnnxTypeOf(DType dtype);

}  // namespace minnow::exporters

#endif  // MINNOW_EXPORTERS_ONNX_BUILDER_H_
