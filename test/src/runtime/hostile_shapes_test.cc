// Does every format refuse or survive sizes at the edges, in every position of the operators that
// multiply them: convolution, pool, fully connected, reshape? What is allowed is compiled and run.
#include <gtest/gtest.h>

#include "importers/openvino/ir_writer.h"
#include "importers/small_networks.h"
#include "runtime/use_model.h"

namespace minnow::runtime {
namespace {

using importers::Files;
using importers::Ints;
using importers::ProtoWriter;

constexpr int64_t kEdges[] = {0,
                              1,
                              -1,
                              (int64_t{1} << 31) - 1,
                              int64_t{1} << 31,
                              (int64_t{1} << 32) - 1,
                              std::numeric_limits<int64_t>::max(),
                              std::numeric_limits<int64_t>::min()};

// The numbers of a small network, some of which the table replaces.
struct Numbers {
  Ints input = {1, 2, 6, 6};
  Ints weights = {4, 2, 3, 3};
  Ints kernel = {3, 3};
  Ints strides = {1, 1};
  Ints pads = {1, 1, 1, 1};
  Ints dilations = {1, 1};
  Ints target = {1, -1};
  Ints groups = {1};
};
constexpr Ints Numbers::*kLists[] = {&Numbers::input,   &Numbers::weights, &Numbers::kernel,
                                     &Numbers::strides, &Numbers::pads,    &Numbers::dilations,
                                     &Numbers::target,  &Numbers::groups};

std::string Joined(const Ints& numbers) {
  std::string text;
  for (const int64_t number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
  return text;
}

// Weights are inputs here, so that no size of theirs has to be in the file as elements.
std::vector<Files> OnnxFiles(const Numbers& n) {
  using namespace importers::onnx_test;  // NOLINT: the builders' language
  namespace onnx = importers::onnx_test;
  const std::vector<ProtoWriter> window = {
      IntsAttr("kernel_shape", n.kernel), IntsAttr("strides", n.strides), IntsAttr("pads", n.pads),
      IntsAttr("dilations", n.dilations), IntAttr("group", n.groups[0])};
  const auto file = [&n](const char* op, const importers::Names& inputs,
                         const std::vector<ProtoWriter>& attributes) {
    return Files{onnx::Model(13)
                     .Input("x", n.input)
                     .Input("w", n.weights)
                     .List("target", n.target)
                     .Node(op, inputs, {"y"}, attributes)
                     .Output("y")
                     .Serialize()};
  };
  return {file("Conv", {"x", "w"}, window),
          file("ConvTranspose", {"x", "w"}, window),
          file("MaxPool", {"x"}, window),
          file("AveragePool", {"x"}, window),
          file("Reshape", {"x", "target"}, {}),
          file("Expand", {"x", "target"}, {}),
          file("Flatten", {"x"}, {IntAttr("axis", n.groups[0])}),
          file("MatMul", {"x", "w"}, {}),
          file("Gemm", {"x", "w"}, {})};
}

std::vector<Files> TensorflowFiles(const Numbers& n) {
  using namespace importers::tf_test;  // NOLINT: the builders' language
  const std::vector<Attr> window = {IntsAttr("strides", {1, n.strides[0], n.strides[1], 1}),
                                    IntsAttr("ksize", {1, n.kernel[0], n.kernel[1], 1}),
                                    IntsAttr("dilations", {1, n.dilations[0], n.dilations[1], 1}),
                                    TextAttr("padding", n.pads[0] == 1 ? "SAME" : "VALID")};
  const auto file = [&n](const char* op, const importers::Names& inputs,
                         const std::vector<Attr>& attributes) {
    return Files{Graph()
                     .Input("x", n.input)
                     .Input("w", n.weights)
                     .List("target", n.target)
                     .Node("y", op, inputs, attributes)
                     .Serialize()};
  };
  return {file("Conv2D", {"x", "w"}, window),   file("DepthwiseConv2dNative", {"x", "w"}, window),
          file("MaxPool", {"x"}, window),       file("AvgPool", {"x"}, window),
          file("Reshape", {"x", "target"}, {}), file("Fill", {"target", "w"}, {}),
          file("MatMul", {"x", "w"}, {})};
}

std::vector<Files> OpenvinoFiles(const Numbers& n) {
  using importers::openvino_test::From;
  using importers::openvino_test::Ir;
  const std::string window = "kernel=\"" + Joined(n.kernel) + "\" strides=\"" + Joined(n.strides) +
                             "\" dilations=\"" + Joined(n.dilations) + "\" pads_begin=\"" +
                             Joined({n.pads[0], n.pads[1]}) + "\" pads_end=\"" +
                             Joined({n.pads[2], n.pads[3]}) + "\" auto_pad=\"explicit\"";
  const auto file = [&n](const char* op, const std::string& data, int second) {
    Ir ir;
    std::vector<From> from = {ir.Parameter("x", Joined(n.input))};
    if (second == 1) from.push_back(ir.Parameter("w", Joined(n.weights)));
    if (second == 2) from.push_back(ir.Ints(n.target));
    ir.Result(ir.Add(op, "y", "opset1", data, from, 1));
    return Files{ir.Xml(), ir.Bin()};
  };
  return {file("Convolution", window, 1),
          file("GroupConvolution", window, 1),
          file("MaxPool", window, 0),
          file("AvgPool", window + " exclude-pad=\"true\"", 0),
          file("Reshape", "special_zero=\"true\"", 2),
          file("Broadcast", "", 2),
          file("MatMul", "transpose_b=\"true\"", 1)};
}

// 32 bits is what this format has for a size.
std::vector<Files> TfliteFiles(const Numbers& n) {
  using importers::tflite::TableWriter;
  const auto narrow = [](int64_t number) { return static_cast<int32_t>(number); };
  const auto list = [&narrow](const Ints& numbers) {
    std::vector<int32_t> narrowed;
    for (const int64_t number : numbers) narrowed.push_back(narrow(number));
    return narrowed;
  };
  const int32_t h = narrow(n.strides[0]), w = narrow(n.strides[1]);
  const auto file = [&](int code, int inputs, const TableWriter& options) {
    importers::tflite::ModelWriter model;
    std::vector<int32_t> from = {model.Input("x", list(n.input))};
    if (inputs == 2) from.push_back(model.Input("w", list(n.weights)));
    const int32_t y = model.Output("y", list(n.target));
    model.Operator(code, from, {y}, options);
    return Files{model.Bytes()};
  };
  const TableWriter pool = TableWriter().U8(0, 0).S32(1, w).S32(2, h).S32(3, narrow(n.kernel[1]));
  const TableWriter dilated = TableWriter().U8(0, 0).S32(1, w).S32(2, h);
  return {file(3, 2, TableWriter(dilated).S32(4, narrow(n.dilations[1]))),
          file(4, 2, TableWriter(dilated).S32(3, narrow(n.groups[0]))),
          file(1, 1, TableWriter(pool).S32(4, narrow(n.kernel[0]))),
          file(17, 1, TableWriter(pool).S32(4, narrow(n.kernel[0]))),
          file(22, 1, TableWriter().Numbers(0, list(n.target))),
          file(9, 2, TableWriter().U8(0, 0))};
}

struct Format {
  const char* name;
  std::vector<Files> (*files)(const Numbers&);
};

class HostileShape : public testing::TestWithParam<Format> {
 protected:
  // How many of the files work.
  int Try(const Numbers& numbers, const std::string& what) {
    int working = 0, index = 0;
    for (const Files& files : GetParam().files(numbers)) {
      const Status status = Use(files, GetParam().name);
      EXPECT_TRUE(status.ok() || IsOfFile(status.code()))
          << what << ", file " << index << ": " << StatusCodeName(status.code()) << ": "
          << status.message();
      working += status.ok() ? 1 : 0;
      ++index;
    }
    return working;
  }
};

TEST_P(HostileShape, AnyNumberInAnyPosition) {
  EXPECT_GT(Try(Numbers(), "as they should be"), 2);
  int refused = 0;
  for (Ints Numbers::*list : kLists) {
    for (size_t at = 0; at < (Numbers().*list).size(); ++at) {
      for (const int64_t edge : kEdges) {
        Numbers numbers;
        (numbers.*list)[at] = edge;
        const std::string what = Joined(numbers.*list);
        refused += Try(numbers, what) == 0 ? 1 : 0;
      }
    }
  }
  EXPECT_GT(refused, 0);
  EXPECT_TRUE(IsWithinMemory()) << MostResidentBytes();
}

// Two at a time, in each list: products that overflow only together.
TEST_P(HostileShape, AnyTwoNumbersOfAList) {
  for (Ints Numbers::*list : kLists) {
    const size_t size = (Numbers().*list).size();
    for (size_t first = 0; first < size; ++first) {
      for (size_t second = first + 1; second < size; ++second) {
        for (const int64_t a : kEdges) {
          for (const int64_t b : {int64_t{0}, (int64_t{1} << 31) - 1, int64_t{1} << 31}) {
            Numbers numbers;
            (numbers.*list)[first] = a;
            (numbers.*list)[second] = b;
            Try(numbers, Joined(numbers.*list));
          }
        }
      }
    }
  }
  EXPECT_TRUE(IsWithinMemory()) << MostResidentBytes();
}

INSTANTIATE_TEST_SUITE_P(Format, HostileShape,
                         testing::Values(Format{"onnx", OnnxFiles},
                                         Format{"tensorflow", TensorflowFiles},
                                         Format{"openvino", OpenvinoFiles},
                                         Format{"tflite", TfliteFiles}),
                         [](const auto& format) { return std::string(format.param.name); });

}  // namespace
}  // namespace minnow::runtime
