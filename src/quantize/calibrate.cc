#include "quantize/calibrate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/model.h"
#include "runtime/session.h"

namespace minnow::quantize {
namespace {

using graph::Graph;
using graph::ValueId;

// One session of a network, fed with picture after picture.
class Runner {
 public:
  static StatusOr<Runner> Create(Graph graph, const RunLimits& limits) {
    StatusOr<std::shared_ptr<const runtime::Model>> model =
        runtime::Model::Compile(std::move(graph), runtime::CompileOptions());
    if (!model.ok()) return model.status();
    StatusOr<std::unique_ptr<runtime::Session>> session = runtime::Session::Create(*model);
    if (!session.ok()) return session.status();
    return Runner(std::move(*session), limits);
  }

  Status Run(const Tensor& input) {
    MINNOW_RETURN_IF_ERROR(session_->Prepare({input.shape()}));
    std::copy_n(input.as<float>(), input.ElementCount(), session_->input(0).as<float>());
    runtime::RunOptions options;
    options.threads = limits_.threads;
    options.cancelled = limits_.cancelled;
    return session_->Run(options);
  }
  TensorView output(size_t index) const { return session_->output(index); }

 private:
  Runner(std::unique_ptr<runtime::Session> session, const RunLimits& limits)
      : session_(std::move(session)), limits_(limits) {}

  std::unique_ptr<runtime::Session> session_;
  RunLimits limits_;
};

// A value that is looked at, and its place among the outputs.
struct Tap {
  ValueId value = graph::kNoValue;
  size_t output = 0;
};

// Makes every quantised value an output.
std::vector<Tap> AddTaps(const QuantPlan& plan, Graph* graph) {
  std::vector<Tap> taps;
  for (ValueId id = 0; id < static_cast<ValueId>(plan.group_of.size()); ++id) {
    const auto& outputs = graph->outputs();
    const bool is_input =
        std::find(graph->inputs().begin(), graph->inputs().end(), id) != graph->inputs().end();
    if (plan.group_of[static_cast<size_t>(id)] < 0 || is_input) continue;
    const auto found = std::find(outputs.begin(), outputs.end(), id);
    taps.push_back({id, static_cast<size_t>(found - outputs.begin())});
    if (found == outputs.end()) graph->AddOutput(id);
  }
  return taps;
}

double LogSumExp(const float* x, int64_t count) {
  const auto largest = static_cast<double>(*std::max_element(x, x + count));
  double sum = 0.0;
  for (int64_t i = 0; i < count; ++i) sum += std::exp(static_cast<double>(x[i]) - largest);
  return largest + std::log(sum);
}

Status AddContext(const Status& status, const Graph& graph, ValueId id) {
  return status.WithContext("value \"" + graph.value(id).name + "\"");
}

}  // namespace

StatusOr<std::vector<Observer>> Calibrate(const Graph& graph, const QuantPlan& plan,
                                          const std::vector<Tensor>& inputs,
                                          const RunLimits& limits) {
  Graph tapped = graph;
  const std::vector<Tap> taps = AddTaps(plan, &tapped);
  StatusOr<Runner> runner = Runner::Create(std::move(tapped), limits);
  if (!runner.ok()) return runner.status();
  std::vector<Observer> observers(plan.group_of.size());
  std::vector<Status> statuses(taps.size());
  const ValueId input_id = graph.inputs()[0];
  const int threads = limits.threads == 0 ? ThreadPool::DefaultThreads() : limits.threads;
  for (const Tensor& input : inputs) {
    Status status = observers[static_cast<size_t>(input_id)].Add(input.view());
    if (!status.ok()) return AddContext(status, graph, input_id);
    MINNOW_RETURN_IF_ERROR(runner->Run(input));
    Team team(&ThreadPool::Shared(), threads);
    team.ParallelFor(static_cast<int64_t>(taps.size()), [&](int64_t i, int) {
      const Tap& tap = taps[static_cast<size_t>(i)];
      statuses[static_cast<size_t>(i)] =
          observers[static_cast<size_t>(tap.value)].Add(runner->output(tap.output));
    });
    for (size_t i = 0; i < taps.size(); ++i) {
      if (!statuses[i].ok()) return AddContext(statuses[i], graph, taps[i].value);
    }
  }
  return observers;
}

StatusOr<std::vector<Tensor>> RunAll(const Graph& graph, const std::vector<Tensor>& inputs,
                                     const RunLimits& limits) {
  StatusOr<Runner> runner = Runner::Create(graph, limits);
  if (!runner.ok()) return runner.status();
  std::vector<Tensor> outputs;
  for (const Tensor& input : inputs) {
    MINNOW_RETURN_IF_ERROR(runner->Run(input));
    const TensorView view = runner->output(0);
    if (view.dtype != DType::kF32) return Unsupported("the output is %s", DTypeName(view.dtype));
    StatusOr<Tensor> copy = Tensor::From(view.shape, view.as<float>());
    if (!copy.ok()) return copy.status();
    outputs.push_back(std::move(*copy));
  }
  return outputs;
}

double SignalToNoise(const std::vector<Tensor>& y, const std::vector<Tensor>& q) {
  double signal = 0.0, noise = 0.0;
  for (size_t i = 0; i < y.size(); ++i) {
    for (int64_t k = 0; k < y[i].ElementCount(); ++k) {
      const double a = static_cast<double>(y[i].as<float>()[k]);
      const double b = static_cast<double>(q[i].as<float>()[k]);
      signal += a * a;
      noise += (a - b) * (a - b);
    }
  }
  return noise == 0.0 ? std::numeric_limits<double>::infinity() : 10.0 * std::log10(signal / noise);
}

double Divergence(const std::vector<Tensor>& y, const std::vector<Tensor>& q) {
  double sum = 0.0;
  int64_t rows = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    const int64_t classes = y[i].shape()[1];
    for (int64_t row = 0; row < y[i].shape()[0]; ++row, ++rows) {
      const float* a = y[i].as<float>() + row * classes;
      const float* b = q[i].as<float>() + row * classes;
      const double a_log = LogSumExp(a, classes), b_log = LogSumExp(b, classes);
      for (int64_t k = 0; k < classes; ++k) {
        const double p = static_cast<double>(a[k]) - a_log;
        sum += std::exp(p) * (p - (static_cast<double>(b[k]) - b_log));
      }
    }
  }
  return rows == 0 ? 0.0 : sum / static_cast<double>(rows);
}

}  // namespace minnow::quantize
