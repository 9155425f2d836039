// ONNX operators that find, pick, place or count elements.
#include "importers/common_rows.h"
#include "importers/onnx/ops.h"
#include "importers/onnx/tensors.h"
#include "importers/onnx/wiring.h"

namespace minnow::importers::onnx {
namespace {

using graph::BinaryKind;
using graph::ScatterKind;
using graph::ValueId;

ScatterKind ReadScatterKind(const NodeView& node) {
  const std::string_view reduction = node.Text("reduction", "none");
  if (reduction == "add") return ScatterKind::kAdd;
  if (reduction == "mul") return ScatterKind::kMul;
  if (reduction == "min") return ScatterKind::kMin;
  if (reduction == "max") return ScatterKind::kMax;
  if (reduction != "none") {
    node.Record(Unsupported("reduction %s is not supported", Quote(reduction).c_str()));
  }
  return ScatterKind::kReplace;
}

}  // namespace

Status ImportGatherElements(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::GatherElements{node.Int("axis", 0)}, {node.Input(0), node.Input(1)});
}

Status ImportGatherNd(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::GatherNd{node.Int("batch_dims", 0)}, {node.Input(0), node.Input(1)});
}

Status ImportScatterElements(const NodeView& node, ImportContext*) {
  const graph::ScatterElements op{node.Int("axis", 0), ReadScatterKind(node)};
  return node.Output(0, op, {node.Input(0), node.Input(1), node.Input(2)});
}

Status ImportScatterNd(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::ScatterNd{ReadScatterKind(node)},
                     {node.Input(0), node.Input(1), node.Input(2)});
}

// k is an attribute before opset 10.
Status ImportTopK(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  graph::TopK op;
  op.axis = node.Int("axis", -1);
  op.largest = node.Bool("largest", true);
  const ValueId x = node.Input(0);
  const ValueId k = context->opset() < 10 ? w.Ints({node.RequiredInt("k")}) : node.Input(1);
  MINNOW_RETURN_IF_ERROR(node.Output(0, op, {x, k}));
  op.indices = true;
  return node.Output(1, op, {x, k});
}

Status ImportReverseSequence(const NodeView& node, ImportContext*) {
  const graph::ReverseSequence op{node.Int("time_axis", 0), node.Int("batch_axis", 1)};
  return node.Output(0, op, {node.Input(0), node.Input(1)});
}

Status ImportNonZero(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::NonZero{}, {node.Input(0)});
}

Status ImportCompress(const NodeView& node, ImportContext*) {
  const graph::Compress op{node.Find("axis") == nullptr, node.Int("axis", 0)};
  return node.Output(0, op, {node.Input(0), node.Input(1)});
}

Status ImportUnique(const NodeView& node, ImportContext*) {
  using Result = graph::Unique::Result;
  graph::Unique op;
  op.flat = node.Find("axis") == nullptr;
  op.axis = node.Int("axis", 0);
  op.sorted = node.Bool("sorted", true);
  size_t output = 0;
  for (Result result :
       {Result::kValues, Result::kFirstIndices, Result::kInverse, Result::kCounts}) {
    op.result = result;
    MINNOW_RETURN_IF_ERROR(node.Output(output++, op, {node.Input(0)}));
  }
  return OkStatus();
}

Status ImportNonMaxSuppression(const NodeView& node, ImportContext*) {
  std::vector<ValueId> inputs = {node.Input(0), node.Input(1)};
  for (size_t i = 2; i < 5; ++i) inputs.push_back(node.OptionalInput(i));
  const graph::NonMaxSuppression op{node.Bool("center_point_box", false)};
  return node.Output(0, op, std::move(inputs));
}

Status ImportRange(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Range{}, {node.Input(0), node.Input(1), node.Input(2)});
}

Status ImportTile(const NodeView& node, ImportContext* context) {
  if (context->opset() < 6) return node.Fail(Unsupported("Tile before opset 6"));
  return node.Output(0, graph::Tile{}, {node.Input(0), node.Input(1)});
}

Status ImportTrilu(const NodeView& node, ImportContext*) {
  std::vector<ValueId> inputs = {node.Input(0)};
  if (node.HasInput(1)) inputs.push_back(node.Input(1));
  return node.Output(0, graph::Trilu{node.Bool("upper", true)}, std::move(inputs));
}

Status ImportDet(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Det{}, {node.Input(0)});
}

Status ImportSize(const NodeView& node, ImportContext*) {
  const ValueId shape = node.Add(graph::ShapeOf{}, {node.Input(0)});
  return node.Output(0, graph::Reduce{graph::ReduceKind::kProd, {0}, false}, {shape});
}

Status ImportCastLike(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  return node.Output(0, graph::Cast{w.DTypeOf(node.Input(1))}, {node.Input(0)});
}

// values[1] where the new axis counts up to the index, values[0] elsewhere.
Status ImportOneHot(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const int64_t given = node.Int("axis", -1);
  const ValueId depth = w.Reshape(w.Cast(node.Input(1), DType::kS64), {});
  ValueId index = w.Cast(node.Input(0), DType::kS64);
  const int rank = w.RankOf(index);
  MINNOW_RETURN_IF_ERROR(context->status());
  const StatusOr<int> axis = NormalizeAxis(given, rank + 1);
  if (!axis.ok()) return node.Fail(axis.status());
  const ValueId negative = w.Binary(BinaryKind::kLess, index, w.Scalar(0.0, DType::kS64));
  index = w.Where(negative, w.Add(index, depth), index);
  std::vector<int64_t> line(static_cast<size_t>(rank - *axis + 1), 1);
  line[0] = -1;
  const ValueId places = w.Reshape(w.Count(depth), line);
  const ValueId hits = w.Binary(BinaryKind::kEqual, w.Unsqueeze(index, {*axis}), places);
  return node.Output(0, graph::Gather{0}, {node.Input(2), w.Cast(hits, DType::kS64)});
}

// 1 where column = row + k.
Status ImportEyeLike(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  std::optional<DType> dtype = w.DTypeOf(x);
  if (node.Find("dtype") != nullptr) dtype = ToDType(node.Int("dtype", 0));
  if (!dtype) return node.Fail(Unsupported("the element type is not supported"));
  const ValueId rows = w.Unsqueeze(w.Count(w.DimOf(x, 0)), {1});
  const ValueId columns = w.Count(w.DimOf(x, 1));
  const ValueId k = w.Scalar(static_cast<double>(node.Int("k", 0)), DType::kS64);
  const ValueId hits = w.Binary(BinaryKind::kEqual, w.Sub(columns, rows), k);
  return node.Output(0, graph::Cast{*dtype}, {hits});
}

}  // namespace minnow::importers::onnx
