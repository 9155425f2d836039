// Do networks whose shapes depend on data run, with fast kernels before the first such shape?
#include "runtime/tail.h"

#include <atomic>

#include "runtime/plan.h"
#include "runtime/runtime_testing.h"

namespace minnow::runtime {
namespace {

using graph::ValueId;

// Softmax(x · w), reshaped to a shape that is an input, plus one; and the softmax itself.
struct ReshapeNet {
  GraphBuilder b;

  ReshapeNet() {
    const ValueId x = b.Input("x", {2, 8});
    const ValueId target = b.graph().AddInput("target", DType::kS64, Shape{2});
    const ValueId product =
        b.Op(graph::FullyConnected{}, {x, b.Weights("w", {6, 8}), b.Weights("b", {6})}, "product");
    const ValueId classes = b.Op(graph::Softmax{}, {product}, "classes");
    const ValueId shaped = b.Op(graph::Reshape{}, {classes, target}, "shaped");
    const ValueId one = b.Scalar("one", 1.0f);
    b.Output(b.Binary(graph::BinaryKind::kAdd, shaped, one, "sum"));
    b.Output(classes);
  }
  std::shared_ptr<const Model> Compile(const CompileOptions& options = {}) {
    StatusOr<std::shared_ptr<const Model>> model = Model::Compile(b.graph(), options);
    EXPECT_TRUE(model.ok()) << model.status().message();
    return *model;
  }
};

std::vector<Tensor> InputsFor(const std::vector<int64_t>& target) {
  std::vector<Tensor> inputs = {RandomTensor({2, 8}, 3)};
  inputs.push_back(*Tensor::From(Shape{2}, target.data()));
  return inputs;
}

TEST(Tail, GivesTheInterpretersResultsForEveryShapeAsked) {
  ReshapeNet net;
  std::unique_ptr<Session> session = std::move(*Session::Create(net.Compile()));
  EXPECT_EQ(session->output(0).ElementCount(), 0);
  for (const std::vector<int64_t>& target : {std::vector<int64_t>{3, 4}, {12, 1}, {4, -1}}) {
    const std::vector<Tensor> inputs = InputsFor(target);
    const StatusOr<std::vector<Tensor>> got = RunSession(session.get(), inputs, 2);
    ASSERT_TRUE(got.ok()) << got.status().message();
    const auto want = interpreter::RunGraph(net.b.graph(), Views(inputs));
    ASSERT_TRUE(want.ok()) << want.status().message();
    ExpectNear(*got, *want);
  }
}

TEST(Tail, LeavesWhatComesBeforeToTheFastKernels) {
  ReshapeNet net;
  Profile profile;
  std::unique_ptr<Session> session = std::move(*Session::Create(net.Compile()));
  ASSERT_TRUE(Bind(session.get(), InputsFor({3, 4})).ok());
  RunOptions options;
  options.profile = &profile;
  ASSERT_TRUE(session->Run(options).ok());
  ASSERT_EQ(profile.operators.size(), 4u);
  EXPECT_NE(profile.operators[0].kernel, "interpreter");
  EXPECT_EQ(profile.operators[2].op, "Reshape");
  EXPECT_EQ(profile.operators[2].kernel, "interpreter");
  EXPECT_EQ(profile.operators[3].op, "Binary");
}

TEST(Tail, FailsWithTheNodeWhereTheDataDoNotFit) {
  ReshapeNet net;
  net.b.graph().node(2).name = "reshape1";
  std::unique_ptr<Session> session = std::move(*Session::Create(net.Compile()));
  const StatusOr<std::vector<Tensor>> got = RunSession(session.get(), InputsFor({5, 5}), 1);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.status().message(),
            "run: node \"reshape1\" (Reshape): the shape [2,6] cannot become [5,5]");
}

TEST(Tail, TakesNoMoreMemoryThanAllowed) {
  GraphBuilder b;
  const ValueId shape = b.graph().AddInput("shape", DType::kS64, Shape{1});
  b.Output(b.Op(graph::Fill{1.0, DType::kF32}, {shape}, "y"));
  CompileOptions options;
  options.max_arena_bytes = 1 << 20;
  std::unique_ptr<Session> session =
      std::move(*Session::Create(*Model::Compile(b.graph(), options)));
  for (const int64_t count : {int64_t{1000}, int64_t{1} << 30}) {
    const StatusOr<std::vector<Tensor>> got =
        RunSession(session.get(), {*Tensor::From(Shape{1}, &count)}, 1);
    EXPECT_EQ(got.ok(), count == 1000);
    EXPECT_EQ(got.status().code(),
              count == 1000 ? StatusCode::kOk : StatusCode::kResourceExhausted);
  }
}

TEST(Tail, CanBeCancelled) {
  ReshapeNet net;
  std::unique_ptr<Session> session = std::move(*Session::Create(net.Compile()));
  ASSERT_TRUE(Bind(session.get(), InputsFor({3, 4})).ok());
  const std::vector<Tensor> inputs = {RandomTensor({2, 6}, 1), InputsFor({3, 4})[1]};
  const std::atomic<bool> cancelled{true};
  const StatusOr<std::shared_ptr<const Plan>> plan =
      session->model().PlanFor({Shape{2, 8}, Shape{2}});
  ASSERT_TRUE(plan.ok());
  const auto result = RunTail(*(*plan)->tail, Views(inputs), 1 << 20, &cancelled, nullptr);
  EXPECT_EQ(result.status().code(), StatusCode::kCancelled);
}

}  // namespace
}  // namespace minnow::runtime
