// Which spellings of hard-sigmoid and hard-swish are recognised?
#include "passes/pass_testing.h"
#include "passes/passes.h"

namespace minnow::passes {
namespace {

using graph::BinaryKind;
using graph::Graph;
using graph::PadMode;
using graph::ValueId;

// clamp(x + shift, 0, max)
ValueId ShiftedClamp(GraphBuilder* b, ValueId x, float shift = 3, float max = 6) {
  const ValueId sum = b->Binary(BinaryKind::kAdd, x, b->Scalar("shift", shift), "sum");
  return b->Op(graph::Clamp{0, max}, {sum}, "clamp");
}

constexpr char kSwish[] =
    "input %x f32[2,3]\n"
    "%y f32[2,3] = Unary(%x) kind=hard_swish\n"
    "output %y f32[2,3]\n";

void ExpectRewrites(GraphBuilder* b, const std::string& text) {
  ExpectKeepsResults(FuseHardSwish, b->graph());
  EXPECT_EQ(After(FuseHardSwish, &b->graph()), text);
}

TEST(FuseHardSwish, ProductDividedBySix) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {2, 3});
  const ValueId product = b.Binary(BinaryKind::kMul, x, ShiftedClamp(&b, x), "product");
  b.Output(b.Binary(BinaryKind::kDiv, product, b.Scalar("six", 6), "y"));
  ExpectRewrites(&b, kSwish);
}

TEST(FuseHardSwish, GateTimesASixth) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {2, 3});
  const ValueId gate = b.Binary(BinaryKind::kMul, b.Floats("sixth", {1}, {1.0f / 6.0f}),
                                ShiftedClamp(&b, x), "gate");
  b.Output(b.Binary(BinaryKind::kMul, gate, x, "y"));
  ExpectRewrites(&b, kSwish);
}

TEST(FuseHardSwish, InputTimesHardSigmoid) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {2, 3});
  const ValueId gate =
      b.Op(graph::Unary{graph::UnaryKind::kHardSigmoid, 1.0f / 6.0f, 0.5f}, {x}, "gate");
  b.Output(b.Binary(BinaryKind::kMul, x, gate, "y"));
  ExpectRewrites(&b, kSwish);
}

TEST(FuseHardSwish, ScaledClampAloneIsHardSigmoid) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {2, 3});
  b.Output(b.Binary(BinaryKind::kDiv, ShiftedClamp(&b, x, 1, 4), b.Scalar("four", 4), "y"));
  ExpectRewrites(&b,
                 "input %x f32[2,3]\n"
                 "%y f32[2,3] = Unary(%x) kind=hard_sigmoid alpha=0.25 beta=0.25\n"
                 "output %y f32[2,3]\n");
}

// Each differs from hard-swish in one place.
TEST(FuseHardSwish, LeavesWhatOnlyLooksLikeIt) {
  for (int difference = 0; difference < 5; ++difference) {
    GraphBuilder b;
    const ValueId x = b.Input("x", {2, 3}), other = b.Input("other", {2, 3});
    const ValueId clamp = ShiftedClamp(&b, difference == 0 ? other : x, difference == 1 ? 2 : 3,
                                       difference == 2 ? 5 : 6);
    const ValueId product = b.Binary(BinaryKind::kMul, x, clamp, "product");
    b.Output(b.Binary(BinaryKind::kDiv, product, b.Scalar("six", difference == 3 ? 7 : 6), "y"));
    if (difference == 4) b.Output(clamp);
    After(FuseHardSwish, &b.graph());
    EXPECT_EQ(CountOf<graph::Unary>(b.graph()), 0) << difference;
  }
}

}  // namespace
}  // namespace minnow::passes
