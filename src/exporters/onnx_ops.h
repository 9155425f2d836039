// Which ONNX nodes stand for a node of the graph: one Write an op. Internal to exporters/.
#ifndef MINNOW_EXPORTERS_ONNX_OPS_H_
#define MINNOW_EXPORTERS_ONNX_OPS_H_

#include <string>
#include <vector>

#include "exporters/onnx_builder.h"
#include "exporters/onnx_forms.h"
#include "graph/graph.h"

namespace minnow::exporters {

class OnnxOps {
 public:
  OnnxOps(const graph::Graph& graph, OnnxBuilder* builder, OnnxForms* forms)
      : graph_(graph), builder_(builder), forms_(forms) {}

  // REQUIRES: the nodes that make its inputs were written before.
  Status WriteNode(const graph::Node& node);

 private:
  using Attributes = std::vector<OnnxAttribute>;
  using StringOr = StatusOr<std::string>;

  // onnx_ops_image.cc
  Status Write(const graph::Conv2D& op);
  Status Write(const graph::Pool2D& op);
  Status Write(const graph::BatchNorm& op);
  Status Write(const graph::Reduce& op);
  Status Write(const graph::Pad& op);
  Status Write(const graph::Concat& op);
  Status Write(const graph::Softmax& op);
  Status Write(const graph::Transpose& op);
  Status Write(const graph::Reshape& op);
  // onnx_ops.cc
  Status Write(const graph::FullyConnected& op);
  Status Write(const graph::Gemm& op);
  Status Write(const graph::MatMul& op);
  Status Write(const graph::Unary& op);
  Status Write(const graph::Clamp& op);
  Status Write(const graph::Binary& op);
  Status Write(const graph::Quantize& op);
  Status Write(const graph::Dequantize& op);
  Status Write(const graph::Squeeze& op);
  Status Write(const graph::Unsqueeze& op);
  Status Write(const graph::Flatten& op);
  Status Write(const graph::Gather& op);
  Status Write(const graph::Slice& op);
  Status Write(const graph::Cast& op);
  Status Write(const graph::Identity& op);
  template <typename Op>
  Status Write(const Op&) {
    return Unsupported("it cannot be written as ONNX");
  }

  graph::ValueId input(size_t index) const;
  graph::ValueId output() const { return node_->outputs[0]; }
  Shape InputShape(size_t index) const { return forms_->ShapeOf(input(index)); }

  // An op on images that ONNX has channels first: input 0 planar, output planar.
  Status EmitPlanar(const char* op, std::vector<std::string> more, const Attributes& attributes);
  // Plain inputs 0 … `count` - 1, plain output.
  Status EmitPlain(const char* op, size_t count, std::vector<std::string> more,
                   const Attributes& attributes);
  // An op that treats every element alike: in the form in which input 0 is there.
  Status EmitElementwise(const char* op, std::vector<std::string> more,
                         const Attributes& attributes);
  // `activation` of `from`, written under `to`.
  Status EmitActivation(const graph::Activation& activation, const std::string& from,
                        const std::string& to);
  // A name for what stands before the activation, which writes `to`; `to` itself without one.
  std::string BeforeActivation(const graph::Activation& activation, const std::string& to);
  Status EmitUnary(const graph::Unary& op, const std::string& from, const std::string& to);
  // Whether all operands of an elementwise op can be had planar, and one is there only so.
  bool PrefersPlanar() const;
  StringOr PlanarOperand(graph::ValueId id);
  StringOr ClipBound(float bound);
  std::string Intermediate(const char* suffix);

  const graph::Graph& graph_;
  OnnxBuilder* builder_;
  OnnxForms* forms_;
  const graph::Node* node_ = nullptr;
};

}  // namespace minnow::exporters

#endif  // MINNOW_EXPORTERS_ONNX_OPS_H_
