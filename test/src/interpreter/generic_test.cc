// Trilu, Range, Tile, Det, Lrn, Resize, GridSample, ConvNd and PoolNd by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

using graph::ConvNd;
using graph::GridSample;
using graph::PoolNd;
using graph::Resize;

TEST(Trilu, KeepsATriangleForAnyDiagonal) {
  EXPECT_EQ(Eval(graph::Trilu{true}, {Iota({2, 3}, 1)}), "f32[2,3] 1 2 3 0 5 6");
  EXPECT_EQ(Eval(graph::Trilu{false}, {Iota({2, 3}, 1), S64({}, {-1})}), "f32[2,3] 0 0 0 4 0 0");
  EXPECT_EQ(Eval(graph::Trilu{true}, {Iota({2, 2}, 1), S64({}, {INT64_MIN})}), "f32[2,2] 1 2 3 4");
}

TEST(Range, CountsInEveryType) {
  EXPECT_EQ(Eval(graph::Range{}, {S32({}, {10}), S32({}, {4}), S32({}, {-2})}), "i32[3] 10 8 6");
  EXPECT_EQ(Eval(graph::Range{}, {F32({}, {1}), F32({}, {2}), F32({}, {0.5f})}), "f32[2] 1 1.5");
  EXPECT_EQ(Eval(graph::Range{}, {S64({}, {3}), S64({}, {1}), S64({}, {1})}), "i64[0]");
  EXPECT_EQ(Eval(graph::Range{}, {S64({}, {0}), S64({}, {1}), S64({}, {0})}),
            "ERR_INVALID_MODEL: a range from 0 to 1 by 0");
  EXPECT_EQ(Eval(graph::Range{}, {F32({}, {0}), F32({}, {1e30f}), F32({}, {1})}),
            "ERR_INVALID_MODEL: a range from 0 to 1e+30 by 1");
  EXPECT_EQ(Eval(graph::Range{}, {F32({}, {NAN}), F32({}, {1}), F32({}, {1})}),
            "ERR_INVALID_MODEL: a range from nan to 1 by 1");
}

TEST(Tile, RepeatsAxes) {
  EXPECT_EQ(Eval(graph::Tile{}, {Iota({1, 2}), S64({2}, {2, 2})}), "f32[2,4] 0 1 0 1 0 1 0 1");
  EXPECT_EQ(Eval(graph::Tile{}, {Iota({1, 2}), S64({1}, {2})}),
            "ERR_INVALID_MODEL: 1 repeats for an input of rank 2");
  EXPECT_EQ(Eval(graph::Tile{}, {Iota({1, 2}), S64({2}, {-1, 2})}),
            "ERR_INVALID_MODEL: -1 repeats");
}

TEST(Det, EliminatesWithPivots) {
  EXPECT_EQ(Eval(graph::Det{}, {F32({2, 2, 2}, {0, 1, 1, 0, 1, 2, 3, 4})}), "f32[2] -1 -2");
  EXPECT_EQ(Eval(graph::Det{}, {F32({2, 2}, {1, 2, 2, 4})}), "f32[] 0");
}

TEST(Lrn, DividesByTheChannelsAround) {
  graph::Lrn op{3, 3.0f, 1.0f, 1.0f};
  EXPECT_EQ(Eval(op, {F32({1, 3}, {1, 2, 3})}), "f32[1,3] 0.166667 0.133333 0.214286");
}

TEST(Resize, RoundsAndInterpolates) {
  Resize op;
  op.coordinates = Resize::Coordinates::kAsymmetric;
  op.rounding = Resize::Rounding::kFloor;
  const Operand x = F32({1, 2}, {1, 3});
  const Operand twice = F32({2}, {1, 2});
  EXPECT_EQ(Eval(op, {x, None(), twice}), "f32[1,4] 1 1 3 3");
  op.mode = Resize::Mode::kLinear;
  EXPECT_EQ(Eval(op, {x, None(), twice}), "f32[1,4] 1 2 3 3");
  EXPECT_EQ(Eval(op, {x, None(), None(), S64({2}, {1, 4})}), "f32[1,4] 1 2 3 3");
  op.coordinates = Resize::Coordinates::kHalfPixel;
  EXPECT_EQ(Eval(op, {x, None(), twice}), "f32[1,4] 1 1.5 2.5 3");
  op.coordinates = Resize::Coordinates::kTfCropAndResize;
  op.extrapolation = 7.0f;
  EXPECT_EQ(Eval(op, {x, F32({4}, {0, 0.5f, 0, 1.5f}), None(), S64({2}, {1, 3})}),
            "f32[1,3] 2 3 7");
}

TEST(Resize, RefusesSizesThatCannotBe) {
  const Operand x = F32({1, 2}, {1, 3});
  EXPECT_EQ(Eval(Resize{}, {x}), "ERR_INVALID_MODEL: scales or sizes must be given, one of them");
  EXPECT_EQ(Eval(Resize{}, {x, None(), F32({2}, {1, 1e30f})}),
            "ERR_INVALID_MODEL: an axis of 2 scaled by 1e+30");
  EXPECT_EQ(Eval(Resize{}, {x, None(), F32({2}, {1, NAN})}),
            "ERR_INVALID_MODEL: an axis of 2 scaled by nan");
  EXPECT_EQ(Eval(Resize{}, {x, None(), None(), S64({2}, {1, -4})}),
            "ERR_INVALID_MODEL: an axis of 2 becomes -4");
}

TEST(GridSample, TreatsTheBorderAsAsked) {
  const Operand x = F32({1, 1, 1, 2}, {2, 4});
  const Operand grid = F32({1, 1, 3, 2}, {-1, 0, 0, 0, 9, 0});
  GridSample op;
  EXPECT_EQ(Eval(op, {x, grid}), "f32[1,1,1,3] 1 3 0");
  op.border = GridSample::Border::kEdge;
  EXPECT_EQ(Eval(op, {x, grid}), "f32[1,1,1,3] 2 3 4");
  const Operand nowhere = F32({1, 1, 1, 2}, {NAN, INFINITY});
  EXPECT_EQ(Eval(op, {x, nowhere}), "f32[1,1,1,1] 0");
}

TEST(ConvNd, WorksOnVolumesAndTransposed) {
  ConvNd op;
  op.strides = op.dilations = {1, 1, 1};
  op.pads = std::vector<int64_t>(6, 0);
  EXPECT_EQ(Eval(op, {Iota({1, 1, 1, 2, 2}), F32({1, 1, 1, 2, 2}, {1, 2, 3, 4}), F32({1}, {5})}),
            "f32[1,1,1,1,1] 25");
  op = ConvNd();
  op.transposed = true;
  op.strides = {2};
  op.dilations = {1};
  op.pads = {0, 0};
  EXPECT_EQ(Eval(op, {F32({1, 1, 2}, {1, 2}), F32({1, 1, 3}, {1, 10, 100})}),
            "f32[1,1,5] 1 10 102 20 200");
  op.groups = 3;
  EXPECT_EQ(Eval(op, {F32({1, 1, 2}, {1, 2}), F32({1, 1, 3}, {1, 10, 100})}),
            "ERR_INVALID_MODEL: weights of the shape [1,1,3] for 1 channels in 3 groups");
}

TEST(PoolNd, FindsMaximaTheirPlacesAndMeans) {
  PoolNd op;
  op.kernel = op.strides = {2, 2};
  op.dilations = {1, 1};
  op.pads = {0, 0, 1, 1};
  const Operand x = F32({1, 1, 3, 3}, {1, 9, 2, 3, 4, 5, 8, 7, 6});
  EXPECT_EQ(Eval(op, {x}), "f32[1,1,2,2] 9 5 8 6");
  op.indices = true;
  EXPECT_EQ(Eval(op, {x}), "i64[1,1,2,2] 1 5 6 8");
  op.column_major = true;
  EXPECT_EQ(Eval(op, {x}), "i64[1,1,2,2] 3 7 2 8");
  op = PoolNd{true, {2, 2}, {2, 2}, {1, 1}, {0, 0, 1, 1}};
  EXPECT_EQ(Eval(op, {x}), "f32[1,1,2,2] 4.25 3.5 7.5 6");
  op.count_include_pad = true;
  EXPECT_EQ(Eval(op, {x}), "f32[1,1,2,2] 4.25 1.75 3.75 1.5");
}

TEST(HalfFloats, AreComputedInSinglesAndRoundedOnce) {
  const Operand x = F16({2}, {0x3c00, 0x4000});
  EXPECT_EQ(Eval(graph::Binary{graph::BinaryKind::kAdd, {}}, {x, x}), "f16[2] 4000 4400");
  EXPECT_EQ(Eval(graph::ArgReduce{}, {x}), "i64[1] 1");
}

}  // namespace
}  // namespace minnow::interpreter
