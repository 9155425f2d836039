// Does a classifier fit itself to a network, and score what the network scores?
#include "classify/classifier.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace minnow::classify {
namespace {

using image::ImageView;
using image::TensorLayout;

// The mean of each channel over the picture, as scores: [1,3].
graph::Graph ChannelMeans(const Shape& input, const std::vector<int64_t>& axes,
                          DType dtype = DType::kF32) {
  graph::Graph graph;
  graph::ValueId x = graph.AddInput("x", dtype, input);
  if (dtype != DType::kF32) x = graph.AddNode("cast", graph::Cast{DType::kF32}, {x}, "float");
  graph::Reduce mean;
  mean.axes = axes;
  mean.keep_dims = false;
  graph.AddOutput(graph.AddNode("mean", mean, {x}, "scores"));
  return graph;
}

graph::Graph Nhwc(int64_t height = 4, int64_t width = 4) {
  return ChannelMeans({kUnknownDim, height, width, 3}, {1, 2});
}

graph::Graph Nchw() { return ChannelMeans({kUnknownDim, 3, 4, 4}, {2, 3}); }

StatusOr<Classifier> MakeClassifier(graph::Graph graph, const ClassifierOptions& options = {}) {
  StatusOr<std::shared_ptr<const runtime::Model>> model =
      runtime::Model::Compile(std::move(graph), runtime::CompileOptions());
  if (!model.ok()) return model.status();
  return Classifier::Create(SessionPool::Create(*model, 2), options);
}

// A picture of one colour.
struct Plain {
  explicit Plain(std::vector<uint8_t> colour, int64_t size = 6) {
    for (int64_t i = 0; i < size * size; ++i) {
      pixels.insert(pixels.end(), colour.begin(), colour.end());
    }
    view = {size, size, static_cast<int>(colour.size()), pixels.data()};
  }
  std::vector<uint8_t> pixels;
  ImageView view;
};

const Plain kOrange({200, 100, 50});

TEST(Classifier, ScoresWhatTheNetworkSeesInBothLayouts) {
  for (graph::Graph graph : {Nhwc(), Nchw()}) {
    StatusOr<Classifier> classifier = MakeClassifier(std::move(graph));
    ASSERT_TRUE(classifier.ok()) << classifier.status().message();
    StatusOr<Classification> result = classifier->Classify(kOrange.view, {});
    ASSERT_TRUE(result.ok()) << result.status().message();
    ASSERT_EQ(result->predictions.size(), 3u);
    EXPECT_EQ(result->predictions[0].index, 0);
    EXPECT_NEAR(result->predictions[0].probability, 200, 1e-3);
    EXPECT_NEAR(result->predictions[2].probability, 50, 1e-3);
    EXPECT_GE(result->decode_ms, 0);
    EXPECT_GE(result->infer_ms, 0);
  }
}

TEST(Classifier, TurnsLogitsIntoProbabilities) {
  ClassifierOptions options;
  options.output = OutputKind::kLogits;
  options.preprocess.scale = 0.01f;
  StatusOr<Classifier> classifier = MakeClassifier(Nhwc(), options);
  ASSERT_TRUE(classifier.ok()) << classifier.status().message();
  StatusOr<Classification> result = classifier->Classify(kOrange.view, {});
  ASSERT_TRUE(result.ok());
  const double sum = std::exp(2.0) + std::exp(1.0) + std::exp(0.5);
  EXPECT_NEAR(result->predictions[0].probability, std::exp(2.0) / sum, 1e-6);
}

TEST(Classifier, AppliesOrderScaleMeanAndStd) {
  ClassifierOptions options;
  options.preprocess.order = image::ChannelOrder::kBGR;
  options.preprocess.scale = 2;
  options.preprocess.mean[0] = 1;
  options.preprocess.std[0] = 4;
  StatusOr<Classifier> classifier = MakeClassifier(Nhwc(), options);
  ASSERT_TRUE(classifier.ok()) << classifier.status().message();
  StatusOr<Classification> result = classifier->Classify(kOrange.view, {});
  ASSERT_TRUE(result.ok());
  for (const Prediction& prediction : result->predictions) {
    const double expected[] = {(50 * 2 - 1) / 4.0, 200, 400};
    EXPECT_NEAR(prediction.probability, expected[prediction.index], 1e-3);
  }
}

TEST(Classifier, GivesBytesToANetworkThatTakesThem) {
  StatusOr<Classifier> classifier = MakeClassifier(ChannelMeans({1, 4, 4, 3}, {1, 2}, DType::kU8));
  ASSERT_TRUE(classifier.ok()) << classifier.status().message();
  EXPECT_TRUE(classifier->takes_bytes());
  StatusOr<Classification> result = classifier->Classify(kOrange.view, {});
  ASSERT_TRUE(result.ok()) << result.status().message();
  EXPECT_NEAR(result->predictions[0].probability, 200, 1e-3);
}

TEST(Classifier, ReadsSizesFromTheModelAndFillsInOpenOnes) {
  StatusOr<Classifier> fixed = MakeClassifier(Nhwc(5, 7));
  ASSERT_TRUE(fixed.ok()) << fixed.status().message();
  EXPECT_EQ(fixed->preprocess().height, 5);
  EXPECT_EQ(fixed->preprocess().width, 7);
  EXPECT_EQ(fixed->class_count(), 3);

  StatusOr<Classifier> open = MakeClassifier(Nhwc(kUnknownDim, kUnknownDim));
  ASSERT_TRUE(open.ok()) << open.status().message();
  EXPECT_EQ(open->preprocess().height, 224);
  ClassifierOptions options;
  options.preprocess.height = 10;
  options.preprocess.width = 12;
  open = MakeClassifier(Nhwc(kUnknownDim, kUnknownDim), options);
  ASSERT_TRUE(open.ok());
  EXPECT_EQ(open->preprocess().width, 12);
  EXPECT_TRUE(open->Classify(kOrange.view, {}).ok());
}

TEST(Classifier, RefusesOptionsThatContradictTheModel) {
  ClassifierOptions layout;
  layout.layout = TensorLayout::kNCHW;
  EXPECT_EQ(MakeClassifier(Nhwc(), layout).status().code(), StatusCode::kInvalidArgument);
  ClassifierOptions size;
  size.preprocess.width = 5;
  EXPECT_EQ(MakeClassifier(Nhwc(), size).status().code(), StatusCode::kInvalidArgument);
}

TEST(Classifier, NeedsTheLayoutWhereTheShapeDoesNotShowIt) {
  const auto ambiguous = [] { return ChannelMeans({1, 3, 4, 3}, {2}); };
  EXPECT_EQ(MakeClassifier(ambiguous()).status().code(), StatusCode::kInvalidArgument);
  ClassifierOptions options;
  options.layout = TensorLayout::kNCHW;
  StatusOr<Classifier> classifier = MakeClassifier(ambiguous(), options);
  ASSERT_TRUE(classifier.ok()) << classifier.status().message();
  EXPECT_EQ(classifier->preprocess().width, 3);
}

TEST(Classifier, RefusesNetworksThatAreNotForPictures) {
  for (const Shape& shape : {Shape{1, 4, 4, 4}, Shape{2, 4, 4, 3}, Shape{1, 12}}) {
    const Status status = MakeClassifier(ChannelMeans(shape, {1})).status();
    EXPECT_EQ(status.code(), StatusCode::kUnsupported) << shape.ToString();
  }
}

TEST(Classifier, RejectsBytesThatAreNoPicture) {
  StatusOr<Classifier> classifier = MakeClassifier(Nhwc());
  ASSERT_TRUE(classifier.ok()) << classifier.status().message();
  const uint8_t bytes[] = {1, 2, 3, 4};
  EXPECT_EQ(classifier->Classify(EncodedImage{bytes, 4}, {}).status().code(),
            StatusCode::kInvalidImage);
  EXPECT_EQ(classifier->Classify(EncodedImage{}, {}).status().code(), StatusCode::kInvalidImage);
  EXPECT_EQ(classifier->Classify(ImageView{0, 6, 3, kOrange.pixels.data()}, {}).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(Classifier, StopsWhenCancelled) {
  StatusOr<Classifier> classifier = MakeClassifier(Nhwc());
  ASSERT_TRUE(classifier.ok()) << classifier.status().message();
  const std::atomic<bool> cancelled{true};
  ClassifyOptions options;
  options.cancelled = &cancelled;
  EXPECT_EQ(classifier->Classify(kOrange.view, options).status().code(), StatusCode::kCancelled);
}

TEST(Classifier, IsSharedByThreads) {
  StatusOr<Classifier> classifier = MakeClassifier(Nhwc());
  ASSERT_TRUE(classifier.ok()) << classifier.status().message();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const Plain own({static_cast<uint8_t>(10 * t), 5, 1});
      for (int i = 0; i < 50; ++i) {
        StatusOr<Classification> result = classifier->Classify(own.view, {});
        const bool ok = result.ok() && std::abs(result->predictions[0].probability -
                                                (t == 0 ? 5.0 : 10.0 * t)) < 1e-3;
        if (!ok) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0);
}

TEST(SessionPool, KeepsNoMoreThanItMayAndUsesThemAgain) {
  StatusOr<std::shared_ptr<const runtime::Model>> model =
      runtime::Model::Compile(Nhwc(), runtime::CompileOptions());
  ASSERT_TRUE(model.ok());
  const std::shared_ptr<SessionPool> pool = SessionPool::Create(*model, 1);
  const runtime::Session* first = nullptr;
  {
    StatusOr<SessionPool::Lease> a = pool->Acquire();
    StatusOr<SessionPool::Lease> b = pool->Acquire();
    ASSERT_TRUE(a.ok() && b.ok());
    EXPECT_NE(&**a, &**b);
    EXPECT_EQ(pool->idle(), 0u);
    first = &**b;
  }
  EXPECT_EQ(pool->idle(), 1u);
  StatusOr<SessionPool::Lease> again = pool->Acquire();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(&**again, first);
}

}  // namespace
}  // namespace minnow::classify
