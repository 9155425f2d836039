// Does the flattened image of VGG and AlexNet lose its Transpose?
#include "passes/pass_testing.h"
#include "passes/passes.h"

namespace minnow::passes {
namespace {

using graph::BinaryKind;
using graph::Graph;
using graph::PadMode;
using graph::ValueId;

TEST(PermuteFlattenedWeights, ReadsTheChannelsLastImage) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 2, 3, 5});
  const ValueId nchw = b.Op(graph::Transpose{{0, 3, 1, 2}}, {x}, "nchw");
  const ValueId flat = b.Op(graph::Reshape{{-1, 30}, false}, {nchw}, "flat");
  b.Output(b.Op(graph::FullyConnected{}, {flat, b.Weights("w", {4, 30})}, "y"));
  ExpectKeepsResults(PermuteFlattenedWeights, b.graph());
  EXPECT_EQ(After(PermuteFlattenedWeights, &b.graph()),
            "input %x f32[?,2,3,5]\n"
            "%w/permuted = const f32[4,30]\n"
            "%x/flat f32[?,30] = Reshape(%x) shape=[-1,30]  # x/flat\n"
            "%y f32[?,4] = FullyConnected(%x/flat, %w/permuted)\n"
            "output %y f32[?,4]\n");
}

TEST(PermuteFlattenedWeights, LeavesAReshapeThatMixesTheBatch) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {2, 2, 3, 5});
  const ValueId nchw = b.Op(graph::Transpose{{0, 3, 1, 2}}, {x}, "nchw");
  const ValueId flat = b.Op(graph::Reshape{{4, 15}, false}, {nchw}, "flat");
  b.Output(b.Op(graph::FullyConnected{}, {flat, b.Weights("w", {4, 15})}, "y"));
  After(PermuteFlattenedWeights, &b.graph());
  EXPECT_EQ(CountOf<graph::Transpose>(b.graph()), 1);
}

TEST(PermuteFlattenedWeights, LeavesATransposeThatMovesTheBatch) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {2, 2, 3, 5});
  const ValueId moved = b.Op(graph::Transpose{{1, 3, 0, 2}}, {x}, "moved");
  const ValueId flat = b.Op(graph::Reshape{{2, 30}, false}, {moved}, "flat");
  b.Output(b.Op(graph::FullyConnected{}, {flat, b.Weights("w", {4, 30})}, "y"));
  After(PermuteFlattenedWeights, &b.graph());
  EXPECT_EQ(CountOf<graph::Transpose>(b.graph()), 1);
}

}  // namespace
}  // namespace minnow::passes
