// Do sessions keep their promises: errors, cancellation, limits, sharing, and no allocation in Run?
#include "runtime/session.h"

#include <atomic>
#include <thread>

#include "runtime/allocations.h"
#include "runtime/runtime_testing.h"

namespace minnow::runtime {
namespace {

using graph::ValueId;

ValueId Conv(GraphBuilder* b, ValueId x, int64_t out_c, int64_t kernel, int64_t in_c,
             int64_t groups, int64_t stride = 1) {
  graph::Conv2D conv;
  conv.groups = groups;
  conv.stride_h = conv.stride_w = stride;
  conv.padding.mode = graph::PadMode::kSameUpper;
  conv.activation.min = 0;
  conv.activation.max = 6;
  const std::vector<ValueId> inputs = {x, b->Weights("w", {out_c, kernel, kernel, in_c / groups}),
                                       b->Weights("b", {out_c})};
  return b->Op(conv, inputs, "conv");
}

// Every operator of a MobileNet: first convolution, blocks with and without residual, squeeze and
// excitation, head.
graph::Graph SmallNet(int64_t batch = kUnknownDim, int64_t side = 33) {
  GraphBuilder b;
  const ValueId input = b.Input("image", {batch, side, side, 3});
  ValueId x = Conv(&b, input, 16, 3, 3, 1, 2);
  const ValueId shortcut = x;
  x = Conv(&b, Conv(&b, x, 40, 1, 16, 1), 40, 3, 40, 40);
  graph::Reduce mean;
  mean.axes = {1, 2};
  const ValueId gate = b.Op(graph::Unary{graph::UnaryKind::kHardSigmoid, 0.2f, 0.5f},
                            {Conv(&b, b.Op(mean, {x}, "pooled"), 40, 1, 40, 1)}, "gate");
  x = Conv(&b, b.Binary(graph::BinaryKind::kMul, x, gate, "scaled"), 16, 1, 40, 1);
  x = b.Binary(graph::BinaryKind::kAdd, x, shortcut, "sum");
  graph::Pool2D pool;
  pool.kernel_h = pool.kernel_w = pool.stride_h = pool.stride_w = 2;
  x = b.Op(pool, {x}, "pool");
  x = b.Op(graph::Concat{3}, {x, x}, "joined");
  mean.keep_dims = false;
  x = b.Op(mean, {x}, "mean");
  x = b.Op(graph::FullyConnected{}, {x, b.Weights("fc", {10, 32}), b.Weights("fb", {10})}, "fc");
  b.Output(b.Op(graph::Softmax{}, {x}, "classes"));
  return b.graph();
}

std::shared_ptr<const Model> Compile(const graph::Graph& graph, CompileOptions options = {}) {
  StatusOr<std::shared_ptr<const Model>> model = Model::Compile(graph, options);
  EXPECT_TRUE(model.ok()) << model.status().message();
  return *model;
}

std::unique_ptr<Session> SessionOf(const std::shared_ptr<const Model>& model) {
  StatusOr<std::unique_ptr<Session>> session = Session::Create(model);
  EXPECT_TRUE(session.ok()) << session.status().message();
  return std::move(*session);
}

TEST(Session, WholeNetMatchesForAnyBatchInAnyOrder) {
  const graph::Graph graph = SmallNet();
  for (const int64_t batch : {1, 2, 5}) {
    ExpectMatchesInterpreter(graph, RandomInputs(graph, batch, 5));
  }
}

TEST(Session, GivesTheSameBitsAfterOtherBatchSizes) {
  const graph::Graph graph = SmallNet();
  const std::unique_ptr<Session> session = SessionOf(Compile(graph));
  std::vector<std::vector<Tensor>> inputs, first;
  for (int64_t batch = 1; batch <= 12; ++batch) {
    inputs.push_back(RandomInputs(graph, batch, static_cast<uint64_t>(batch)));
    first.push_back(*RunSession(session.get(), inputs.back(), 2));
  }
  // More plans than a model keeps, so that some are made anew.
  for (const size_t i : {11u, 0u, 5u, 0u, 11u, 3u}) {
    EXPECT_TRUE(SameBits((*RunSession(session.get(), inputs[i], 1))[0], first[i][0]));
  }
}

TEST(Session, EachImageOfABatchIsAsIfAlone) {
  const graph::Graph graph = SmallNet();
  const std::unique_ptr<Session> session = SessionOf(Compile(graph));
  const Tensor batch = RandomInputs(graph, 3, 9)[0];
  const Tensor together = (*RunSession(session.get(), {batch}, 1))[0];
  for (int64_t image = 0; image < 3; ++image) {
    const int64_t elems = batch.ElementCount() / 3;
    Tensor one = *Tensor::Allocate(DType::kF32, {1, 33, 33, 3});
    std::memcpy(one.mutable_data(), batch.as<float>() + image * elems, one.size_bytes());
    const Tensor alone = (*RunSession(session.get(), {one}, 1))[0];
    EXPECT_EQ(std::memcmp(alone.data(), together.as<float>() + image * 10, alone.size_bytes()), 0);
  }
}

TEST(Session, PlansShareThePackedWeights) {
  const graph::Graph graph = SmallNet();
  const std::shared_ptr<const Model> model = Compile(graph);
  const int64_t bytes = model->weight_bytes();
  EXPECT_GT(bytes, 0);
  for (int64_t batch = 1; batch <= 20; ++batch) {
    ASSERT_TRUE(model->PlanFor({{batch, 33, 33, 3}}).ok());
    EXPECT_EQ(model->weight_bytes(), bytes) << batch;
  }
  EXPECT_EQ(*model->PlanFor({{20, 33, 33, 3}}), *model->PlanFor({{20, 33, 33, 3}}));
}

// Weights that are large and fill no whole block of channels.
graph::Graph WideNet() {
  GraphBuilder b;
  ValueId x = Conv(&b, b.Input("image", {kUnknownDim, 6, 6, 40}), 520, 1, 40, 1);
  x = Conv(&b, x, 40, 1, 520, 1);
  graph::Reduce mean;
  mean.axes = {1, 2};
  x = b.Op(mean, {x}, "mean");
  b.Output(b.Op(graph::FullyConnected{}, {x, b.Weights("fc", {1001, 40}), b.Weights("fb", {1001})},
                "fc"));
  return b.graph();
}

const void* FirstWeights(const graph::Graph& graph) {
  for (graph::ValueId id = 0; id < graph.value_count(); ++id) {
    if (graph.IsConstant(id)) return graph.ConstantOf(id)->data();
  }
  return nullptr;
}

TEST(Model, GivesTheSameBitsWhereItPacksWeightsInTheirOwnMemory) {
  const graph::Graph kept = WideNet();
  const std::shared_ptr<const Model> copied = Compile(kept);
  const StatusOr<std::shared_ptr<const Model>> alone = Model::Compile(WideNet(), {});
  ASSERT_TRUE(alone.ok());
  EXPECT_EQ((*alone)->weight_bytes(), copied->weight_bytes());
  const std::unique_ptr<Session> first = SessionOf(copied), second = SessionOf(*alone);
  for (const int64_t batch : {1, 3, 1, 2}) {
    const std::vector<Tensor> inputs = RandomInputs(kept, batch, 7);
    EXPECT_TRUE(SameBits((*RunSession(first.get(), inputs, 2))[0],
                         (*RunSession(second.get(), inputs, 2))[0]));
  }
}

TEST(Model, StillHasTheGraphWhoseWeightsItPacked) {
  const graph::Graph kept = WideNet();
  const StatusOr<std::shared_ptr<const Model>> model = Model::Compile(WideNet(), {});
  ASSERT_TRUE(model.ok());
  const StatusOr<graph::Graph> graph = (*model)->graph();
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(graph::Print(*graph), (*model)->optimized_text());
  for (graph::ValueId id = 0; id < graph->value_count(); ++id) {
    if (const Tensor* tensor = graph->ConstantOf(id)) {
      const Tensor& original = *kept.ConstantOf(id);
      ASSERT_EQ(tensor->size_bytes(), original.size_bytes());
      EXPECT_EQ(std::memcmp(tensor->data(), original.data(), tensor->size_bytes()), 0) << id;
    }
  }
  EXPECT_NE(FirstWeights(*graph), FirstWeights(*(*model)->graph())) << "each call unpacks anew";
}

TEST(Session, ShapesThatDoNotFitAreErrors) {
  const std::unique_ptr<Session> session = SessionOf(Compile(SmallNet()));
  for (const Shape& shape : {Shape{1, 33, 32, 3}, Shape{33, 33, 3}, Shape{1, 33, 33, 4}, Shape{},
                             Shape{kUnknownDim, 33, 33, 3}, Shape{-7, 33, 33, 3}}) {
    const Status status = session->Prepare({shape});
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << shape.ToString() << status.message();
  }
  EXPECT_EQ(session->Prepare({}).code(), StatusCode::kInvalidArgument);
  const Shape right = {1, 33, 33, 3};
  EXPECT_EQ(session->Prepare({right, right}).code(), StatusCode::kInvalidArgument);
  // After all those it still runs.
  EXPECT_TRUE(RunSession(session.get(), RandomInputs(SmallNet(), 1, 1), 1).ok());
}

TEST(Session, HugeBatchesAreRefusedWithoutHarm) {
  const graph::Graph graph = SmallNet();
  const std::unique_ptr<Session> session = SessionOf(Compile(graph));
  const std::vector<Tensor> inputs = RandomInputs(graph, 1, 1);
  const Tensor before = (*RunSession(session.get(), inputs, 1))[0];
  for (const int64_t batch : {100000, 150000}) {
    EXPECT_EQ(session->Prepare({{batch, 33, 33, 3}}).code(), StatusCode::kResourceExhausted);
  }
  EXPECT_FALSE(session->Prepare({{kMaxElements, 33, 33, 3}}).ok());
  EXPECT_TRUE(SameBits((*RunSession(session.get(), inputs, 1))[0], before));
}

TEST(Session, TheArenaLimitIsKeptWhenTheModelIsCompiled) {
  CompileOptions options;
  const size_t needed = SessionOf(Compile(SmallNet()))->arena_bytes();
  options.max_arena_bytes = needed - 1;
  const auto model = Model::Compile(SmallNet(), options);
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.status().code(), StatusCode::kResourceExhausted);
}

TEST(Session, ScratchIsLimitedToo) {
  GraphBuilder b;
  graph::Conv2D conv;
  conv.padding = {graph::PadMode::kExplicit, 4000, 4000, 4000, 4000};
  conv.stride_h = conv.stride_w = 4000;
  conv.dilation_h = conv.dilation_w = 4000;
  const ValueId weights = b.Weights("w", {1, 3, 3, 160});
  b.Output(b.Op(conv, {b.Input("x", {1, 8, 8, 160}), weights}, "conv"));
  const auto model = Model::Compile(b.graph(), {});
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.status().code(), StatusCode::kResourceExhausted) << model.status().message();
}

TEST(Session, ASetFlagCancelsARunAndAClearedOneDoesNot) {
  const graph::Graph graph = SmallNet();
  const std::unique_ptr<Session> session = SessionOf(Compile(graph));
  const std::vector<Tensor> inputs = RandomInputs(graph, 1, 1);
  const Tensor want = (*RunSession(session.get(), inputs, 1))[0];
  std::atomic<bool> cancelled{true};
  RunOptions options;
  options.pool = &TestPool();
  options.cancelled = &cancelled;
  EXPECT_EQ(session->Run(options).code(), StatusCode::kCancelled);
  ASSERT_TRUE(Bind(session.get(), inputs).ok());
  cancelled = false;
  ASSERT_TRUE(session->Run(options).ok());
  EXPECT_TRUE(SameBits(CopyOf(session->output(0)), want));
}

TEST(Session, ARunMayBeCancelledFromAnotherThread) {
  const graph::Graph graph = SmallNet(8);
  const std::unique_ptr<Session> session = SessionOf(Compile(graph));
  const std::vector<Tensor> inputs = RandomInputs(graph, 8, 1);
  const Tensor want = (*RunSession(session.get(), inputs, 1))[0];
  for (int round = 0; round < 20; ++round) {
    std::atomic<bool> cancelled{false};
    ASSERT_TRUE(Bind(session.get(), inputs).ok());
    std::thread other([&] { cancelled = true; });
    RunOptions options;
    options.pool = &TestPool();
    options.cancelled = &cancelled;
    const Status status = session->Run(options);
    other.join();
    if (status.ok()) {
      EXPECT_TRUE(SameBits(CopyOf(session->output(0)), want));
    } else {
      EXPECT_EQ(status.code(), StatusCode::kCancelled);
    }
  }
}

TEST(Session, ManySessionsOfOneModelRunAtOnce) {
  const graph::Graph graph = SmallNet();
  const std::shared_ptr<const Model> model = Compile(graph);
  std::vector<std::vector<Tensor>> inputs;
  std::vector<Tensor> want;
  {
    const std::unique_ptr<Session> session = SessionOf(model);
    for (int64_t batch = 1; batch <= 3; ++batch) {
      inputs.push_back(RandomInputs(graph, batch, static_cast<uint64_t>(batch)));
      want.push_back((*RunSession(session.get(), inputs.back(), 1))[0]);
    }
  }
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < 6; ++thread) {
    threads.emplace_back([&, thread] {
      const StatusOr<std::unique_ptr<Session>> session = Session::Create(model);
      for (size_t run = 0; run < 25; ++run) {
        const size_t batch = (run + thread) % 3;
        const auto got = RunSession(session->get(), inputs[batch], 1 + (run % 4));
        if (!got.ok() || !SameBits((*got)[0], want[batch])) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0);
}

TEST(Session, OutlivesEveryOtherHandleOfItsModel) {
  std::unique_ptr<Session> session;
  const graph::Graph graph = SmallNet();
  { session = SessionOf(Compile(graph)); }
  EXPECT_TRUE(RunSession(session.get(), RandomInputs(graph, 1, 1), 2).ok());
}

TEST(Session, RunAllocatesNothing) {
  const graph::Graph graph = SmallNet();
  for (const Isa isa : TestedIsas()) {
    for (const int64_t batch : {1, 3}) {
      const std::unique_ptr<Session> session = SessionOf(*CompileFor(graph, isa));
      ASSERT_TRUE(Bind(session.get(), RandomInputs(graph, batch, 1)).ok());
      RunOptions options;
      options.pool = &TestPool();
      for (const int threads : {1, 8}) {
        options.threads = threads;
        // Scratch for a team of this size, and the team itself, are made by the first runs.
        for (int run = 0; run < 20; ++run) ASSERT_TRUE(session->Run(options).ok());
        while (threads > Team(&TestPool(), threads).size()) std::this_thread::yield();
        ASSERT_TRUE(session->Run(options).ok());
        const int64_t before = Allocations();
        for (int run = 0; run < 20; ++run) ASSERT_TRUE(session->Run(options).ok());
        EXPECT_EQ(Allocations() - before, 0) << IsaName(isa) << ", " << threads << " threads";
      }
    }
  }
}

TEST(Session, AllocationsAreCountedAtAll) {
  const int64_t before = Allocations();
  const std::unique_ptr<Session> session = SessionOf(Compile(SmallNet()));
  EXPECT_GT(Allocations() - before, 100);
}

TEST(Session, KeptInputsOutliveRuns) {
  CompileOptions options;
  options.keep_inputs = true;
  const graph::Graph graph = SmallNet();
  const std::unique_ptr<Session> session = SessionOf(Compile(graph, options));
  const std::vector<Tensor> inputs = RandomInputs(graph, 2, 3);
  const Tensor first = (*RunSession(session.get(), inputs, 2))[0];
  EXPECT_EQ(std::memcmp(session->input(0).data, inputs[0].data(), inputs[0].size_bytes()), 0);
  ASSERT_TRUE(session->Run({}).ok());
  EXPECT_TRUE(SameBits(CopyOf(session->output(0)), first));
}

// A lent input ends where its allocation ends, so that a sanitizer sees any byte read beyond it.
TEST(Session, ALentInputIsReadWhereItLiesForOneRun) {
  const graph::Graph graph = SmallNet();
  const std::unique_ptr<Session> session = SessionOf(Compile(graph));
  const std::vector<Tensor> own = RandomInputs(graph, 1, 3);
  const std::vector<Tensor> other = RandomInputs(graph, 1, 4);
  const Tensor of_own = (*RunSession(session.get(), own, 2))[0];
  const Tensor of_other = (*RunSession(session.get(), other, 2))[0];
  ASSERT_FALSE(SameBits(of_own, of_other));

  const auto count = static_cast<size_t>(other[0].ElementCount());
  std::vector<float> memory(count + 1);
  std::copy_n(other[0].as<float>(), count, memory.begin() + 1);
  memory.shrink_to_fit();
  std::memcpy(session->input(0).data, own[0].data(), own[0].size_bytes());
  ASSERT_TRUE(session->Lend(0, memory.data() + 1));
  ASSERT_TRUE(session->Run({}).ok());
  EXPECT_TRUE(SameBits(CopyOf(session->output(0)), of_other));

  std::memcpy(session->input(0).data, own[0].data(), own[0].size_bytes());
  ASSERT_TRUE(session->Run({}).ok());
  EXPECT_TRUE(SameBits(CopyOf(session->output(0)), of_own));
}

TEST(Session, AnInputThatIsMovedByOtherOperatorsIsNotLendable) {
  GraphBuilder b;
  const ValueId input = b.Input("x", {1, 4, 4, 32});
  b.Output(b.Op(graph::Softmax{}, {input}, "y"));
  const std::unique_ptr<Session> session = SessionOf(Compile(b.graph()));
  std::vector<float> memory(4 * 4 * 32);
  EXPECT_FALSE(session->Lend(0, memory.data()));
}

TEST(Session, InputsAreAlignedAndDescribed) {
  const std::unique_ptr<Session> session = SessionOf(Compile(SmallNet()));
  const MutableTensorView input = session->input(0);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(input.data) % kAlignment, 0u);
  EXPECT_EQ(input.shape, (Shape{1, 33, 33, 3}));
  const Model& model = session->model();
  EXPECT_EQ(model.inputs()[0].name, "image");
  EXPECT_EQ(model.inputs()[0].layout, "NHWC");
  EXPECT_EQ(model.inputs()[0].shape, (Shape{kUnknownDim, 33, 33, 3}));
  EXPECT_EQ(model.outputs()[0].name, "classes");
  EXPECT_GT(model.macs(), 0);
}

TEST(Session, ProfilesNameEveryOperatorAndItsKernel) {
  const graph::Graph graph = SmallNet();
  const std::unique_ptr<Session> session = SessionOf(Compile(graph));
  Profile profile;
  RunOptions options;
  options.threads = 1;
  options.profile = &profile;
  ASSERT_TRUE(session->Run(options).ok());
  int64_t macs = 0;
  for (const OperatorRecord& record : profile.operators) {
    EXPECT_FALSE(record.op.empty());
    EXPECT_FALSE(record.kernel.empty());
    EXPECT_GE(record.ms, 0);
    macs += record.macs;
  }
  EXPECT_EQ(macs, session->model().macs());
  EXPECT_EQ(profile.threads, 1);
}

TEST(Session, IndicesThatDependOnDataAreCheckedWhenTheyAreUsed) {
  GraphBuilder b;
  const ValueId index = b.graph().AddInput("index", DType::kS64, Shape{1});
  b.Output(b.Op(graph::Gather{0}, {b.Weights("table", {4, 2}), index}, "row"));
  const std::unique_ptr<Session> session = SessionOf(Compile(b.graph()));
  session->input(0).as<int64_t>()[0] = 3;
  EXPECT_TRUE(session->Run({}).ok());
  session->input(0).as<int64_t>()[0] = 4;
  EXPECT_EQ(session->Run({}).code(), StatusCode::kInvalidArgument);
}

TEST(Session, NaNAndInfinityInInputsAreLegal) {
  const graph::Graph graph = SmallNet();
  const std::unique_ptr<Session> session = SessionOf(Compile(graph));
  std::vector<Tensor> inputs = RandomInputs(graph, 1, 1);
  inputs[0].mutable_as<float>()[5] = NAN;
  inputs[0].mutable_as<float>()[50] = INFINITY;
  EXPECT_TRUE(RunSession(session.get(), inputs, 3).ok());
  // They leave nothing behind.
  const std::vector<Tensor> clean = RandomInputs(graph, 1, 1);
  const Tensor got = (*RunSession(session.get(), clean, 3))[0];
  EXPECT_TRUE(SameBits(got, (*RunSession(SessionOf(Compile(graph)).get(), clean, 1))[0]));
}

TEST(Model, NeedsTheRankOfEveryInput) {
  GraphBuilder b;
  const ValueId x = b.graph().AddInput("x", DType::kF32, std::nullopt);
  b.Output(b.Op(graph::Clamp{0.0f, 6.0f}, {x}, "y"));
  const auto model = Model::Compile(b.graph(), {});
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.status().code(), StatusCode::kUnsupported);
}

TEST(Model, AnInputWithoutElementsIsNoError) {
  GraphBuilder b;
  b.Output(b.Op(graph::Clamp{0.0f, 6.0f}, {b.Input("x", {0, 3})}, "y"));
  ExpectMatchesInterpreter(&b);
}

TEST(Session, OfARestoredModelPacksNothingAndGivesTheSameBits) {
  for (const Isa isa : TestedIsas()) {
    CompileOptions options;
    options.isa = isa;
    CompiledParts parts;
    const auto compiled = Model::Compile(SmallNet(), options, &parts);
    ASSERT_TRUE(compiled.ok()) << compiled.status().message();
    ASSERT_FALSE(parts.weights.empty());
    std::vector<int64_t> users;
    for (const PackedWeights& weights : parts.weights) users.push_back(weights.buffer.use_count());
    const auto restored = Model::Restore(parts, options);
    ASSERT_TRUE(restored.ok()) << restored.status().message();
    // The cache and an operator hold each.
    for (size_t i = 0; i < users.size(); ++i) {
      EXPECT_GE(parts.weights[i].buffer.use_count(), users[i] + 2) << parts.weights[i].form;
    }
    EXPECT_EQ((*restored)->weight_bytes(), (*compiled)->weight_bytes());
    EXPECT_EQ((*restored)->optimized_text(), (*compiled)->optimized_text());
    EXPECT_EQ((*restored)->imported_text(), (*compiled)->imported_text());
    for (const int64_t batch : {1, 3}) {
      const std::vector<Tensor> inputs = RandomInputs(parts.graph, batch, 7);
      const auto want = RunSession(SessionOf(*compiled).get(), inputs, 2);
      const auto got = RunSession(SessionOf(*restored).get(), inputs, 2);
      ASSERT_TRUE(want.ok() && got.ok());
      EXPECT_TRUE(SameBits((*got)[0], (*want)[0])) << batch;
    }
  }
}

}  // namespace
}  // namespace minnow::runtime
