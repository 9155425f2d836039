// Does each ONNX operator, in each opset's way of writing it, become what it means?
#include "importers/onnx/ops.h"

#include <gtest/gtest.h>

#include <cmath>

#include "importers/model_builders.h"

namespace minnow::importers {
namespace {

using namespace onnx_test;  // NOLINT: the builders are this test's language

// One node "n" of operator `op` over an input x, made by `op(x, extra…)` into y.
std::string OneNode(int64_t opset, const Ints& x, const char* op,
                    const std::vector<ProtoWriter>& attributes = {},
                    const std::vector<std::pair<std::string, Ints>>& lists = {}) {
  Model model(opset);
  model.Input("x", x);
  Names inputs = {"x"};
  for (const auto& [name, values] : lists) {
    model.List(name.c_str(), values);
    inputs.push_back(name);
  }
  return model.Node(op, inputs, {"y"}, attributes).Output("y").NodeText();
}

std::string Error(const std::string& op, const std::string& code, const std::string& message) {
  return code + ": load: onnx: node \"n\" (" + op + "): " + message;
}

const Ints kImage = {1, 3, 8, 8};

TEST(OnnxConv, TakesEveryAttribute) {
  Model model;
  model.Input("x", {1, 4, 9, 9}).Weights("w", {6, 2, 3, 2}).Weights("b", {6});
  model.Node(
      "Conv", {"x", "w", "b"}, {"y"},
      {IntsAttr("pads", {1, 0, 2, 3}), IntsAttr("strides", {2, 1}), IntsAttr("dilations", {1, 2}),
       IntAttr("group", 2), IntsAttr("kernel_shape", {3, 2})});
  EXPECT_EQ(model.Output("y").NodeText(),
            "%y = Conv2D(%x, %w, %b) stride=2x1 dilation=1x2 groups=2 pad=1,0,2,3 layout=nchw "
            "weights=oihw\n");
}

TEST(OnnxConv, AutoPadReplacesPads) {
  for (const auto& [mode, text] :
       std::vector<std::pair<const char*, std::string>>{{"SAME_UPPER", " pad=same_upper"},
                                                        {"SAME_LOWER", " pad=same_lower"},
                                                        {"VALID", " pad=valid"},
                                                        {"NOTSET", " pad=1,1,1,1"}}) {
    Model model;
    model.Input("x", kImage).Weights("w", {2, 3, 3, 3});
    model.Node("Conv", {"x", "w"}, {"y"},
               {IntsAttr("pads", {1, 1, 1, 1}), TextAttr("auto_pad", mode)});
    EXPECT_EQ(model.Output("y").NodeText(),
              "%y = Conv2D(%x, %w)" + text + " layout=nchw weights=oihw\n");
  }
}

std::string ConvError(const Ints& x, const Ints& w, const std::vector<ProtoWriter>& attributes) {
  Model model;
  model.Input("x", x).Weights("w", w).Node("Conv", {"x", "w"}, {"y"}, attributes).Output("y");
  return model.NodeText();
}

TEST(OnnxConv, TakesALineAsAnImageOfHeightOneAndLeavesVolumesToAGenericOp) {
  EXPECT_EQ(ConvError({1, 3, 8}, {2, 3, 3}, {IntsAttr("pads", {1, 1})}),
            "%y/1 = Unsqueeze(%x) axes=[2]\n%y/2 = Unsqueeze(%w) axes=[2]\n"
            "%y/3 = Conv2D(%y/1, %y/2) pad=0,1,0,1 layout=nchw weights=oihw\n"
            "%y = Squeeze(%y/3) axes=[2]\n");
  EXPECT_EQ(ConvError({1, 3, 8, 8, 8}, {2, 3, 3, 3, 3}, {}),
            "%y = ConvNd(%x, %w) strides=[1,1,1] dilations=[1,1,1] pads=[0,0,0,0,0,0]\n");
}

TEST(OnnxConv, RefusesWhatItCannotDo) {
  EXPECT_EQ(ConvError(kImage, {2, 3, 3, 3}, {IntsAttr("kernel_shape", {5, 5})}),
            Error("Conv", "ERR_INVALID_MODEL",
                  "kernel_shape has 5, the weights have the shape [2,3,3,3]"));
  EXPECT_EQ(ConvError(kImage, {2, 3, 3, 3}, {IntsAttr("strides", {0, 1})}),
            Error("Conv", "ERR_INVALID_MODEL",
                  "strides holds 0, at least 1 and at most 1073741824 was expected"));
  EXPECT_EQ(ConvError(kImage, {2, 3, 3, 3}, {IntsAttr("pads", {1, 1})}),
            Error("Conv", "ERR_INVALID_MODEL", "pads has 2 numbers, 4 were expected"));
  EXPECT_EQ(ConvError(kImage, {2, 3, 3, 3}, {IntAttr("group", 0)}),
            Error("Conv", "ERR_INVALID_MODEL", "group is 0"));
  EXPECT_EQ(ConvError(kImage, {2, 3, 3, 3}, {TextAttr("auto_pad", "SAME")}),
            Error("Conv", "ERR_INVALID_MODEL", "auto_pad is \"SAME\""));
}

TEST(OnnxPool, TakesEveryAttribute) {
  EXPECT_EQ(OneNode(13, kImage, "MaxPool",
                    {IntsAttr("kernel_shape", {3, 3}), IntsAttr("strides", {2, 2}),
                     IntsAttr("pads", {1, 1, 0, 0}), IntAttr("ceil_mode", 1)}),
            "%y = Pool2D(%x) kind=max kernel=3x3 stride=2x2 pad=1,1,0,0 ceil_mode layout=nchw\n");
  EXPECT_EQ(OneNode(13, kImage, "AveragePool",
                    {IntsAttr("kernel_shape", {2, 3}), IntsAttr("pads", {1, 1, 1, 1}),
                     IntAttr("count_include_pad", 1)}),
            "%y = Pool2D(%x) kind=average kernel=2x3 pad=1,1,1,1 count_include_pad layout=nchw\n");
}

TEST(OnnxPool, FindsIndicesOnlyWhereTheyAreRead) {
  const auto pool = [](const char* output) {
    return Model()
        .Input("x", kImage)
        .Node("MaxPool", {"x"}, {"y", "i"}, {IntsAttr("kernel_shape", {2, 2})})
        .Output(output)
        .NodeText();
  };
  EXPECT_EQ(pool("y"), "%y = Pool2D(%x) kind=max kernel=2x2 layout=nchw\n");
  const std::string attributes = " kernel=[2,2] strides=[1,1] dilations=[1,1] pads=[0,0,0,0]";
  EXPECT_EQ(pool("i"), "%y = PoolNd(%x) kind=max" + attributes + "\n%i = PoolNd(%x) kind=max" +
                           attributes + " indices\n");
}

TEST(OnnxPool, GlobalPoolsReduceEverySpatialAxis) {
  EXPECT_EQ(OneNode(13, kImage, "GlobalMaxPool"), "%y = Reduce(%x) kind=max axes=[2,3]\n");
  EXPECT_EQ(OneNode(13, {1, 3, 8, 8, 8}, "GlobalAveragePool"),
            "%y = Reduce(%x) kind=mean axes=[2,3,4]\n");
}

TEST(OnnxMath, ProductsAndNormalisation) {
  Model gemm;
  gemm.Input("x", {2, 3}).Weights("w", {4, 3}).Weights("c", {4});
  gemm.Node("Gemm", {"x", "w", "c"}, {"y"},
            {FloatAttr("alpha", 0.5f), FloatAttr("beta", 2.0f), IntAttr("transB", 1)});
  EXPECT_EQ(gemm.Output("y").NodeText(), "%y = Gemm(%x, %w, %c) alpha=0.5 beta=2 transpose_b\n");
  Model norm(14);
  norm.Input("x", kImage);
  for (const char* name : {"s", "o", "m", "v"}) norm.Weights(name, {3});
  norm.Node("BatchNormalization", {"x", "s", "o", "m", "v"}, {"y"},
            {FloatAttr("epsilon", 0.5f), IntAttr("training_mode", 0), FloatAttr("momentum", 0.9f)});
  EXPECT_EQ(norm.Output("y").NodeText(),
            "%y = BatchNorm(%x, %s, %o, %m, %v) epsilon=0.5 layout=nchw\n");
  EXPECT_EQ(OneNode(6, kImage, "BatchNormalization"),
            Error("BatchNormalization", "ERR_UNSUPPORTED", "is_test 0 is not supported"));
}

TEST(OnnxMath, ClipBoundsAreAttributesThenInputs) {
  EXPECT_EQ(OneNode(10, {2}, "Clip", {FloatAttr("min", 0), FloatAttr("max", 6)}),
            "%y = Clamp(%x) min=0 max=6\n");
  Model model;
  model.Input("x", {2})
      .Initializer(FloatTensor("lo", {}, {-1}))
      .Initializer(FloatTensor("hi", {}, {1}));
  EXPECT_EQ(Model(model).Node("Clip", {"x", "lo", "hi"}, {"y"}).Output("y").NodeText(),
            "%y = Clamp(%x) min=-1 max=1\n");
  EXPECT_EQ(Model(model).Node("Clip", {"x", "", "hi"}, {"y"}).Output("y").NodeText(),
            "%y = Clamp(%x) max=1\n");
  EXPECT_EQ(Model(model).Node("Clip", {"x"}, {"y"}).Output("y").NodeText(), "%y = Clamp(%x)\n");
  EXPECT_EQ(
      Model(model).Input("m", {}).Node("Clip", {"x", "m", "hi"}, {"y"}).Output("y").NodeText(),
      "%y/1 = Binary(%x, %m) kind=max\n%y = Binary(%y/1, %hi) kind=min\n");
  EXPECT_EQ(Model(model).Input("m", {}).Node("Clip", {"x", "", "m"}, {"y"}).Output("y").NodeText(),
            "%y = Binary(%x, %m) kind=min\n");
  EXPECT_EQ(OneNode(10, {2}, "Clip", {FloatAttr("min", std::nanf(""))}),
            Error("Clip", "ERR_INVALID_MODEL", "a bound is not a number"));
}

TEST(OnnxMath, ActivationsHaveTheirDefaults) {
  EXPECT_EQ(OneNode(13, {2}, "Elu"), "%y = Unary(%x) kind=elu alpha=1\n");
  EXPECT_EQ(OneNode(13, {2}, "LeakyRelu"), "%y = Unary(%x) kind=leaky_relu alpha=0.01\n");
  EXPECT_EQ(OneNode(13, {2}, "HardSigmoid"),
            "%y = Unary(%x) kind=hard_sigmoid alpha=0.2 beta=0.5\n");
  EXPECT_EQ(OneNode(14, {2}, "HardSwish"), "%y = Unary(%x) kind=hard_swish\n");
  EXPECT_EQ(OneNode(20, {2}, "Gelu"), "%y = Unary(%x) kind=gelu\n");
  EXPECT_EQ(OneNode(20, {2}, "Gelu", {TextAttr("approximate", "tanh")}),
            Error("Gelu", "ERR_UNSUPPORTED", "approximate \"tanh\" is not supported"));
}

TEST(OnnxMath, UnaryOperatorsAreOneOpEach) {
  for (const auto& [op, kind] :
       std::vector<std::pair<const char*, std::string>>{{"Abs", "abs"},
                                                        {"Ceil", "ceil"},
                                                        {"Erf", "erf"},
                                                        {"Exp", "exp"},
                                                        {"Floor", "floor"},
                                                        {"Log", "log"},
                                                        {"Neg", "neg"},
                                                        {"Reciprocal", "reciprocal"},
                                                        {"Round", "round"},
                                                        {"Sigmoid", "sigmoid"},
                                                        {"Sign", "sign"},
                                                        {"Softplus", "softplus"},
                                                        {"Sqrt", "sqrt"},
                                                        {"Tanh", "tanh"}}) {
    EXPECT_EQ(OneNode(13, {2}, op), "%y = Unary(%x) kind=" + kind + "\n");
  }
}

TEST(OnnxMath, BinaryOperatorsBroadcast) {
  for (const auto& [op, kind] :
       std::vector<std::pair<const char*, std::string>>{{"Add", "add"},
                                                        {"Sub", "sub"},
                                                        {"Mul", "mul"},
                                                        {"Div", "div"},
                                                        {"Pow", "pow"},
                                                        {"Mod", "mod"},
                                                        {"Equal", "equal"},
                                                        {"Less", "less"},
                                                        {"Greater", "greater"},
                                                        {"LessOrEqual", "less_equal"},
                                                        {"GreaterOrEqual", "greater_equal"}}) {
    Model model;
    model.Input("x", {2, 3}).Input("z", {3}).Node(op, {"x", "z"}, {"y"}).Output("y");
    EXPECT_EQ(model.NodeText(), "%y = Binary(%x, %z) kind=" + kind + "\n");
  }
}

TEST(OnnxMath, NaryOperatorsAreChains) {
  Model model;
  model.Input("a", {2}).Input("b", {2}).Input("c", {2});
  EXPECT_EQ(Model(model).Node("Max", {"a", "b", "c"}, {"y"}).Output("y").NodeText(),
            "%y/1 = Binary(%a, %b) kind=max\n%y = Binary(%y/1, %c) kind=max\n");
  EXPECT_EQ(Model(model).Node("Sum", {"a"}, {"y"}).Output("y").NodeText(), "%y = Identity(%a)\n");
  EXPECT_EQ(Model(model).Node("Mean", {"a", "b"}, {"y"}).Output("y").NodeText(),
            "%y/1 = Binary(%a, %b) kind=add\n%y = Binary(%y/1, %y/2) kind=div\n");
  EXPECT_EQ(Model(model).Node("Min", {}, {"y"}).Output("y").NodeText(),
            Error("Min", "ERR_INVALID_MODEL", "it has no inputs"));
}

TEST(OnnxMath, PReluIsWiredFromClamps) {
  Model model;
  model.Input("x", kImage).Weights("s", {3, 1, 1}).Node("PRelu", {"x", "s"}, {"y"}).Output("y");
  EXPECT_EQ(model.NodeText(),
            "%y/1 = Clamp(%x) min=0\n%y/2 = Clamp(%x) max=0\n"
            "%y/3 = Binary(%y/2, %s) kind=mul\n%y = Binary(%y/1, %y/3) kind=add\n");
}

TEST(OnnxReduce, AxesAreAnAttributeThenAnInput) {
  EXPECT_EQ(OneNode(12, kImage, "ReduceMean", {IntsAttr("axes", {2, 3}), IntAttr("keepdims", 0)}),
            "%y = Reduce(%x) kind=mean axes=[2,3] drop_dims\n");
  EXPECT_EQ(OneNode(13, kImage, "ReduceSum", {}, {{"axes", {-1}}}),
            "%y = Reduce(%x) kind=sum axes=[-1]\n");
  EXPECT_EQ(OneNode(13, kImage, "ReduceMax"), "%y = Reduce(%x) kind=max\n");
  EXPECT_EQ(OneNode(18, kImage, "ReduceProd", {IntAttr("noop_with_empty_axes", 1)}),
            "%y = Identity(%x)\n");
  Model model(18);
  model.Input("x", kImage).Input("a", {1}, kS64).Node("ReduceMin", {"x", "a"}, {"y"}).Output("y");
  EXPECT_EQ(model.NodeText(), "%y = Reduce(%x, %a) kind=min\n");
}

TEST(OnnxSoftmax, From13AlongOneAxis) {
  EXPECT_EQ(OneNode(13, {2, 3, 4}, "Softmax"), "%y = Softmax(%x)\n");
  EXPECT_EQ(OneNode(13, {2, 3, 4}, "LogSoftmax", {IntAttr("axis", 1)}),
            "%y = Softmax(%x) axis=1 log\n");
}

TEST(OnnxSoftmax, Before13OverAMatrixCutAtTheAxis) {
  EXPECT_EQ(OneNode(12, {2, 10}, "Softmax"), "%y = Softmax(%x) axis=1\n");
  EXPECT_EQ(OneNode(12, {2, 10, 1, 1}, "Softmax"), "%y = Softmax(%x) axis=1\n");
  EXPECT_EQ(OneNode(12, {2, 3, 4}, "Softmax"),
            "%y/1 = ShapeOf(%x)\n%y/2 = Flatten(%x)\n%y/3 = Softmax(%y/2)\n"
            "%y = Reshape(%y/3, %y/1) allow_zero\n");
  EXPECT_EQ(OneNode(12, {2, 3, 4}, "Softmax", {IntAttr("axis", 2)}), "%y = Softmax(%x) axis=2\n");
  EXPECT_EQ(OneNode(12, {2, 3}, "Softmax", {IntAttr("axis", 2)}),
            Error("Softmax", "ERR_INVALID_MODEL", "axis 2 is outside rank 2"));
}

TEST(OnnxSoftmax, AsksForShapesInsideTheGraph) {
  Model model(12);
  model.Input("x", {-1, 5, 1, 1}).Node("Relu", {"x"}, {"r"}).Node("Softmax", {"r"}, {"y"});
  EXPECT_EQ(model.Output("y").NodeText(), "%r = Clamp(%x) min=0\n%y = Softmax(%r) axis=1\n");
}

TEST(OnnxShape, PadsAreAttributesThenInputs) {
  const Ints pads = {0, 0, 1, 2, 0, 0, 3, 4};
  EXPECT_EQ(OneNode(10, kImage, "Pad", {IntsAttr("pads", pads), FloatAttr("value", 0.5f)}),
            "%y = Pad(%x) pads=[0,0,1,2,0,0,3,4] value=0.5\n");
  EXPECT_EQ(OneNode(13, kImage, "Pad", {TextAttr("mode", "reflect")}, {{"pads", pads}}),
            "%y = Pad(%x) fill=reflect pads=[0,0,1,2,0,0,3,4]\n");
  EXPECT_EQ(OneNode(13, kImage, "Pad", {TextAttr("mode", "wrap")}, {{"pads", pads}}),
            Error("Pad", "ERR_UNSUPPORTED",
                  "mode \"wrap\" is not supported (constant, reflect and edge are)"));
  Model axes(18);
  axes.Input("x", kImage).List("p", {1, 2, 3, 4}).List("a", {-1, 2});
  axes.Initializer(FloatTensor("v", {}, {-1}));
  EXPECT_EQ(axes.Node("Pad", {"x", "p", "v", "a"}, {"y"}).Output("y").NodeText(),
            "%y = Pad(%x) pads=[0,0,2,1,0,0,4,3] value=-1\n");
  Model computed;
  computed.Input("x", kImage).Input("p", {8}, kS64).Node("Pad", {"x", "p"}, {"y"}).Output("y");
  EXPECT_EQ(computed.NodeText(), "%y = Pad(%x, %p)\n");
}

TEST(OnnxShape, ListsAreAttributesWhereTheyAreConstant) {
  EXPECT_EQ(OneNode(13, kImage, "Reshape", {}, {{"s", {0, -1}}}),
            "%y = Reshape(%x) shape=[0,-1]\n");
  EXPECT_EQ(OneNode(14, {0, 3}, "Reshape", {IntAttr("allowzero", 1)}, {{"s", {3, 0}}}),
            "%y = Reshape(%x) shape=[3,0] allow_zero\n");
  EXPECT_EQ(OneNode(12, {1, 3, 1}, "Squeeze", {IntsAttr("axes", {0})}),
            "%y = Squeeze(%x) axes=[0]\n");
  EXPECT_EQ(OneNode(13, {1, 3, 1}, "Squeeze", {}, {{"a", {2}}}), "%y = Squeeze(%x) axes=[2]\n");
  EXPECT_EQ(OneNode(13, {1, 3, 1}, "Squeeze"), "%y = Squeeze(%x)\n");
  EXPECT_EQ(OneNode(12, {3}, "Unsqueeze", {IntsAttr("axes", {0, 2})}),
            "%y = Unsqueeze(%x) axes=[0,2]\n");
  EXPECT_EQ(OneNode(13, {3}, "Unsqueeze", {}, {{"a", {1}}}), "%y = Unsqueeze(%x) axes=[1]\n");
  Model computed;
  computed.Input("x", {-1, 3, 4}).Node("Shape", {"x"}, {"s"}).Node("Reshape", {"x", "s"}, {"y"});
  EXPECT_EQ(computed.Output("y").NodeText(), "%s = ShapeOf(%x)\n%y = Reshape(%x, %s)\n");
}

TEST(OnnxShape, SliceInEveryOpset) {
  EXPECT_EQ(OneNode(9, kImage, "Slice",
                    {IntsAttr("starts", {1}), IntsAttr("ends", {3}), IntsAttr("axes", {2})}),
            "%y = Slice(%x) starts=[1] ends=[3] axes=[2]\n");
  EXPECT_EQ(OneNode(13, kImage, "Slice", {}, {{"s", {7}}, {"e", {0}}, {"a", {3}}, {"t", {-2}}}),
            "%y = Slice(%x) starts=[7] ends=[0] axes=[3] steps=[-2]\n");
  Model computed;
  computed.Input("x", kImage).Input("e", {1}, kS64).List("s", {0});
  EXPECT_EQ(computed.Node("Slice", {"x", "s", "e"}, {"y"}).Output("y").NodeText(),
            "%y = Slice(%x, %s, %e)\n");
  Model undefined;
  undefined.Node("Slice", {"x", "s", "e"}, {"y"}).Output("y");
  EXPECT_EQ(undefined.NodeText(),
            Error("Slice", "ERR_INVALID_MODEL", "input 0: nothing before it defines \"x\""));
}

TEST(OnnxShape, SplitIsOneSliceAnOutput) {
  const auto split = [](int64_t opset, const std::vector<ProtoWriter>& attributes) {
    return Model(opset)
        .Input("x", {1, 7})
        .Node("Split", {"x"}, {"a", "b"}, attributes)
        .Output("a")
        .Output("b")
        .NodeText();
  };
  EXPECT_EQ(split(12, {IntAttr("axis", 1), IntsAttr("split", {3, 4})}),
            "%a = Slice(%x) starts=[0] ends=[3] axes=[1] steps=[1]\n"
            "%b = Slice(%x) starts=[3] ends=[7] axes=[1] steps=[1]\n");
  EXPECT_EQ(split(18, {IntAttr("axis", 1), IntAttr("num_outputs", 2)}),
            "%a = Slice(%x) starts=[0] ends=[4] axes=[1] steps=[1]\n"
            "%b = Slice(%x) starts=[4] ends=[7] axes=[1] steps=[1]\n");
  EXPECT_EQ(split(13, {IntAttr("axis", 1)}),
            Error("Split", "ERR_INVALID_MODEL", "axis 1 of size 7 does not split into 2 parts"));
  EXPECT_EQ(split(12, {IntsAttr("split", {1})}),
            Error("Split", "ERR_INVALID_MODEL", "it has 1 sizes for 2 outputs"));
}

TEST(OnnxShape, ConstantInEveryForm) {
  const auto constant = [](const ProtoWriter& attribute) {
    return Model().Node("Constant", {}, {"c"}, {attribute}).Output("c").Text();
  };
  const auto begins = [&](const ProtoWriter& attribute, const std::string& text) {
    EXPECT_EQ(constant(attribute).substr(0, text.size()), text);
  };
  begins(TensorAttr("value", IntTensor("", {2}, {5, 6})), "%c = const i64[2] {5,6}\n");
  begins(IntAttr("value_int", 9), "%c = const i64[] {9}\n");
  begins(IntsAttr("value_ints", {9, 8}), "%c = const i64[2] {9,8}\n");
  begins(FloatAttr("value_float", 1.5f), "%c = const f32[]\n");
  begins(ProtoWriter().Text(1, "value_floats").PackedFloats(7, {1, 2}).Int(20, 6),
         "%c = const f32[2]\n");
  begins(TextAttr("value_string", "no"), "ERR_UNSUPPORTED: load: onnx: node \"n\" (Constant): ");
}

TEST(OnnxShape, ConstantsThatOnlyBecomeAttributesLeaveNothingBehind) {
  Model model;
  model.Input("x", {2, 3})
      .Node("Constant", {}, {"s"}, {TensorAttr("value", IntTensor("", {1}, {-1}))})
      .Node("Reshape", {"x", "s"}, {"y"})
      .Output("y");
  const std::string bytes = model.Serialize();
  const StatusOr<ImportedModel> imported = ImportModel({AsBytes(bytes)}, "");
  ASSERT_TRUE(imported.ok()) << imported.status().message();
  EXPECT_EQ(imported->graph.value_count(), 2);
}

TEST(OnnxShape, TheRestMapsDirectly) {
  EXPECT_EQ(OneNode(13, {2, 3}, "Cast", {IntAttr("to", 7)}), "%y = Cast(%x) dtype=i64\n");
  EXPECT_EQ(OneNode(13, {2, 3}, "Cast", {IntAttr("to", 8)}),
            Error("Cast", "ERR_UNSUPPORTED", "element type 8 is not supported"));
  EXPECT_EQ(OneNode(13, {2, 3}, "Cast"),
            Error("Cast", "ERR_INVALID_MODEL", "attribute \"to\" is missing"));
  EXPECT_EQ(OneNode(13, {2, 3}, "Expand", {}, {{"s", {4, 2, 3}}}), "%y = Expand(%x, %s)\n");
  EXPECT_EQ(OneNode(13, {2, 3}, "Flatten", {IntAttr("axis", 2)}), "%y = Flatten(%x) axis=2\n");
  EXPECT_EQ(OneNode(13, {2, 3}, "Gather", {IntAttr("axis", 1)}, {{"i", {0, 2}}}),
            "%y = Gather(%x, %i) axis=1\n");
  EXPECT_EQ(OneNode(15, {2, 3}, "Shape", {IntAttr("start", 1)}), "%y = ShapeOf(%x) start=1\n");
  EXPECT_EQ(OneNode(13, {2, 3}, "Transpose", {IntsAttr("perm", {1, 0})}),
            "%y = Transpose(%x) perm=[1,0]\n");
  EXPECT_EQ(OneNode(13, {2, 3}, "Identity"), "%y = Identity(%x)\n");
  Model fill;
  fill.List("s", {2, 2})
      .Node("ConstantOfShape", {"s"}, {"y"}, {TensorAttr("value", IntTensor("", {1}, {7}))});
  EXPECT_EQ(fill.Output("y").NodeText(), "%y = Fill(%s) value=7 dtype=i64\n");
  Model concat;
  concat.Input("a", {1, 2}).Input("b", {1, 3});
  concat.Node("Concat", {"a", "b"}, {"y"}, {IntAttr("axis", -1)}).Output("y");
  EXPECT_EQ(concat.NodeText(), "%y = Concat(%a, %b) axis=-1\n");
  Model where;
  where.Input("c", {2}, kBool).Input("a", {2}).Input("b", {2});
  where.Node("Where", {"c", "a", "b"}, {"y"}).Output("y");
  EXPECT_EQ(where.NodeText(), "%y = Where(%c, %a, %b)\n");
}

TEST(OnnxShape, DropoutKeepsEverything) {
  EXPECT_EQ(OneNode(7, {2}, "Dropout", {FloatAttr("ratio", 0.2f)}), "%y = Identity(%x)\n");
  const auto mask = Model(7).Input("x", {2}).Node("Dropout", {"x"}, {"y", "m"}).Output("m");
  EXPECT_EQ(mask.NodeText(),
            "%y/1 = ShapeOf(%x)\n%m = Fill(%y/1) value=1 dtype=f32\n%y = Identity(%x)\n");
  Model training(12);
  training.Input("x", {2}).Initializer(TensorHead("t", kBool, {}).Int(5, 1));
  EXPECT_EQ(training.Node("Dropout", {"x", "", "t"}, {"y"}).Output("y").NodeText(),
            Error("Dropout", "ERR_UNSUPPORTED", "training_mode is not supported"));
}

}  // namespace
}  // namespace minnow::importers
