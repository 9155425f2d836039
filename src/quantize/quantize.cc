#include "quantize/quantize.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "exporters/onnx_exporter.h"
#include "passes/rewrite.h"
#include "quantize/equalize.h"
#include "quantize/insert.h"
#include "quantize/plan.h"

namespace minnow::quantize {
namespace {

using graph::Graph;
using graph::NodeId;
using graph::ValueId;

// Pictures on which the choices are compared.
constexpr size_t kJudges = 64;
// A choice must bring the error down to this part of that without it: less is chance.
constexpr double kGain = 0.9;

Status CheckGraph(const Graph& graph, const std::vector<Tensor>& inputs) {
  if (graph.inputs().size() != 1 || graph.outputs().empty() ||
      graph.value(graph.inputs()[0]).dtype != DType::kF32) {
    return Unsupported("networks with one f32 input can be quantised");
  }
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (graph.node(id).dead) continue;
    if (std::holds_alternative<graph::Quantize>(graph.node(id).op) ||
        std::holds_alternative<graph::Dequantize>(graph.node(id).op)) {
      return Unsupported("the network is quantised already");
    }
  }
  if (inputs.empty()) return InvalidArgument("no calibration pictures");
  return OkStatus();
}

// The network up to its logits: noise is judged before a softmax makes most of it vanish.
Graph UpToLogits(Graph graph) {
  const ValueId output = graph.outputs()[0];
  if (passes::ProducerAs<graph::Softmax>(graph, output) != nullptr) {
    graph.mutable_outputs()[0] = graph.ProducerOf(output)->inputs[0];
  }
  graph.mutable_outputs().resize(1);
  return graph;
}

// Every k-th of the pictures, at most kJudges.
std::vector<Tensor> SomeOf(const std::vector<Tensor>& inputs) {
  const size_t step = (inputs.size() + kJudges - 1) / kJudges;
  std::vector<Tensor> some;
  for (size_t i = 0; i < inputs.size(); i += step) some.push_back(inputs[i]);
  return some;
}

// A float network as it will be quantised, and what it was seen to compute.
struct Source {
  Graph graph;
  QuantPlan plan;
  std::vector<Observer> observers;
};

StatusOr<Source> MakeSource(Graph graph, const std::vector<Tensor>& inputs,
                            const QuantizeOptions& options) {
  Source source;
  source.plan = PlanQuantization(graph);
  if (source.plan.groups == 0) return Unsupported("there is nothing to quantise");
  StatusOr<std::vector<Observer>> seen = Calibrate(graph, source.plan, inputs, options.limits);
  if (!seen.ok()) return seen.status();
  source.observers = std::move(*seen);
  source.graph = std::move(graph);
  return source;
}

struct Candidate {
  Graph graph;
  bool equalized = false;
  bool bias_corrected = false;
  double db = 0.0;
  double error = 0.0;  // that the candidates are compared by
};

// Of class scores how far the probabilities move, since much of their noise is among classes that
// nobody asks for; else the noise.
double ErrorOf(const std::vector<Tensor>& expected, const std::vector<Tensor>& actual, double db) {
  const Shape& shape = expected[0].shape();
  if (shape.rank() == 2 && shape[1] > 1) return Divergence(expected, actual);
  return std::pow(10.0, -db / 10.0);
}

class Quantizer {
 public:
  Quantizer(const std::vector<Tensor>& inputs, const QuantizeOptions& options)
      : inputs_(inputs), judges_(SomeOf(inputs)), options_(options) {}

  Status Run(Graph graph) {
    MINNOW_RETURN_IF_ERROR(SplitFusedOps(&graph));
    StatusOr<std::vector<Tensor>> expected = RunAll(UpToLogits(graph), judges_, options_.limits);
    if (!expected.ok()) return expected.status();
    expected_ = std::move(*expected);
    StatusOr<Source> plain = MakeSource(std::move(graph), inputs_, options_);
    if (!plain.ok()) return plain.status();
    if (options_.equalize != Choice::kOn) MINNOW_RETURN_IF_ERROR(TryBoth(*plain, false));
    if (options_.equalize == Choice::kOff) return OkStatus();
    bool changed = false;
    Graph equalized = plain->graph;
    MINNOW_RETURN_IF_ERROR(Equalize(&equalized, plain->observers, &changed));
    if (!changed) return best_ ? OkStatus() : TryBoth(*plain, false);
    const StatusOr<Source> source = MakeSource(std::move(equalized), inputs_, options_);
    if (!source.ok()) return source.status();
    return TryBoth(*source, true);
  }

  const Candidate& best() const { return *best_; }

 private:
  Status TryBoth(const Source& source, bool equalized) {
    if (options_.correct_bias != Choice::kOn) {
      MINNOW_RETURN_IF_ERROR(Try(source, equalized, false));
    }
    if (options_.correct_bias == Choice::kOff) return OkStatus();
    return Try(source, equalized, true);
  }

  Status Try(const Source& source, bool equalized, bool correct_bias) {
    Candidate candidate{source.graph, equalized, correct_bias};
    const InsertOptions insert = {options_.range, options_.percentile, correct_bias};
    MINNOW_RETURN_IF_ERROR(
        InsertQuantization(&candidate.graph, source.plan, source.observers, insert));
    const StatusOr<std::vector<Tensor>> actual =
        RunAll(UpToLogits(candidate.graph), judges_, options_.limits);
    if (!actual.ok()) return actual.status();
    candidate.db = SignalToNoise(expected_, *actual);
    candidate.error = ErrorOf(expected_, *actual, candidate.db);
    if (!best_ || candidate.error < best_->error * kGain) best_ = std::move(candidate);
    return OkStatus();
  }

  const std::vector<Tensor>& inputs_;
  const std::vector<Tensor> judges_;
  const QuantizeOptions& options_;
  std::vector<Tensor> expected_;
  std::optional<Candidate> best_;
};

}  // namespace

StatusOr<QuantizedNetwork> Quantize(const Graph& graph, const std::vector<Tensor>& inputs,
                                    const QuantizeOptions& options) {
  if (Status status = CheckGraph(graph, inputs); !status.ok()) {
    return status.WithContext("quantize");
  }
  Quantizer quantizer(inputs, options);
  if (Status status = quantizer.Run(graph); !status.ok()) return status.WithContext("quantize");
  const Candidate& best = quantizer.best();
  StatusOr<std::string> onnx = exporters::ExportOnnx(best.graph);
  if (!onnx.ok()) return onnx.status().WithContext("quantize");
  QuantizedNetwork network;
  network.onnx = std::move(*onnx);
  network.equalized = best.equalized;
  network.bias_corrected = best.bias_corrected;
  network.signal_to_noise_db = best.db;
  Graph split = graph;
  MINNOW_RETURN_IF_ERROR(SplitFusedOps(&split));
  for (NodeId id = 0; id < split.node_count(); ++id) {
    if (!split.node(id).dead && IsProduct(split, split.node(id))) ++network.products;
  }
  for (const NodeId id : PlanQuantization(split).real_nodes) {
    const graph::Node& node = split.node(id);
    network.real_operators.push_back(node.name + " (" + graph::OpName(node.op) + ")");
  }
  return network;
}

}  // namespace minnow::quantize
