// The operators that a TorchScript program may call; ops.cc has the table.
#ifndef MINNOW_IMPORTERS_TORCHSCRIPT_OPS_H_
#define MINNOW_IMPORTERS_TORCHSCRIPT_OPS_H_

#include <string_view>

#include "importers/torchscript/call.h"

namespace minnow::importers::torchscript {

struct Row {
  enum class Effect : uint8_t {
    kNew,   // gives new values
    kView,  // its tensors show elements of the first argument
  };
  // Without "torch."; others by their full name.
  std::string_view name;
  Value (*run)(const Call& call);
  Effect effect = Effect::kNew;
};

// The row of an operator, or null.
const Row* FindRow(std::string_view name);

// ops_activation.cc
Value RunRelu(const Call& call);
Value RunRelu6(const Call& call);
Value RunHardtanh(const Call& call);
Value RunClamp(const Call& call);
Value RunClampMin(const Call& call);
Value RunClampMax(const Call& call);
Value RunHardsigmoid(const Call& call);
Value RunSilu(const Call& call);
Value RunMish(const Call& call);
Value RunLeakyRelu(const Call& call);
Value RunElu(const Call& call);
Value RunGelu(const Call& call);
Value RunSoftplus(const Call& call);
Value RunPrelu(const Call& call);
Value RunSoftmax(const Call& call);
Value RunLogSoftmax(const Call& call);
Value RunDropout(const Call& call);

// ops_math.cc
Value RunAdd(const Call& call);
Value RunSub(const Call& call);
Value RunRsub(const Call& call);
Value RunMul(const Call& call);
Value RunDiv(const Call& call);
Value RunFloorDivide(const Call& call);
Value RunPow(const Call& call);
Value RunMaximum(const Call& call);
Value RunMinimum(const Call& call);
Value RunAddcmul(const Call& call);
Value RunMean(const Call& call);
Value RunSum(const Call& call);
Value RunAmax(const Call& call);
Value RunAmin(const Call& call);
Value RunLinear(const Call& call);
Value RunAddmm(const Call& call);
Value RunMatmul(const Call& call);
Value RunBatchNorm(const Call& call);
Value RunLayerNorm(const Call& call);

// ops_window.cc
Value RunConv2d(const Call& call);
Value RunConvolution(const Call& call);
Value RunMaxPool2d(const Call& call);
Value RunAvgPool2d(const Call& call);
Value RunAdaptiveAvgPool2d(const Call& call);
Value RunAdaptiveMaxPool2d(const Call& call);

// ops_shape.cc
Value RunSize(const Call& call);
Value RunDim(const Call& call);
Value RunNumel(const Call& call);
Value RunView(const Call& call);
Value RunFlatten(const Call& call);
Value RunPermute(const Call& call);
Value RunTranspose(const Call& call);
Value RunT(const Call& call);
Value RunSqueeze(const Call& call);
Value RunUnsqueeze(const Call& call);
Value RunExpand(const Call& call);
Value RunExpandAs(const Call& call);
Value RunTo(const Call& call);
Value RunSame(const Call& call);
Value RunClone(const Call& call);

// ops_resize.cc
Value RunUpsampleNearest(const Call& call);
Value RunUpsampleBilinear(const Call& call);

// ops_select.cc
Value RunCat(const Call& call);
Value RunStack(const Call& call);
Value RunChunk(const Call& call);
Value RunSplit(const Call& call);
Value RunSlice(const Call& call);
Value RunSelect(const Call& call);
Value RunNarrow(const Call& call);
Value RunPad(const Call& call);
Value RunConstantPad(const Call& call);
Value RunReflectionPad(const Call& call);
Value RunReplicationPad(const Call& call);

// ops_scalar.cc: Python's numbers, lists and strings
Value RunScalar(const Call& call);
Value RunFloor(const Call& call);
Value RunCeil(const Call& call);
Value RunCompare(const Call& call);
Value RunIs(const Call& call);
Value RunLogic(const Call& call);
Value RunContains(const Call& call);
Value RunLen(const Call& call);
Value RunAppend(const Call& call);
Value RunList(const Call& call);
Value RunFormat(const Call& call);
Value RunToInt(const Call& call);
Value RunToFloat(const Call& call);
Value RunToBool(const Call& call);
Value RunMinMax(const Call& call);
Value RunFirst(const Call& call);
Value RunNone(const Call& call);
Value RunFalse(const Call& call);
Value RunDtype(const Call& call);
Value RunRaise(const Call& call);

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_IMPORTERS_TORCHSCRIPT_OPS_H_
