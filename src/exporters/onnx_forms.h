// Under which name, and in which order of axes, is a value of the graph at hand in the ONNX file?
#ifndef MINNOW_EXPORTERS_ONNX_FORMS_H_
#define MINNOW_EXPORTERS_ONNX_FORMS_H_

#include <string>
#include <vector>

#include "exporters/onnx_builder.h"
#include "graph/graph.h"

namespace minnow::exporters {

// A value of rank 4 may be there plain (the axes of the graph, images channels last), planar
// (channels first), or both; a Transpose is written when somebody asks for the form that is not
// there. Constants, and whatever Quantize and Dequantize make by one scale, are written when
// somebody asks for them, in the form asked for: so nothing comes between those and the operator
// that they belong to.
class OnnxForms {
 public:
  OnnxForms(const graph::Graph& graph, OnnxBuilder* builder);

  // The name of the form asked for. "" for kNoValue. REQUIRES for Planar: rank 4.
  StatusOr<std::string> Plain(graph::ValueId id);
  StatusOr<std::string> Planar(graph::ValueId id);
  // A constant, or a dequantised one, with its axes in the order `perm` (empty: as it is).
  StatusOr<std::string> Permuted(graph::ValueId id, const std::vector<int64_t>& perm);

  // True where the value is there planar and not plain.
  bool IsOnlyPlanar(graph::ValueId id) const;
  bool IsConstant(graph::ValueId id) const;
  // Written when asked for, by this class.
  bool IsWrittenLate(graph::ValueId id) const { return IsConstant(id) || IsQuantization(id); }
  // The shape; rank 0 where it is not known.
  Shape ShapeOf(graph::ValueId id) const;

  // The name under which the node that makes the value writes that form.
  std::string DefinePlain(graph::ValueId id);
  std::string DefinePlanar(graph::ValueId id);
  // The form is there already, under the name of another value.
  void SetPlain(graph::ValueId id, std::string name) { NamesOf(id).plain = std::move(name); }
  void SetPlanar(graph::ValueId id, std::string name) { NamesOf(id).planar = std::move(name); }

  // A new constant, named after `name`.
  std::string Constant(const std::string& name, const Tensor& tensor);
  StatusOr<std::string> Ints(const std::string& name, const std::vector<int64_t>& values);
  StatusOr<std::string> Scalar(const std::string& name, float value);

  // Every graph output is there, plain, under its own name.
  Status WriteOutputs();

 private:
  struct Names {
    std::string plain, planar;
  };
  // Made by Quantize or Dequantize with one scale.
  bool IsQuantization(graph::ValueId id) const;
  StatusOr<std::string> WriteQuantization(graph::ValueId id, bool planar);
  Names& NamesOf(graph::ValueId id) { return names_[static_cast<size_t>(id)]; }
  const Names& NamesOf(graph::ValueId id) const { return names_[static_cast<size_t>(id)]; }

  const graph::Graph& graph_;
  OnnxBuilder* builder_;
  std::vector<Names> names_;
};

// Where axis `axis` of an image with channels last lies with channels first.
inline int64_t PlanarAxis(int64_t axis) { return axis == 0 ? 0 : (axis == 3 ? 1 : axis + 1); }

}  // namespace minnow::exporters

#endif  // MINNOW_EXPORTERS_ONNX_FORMS_H_
