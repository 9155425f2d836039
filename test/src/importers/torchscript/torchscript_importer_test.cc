// Does a TorchScript archive become the graph of its forward, and is every other one refused?
#include "importers/torchscript/torchscript_importer.h"

#include <gtest/gtest.h>

#include "importers/torchscript/archive_writer.h"

namespace minnow::importers::torchscript {
namespace {

// forward's lines give this error, in the line and expression named.
std::string Error(const std::string& body, const ArchiveWriter& archive = ArchiveWriter()) {
  const std::string text = archive.ForwardText(body);
  return text.rfind("ERR_", 0) == 0 ? text : "it imports";
}

// How the node that makes the output reads: what is under its Identity.
std::string LastNode(const std::string& text) {
  const size_t output = text.find("\n%output ");
  if (output == std::string::npos) return text;
  const size_t start = text.rfind('\n', output - 1) + 1;
  const std::string line = text.substr(start, output - start);
  return line.substr(line.find(" = ") + 3, line.rfind("  # ") - line.find(" = ") - 3);
}
std::string Last(const std::string& body) { return LastNode(ArchiveWriter().ForwardText(body)); }

// A convolution, scripted: modules in modules, functions, defaults, known conditions.
ArchiveWriter ConvArchive() {
  ArchiveWriter archive;
  archive.Storage("w", ArchiveWriter::Floats(2 * 3 * 3 * 3));
  archive.Storage("b", ArchiveWriter::Floats(2));
  archive.Attribute("training", pickle::Bool(true));
  archive.Attribute(
      "features",
      pickle::Object("__torch__.layers", "Block",
                     {{"use_res", pickle::Bool(false)},
                      {"0", pickle::Object("__torch__.layers", "Conv2d",
                                           {{"weight", pickle::Tensor("w", {2, 3, 3, 3})},
                                            {"bias", pickle::Tensor("b", {2})}})}}));
  archive.Source("__torch__/layers.py",
                 "class Block(Module):\n"
                 "  use_res : bool\n"
                 "  __annotations__[\"0\"] = __torch__.layers.Conv2d\n"
                 "  def forward(self: __torch__.layers.Block,\n"
                 "    input: Tensor) -> Tensor:\n"
                 "    _0 = getattr(self, \"0\")\n"
                 "    x = (_0).forward(input, )\n"
                 "    if self.use_res:\n"
                 "      y = torch.add(x, input)\n"
                 "    else:\n"
                 "      y = x\n"
                 "    return y\n"
                 "class Conv2d(Module):\n"
                 "  __parameters__ = [\"weight\", \"bias\", ]\n"
                 "  weight : Tensor\n"
                 "  bias : Optional[Tensor]\n"
                 "  stride : Final[Tuple[int, int]] = (2, 2)\n"
                 "  def forward(self: __torch__.layers.Conv2d,\n"
                 "    input: Tensor) -> Tensor:\n"
                 "    _1 = __torch__.functional.activate\n"
                 "    stride = self.stride\n"
                 "    x = torch.conv2d(input, self.weight, self.bias, stride, [1, 1])\n"
                 "    return _1(x, inplace=True)\n");
  archive.Source("__torch__/functional.py",
                 "def activate(input: Tensor,\n"
                 "    limit: float=6.,\n"
                 "    inplace: bool=False) -> Tensor:\n"
                 "  if inplace:\n"
                 "    r = torch.hardtanh_(input, 0., limit)\n"
                 "  else:\n"
                 "    r = torch.hardtanh(input, 0., limit)\n"
                 "  return r\n");
  return archive;
}

constexpr char kConvBody[] =
    "features = self.features\n"
    "if self.training:\n"
    "  ops.prim.RaiseException(\"training\")\n"
    "else:\n"
    "  pass\n"
    "return (features).forward(x, )\n";

TEST(TorchscriptImporter, InlinesModulesAndFunctionsAndNamesNodesAfterThem) {
  EXPECT_EQ(ConvArchive().ForwardText(kConvBody),
            "input %x f32[?,3,224,224]\n"
            "%features.0.weight = const f32[2,3,3,3]\n"
            "%features.0.bias = const f32[2]\n"
            "%features.0/conv2d f32[?,2,112,112] = Conv2D(%x, %features.0.weight, "
            "%features.0.bias) stride=2x2 pad=1,1,1,1 layout=nchw weights=oihw"
            "  # features.0/conv2d\n"
            "%features.0/hardtanh f32[?,2,112,112] = Clamp(%features.0/conv2d) min=0 max=6"
            "  # features.0/hardtanh\n"
            "%output f32[?,2,112,112] = Identity(%features.0/hardtanh)  # output\n"
            "output %output f32[?,2,112,112]\n");
}

TEST(TorchscriptImporter, TheFirstWeightsSayWhatGoesIn) {
  const auto input = [](const std::vector<int64_t>& dims) {
    const std::string text = ArchiveWriter().Weights("w", dims).ForwardText("return x\n");
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(input({8, 1, 3, 3}), "input %x f32[?,1,224,224]");
  EXPECT_EQ(input({10, 64}), "input %x f32[?,64]");
  EXPECT_EQ(input({8}), "input %x f32[?,3,224,224]");
  EXPECT_EQ(input({8, 3, 5}),
            "ERR_UNSUPPORTED: load: pytorch: its first weights have the shape [8,3,5]; those of a "
            "2-dimensional convolution or a matrix are supported");
}

TEST(TorchscriptImporter, KnownControlFlowIsFollowed) {
  EXPECT_EQ(Last("for i in range(3):\n  x = torch.relu(x)\nreturn x\n"), "Clamp(%relu_1) min=0");
  EXPECT_EQ(Last("n = 0\n"
                 "while torch.lt(n, 2):\n"
                 "  x = torch.sigmoid(x)\n"
                 "  n = torch.add(n, 1)\n"
                 "return x\n"),
            "Unary(%sigmoid) kind=sigmoid");
  EXPECT_EQ(Last("c = torch.size(x, 1)\n"
                 "if torch.eq(torch.remainder(c, 2), 1):\n"
                 "  return torch.tanh(x)\n"
                 "else:\n"
                 "  return torch.exp(x)\n"),
            "Unary(%x) kind=tanh");
  EXPECT_EQ(Last("parts = annotate(List[Tensor], [])\n"
                 "_0 = torch.append(parts, x)\n"
                 "_1 = torch.append(parts, torch.relu(parts[0]))\n"
                 "if torch.ne(torch.len(parts), 2):\n"
                 "  ops.prim.RaiseException(\"length\")\n"
                 "else:\n"
                 "  pass\n"
                 "return torch.cat(parts, 1)\n"),
            "Concat(%x, %relu) axis=1");
  EXPECT_EQ(Last("a, b = (x, 3)\nd = {\"k\": b}\nreturn torch.mul(a, d[\"k\"])\n"),
            "Binary(%x, %constant) kind=mul");
  EXPECT_EQ(Last("n : Optional[int] = 3\nreturn torch.unsqueeze(x, unchecked_cast(int, n))\n"),
            "Unsqueeze(%x) axes=[3]");
}

TEST(TorchscriptImporter, ArithmeticOfIntegersIsPythons) {
  const auto narrow = [](const std::string& expression) {
    return Last("return torch.narrow(x, 2, " + expression + ", 1)\n");
  };
  const auto starts = [](int at) {
    return "Slice(%x) starts=[" + std::to_string(at) + "] ends=[" + std::to_string(at + 1) +
           "] axes=[2] steps=[1]";
  };
  EXPECT_EQ(narrow("torch.add(2, torch.mul(3, 4))"), starts(14));
  EXPECT_EQ(narrow("torch.add(torch.floordiv(-7, 2), 10)"), starts(6));
  EXPECT_EQ(narrow("torch.remainder(-7, 4)"), starts(1));
  EXPECT_EQ(narrow("int(torch.div(7, 2))"), starts(3));
  EXPECT_EQ(narrow("torch.add(torch.floor(-1.5), torch.ceil(2.5))"), starts(1));
  EXPECT_EQ(narrow("ops.prim.max([1, 5, 2])"), starts(5));
  EXPECT_EQ(narrow("int(ops.prim.NumToTensor(torch.size(x, 1)))"), starts(3));
  const std::string most = "9223372036854775807";
  for (const char* op : {"add", "mul"}) {
    EXPECT_NE(narrow("torch." + std::string(op) + "(" + most + ", 2)").find("beyond 64 bits"),
              std::string::npos);
  }
  const std::string least = "torch.sub(-" + most + ", 1)";
  EXPECT_NE(narrow("torch.floordiv(" + least + ", -1)").find("beyond 64 bits"), std::string::npos);
  EXPECT_NE(narrow("torch.neg(" + least + ")").find("beyond 64 bits"), std::string::npos);
  EXPECT_NE(narrow("torch.floordiv(1, 0)").find("a division by zero"), std::string::npos);
}

TEST(TorchscriptImporter, EveryNameOfATensorSeesWhatIsDoneInPlace) {
  EXPECT_EQ(Last("y = x\n_0 = torch.relu_(y)\nreturn torch.tanh(x)\n"), "Unary(%relu) kind=tanh");
  EXPECT_EQ(Last("y = torch.clone(x)\n_0 = torch.relu_(y)\nreturn torch.tanh(x)\n"),
            "Unary(%x) kind=tanh");
  EXPECT_EQ(Last("y = torch.view(x, [-1, 150528])\n_0 = torch.relu_(y)\nreturn torch.tanh(y)\n"),
            "Unary(%relu) kind=tanh");
  EXPECT_EQ(Error("y = torch.view(x, [-1, 150528])\n"
                  "_0 = torch.relu_(y)\n"
                  "return torch.tanh(x)\n"),
            "ERR_UNSUPPORTED: load: pytorch: code/__torch__.py:7: \"torch.tanh(x)\": a tensor that "
            "was changed in place through another view of it");
}

TEST(TorchscriptImporter, SeveralOutputsHaveNumbersOrTheirKeys) {
  const std::string pair = ArchiveWriter().ForwardText("return (torch.relu(x), None, x)\n");
  EXPECT_NE(pair.find("output %output0 f32[?,3,224,224]\noutput %output2 f32[?,3,224,224]\n"),
            std::string::npos)
      << pair;
  const std::string dict = ArchiveWriter().ForwardText("return {\"logits\": x}\n");
  EXPECT_NE(dict.find("output %logits f32[?,3,224,224]\n"), std::string::npos) << dict;
  EXPECT_EQ(Error("return 1\n"), "ERR_UNSUPPORTED: load: pytorch: forward gives an integer");
}

TEST(TorchscriptImporter, StridedWeightsAreReadAsTheyStand) {
  std::string bytes;
  for (uint64_t i = 0; i < 6; ++i) bytes += LittleEndian(i, 8);
  ArchiveWriter archive;
  archive.Storage("l", bytes);
  archive.Attribute("list", pickle::Tensor("l", {3}, {2}, 1, "LongStorage"));
  const std::string text = archive.ForwardText("return torch.expand(x, [1, 3, 224, 224])\n");
  EXPECT_NE(text.find("output"), std::string::npos) << text;
  const std::string constant = archive.ForwardText("return (x, self.list)\n");
  EXPECT_NE(constant.find("%list = const i64[3] {1,3,5}"), std::string::npos) << constant;
}

TEST(TorchscriptImporter, WeightsOutsideOfTheirStorageAreRefused) {
  for (const std::string& tensor :
       {pickle::Tensor("w", {4}), pickle::Tensor("w", {3}, {1}, 1), pickle::Tensor("w", {2}, {3}),
        pickle::Tensor("w", {2}, {-1}), pickle::Tensor("absent", {1}),
        pickle::Tensor("w", {2, 2}, {int64_t{1} << 30, 1})}) {
    ArchiveWriter archive;
    archive.Storage("w", ArchiveWriter::Floats(3)).Attribute("w", tensor);
    const std::string error = Error("return torch.mul(x, self.w)\n", archive);
    EXPECT_EQ(error.rfind("ERR_INVALID_MODEL: load: pytorch: code/__torch__.py:5: ", 0), 0u)
        << error;
  }
  ArchiveWriter wide;
  wide.Storage("w", ArchiveWriter::Floats(1));
  wide.Attribute("w", pickle::Tensor("w", {1 << 15, 1 << 15}, {0, 0}));
  EXPECT_NE(Error("return torch.mul(x, self.w)\n", wide).find("many times larger than the file"),
            std::string::npos);
  ArchiveWriter other;
  other.Storage("w", ArchiveWriter::Floats(1));
  other.Attribute("w", pickle::Tensor("w", {1}, {1}, 0, "BFloat16Storage"));
  EXPECT_NE(Error("return torch.mul(x, self.w)\n", other).find("ERR_UNSUPPORTED"),
            std::string::npos);
}

TEST(TorchscriptErrors, NameTheLineAndTheExpression) {
  const std::string at = "load: pytorch: code/__torch__.py:5: ";
  EXPECT_EQ(Error("return torch.relu(torch.argsort(x))\n"),
            "ERR_UNSUPPORTED: " + at + "\"torch.argsort(x)\": the operator is not supported");
  EXPECT_EQ(Error("return torch.relu(y)\n"),
            "ERR_INVALID_MODEL: " + at +
                "\"torch.relu(y)\": argument \"self\" is a function or class, a tensor was "
                "expected");
  EXPECT_EQ(Error("return torch.relu(self.weight)\n"),
            "ERR_INVALID_MODEL: " + at + "\"self.weight\": there is no attribute \"weight\"");
  EXPECT_EQ(Error("if torch.eq(torch.size(x, 0), 1):\n  pass\nreturn x\n"),
            "ERR_UNSUPPORTED: " + at +
                "\"torch.eq(torch.size(x, 0), 1)\": what it gives is not known before run time");
  EXPECT_EQ(Error("if x:\n  pass\nreturn x\n"),
            "ERR_UNSUPPORTED: " + at +
                "\"x\": a branch depends on a tensor, which is not known before run time");
  EXPECT_EQ(Error("ops.prim.RaiseException(\"AssertionError: \")\nreturn x\n"),
            "ERR_UNSUPPORTED: " + at +
                "\"ops.prim.RaiseException(\"AssertionError: \")\": the program raises "
                "\"AssertionError: \"");
  EXPECT_EQ(Error("return torch.conv2d(x, torch.ones([1]))\n"),
            "ERR_UNSUPPORTED: " + at + "\"torch.ones([1])\": the operator is not supported");
  EXPECT_EQ(Error("return torch.reshape(x, [7])\n").rfind("ERR_INVALID_MODEL: " + at, 0), 0u);
}

TEST(TorchscriptErrors, OtherZipFilesAreTold) {
  EXPECT_EQ(ImportText(ZipWriter().Stored("a.txt", "text").Bytes()),
            "ERR_INVALID_MODEL: load: pytorch: it is a zip file without data.pkl");
  EXPECT_EQ(ImportText(ZipWriter().Stored("net/data.pkl", pickle::Whole("}")).Bytes()),
            "ERR_UNSUPPORTED: load: pytorch: it holds weights without a program; save the module "
            "with torch.jit.trace or torch.jit.script and torch.jit.save");
  EXPECT_EQ(
      ImportText(ArchiveWriter().BytesOf(ArchiveWriter::NetWith("return x\n"), pickle::Whole("}"))),
      "ERR_INVALID_MODEL: load: pytorch: its data are a dict");
}

TEST(TorchscriptErrors, ForwardTakesOneTensor) {
  const auto with = [](const std::string& parameters) {
    return ImportText(
        ArchiveWriter().Bytes("class Net(Module):\n  def forward(self: __torch__.Net" + parameters +
                              ") -> Tensor:\n    return x\n"));
  };
  EXPECT_EQ(with(", x: Tensor, y: Tensor"),
            "ERR_UNSUPPORTED: load: pytorch: forward takes more than one tensor");
  EXPECT_EQ(with(", x: List[Tensor]"),
            "ERR_UNSUPPORTED: load: pytorch: forward takes \"x\": \"List[Tensor]\"; one tensor is "
            "supported");
  EXPECT_EQ(with(""), "ERR_UNSUPPORTED: load: pytorch: forward takes no tensor");
  EXPECT_EQ(with(", x: Tensor, y: Optional[Tensor]=None").rfind("input %x", 0), 0u);
  EXPECT_EQ(ImportText(ArchiveWriter().Bytes("class Net(Module):\n  training : bool\n")),
            "ERR_UNSUPPORTED: load: pytorch: it has no method forward");
}

TEST(TorchscriptErrors, WhatDoesNotEndIsEnded) {
  const std::string endless = Error("while True:\n  pass\nreturn x\n");
  EXPECT_NE(endless.find("the program takes more than 4000000 steps to trace"), std::string::npos)
      << endless;
  EXPECT_NE(
      Error("for i in range(9223372036854775807):\n  pass\nreturn x\n").find("steps to trace"),
      std::string::npos);
  EXPECT_NE(Error("while True:\n  x = torch.relu(x)\nreturn x\n").find("more than 16384 operators"),
            std::string::npos);
  EXPECT_NE(Error("l = [1]\nwhile True:\n  l = torch.add(l, l)\nreturn x\n").find("values"),
            std::string::npos);
  EXPECT_NE(Error("l = [1]\nfor i in l:\n  _0 = torch.append(l, 1)\nreturn x\n").find("steps"),
            std::string::npos);
  EXPECT_NE(Error("return (self).forward(x, )\n").find("nested more than 400 deep"),
            std::string::npos);
  EXPECT_NE(
      Error("while True:\n  x = torch.upsample_bilinear2d(x, [2000, 2000], False)\nreturn x\n")
          .find("constants of more than"),
      std::string::npos);
}

TEST(TorchscriptErrors, ModulesInACircleAreCalledAsDeepAsTheLimit) {
  // self.inner is the module itself
  const std::string data = "\x80\x02" + pickle::Global("__torch__", "Net") + ")\x81q\x01}(" +
                           pickle::Text("inner") + "h\x01ub.";
  const std::string text = ImportText(ArchiveWriter().BytesOf(
      ArchiveWriter::NetWith("inner = self.inner\nreturn (inner).forward(x, )\n"), data));
  EXPECT_NE(text.find("nested more than 400 deep"), std::string::npos) << text;
}

TEST(TorchscriptErrors, EveryTruncationIsRefused) {
  const std::string bytes = ConvArchive().Forward(kConvBody);
  for (size_t size = 4; size < bytes.size(); ++size) {
    const std::string cut(bytes, 0, size);
    const StatusOr<ImportedModel> model = ImportModel({AsBytes(cut)}, "pytorch");
    ASSERT_FALSE(model.ok()) << size << " of " << bytes.size();
    EXPECT_EQ(model.status().code(), StatusCode::kInvalidModel) << model.status().message();
  }
}

TEST(TorchscriptErrors, EveryFlippedBitIsImportedOrRefused) {
  const std::string bytes = ConvArchive().Forward(kConvBody);
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const StatusOr<ImportedModel> model = ImportModel({AsBytes(flipped)}, "pytorch");
    ASSERT_TRUE(model.ok() || model.status().code() != StatusCode::kInternal)
        << bit << ": " << model.status().message();
  }
}

}  // namespace
}  // namespace minnow::importers::torchscript
