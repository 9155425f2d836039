// Small ONNX models and TensorFlow graphs, and what importing them gives as text.
#ifndef MINNOW_TEST_IMPORTERS_MODEL_BUILDERS_H_
#define MINNOW_TEST_IMPORTERS_MODEL_BUILDERS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "graph/print.h"
#include "importers/importer.h"
#include "importers/proto_writer.h"

namespace minnow::importers {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using Names = std::vector<std::string>;

inline Bytes AsBytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// The printed graph, or "ERR_…: message".
inline std::string ImportText(const std::vector<Bytes>& files, const std::string& format = "") {
  const StatusOr<ImportedModel> model = ImportModel(files, format);
  if (model.ok()) return graph::Print(model->graph);
  return std::string(StatusCodeName(model.status().code())) + ": " + model.status().message();
}
inline std::string ImportText(const std::string& bytes, const std::string& format = "") {
  return ImportText(std::vector<Bytes>{AsBytes(bytes)}, format);
}

// The lines of a printed graph that node `name` and its inner nodes make, without types and
// comments; an error stays as it is.
inline std::string LinesOfNode(const std::string& text, const std::string& name) {
  if (text.rfind("ERR_", 0) == 0) return text;
  std::string lines;
  for (size_t start = 0; start < text.size();) {
    const size_t end = text.find('\n', start);
    const std::string line = text.substr(start, end - start);
    start = end + 1;
    const size_t comment = line.rfind("  # ");
    if (comment == std::string::npos) continue;
    const std::string node = line.substr(comment + 4);
    if (node != name && node.rfind(name + "/", 0) != 0) continue;
    const std::string value = line.substr(0, line.find(' '));
    lines += value + line.substr(line.find(" = "), comment - line.find(" = ")) + "\n";
  }
  return lines;
}
inline std::string NodeText(const std::string& bytes, const std::string& name) {
  return LinesOfNode(ImportText(bytes), name);
}

namespace onnx_test {

inline constexpr int kF32 = 1, kU8 = 2, kS32 = 6, kS64 = 7, kBool = 9, kF16 = 10;

inline ProtoWriter IntAttr(const char* name, int64_t value) {
  return ProtoWriter().Text(1, name).Int(3, value).Int(20, 2);
}
inline ProtoWriter FloatAttr(const char* name, float value) {
  return ProtoWriter().Text(1, name).Float(2, value).Int(20, 1);
}
inline ProtoWriter TextAttr(const char* name, const char* value) {
  return ProtoWriter().Text(1, name).Text(4, value).Int(20, 3);
}
inline ProtoWriter IntsAttr(const char* name, const Ints& values) {
  ProtoWriter writer;
  writer.Text(1, name).Int(20, 7);
  for (int64_t value : values) writer.Int(8, value);
  return writer;
}
inline ProtoWriter TensorAttr(const char* name, const ProtoWriter& tensor) {
  return ProtoWriter().Text(1, name).Message(5, tensor).Int(20, 4);
}

// Tensors with their elements in the typed lists; `dims` one by one, as proto2 has them.
inline ProtoWriter TensorHead(const char* name, int data_type, const Ints& dims) {
  ProtoWriter writer;
  for (int64_t dim : dims) writer.Int(1, dim);
  return writer.Int(2, data_type).Text(8, name);
}
inline ProtoWriter FloatTensor(const char* name, const Ints& dims, const Floats& values) {
  return TensorHead(name, kF32, dims).PackedFloats(4, values);
}
inline ProtoWriter IntTensor(const char* name, const Ints& dims, const Ints& values) {
  return TensorHead(name, kS64, dims).PackedInts(7, values);
}

class Model {
 public:
  explicit Model(int64_t opset = 13) : opset_(opset) {}

  // A dim of -1 is written as a symbol.
  Model& Input(const char* name, const Ints& dims, int elem_type = kF32) {
    ProtoWriter shape;
    for (int64_t dim : dims) {
      shape.Message(1, dim < 0 ? ProtoWriter().Text(2, "N") : ProtoWriter().Int(1, dim));
    }
    const ProtoWriter tensor = ProtoWriter().Int(1, elem_type).Message(2, shape);
    graph_.Message(11, ProtoWriter().Text(1, name).Message(2, ProtoWriter().Message(1, tensor)));
    return *this;
  }
  Model& InputOfUnknownRank(const char* name) {
    const ProtoWriter tensor = ProtoWriter().Int(1, kF32);
    graph_.Message(11, ProtoWriter().Text(1, name).Message(2, ProtoWriter().Message(1, tensor)));
    return *this;
  }
  Model& Output(const char* name) {
    graph_.Message(12, ProtoWriter().Text(1, name));
    return *this;
  }
  Model& Weights(const char* name, const Ints& dims) {
    int64_t count = 1;
    for (int64_t dim : dims) count *= dim;
    graph_.Message(5, FloatTensor(name, dims, Floats(static_cast<size_t>(count), 0.5f)));
    return *this;
  }
  Model& List(const char* name, const Ints& values) {
    graph_.Message(5, IntTensor(name, {static_cast<int64_t>(values.size())}, values));
    return *this;
  }
  Model& Initializer(const ProtoWriter& tensor) {
    graph_.Message(5, tensor);
    return *this;
  }
  Model& Node(const char* op, const Names& inputs, const Names& outputs,
              const std::vector<ProtoWriter>& attributes = {}, const char* domain = "") {
    ProtoWriter node;
    for (const std::string& input : inputs) node.Text(1, input);
    for (const std::string& output : outputs) node.Text(2, output);
    node.Text(3, "n").Text(4, op);
    for (const ProtoWriter& attribute : attributes) node.Message(5, attribute);
    if (*domain != '\0') node.Text(7, domain);
    graph_.Message(1, node);
    return *this;
  }

  std::string Serialize() const {
    return ProtoWriter()
        .Int(1, 7)
        .Message(7, graph_)
        .Message(8, ProtoWriter().Text(1, "").Int(2, opset_))
        .bytes();
  }
  // What the nodes called "n" become.
  std::string NodeText() const { return importers::NodeText(Serialize(), "n"); }
  std::string Text() const { return ImportText(Serialize()); }

 private:
  int64_t opset_;
  ProtoWriter graph_;
};

}  // namespace onnx_test

namespace tf_test {

inline constexpr int kF32 = 1, kS32 = 3, kString = 7, kS64 = 9, kBool = 10, kF16 = 19;

using Attr = std::pair<std::string, ProtoWriter>;

inline Attr IntAttr(const char* name, int64_t value) { return {name, ProtoWriter().Int(3, value)}; }
inline Attr FloatAttr(const char* name, float value) {
  return {name, ProtoWriter().Float(4, value)};
}
inline Attr BoolAttr(const char* name, bool value) { return {name, ProtoWriter().Int(5, value)}; }
inline Attr TypeAttr(const char* name, int value) { return {name, ProtoWriter().Int(6, value)}; }
inline Attr TextAttr(const char* name, const char* value) {
  return {name, ProtoWriter().Text(2, value)};
}
inline Attr IntsAttr(const char* name, const Ints& values) {
  return {name, ProtoWriter().Message(1, ProtoWriter().PackedInts(3, values))};
}
inline ProtoWriter ShapeProto(const Ints& dims) {
  ProtoWriter shape;
  for (int64_t dim : dims) shape.Message(2, ProtoWriter().Int(1, dim));
  return shape;
}
inline Attr ShapeAttr(const char* name, const Ints& dims) {
  return {name, ProtoWriter().Message(7, ShapeProto(dims))};
}
inline Attr TensorAttr(const char* name, const ProtoWriter& tensor) {
  return {name, ProtoWriter().Message(8, tensor)};
}
inline ProtoWriter TensorHead(int dtype, const Ints& dims) {
  return ProtoWriter().Int(1, dtype).Message(2, ShapeProto(dims));
}

class Graph {
 public:
  Graph& Node(const char* name, const char* op, const Names& inputs,
              const std::vector<Attr>& attributes = {}) {
    ProtoWriter node;
    node.Text(1, name).Text(2, op);
    for (const std::string& input : inputs) node.Text(3, input);
    for (const Attr& attribute : attributes) {
      node.Message(5, ProtoWriter().Text(1, attribute.first).Message(2, attribute.second));
    }
    graph_.Message(1, node);
    return *this;
  }
  Graph& Input(const char* name, const Ints& dims, int dtype = kF32) {
    return Node(name, "Placeholder", {}, {TypeAttr("dtype", dtype), ShapeAttr("shape", dims)});
  }
  Graph& Const(const char* name, const ProtoWriter& tensor) {
    return Node(name, "Const", {}, {TensorAttr("value", tensor)});
  }
  // One value, repeated.
  Graph& Weights(const char* name, const Ints& dims) {
    return Const(name, TensorHead(kF32, dims).Float(5, 0.5f));
  }
  Graph& List(const char* name, const Ints& values) {
    return Const(name,
                 TensorHead(kS32, {static_cast<int64_t>(values.size())}).PackedInts(7, values));
  }
  Graph& Number(const char* name, int64_t value) {
    return Const(name, TensorHead(kS32, {}).Int(7, value));
  }

  std::string Serialize() const {
    ProtoWriter graph = graph_;
    return graph.Message(4, ProtoWriter().Int(1, 27)).bytes();
  }
  // What the nodes called "n" become.
  std::string NodeText() const { return importers::NodeText(Serialize(), "n"); }
  std::string Text() const { return ImportText(Serialize()); }

 private:
  ProtoWriter graph_;
};

}  // namespace tf_test

}  // namespace minnow::importers

#endif  // MINNOW_TEST_IMPORTERS_MODEL_BUILDERS_H_
