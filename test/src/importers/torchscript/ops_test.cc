// What does each operator of a TorchScript program become?
#include <gtest/gtest.h>

#include "importers/torchscript/archive_writer.h"

namespace minnow::importers::torchscript {
namespace {

struct Case {
  const char* expression;
  const char* expected;
};

// The nodes that the expression becomes, without types and the Identity that names the output; an
// error without the place.
std::string NodesOf(const std::string& expression) {
  ArchiveWriter archive;
  archive.Weights("w", {4, 2, 3, 3}).Weights("b", {4}).Weights("m", {5, 12}).Weights("mb", {5});
  archive.Weights("c2", {2}).Weights("c2b", {2});
  archive.Constant("LongStorage", LittleEndian(3, 8));
  archive.Constant("DoubleStorage", std::string("\0\0\0\0\0\0\x04\x40", 8));
  const std::string text = archive.ForwardText("return " + expression + "\n");
  if (text.rfind("ERR_", 0) == 0) {
    const size_t place = text.find("\": ", text.find("__torch__.py:5: \"") + 16);
    return text.substr(0, text.find(':')) + text.substr(place + 1);
  }
  std::string nodes;
  for (size_t start = 0; start < text.size();) {
    const size_t end = text.find('\n', start);
    const std::string line = text.substr(start, end - start);
    start = end + 1;
    const size_t comment = line.rfind("  # ");
    if (comment == std::string::npos || line.rfind("%output ", 0) == 0) continue;
    const size_t type_end = line.find(" = ");
    nodes += line.substr(0, line.find(' ')) + line.substr(type_end, comment - type_end) + "\n";
  }
  return nodes;
}

void CheckAll(const std::vector<Case>& cases) {
  for (const Case& c : cases) EXPECT_EQ(NodesOf(c.expression), c.expected) << c.expression;
}

TEST(TorchscriptOps, WindowsAndNormalisation) {
  const std::vector<Case> cases = {
      {"torch.conv2d(x, self.w, self.b, [2, 1], [1, 0], [1, 2], 1)",
       "%conv2d = Conv2D(%x, %w, %b) stride=2x1 dilation=1x2 pad=1,0,1,0 layout=nchw "
       "weights=oihw\n"},
      {"torch.conv2d(x, self.w, None, 1, \"same\")",
       "%conv2d = Conv2D(%x, %w) pad=same_upper layout=nchw weights=oihw\n"},
      {"torch._convolution_mode(x, self.w, None, [1, 1], \"valid\", [2, 2], 1)",
       "%_convolution_mode = Conv2D(%x, %w) dilation=2x2 pad=valid layout=nchw weights=oihw\n"},
      {"torch._convolution(x, self.w, self.b, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, False, "
       "False, True, True)",
       "%_convolution = Conv2D(%x, %w, %b) pad=1,1,1,1 layout=nchw weights=oihw\n"},
      {"torch._convolution(x, self.w, self.b, [1, 1], [1, 1], [1, 1], True, [0, 0], 1, False, "
       "False, True, True)",
       "ERR_UNSUPPORTED: a transposed convolution is not supported"},
      {"torch.batch_norm(x, self.c2, None, self.c2b, self.c2b, False, 0.1, 0.001, True)",
       "%batch_norm = BatchNorm(%x, %c2, %bias, %c2b, %c2b) epsilon=0.001 layout=nchw\n"},
      {"torch.batch_norm(x, self.c2, None, self.c2b, self.c2b, True, 0.1, 0.001, True)",
       "ERR_UNSUPPORTED: batch_norm as in training; save the model after eval()"},
      {"torch.max_pool2d(x, [3, 3], [2, 2], [1, 1], [1, 1], True)",
       "%max_pool2d = Pool2D(%x) kind=max kernel=3x3 stride=2x2 pad=1,1,1,1 ceil_mode "
       "layout=nchw\n"},
      {"torch.max_pool2d(x, [2, 2])",
       "%max_pool2d = Pool2D(%x) kind=max kernel=2x2 stride=2x2 layout=nchw\n"},
      {"torch.avg_pool2d(x, [3, 3], [2, 2], [1, 1], False, True)",
       "%avg_pool2d = Pool2D(%x) kind=average kernel=3x3 stride=2x2 pad=1,1,1,1 count_include_pad "
       "layout=nchw\n"},
      {"torch.avg_pool2d(x, 2, ceil_mode=True, count_include_pad=False)",
       "%avg_pool2d = Pool2D(%x) kind=average kernel=2x2 stride=2x2 ceil_mode layout=nchw\n"},
      {"torch.adaptive_avg_pool2d(x, [1, 1])",
       "%adaptive_avg_pool2d = Reduce(%x) kind=mean axes=[2,3]\n"},
      {"torch.adaptive_avg_pool2d(x, [7, 7])",
       "%adaptive_avg_pool2d = Pool2D(%x) kind=average kernel=32x32 stride=32x32 layout=nchw\n"},
      {"torch.adaptive_avg_pool2d(x, [None, 1])",
       "%adaptive_avg_pool2d = Pool2D(%x) kind=average kernel=1x224 stride=1x224 layout=nchw\n"},
      {"torch.adaptive_avg_pool2d(x, [5, 5])",
       "ERR_UNSUPPORTED: pooling [?,2,224,224] to 5 x 5; sizes that divide are supported"},
      {"torch.layer_norm(x, [224], None, None, 1e-05)",
       "%layer_norm = Reduce(%x) kind=mean axes=[-1]\n"
       "%layer_norm_1 = Binary(%x, %layer_norm) kind=sub\n"
       "%layer_norm_2 = Unary(%layer_norm_1) kind=square\n"
       "%layer_norm_3 = Reduce(%layer_norm_2) kind=mean axes=[-1]\n"
       "%layer_norm_4 = Binary(%layer_norm_3, %eps) kind=add\n"
       "%layer_norm_5 = Unary(%layer_norm_4) kind=rsqrt\n"
       "%layer_norm_6 = Binary(%layer_norm_1, %layer_norm_5) kind=mul\n"},
  };
  CheckAll(cases);
}

TEST(TorchscriptOps, ActivationsAndDropout) {
  const std::vector<Case> cases = {
      {"torch.relu_(x)", "%relu = Clamp(%x) min=0\n"},
      {"torch.hardtanh(x, 0., 6.)", "%hardtanh = Clamp(%x) min=0 max=6\n"},
      {"torch.clamp(x, None, 3.)", "%clamp = Clamp(%x) max=3\n"},
      {"torch.hardsigmoid(x)",
       "%hardsigmoid = Unary(%x) kind=hard_sigmoid alpha=0.166667 beta=0.5\n"},
      {"torch.silu(x)",
       "%silu = Unary(%x) kind=sigmoid\n"
       "%silu_1 = Binary(%x, %silu) kind=mul\n"},
      {"torch.gelu(x, approximate=\"tanh\")",
       "ERR_UNSUPPORTED: only the exact form is supported (approximate \"none\")"},
      {"torch.prelu(x, self.c2)",
       "%prelu = Reshape(%c2) shape=[2,1,1]\n"
       "%prelu_1 = Clamp(%x) min=0\n"
       "%prelu_2 = Clamp(%x) max=0\n"
       "%prelu_3 = Binary(%prelu_2, %prelu) kind=mul\n"
       "%prelu_4 = Binary(%prelu_1, %prelu_3) kind=add\n"},
      {"torch.softmax(x, 1)", "%softmax = Softmax(%x) axis=1\n"},
      {"torch.dropout(x, 0.5, False)", ""},
      {"torch.dropout(x, 0.5, True)",
       "ERR_UNSUPPORTED: dropout as in training; save the model after eval()"},
  };
  CheckAll(cases);
}

TEST(TorchscriptOps, ArithmeticProductsAndReductions) {
  const std::vector<Case> cases = {
      {"torch.add(x, x, alpha=2)",
       "%add = Binary(%x, %alpha) kind=mul\n"
       "%add_1 = Binary(%x, %add) kind=add\n"},
      {"torch.mul(x, CONSTANTS.c1)", "%mul = Binary(%x, %constant) kind=mul\n"},
      {"torch.rsub(x, 1)", "%rsub = Binary(%constant, %x) kind=sub\n"},
      {"torch.mean(x, [2, 3], True)", "%mean = Reduce(%x) kind=mean axes=[2,3]\n"},
      {"torch.linear(torch.flatten(torch.adaptive_avg_pool2d(torch.conv2d(x, self.w, self.b), [1, "
       "1]), 1), self.m, self.mb)",
       "ERR_INVALID_MODEL: node \"linear\" (Gemm): columns of A and rows of B: 4 does not match "
       "12"},
      {"torch.addmm(self.mb, torch.reshape(torch.slice(x, 2, 0, 1), [-1, 12]), torch.t(self.m), "
       "beta=1, alpha=1)",
       "%slice = Slice(%x) starts=[0] ends=[1] axes=[2] steps=[1]\n"
       "%reshape = Reshape(%slice) shape=[-1,12] allow_zero\n"
       "%t = Transpose(%m) perm=[1,0]\n"
       "%addmm = Gemm(%reshape, %t, %mb)\n"},
  };
  CheckAll(cases);
}

TEST(TorchscriptOps, PartsAndPads) {
  const std::vector<Case> cases = {
      {"torch.cat([x, torch.relu(x)], 1)",
       "%relu = Clamp(%x) min=0\n"
       "%cat = Concat(%x, %relu) axis=1\n"},
      {"torch.stack([x, x], -1)",
       "%stack = Unsqueeze(%x) axes=[4]\n"
       "%stack_1 = Unsqueeze(%x) axes=[4]\n"
       "%stack_2 = Concat(%stack, %stack_1) axis=4\n"},
      {"(torch.chunk(x, 2, 1))[1]",
       "%chunk_1 = Slice(%x) starts=[1] ends=[2] axes=[1] steps=[1]\n"},
      {"(torch.split(x, [100, 124], 2))[1]",
       "%split_1 = Slice(%x) starts=[100] ends=[224] axes=[2] steps=[1]\n"},
      {"torch.slice(x, -1, 1, 9223372036854775807, 2)",
       "%slice = Slice(%x) starts=[1] ends=[9223372036854775807] axes=[3] steps=[2]\n"},
      {"torch.select(x, 1, -1)",
       "%select = Slice(%x) starts=[-1] ends=[9223372036854775807] axes=[1] steps=[1]\n"
       "%select_1 = Squeeze(%select) axes=[1]\n"},
      {"torch.pad(x, [1, 2, 3, 4])", "%pad = Pad(%x) pads=[0,0,3,1,0,0,4,2]\n"},
      {"torch.reflection_pad2d(x, [1, 1, 1, 1])",
       "%reflection_pad2d = Pad(%x) fill=reflect pads=[0,0,1,1,0,0,1,1]\n"},
  };
  CheckAll(cases);
}

TEST(TorchscriptOps, ViewsKeepTheBatchOpen) {
  const std::vector<Case> cases = {
      {"torch.view(x, [torch.size(x, 0), -1])", "%view = Reshape(%x) shape=[0,-1]\n"},
      {"torch.view(x, [torch.size(x, 0), 2, 224, 224, 1])",
       "%view = Reshape(%x) shape=[-1,2,224,224,1] allow_zero\n"},
      {"torch.view(x, [2, torch.size(x, 0), -1])",
       "%size = ShapeOf(%x) end=1\n"
       "%size_1 = Squeeze(%size) axes=[0]\n"
       "%view = Reshape(%size_1) shape=[1]\n"
       "%view_1 = Concat(%ints, %view, %ints_1)\n"
       "%view_2 = Reshape(%x, %view_1) allow_zero\n"},
      {"torch.view(torch.view(x, [torch.size(x, 0), 2, 1, 224, 224]), [torch.size(x, 0), -1, 224])",
       "%view = Reshape(%x) shape=[-1,2,1,224,224] allow_zero\n"
       "%view_1 = Reshape(%view) shape=[0,-1,224]\n"},
      {"torch.flatten(x, 2)", "%flatten = Reshape(%x) shape=[0,2,-1]\n"},
      {"torch.flatten(x)", "%flatten = Reshape(%x) shape=[-1] allow_zero\n"},
      {"torch.permute(x, [0, 2, 3, -3])", "%permute = Transpose(%x) perm=[0,2,3,1]\n"},
      {"torch.transpose(x, 1, 2)", "%transpose = Transpose(%x) perm=[0,2,1,3]\n"},
      {"torch.squeeze(torch.mean(x, [2, 3], True), 2)",
       "%mean = Reduce(%x) kind=mean axes=[2,3]\n"
       "%squeeze = Squeeze(%mean) axes=[2]\n"},
      {"torch.unsqueeze(x, -1)", "%unsqueeze = Unsqueeze(%x) axes=[4]\n"},
      {"torch.expand(x, [-1, 2, -1, -1])", "%expand = Expand(%x, %ints)\n"},
      {"torch.to(x, 5)", "ERR_UNSUPPORTED: dtype 5 is not supported (6, float32, is)"},
      {"torch.to(x, torch.device(\"cpu\"), 6, False, False)", ""},
  };
  CheckAll(cases);
}

TEST(TorchscriptOps, UpsamplingAndWhatIsNotKnown) {
  const std::vector<Case> cases = {
      {"torch.upsample_nearest2d(x, None, [2., 2.])",
       "%upsample_nearest2d = Gather(%x, %ints) axis=2\n"
       "%upsample_nearest2d_1 = Gather(%upsample_nearest2d, %ints_1) axis=3\n"},
      {"torch.upsample_bilinear2d(x, [112, 112], False, None)",
       "%upsample_bilinear2d = MatMul(%x, %columns) transpose_b\n"
       "%upsample_bilinear2d_1 = MatMul(%rows, %upsample_bilinear2d)\n"},
      {"torch.argsort(x)", "ERR_UNSUPPORTED: the operator is not supported"},
  };
  CheckAll(cases);
}

}  // namespace
}  // namespace minnow::importers::torchscript
