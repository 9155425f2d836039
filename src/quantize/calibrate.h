// What values does a float network take on the calibration pictures?
#ifndef MINNOW_QUANTIZE_CALIBRATE_H_
#define MINNOW_QUANTIZE_CALIBRATE_H_

#include <atomic>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"
#include "quantize/observer.h"
#include "quantize/plan.h"
#include "tensor/tensor.h"

namespace minnow::quantize {

struct RunLimits {
  // Threads at most; 0: the default. Results do not depend on it.
  int threads = 0;
  // Looked at between operators and pictures; kCancelled when it becomes true.
  const std::atomic<bool>* cancelled = nullptr;
};

// Runs the network (one f32 input) once for each of `inputs`, with its fast kernels, and gives one
// observer a value; those of values that the plan leaves real have seen nothing.
StatusOr<std::vector<Observer>> Calibrate(const graph::Graph& graph, const QuantPlan& plan,
                                          const std::vector<Tensor>& inputs,
                                          const RunLimits& limits);

// The first output for each of `inputs`.
StatusOr<std::vector<Tensor>> RunAll(const graph::Graph& graph, const std::vector<Tensor>& inputs,
                                     const RunLimits& limits);

// Signal to quantisation noise in decibels: 10 log10(sum y² / sum (y - q)²) over all elements.
// Infinite where nothing differs. REQUIRES: f32, the same shapes.
double SignalToNoise(const std::vector<Tensor>& y, const std::vector<Tensor>& q);

// How far the classes' probabilities move: the mean over the rows of the divergence of Kullback and
// Leibler from softmax(y) to softmax(q), in nats. REQUIRES: f32 [rows, classes], the same shapes.
double Divergence(const std::vector<Tensor>& y, const std::vector<Tensor>& q);

}  // namespace minnow::quantize

#endif  // MINNOW_QUANTIZE_CALIBRATE_H_
