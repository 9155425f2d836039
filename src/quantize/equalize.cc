#include "quantize/equalize.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "passes/rewrite.h"
#include "quantize/plan.h"

namespace minnow::quantize {
namespace {

using graph::Conv2D;
using graph::Graph;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

// Channels that are nearly dead are not blown up beyond this.
constexpr double kMaxFactor = 64.0;

// Values that sums tie together, the convolutions that make them and those that read them.
struct Place {
  std::vector<ValueId> values;
  std::vector<NodeId> makers, readers;
  double high = std::numeric_limits<double>::infinity();  // upper end of the clamp
  size_t channels = 0;
};

bool IsSum(const Node& node) {
  const auto* binary = std::get_if<graph::Binary>(&node.op);
  return binary != nullptr && binary->kind == graph::BinaryKind::kAdd &&
         binary->activation.IsNone();
}

bool IsDepthwise(const Graph& graph, NodeId id) {
  const Shape& weights = graph.ConstantOf(graph.node(id).inputs[1])->shape();
  return weights[3] == 1 && std::get<Conv2D>(graph.node(id).op).groups == weights[0];
}

template <typename T>
void AddOnce(std::vector<T>* list, T item) {
  if (std::find(list->begin(), list->end(), item) == list->end()) list->push_back(item);
}

// Collects a place around `start`; false where something else than convolutions and sums touches
// it.
class Finder {
 public:
  Finder(const Graph& graph, Place* place) : graph_(graph), place_(place) {}

  bool Find(ValueId start) {
    place_->values = {start};
    // Grows while it is walked.
    for (size_t i = 0; i < place_->values.size(); ++i) {
      if (!Visit(place_->values[i])) return false;
    }
    if (std::isfinite(place_->high) && place_->values.size() > 1) return false;
    for (const NodeId reader : place_->readers) {
      const Conv2D& conv = std::get<Conv2D>(graph_.node(reader).op);
      const Shape& weights = graph_.ConstantOf(graph_.node(reader).inputs[1])->shape();
      const auto width = static_cast<size_t>(weights[3]);
      const bool dense = conv.groups == 1 && width == place_->channels;
      const bool depthwise =
          IsDepthwise(graph_, reader) && static_cast<size_t>(weights[0]) == place_->channels;
      if (!dense && !depthwise) return false;
    }
    return !place_->makers.empty() && !place_->readers.empty();
  }

 private:
  bool IsConv(const Node& node) const {
    return std::holds_alternative<Conv2D>(node.op) && IsProduct(graph_, node);
  }

  bool AddSum(const Node& node) {
    const std::optional<Shape>& shape = graph_.value(node.outputs[0]).shape;
    for (const ValueId id : {node.inputs[0], node.inputs[1], node.outputs[0]}) {
      // Without broadcasting, so that channels are channels.
      if (!shape || graph_.value(id).shape != shape || graph_.IsConstant(id)) return false;
      AddOnce(&place_->values, id);
    }
    return true;
  }

  bool Visit(ValueId id) {
    if (graph_.IsOutput(id)) return false;
    const Node* maker = graph_.ProducerOf(id);
    if (maker == nullptr) return false;
    if (IsSum(*maker)) {
      if (!AddSum(*maker)) return false;
    } else if (!IsConv(*maker) || !AddMaker(graph_.value(id).producer)) {
      return false;
    }
    for (const NodeId reader : graph_.ConsumersOf(id)) {
      const Node& node = graph_.node(reader);
      if (IsSum(node)) {
        if (!AddSum(node)) return false;
      } else if (IsConv(node) && node.inputs[0] == id) {
        AddOnce(&place_->readers, reader);
      } else {
        return false;
      }
    }
    return true;
  }

  bool AddMaker(NodeId id) {
    const Node& node = graph_.node(id);
    const graph::Activation& activation = std::get<Conv2D>(node.op).activation;
    if (!activation.IsNone()) {
      if (activation.min != 0.0f || !(activation.max > 0.0f)) return false;
      if (activation.kind != graph::Activation::Kind::kClamp) return false;
      place_->high = static_cast<double>(activation.max);
    }
    const auto channels = static_cast<size_t>(graph_.ConstantOf(node.inputs[1])->shape()[0]);
    if (place_->makers.empty()) place_->channels = channels;
    AddOnce(&place_->makers, id);
    return place_->channels == channels;
  }

  const Graph& graph_;
  Place* place_;
};

// Largest magnitude of each channel, over the values of the place.
std::vector<double> ChannelPeaks(const Place& place, const std::vector<Observer>& observers) {
  std::vector<double> peaks(place.channels, 0.0);
  for (const ValueId id : place.values) {
    const std::vector<float>& seen = observers[static_cast<size_t>(id)].channel_peaks();
    if (seen.size() != place.channels) return {};
    for (size_t c = 0; c < seen.size(); ++c) {
      peaks[c] = std::max(peaks[c], static_cast<double>(seen[c]));
    }
  }
  return peaks;
}

// How large the weights that read a channel are beside the largest, 0 to 1: over the dense readers
// the mean of the logarithms. All 1 where only depthwise convolutions read, whose channels have
// scales of their own.
std::vector<double> ReaderShares(const Graph& graph, const Place& place) {
  std::vector<double> shares(place.channels, 1.0);
  double readers = 0.0;
  for (const NodeId id : place.readers) readers += IsDepthwise(graph, id) ? 0.0 : 1.0;
  for (const NodeId id : place.readers) {
    if (IsDepthwise(graph, id)) continue;
    const Tensor& weights = *graph.ConstantOf(graph.node(id).inputs[1]);
    std::vector<double> peaks(place.channels, 0.0);
    for (int64_t i = 0; i < weights.ElementCount(); ++i) {
      double& peak = peaks[static_cast<size_t>(i) % place.channels];
      peak = std::max(peak, static_cast<double>(std::fabs(weights.as<float>()[i])));
    }
    const double top = *std::max_element(peaks.begin(), peaks.end());
    for (size_t c = 0; c < place.channels && top > 0.0; ++c) {
      shares[c] *= std::pow(peaks[c] / top, 1.0 / readers);
    }
  }
  return shares;
}

// What each channel is multiplied by. Before depthwise convolutions, so that all channels reach as
// far; before dense ones, so that the ranges of the channel and of the weights that read it are in
// balance (Nagel et al., eq. 11).
std::vector<double> Factors(const Graph& graph, const Place& place,
                            const std::vector<double>& peaks) {
  const double top = *std::max_element(peaks.begin(), peaks.end());
  const std::vector<double> shares = ReaderShares(graph, place);
  const bool dense = std::any_of(place.readers.begin(), place.readers.end(),
                                 [&](NodeId id) { return !IsDepthwise(graph, id); });
  std::vector<double> factors(place.channels, 1.0);
  for (size_t c = 0; c < place.channels; ++c) {
    if (peaks[c] <= 0.0 || shares[c] <= 0.0) continue;
    double factor = top / peaks[c] * shares[c];
    if (dense) factor = std::sqrt(factor);
    if (std::isfinite(place.high)) {
      factor = std::min(factor, std::max(1.0, place.high / (kHeadroom * peaks[c])));
    }
    factors[c] = std::clamp(factor, 1.0, kMaxFactor);
  }
  return factors;
}

// Element i times factor(i), as a new constant in the place of input `index`.
template <typename F>
Status ScaleInput(Graph* graph, NodeId id, size_t index, const F& factor) {
  const ValueId old = passes::InputOf(graph->node(id), index);
  std::optional<std::vector<double>> elements = passes::ConstantFloats(*graph, old);
  if (!elements) return OkStatus();
  for (size_t i = 0; i < elements->size(); ++i) (*elements)[i] *= factor(i);
  const Shape shape = graph->ConstantOf(old)->shape();
  const StatusOr<ValueId> scaled =
      passes::AddFloats(graph, graph->value(old).name, shape, *elements);
  if (!scaled.ok()) return scaled.status();
  graph->node(id).inputs[index] = *scaled;
  return OkStatus();
}

Status Apply(Graph* graph, const Place& place, const std::vector<double>& factors) {
  for (const NodeId id : place.makers) {
    const Tensor& weights = *graph->ConstantOf(graph->node(id).inputs[1]);
    const size_t row = static_cast<size_t>(weights.ElementCount()) / place.channels;
    MINNOW_RETURN_IF_ERROR(ScaleInput(graph, id, 1, [&](size_t i) { return factors[i / row]; }));
    MINNOW_RETURN_IF_ERROR(ScaleInput(graph, id, 2, [&](size_t i) { return factors[i]; }));
  }
  for (const NodeId id : place.readers) {
    const Tensor& weights = *graph->ConstantOf(graph->node(id).inputs[1]);
    const bool depthwise = IsDepthwise(*graph, id);
    const size_t row = static_cast<size_t>(weights.ElementCount() / weights.shape()[0]);
    MINNOW_RETURN_IF_ERROR(ScaleInput(graph, id, 1, [&](size_t i) {
      return 1.0 / factors[depthwise ? i / row : i % place.channels];
    }));
  }
  return OkStatus();
}

}  // namespace

Status Equalize(Graph* graph, const std::vector<Observer>& observers, bool* changed) {
  *changed = false;
  std::vector<bool> done(observers.size(), false);
  return passes::ForEachNode(graph, [&](NodeId id) {
    const ValueId start = graph->node(id).outputs[0];
    if (static_cast<size_t>(start) >= done.size() || done[static_cast<size_t>(start)]) {
      return OkStatus();
    }
    Place place;
    const bool found = Finder(*graph, &place).Find(start);
    for (const ValueId value : place.values) done[static_cast<size_t>(value)] = true;
    if (!found) return OkStatus();
    const std::vector<double> peaks = ChannelPeaks(place, observers);
    if (peaks.empty()) return OkStatus();
    *changed = true;
    return Apply(graph, place, Factors(*graph, place, peaks));
  });
}

}  // namespace minnow::quantize
