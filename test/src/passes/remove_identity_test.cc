// Which nodes go, and which must stay to keep outputs apart from inputs and from each other?
#include "passes/pass_testing.h"
#include "passes/passes.h"

namespace minnow::passes {
namespace {

using graph::BinaryKind;
using graph::DataLayout;
using graph::Graph;
using graph::PadMode;
using graph::ValueId;
using graph::WeightLayout;

TEST(RemoveIdentity, DropsWhatGivesBackItsInput) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4, 4, 3});
  ValueId y = b.Op(graph::Clamp{0, 6}, {x}, "first");
  y = b.Op(graph::Identity{}, {y}, "identity");
  y = b.Op(graph::Cast{DType::kF32}, {y}, "cast");
  y = b.Op(graph::Transpose{{0, 1, 2, 3}}, {y}, "transpose");
  y = b.Op(graph::Reshape{{-1, 4, 4, 3}, false}, {y}, "reshape");
  y = b.Op(graph::Concat{1}, {y}, "concat");
  y = b.Op(graph::Clamp{}, {y}, "clamp");
  y = b.Op(graph::Pad{graph::PadFill::kConstant, std::vector<int64_t>(8, 0), 1.0f}, {y}, "pad");
  y = b.Op(graph::Slice{{0, -4}, {4, 100}, {1, 2}, {}}, {y}, "slice");
  y = b.Op(graph::Pool2D{}, {y}, "pool");
  y = b.Binary(BinaryKind::kAdd, y, b.Scalar("zero", 0), "plus");
  y = b.Binary(BinaryKind::kDiv, y, b.Scalar("one", 1), "over");
  b.Output(b.Op(graph::Clamp{1, 2}, {y}, "last"));
  EXPECT_EQ(After(RemoveIdentity, &b.graph()),
            "input %x f32[?,4,4,3]\n"
            "%first f32[?,4,4,3] = Clamp(%x) min=0 max=6\n"
            "%last f32[?,4,4,3] = Clamp(%first) min=1 max=2\n"
            "output %last f32[?,4,4,3]\n");
}

TEST(RemoveIdentity, KeepsWhatOnlyLooksLikeIt) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4, 4, 4});
  ValueId y = b.Op(graph::Transpose{{0, 2, 1, 3}}, {x}, "transpose");
  y = b.Op(graph::Slice{{3}, {-5}, {1}, {-1}}, {y}, "reverse");
  y = b.Binary(BinaryKind::kSub, b.Scalar("zero", 0), y, "negate");
  y = b.Binary(BinaryKind::kAdd, y, b.Floats("row", {1, 1, 1, 1, 1}, {0}), "one rank more");
  b.Output(b.Op(graph::Reshape{{-1, 2, 8, 4}, false}, {y}, "same size, other shape"));
  const int before = b.graph().node_count();
  After(RemoveIdentity, &b.graph());
  int live = 0;
  for (int id = 0; id < before; ++id) live += !b.graph().node(id).dead;
  EXPECT_EQ(live, before);
}

TEST(RemoveIdentity, OutputKeepsItsName) {
  GraphBuilder b;
  const ValueId y = b.Op(graph::Clamp{0, 6}, {b.Input("x", {2})}, "inner");
  b.Output(b.Op(graph::Identity{}, {y}, "result"));
  EXPECT_EQ(After(RemoveIdentity, &b.graph()),
            "input %x f32[2]\n"
            "%result f32[2] = Clamp(%x) min=0 max=6\n"
            "output %result f32[2]\n");
}

TEST(RemoveIdentity, OutputsStayApartFromInputsConstantsAndEachOther) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {2});
  const ValueId y = b.Op(graph::Clamp{0, 6}, {x}, "y");
  b.Output(y);
  b.Output(b.Op(graph::Cast{DType::kF32}, {x}, "input again"));
  b.Output(b.Op(graph::Identity{}, {y}, "y again"));
  b.Output(b.Op(graph::Identity{}, {b.Floats("c", {1}, {5})}, "constant"));
  EXPECT_EQ(After(RemoveIdentity, &b.graph()),
            "input %x f32[2]\n"
            "%c = const f32[1]\n"
            "%y f32[2] = Clamp(%x) min=0 max=6\n"
            "%input again f32[2] = Identity(%x)\n"
            "%y again f32[2] = Identity(%y)\n"
            "%constant f32[1] = Identity(%c)\n"
            "output %y f32[2]\n"
            "output %input again f32[2]\n"
            "output %y again f32[2]\n"
            "output %constant f32[1]\n");
}

}  // namespace
}  // namespace minnow::passes
