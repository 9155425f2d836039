// How tests of the runtime run a graph on every instruction set and thread count, and what they
// compare with: the interpreter on the graph as it came.
#ifndef MINNOW_TEST_SRC_RUNTIME_RUNTIME_TESTING_H_
#define MINNOW_TEST_SRC_RUNTIME_RUNTIME_TESTING_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "interpreter/interpreter.h"
#include "passes/pass_testing.h"
#include "runtime/model.h"
#include "runtime/session.h"

namespace minnow::runtime {

using passes::GraphBuilder;
using passes::Random;

// Seven workers: more than this machine has cores.
inline ThreadPool& TestPool() {
  static ThreadPool* const pool = new ThreadPool(7);
  return *pool;
}

// Under TSan, which looks at threads and is slow, only the best level.
inline std::vector<Isa> TestedIsas() {
#if defined(__SANITIZE_THREAD__)
  return {DetectedIsa()};
#else
  return SupportedIsas();
#endif
}

inline Tensor RandomTensor(const Shape& shape, uint64_t seed) {
  Random random(seed);
  Tensor tensor = *Tensor::Allocate(DType::kF32, shape);
  for (int64_t i = 0; i < tensor.ElementCount(); ++i) {
    tensor.mutable_as<float>()[i] = random.Float(-1.0f, 1.0f);
  }
  return tensor;
}

// One random tensor a graph input, unknown dims taken as `batch`.
inline std::vector<Tensor> RandomInputs(const graph::Graph& graph, int64_t batch, uint64_t seed) {
  std::vector<Tensor> tensors;
  for (const graph::ValueId id : graph.inputs()) {
    Shape shape = *graph.value(id).shape;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] == kUnknownDim) shape[axis] = batch;
    }
    tensors.push_back(RandomTensor(shape, seed + tensors.size()));
  }
  return tensors;
}

inline std::vector<TensorView> Views(const std::vector<Tensor>& tensors) {
  std::vector<TensorView> views;
  for (const Tensor& tensor : tensors) views.push_back(tensor.view());
  return views;
}

inline Tensor CopyOf(const TensorView& view) {
  Tensor tensor = *Tensor::Allocate(view.dtype, view.shape);
  std::memcpy(tensor.mutable_data(), view.data, view.size_bytes());
  return tensor;
}

inline Status Bind(Session* session, const std::vector<Tensor>& inputs) {
  std::vector<Shape> shapes;
  for (const Tensor& input : inputs) shapes.push_back(input.shape());
  MINNOW_RETURN_IF_ERROR(session->Prepare(shapes));
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::memcpy(session->input(i).data, inputs[i].data(), inputs[i].size_bytes());
  }
  return OkStatus();
}

inline StatusOr<std::vector<Tensor>> RunSession(Session* session, const std::vector<Tensor>& inputs,
                                                int threads) {
  MINNOW_RETURN_IF_ERROR(Bind(session, inputs));
  RunOptions options;
  options.threads = threads;
  options.pool = &TestPool();
  MINNOW_RETURN_IF_ERROR(session->Run(options));
  std::vector<Tensor> outputs;
  for (size_t i = 0; i < session->model().outputs().size(); ++i) {
    outputs.push_back(CopyOf(session->output(i)));
  }
  return outputs;
}

inline StatusOr<std::shared_ptr<const Model>> CompileFor(const graph::Graph& graph, Isa isa) {
  CompileOptions options;
  options.isa = isa;
  return Model::Compile(graph, options);
}

inline bool SameBits(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() &&
         std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

// The largest difference as a part of the largest magnitude (at least 1). Infinite where one side
// is NaN or infinite and the other is not so.
inline double Distance(const Tensor& got, const Tensor& want) {
  double largest = 1, difference = 0;
  for (int64_t i = 0; i < want.ElementCount(); ++i) {
    const auto a = static_cast<double>(got.as<float>()[i]);
    const auto b = static_cast<double>(want.as<float>()[i]);
    if ((std::isnan(a) && std::isnan(b)) || a == b) continue;
    if (!std::isfinite(a) || !std::isfinite(b)) return INFINITY;
    largest = std::max(largest, std::abs(b));
    difference = std::max(difference, std::abs(a - b));
  }
  return difference / largest;
}

inline constexpr double kTolerance = 2e-5;

inline void ExpectNear(const std::vector<Tensor>& got, const std::vector<Tensor>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    ASSERT_EQ(got[i].dtype(), want[i].dtype()) << "output " << i;
    ASSERT_EQ(got[i].shape(), want[i].shape()) << "output " << i;
    if (want[i].dtype() == DType::kF32) {
      EXPECT_LE(Distance(got[i], want[i]), kTolerance) << "output " << i;
    } else {
      EXPECT_TRUE(SameBits(got[i], want[i])) << "output " << i;
    }
  }
}

// On every level: equal to the interpreter up to rounding, and bit-equal for 1, 2 and 7 threads.
inline void ExpectMatchesInterpreter(const graph::Graph& graph, const std::vector<Tensor>& inputs) {
  const StatusOr<std::vector<Tensor>> want = interpreter::RunGraph(graph, Views(inputs));
  ASSERT_TRUE(want.ok()) << want.status().message();
  for (const Isa isa : TestedIsas()) {
    SCOPED_TRACE(IsaName(isa));
    const StatusOr<std::shared_ptr<const Model>> model = CompileFor(graph, isa);
    ASSERT_TRUE(model.ok()) << model.status().message();
    StatusOr<std::unique_ptr<Session>> session = Session::Create(*model);
    ASSERT_TRUE(session.ok()) << session.status().message();
    const StatusOr<std::vector<Tensor>> one = RunSession(session->get(), inputs, 1);
    ASSERT_TRUE(one.ok()) << one.status().message();
    ExpectNear(*one, *want);
    for (const int threads : {2, 7}) {
      const StatusOr<std::vector<Tensor>> many = RunSession(session->get(), inputs, threads);
      ASSERT_TRUE(many.ok()) << many.status().message();
      for (size_t i = 0; i < one->size(); ++i) {
        EXPECT_TRUE(SameBits((*one)[i], (*many)[i])) << threads << " threads, output " << i;
      }
    }
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << (*model)->imported_text() << (*model)->optimized_text();
      return;
    }
  }
}

inline void ExpectMatchesInterpreter(GraphBuilder* b, int64_t batch = 1) {
  ExpectMatchesInterpreter(b->graph(), RandomInputs(b->graph(), batch, 11));
}

// The operators of a model's plan for `batch`, as "Conv2D FusedBlock Reorder ".
inline std::string OperatorsOf(const graph::Graph& graph, int64_t batch = 1) {
  const StatusOr<std::shared_ptr<const Model>> model = CompileFor(graph, DetectedIsa());
  if (!model.ok()) return model.status().message();
  StatusOr<std::unique_ptr<Session>> session = Session::Create(*model);
  if (!session.ok()) return session.status().message();
  if (Status status = Bind(session->get(), RandomInputs(graph, batch, 1)); !status.ok()) {
    return status.message();
  }
  Profile profile;
  RunOptions options;
  options.profile = &profile;
  if (Status status = (*session)->Run(options); !status.ok()) return status.message();
  std::string text;
  for (const OperatorRecord& record : profile.operators) text += record.op + " ";
  return text;
}

}  // namespace minnow::runtime

#endif  // MINNOW_TEST_SRC_RUNTIME_RUNTIME_TESTING_H_
