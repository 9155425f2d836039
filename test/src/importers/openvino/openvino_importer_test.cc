// Does an OpenVINO IR become the graph that it describes, and a bad one an error that says why?
#include "importers/openvino/openvino_importer.h"

#include <gtest/gtest.h>

#include "importers/import_context.h"
#include "importers/openvino/ir_writer.h"

namespace minnow::importers {
namespace {

using openvino_test::From;
using openvino_test::Ir;

constexpr const char* kConvAttributes =
    "strides=\"2,2\" dilations=\"1,1\" pads_begin=\"0,0\" pads_end=\"1,1\" auto_pad=\"explicit\"";

Ir SmallNetwork() {
  Ir ir(10);
  const From x = ir.Parameter("x", "?,3,8,8");
  const From weights = ir.Floats("4,3,3,3", std::vector<float>(108, 0.5f));
  const From conv = ir.Add("Convolution", "conv", "opset1", kConvAttributes, {x, weights}, 1);
  const From relu = ir.Add("ReLU", "relu", "opset1", "", {conv}, 1);
  const From mean =
      ir.Add("ReduceMean", "mean", "opset1", "keep_dims=\"false\"", {relu, ir.Ints({2, 3})}, 1);
  ir.Result(mean);
  return ir;
}

Status ImportStatus(const std::string& xml, const std::string& bin) {
  return ImportModel({AsBytes(xml), AsBytes(bin)}, "openvino").status();
}

// The network with one layer, whose text takes the place of "<layer/>".
std::string Error(const std::string& layers, const std::string& edges = "",
                  const std::string& bin = "") {
  const Status status = ImportStatus(
      "<net version=\"11\"><layers>" + layers + "</layers><edges>" + edges + "</edges></net>", bin);
  return std::string(StatusCodeName(status.code())) + ": " + status.message();
}

TEST(OpenvinoImporter, BringsANetworkAsItIs) {
  EXPECT_EQ(SmallNetwork().Text(),
            "input %x f32[?,3,8,8]\n"
            "%const1 = const f32[4,3,3,3]\n"
            "%conv f32[?,4,4,4] = Conv2D(%x, %const1) stride=2x2 pad=0,0,1,1 layout=nchw "
            "weights=oihw  # conv\n"
            "%relu f32[?,4,4,4] = Clamp(%conv) min=0  # relu\n"
            "%mean f32[?,4] = Reduce(%relu) kind=mean axes=[2,3] drop_dims  # mean\n"
            "output %mean f32[?,4]\n");
}

TEST(OpenvinoImporter, TheTensorsNameComesBeforeTheLayers) {
  Ir ir;
  const From x =
      ir.Add("Parameter", "p", "opset1", "element_type=\"f32\" shape=\"2\"", {}, 1, "input,alias");
  ir.Result(ir.Add("Abs", "layer &amp; 1", "opset1", "", {x}, 1, "output"));
  EXPECT_EQ(ir.Text(),
            "input %input f32[2]\n%output f32[2] = Unary(%input) kind=abs  # layer & 1\n"
            "output %output f32[2]\n");
}

TEST(OpenvinoImporter, NamesAreMadeUnique) {
  Ir ir;
  const From x = ir.Parameter("a", "2");
  const From y = ir.Add("Abs", "a", "opset1", "", {x}, 1);
  ir.Result(ir.Add("Sqrt", "", "opset1", "", {y}, 1));
  EXPECT_EQ(ir.Text(),
            "input %a f32[2]\n%a#1 f32[2] = Unary(%a) kind=abs  # a\n"
            "%#2 f32[2] = Unary(%a#1) kind=sqrt  # #2\noutput %#2 f32[2]\n");
}

TEST(OpenvinoImporter, TwoResultsOfOneValueAreTwoOutputs) {
  Ir ir;
  const From x = ir.Parameter("x", "2");
  const From y = ir.Add("Abs", "y", "opset1", "", {x}, 1);
  ir.Result(y, "first").Result(y, "second").Result(x, "third");
  const std::string text = ir.Text();
  EXPECT_NE(text.find("output %y f32[2]\noutput %second f32[2]\n"), std::string::npos) << text;
}

TEST(OpenvinoImporter, LayersMayStandInAnyOrder) {
  const std::string text =
      "<layer id=\"7\" name=\"r\" type=\"Result\" version=\"opset1\"><input><port "
      "id=\"0\"/></input>"
      "</layer><layer id=\"5\" name=\"y\" type=\"Abs\" version=\"opset1\"><input><port id=\"0\"/>"
      "</input><output><port id=\"1\"/></output></layer><layer id=\"3\" name=\"x\" "
      "type=\"Parameter\" version=\"opset1\"><data element_type=\"f16\" shape=\"1..4,?\"/><output>"
      "<port id=\"0\"/></output></layer>";
  const std::string xml =
      "<net version=\"11\"><edges><edge from-layer=\"5\" from-port=\"1\" to-layer=\"7\" "
      "to-port=\"0\"/><edge from-layer=\"3\" from-port=\"0\" to-layer=\"5\" to-port=\"0\"/></edges>"
      "<layers>" +
      text + "</layers></net>";
  EXPECT_EQ(ImportText({AsBytes(xml), {}}),
            "input %x f32[?,?]\n%y f32[?,?] = Unary(%x) kind=abs  # y\noutput %y f32[?,?]\n");
}

TEST(OpenvinoImporter, ConstantsOfEveryTypeHaveTheirValues) {
  const struct {
    const char* type;
    std::string bytes;
    const char* dtype;
    double value;
  } cases[] = {
      {"f32", std::string("\0\0\xc0\x3f", 4), "f32", 1.5},
      {"f16", std::string("\x00\x3e", 2), "f32", 1.5},
      {"f16", std::string("\x01\x80", 2), "f32", -5.9604644775390625e-08},
      {"bf16", std::string("\xc0\xbf", 2), "f32", -1.5},
      {"f64", std::string("\0\0\0\0\0\0\xf8\x3f", 8), "f32", 1.5},
      {"i8", "\xff", "i8", -1},
      {"u8", "\xff", "u8", 255},
      {"i16", "\xfe\xff", "i16", -2},
      {"i32", "\xfe\xff\xff\xff", "i32", -2},
      {"u32", std::string("\x02\0\0\0", 4), "u32", 2},
      {"i64", std::string("\x07\0\0\0\0\0\0\0", 8), "i64", 7},
      {"boolean", "\x02", "bool", 1},
  };
  for (const auto& c : cases) {
    Ir ir;
    std::vector<uint8_t> bytes(c.bytes.begin(), c.bytes.end());
    ir.Result(ir.Const("", c.type, bytes));
    const StatusOr<ImportedModel> model =
        ImportModel({AsBytes(ir.Xml()), AsBytes(ir.Bin())}, "openvino");
    ASSERT_TRUE(model.ok()) << c.type << ": " << model.status().message();
    const graph::Graph& graph = model->graph;
    const Tensor* tensor = graph.ConstantOf(graph.ProducerOf(graph.outputs()[0])->inputs[0]);
    ASSERT_NE(tensor, nullptr);
    EXPECT_STREQ(DTypeName(tensor->dtype()), c.dtype);
    EXPECT_EQ(ScalarOf(*tensor), c.value) << c.type;
  }
}

TEST(OpenvinoImporter, ConstantsMustLieInTheFile) {
  const struct {
    const char* shape;
    const char* type;
    size_t offset, size;
    const char* error;
  } cases[] = {
      {"2", "f32", 1, 8, "it lies at 1 to 9 of a .bin of 8 bytes"},
      {"2", "f32", 1ull << 62, 8, "of a .bin of 8 bytes"},
      {"2", "f32", 0, 9, "the shape [2] of f32 needs 8 bytes, size is 9"},
      {"2,?", "f32", 0, 8, "a dimension of a constant is open"},
      {"4294967296", "u8", 0, 4294967296, "dimension 0 has the size 4294967296"},
      {"2000000000", "u8", 0, 2000000000, "of a .bin of 8 bytes"},
      {"16", "u4", 0, 8, "element type \"u4\" is not supported"},
  };
  for (const auto& c : cases) {
    Ir ir;
    ir.Floats("2", {1.0f, 2.0f});
    ir.Result(ir.Range(c.shape, c.type, c.offset, c.size));
    EXPECT_NE(ir.Text().find("constant \"const1\": "), std::string::npos) << ir.Text();
    EXPECT_NE(ir.Text().find(c.error), std::string::npos) << ir.Text();
  }
}

TEST(OpenvinoImporter, OverlappingConstantsStayWithinTheBudget) {
  Ir ir;
  const size_t size = size_t{8} << 20;
  ir.Const("8388608", "u8", std::vector<uint8_t>(size));
  for (size_t i = 1; i < 100; ++i) ir.Range(std::to_string(size - i), "u8", i, size - i);
  ir.Result(ir.Parameter("x", "1"));
  EXPECT_NE(ir.Text().find("the constants need far more memory than the .bin has bytes"),
            std::string::npos);
}

TEST(OpenvinoImporter, EqualRangesShareTheirMemory) {
  Ir ir;
  const size_t size = size_t{4} << 20;
  const From first = ir.Const("4194304", "u8", std::vector<uint8_t>(size));
  for (size_t i = 1; i < 200; ++i) ir.Range("2,2097152", "u8", 0, size);
  ir.Result(first);
  EXPECT_EQ(ir.Text().rfind("ERR_", 0), std::string::npos) << ir.Text();
}

TEST(OpenvinoImporter, UnknownOperatorsAreNamedTogether) {
  Ir ir;
  const From x = ir.Parameter("x", "2");
  const From a = ir.Add("Frobnicate", "one", "opset3", "", {x}, 1);
  const From b = ir.Add("Frobnicate", "two", "opset3", "", {a}, 1);
  const From c = ir.Add("ReLU", "three", "extension", "", {b}, 1);
  ir.Result(ir.Add("NonZero", "four", "", "", {c}, 1));
  EXPECT_EQ(ir.Text(),
            "ERR_UNSUPPORTED: load: openvino: operators that are not supported: Frobnicate "
            "(opset3, 2 nodes, first \"one\"); ReLU (extension, 1 node, \"three\"); NonZero (no "
            "version, 1 node, \"four\")");
}

TEST(OpenvinoImporter, SaysWhatIsWrongWithTheStructure) {
  const std::string abs =
      "<layer id=\"1\" name=\"y\" type=\"Abs\" version=\"opset1\"><input><port id=\"0\"/></input>"
      "<output><port id=\"1\"/></output></layer>";
  const auto edge = [](const char* from, const char* from_port, const char* to,
                       const char* to_port) {
    return std::string("<edge from-layer=\"") + from + "\" from-port=\"" + from_port +
           "\" to-layer=\"" + to + "\" to-port=\"" + to_port + "\"/>";
  };
  const std::string invalid = "ERR_INVALID_MODEL: load: openvino: ";
  EXPECT_EQ(Error(abs, edge("1", "1", "1", "0")), invalid + "layer \"y\" waits for its own result");
  EXPECT_EQ(Error(abs, edge("1", "1", "2", "0")),
            invalid +
                "an edge from port 1 of layer 1 to port 0 of layer 2: there is no such input "
                "port");
  EXPECT_EQ(Error(abs, edge("1", "5", "1", "0")),
            invalid +
                "an edge from port 5 of layer 1 to port 0 of layer 1: there is no such "
                "output port");
  EXPECT_EQ(Error(abs, edge("1", "x", "1", "0")),
            invalid + "<edge>: the attribute from-port is \"x\", a number was expected");
  EXPECT_EQ(Error(abs + abs), invalid + "two layers have the id 1");
  EXPECT_EQ(Error(abs), invalid + "node \"y\" (Abs): input 0 is missing");
  EXPECT_EQ(Error(""), invalid + "the network has no results");
  EXPECT_EQ(Error("<layer id=\"1\" name=\"y\"/>"), invalid + "layer \"y\": it has no type");
  EXPECT_EQ(Error("<layer name=\"y\"/>"),
            invalid + "layer \"\": <layer>: the attribute id is \"\", a number was expected");
}

TEST(OpenvinoImporter, OtherVersionsAreRefused) {
  for (const char* version : {"7", "12"}) {
    const Status status =
        ImportStatus("<net version=\"" + std::string(version) + "\"><layers/></net>", "");
    EXPECT_EQ(status.code(), StatusCode::kUnsupported);
    EXPECT_EQ(status.message(), "load: openvino: IR version " + std::string(version) +
                                    " is not supported (10 and 11 are)");
  }
}

TEST(OpenvinoImporter, EveryTruncationFailsCleanly) {
  const Ir ir = SmallNetwork();
  const std::string xml = ir.Xml(), bin = ir.Bin();
  for (size_t size = 0; size + 1 < xml.size(); ++size) {
    const Status status = ImportStatus(xml.substr(0, size), bin);
    ASSERT_EQ(status.code(), StatusCode::kInvalidModel) << size << ": " << status.message();
    EXPECT_EQ(status.message().rfind("load: openvino: ", 0), 0u) << status.message();
  }
  for (size_t size = 0; size < bin.size(); ++size) {
    ASSERT_EQ(ImportStatus(xml, bin.substr(0, size)).code(), StatusCode::kInvalidModel);
  }
}

TEST(OpenvinoImporter, NoFlippedBitOrReplacedByteCrashes) {
  const Ir ir = SmallNetwork();
  const std::string xml = ir.Xml();
  int imported = 0;
  for (size_t i = 0; i < xml.size(); ++i) {
    for (int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      std::string mutated = xml;
      mutated[i] = static_cast<char>(mutated[i] ^ flip);
      imported += ImportStatus(mutated, ir.Bin()).ok() ? 1 : 0;
    }
  }
  EXPECT_GT(imported, 0) << "flips inside names are harmless";
}

}  // namespace
}  // namespace minnow::importers
