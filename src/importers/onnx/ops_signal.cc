// ONNX window functions: sums of cosines.
#include <cmath>
#include <vector>

#include "importers/common_rows.h"
#include "importers/onnx/ops.h"
#include "importers/onnx/tensors.h"
#include "importers/onnx/wiring.h"

namespace minnow::importers::onnx {
namespace {

using graph::UnaryKind;
using graph::ValueId;

// Sum of terms[k] * cos(2 pi k n / N) for n < size; N is size, or size - 1 where not periodic.
Status ImportWindow(const NodeView& node, ImportContext* context,
                    const std::vector<double>& terms) {
  constexpr double kTau = 6.283185307179586;
  const Wiring w(node, context);
  const std::optional<DType> dtype = ToDType(node.Int("output_datatype", 1));
  if (!dtype) return node.Fail(Unsupported("the element type is not supported"));
  const ValueId size = w.Reshape(w.Cast(node.Input(0), DType::kS64), {});
  ValueId period = w.Cast(size, DType::kF64);
  if (!node.Bool("periodic", true)) period = w.Sub(period, w.Scalar(1.0, DType::kF64));
  const ValueId n = w.Cast(w.Count(size), DType::kF64);
  ValueId sum = w.Scalar(terms[0], DType::kF64);
  for (size_t k = 1; k < terms.size(); ++k) {
    const ValueId step = w.Scalar(kTau * static_cast<double>(k), DType::kF64);
    const ValueId wave = w.Unary(UnaryKind::kCos, w.Div(w.Mul(n, step), period));
    sum = w.Add(sum, w.Mul(wave, w.Scalar(terms[k], DType::kF64)));
  }
  return node.Output(0, graph::Cast{*dtype}, {sum});
}

}  // namespace

Status ImportHannWindow(const NodeView& node, ImportContext* context) {
  return ImportWindow(node, context, {0.5, -0.5});
}

Status ImportHammingWindow(const NodeView& node, ImportContext* context) {
  return ImportWindow(node, context, {25.0 / 46.0, -21.0 / 46.0});
}

Status ImportBlackmanWindow(const NodeView& node, ImportContext* context) {
  return ImportWindow(node, context, {0.42, -0.5, 0.08});
}

}  // namespace minnow::importers::onnx
