// A small network in every format, and a file for each operator that it knows.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "importers/small_networks.h"
#include "seeds.h"

namespace minnow::fuzz {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

std::string ReadFile(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// The words between `open` and `close` in the sources of a format, sorted, each once.
Texts WordsBetween(const std::string& open, const std::string& close, const std::string& repository,
                   const char* format) {
  const auto is_word = [](char c) {
    return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
  };
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator(repository + "/src/importers/" + format)) {
    const std::string text = ReadFile(entry.path());
    for (size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
      const auto first = text.begin() + static_cast<std::ptrdiff_t>(at + open.size());
      const std::string word(first, std::find_if_not(first, text.end(), is_word));
      const size_t end = at + open.size() + word.size();
      const bool whole = !word.empty() && text.compare(end, close.size(), close) == 0;
      if (whole) found.insert(word);
      at = whole ? end + close.size() : at + 1;
    }
  }
  return {found.begin(), found.end()};
}

// The names in the tables of operators, and every word that an importer looks for.
Texts Operators(const std::string& repository, const char* format) {
  return WordsBetween("{\"", "\", ", repository, format);
}
Texts Words(const std::string& repository, const char* format) {
  return WordsBetween("\"", "\"", repository, format);
}

Texts SeedFiles(const std::string& repository, const char* folder) {
  Texts files;
  for (const auto& entry : fs::directory_iterator(repository + "/test/fuzz/" + folder)) {
    files.push_back(ReadFile(entry.path()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

Target Onnx(const std::string& repository) {
  using namespace importers::onnx_test;  // NOLINT: the builders' language
  Target target{"onnx", importers::OnnxFile(), Words(repository, "onnx")};
  const importers::Names more[] = {{}, {"w"}, {"l"}, {"w", "b"}, {"l", "l", "l"}, {"s", "z", "b"}};
  for (const std::string& op : Operators(repository, "onnx")) {
    for (const importers::Names& rest : more) {
      importers::Names inputs = {"x"};
      inputs.insert(inputs.end(), rest.begin(), rest.end());
      target.seeds.push_back(Model(rest.size() == 2 ? 9 : 18)
                                 .Input("x", {-1, 2, 6, 6})
                                 .Weights("w", {2, 2, 3, 3})
                                 .Weights("b", {2})
                                 .Weights("s", {})
                                 .List("l", {1, 1, 2, 2})
                                 .Initializer(TensorHead("z", kU8, {}).Int(5, 3))
                                 .Node(op.c_str(), inputs, {"y"},
                                       {IntAttr("axis", 1), IntsAttr("kernel_shape", {3, 3}),
                                        IntAttr("to", 1), IntsAttr("axes", {2, 3}),
                                        IntsAttr("pads", {1, 1, 1, 1}), IntAttr("keepdims", 0)})
                                 .Output("y")
                                 .Serialize());
    }
  }
  return target;
}

Target Tensorflow(const std::string& repository) {
  using namespace importers::tf_test;  // NOLINT: the builders' language
  Target target{"tensorflow", importers::TensorflowFile(), Words(repository, "tensorflow")};
  const importers::Names more[] = {{}, {"w"}, {"l"}, {"l", "l", "l"}, {"b", "b", "b", "b"}};
  for (const std::string& op : Operators(repository, "tensorflow")) {
    for (const importers::Names& rest : more) {
      importers::Names inputs = {"x"};
      inputs.insert(inputs.end(), rest.begin(), rest.end());
      target.seeds.push_back(
          Graph()
              .Input("x", {-1, 6, 6, 2})
              .Weights("w", {3, 3, 2, 2})
              .Weights("b", {2})
              .List("l", {1, 2})
              .Node("y", op.c_str(), inputs,
                    {IntsAttr("strides", {1, 1, 1, 1}), IntsAttr("ksize", {1, 2, 2, 1}),
                     TextAttr("padding", "SAME"), TypeAttr("T", kF32), IntAttr("N", 2),
                     IntAttr("num_split", 2), BoolAttr("keep_dims", true)})
              .Serialize());
    }
  }
  return target;
}

// One operator on floats, or on bytes with weights of a scale a channel. A list in place of weights
// is what others take.
std::string TfliteOperator(int code, size_t inputs, bool is_quantized, bool has_list) {
  namespace tflite = importers::tflite;
  const tflite::Scales one = {{0.5f}, {128}}, channels = {{0.5f, 0.25f}, {0, 0}, 0};
  const tflite::Scales none, own = is_quantized ? one : none;
  const int type = is_quantized ? tflite::kU8 : tflite::kF32;
  tflite::ModelWriter model;
  std::vector<int32_t> list = {model.Input("x", {1, 6, 6, 2}, type, own)};
  if (has_list) {
    list.push_back(model.Constant("w", {4}, tflite::kS32, std::vector<int32_t>{1, 1, 2, 2}));
  } else if (is_quantized) {
    const std::vector<int8_t> weights(36, 3);
    list.push_back(model.Constant("w", {2, 3, 3, 2}, tflite::kS8, weights, channels));
  } else {
    const std::vector<float> weights(36, 0.5f);
    list.push_back(model.Constant("w", {2, 3, 3, 2}, type, weights));
  }
  list.push_back(is_quantized ? model.Constant("b", {2}, tflite::kS32, std::vector<int32_t>{1, 2})
                              : model.Constant("b", {2}, tflite::kF32, std::vector<float>{1, 2}));
  list.resize(inputs);
  const int32_t y = model.Output("y", {1, 6, 6, 2}, type, own);
  model.Operator(code, list, {y},
                 tflite::TableWriter().U8(0, 0).S32(1, 1).S32(2, 1).S32(3, 2).S32(4, 2).U8(5, 1));
  return model.Bytes();
}

Target Tflite() {
  Target target{"tflite", importers::TfliteFile(), {"TFL3"}};
  for (int code = 0; code <= 160; ++code) {
    for (const size_t inputs : {1, 2, 3}) {
      const bool has_list = (static_cast<size_t>(code) + inputs) % 2 == 0;
      target.seeds.push_back(TfliteOperator(code, inputs, false, has_list));
      target.seeds.push_back(TfliteOperator(code, inputs, true, has_list));
    }
  }
  return target;
}

Target Openvino(const std::string& repository) {
  Target target{"openvino", SeedFiles(repository, "openvino"), Words(repository, "openvino")};
  for (const char* word : {"<layer ", "<edge ", "<port id=\"", "<dim>", "</dim>", "?,", "opset1"}) {
    target.words.emplace_back(word);
  }
  const auto add = [&target](const std::string& xml, const std::string& bin) {
    target.seeds.push_back(xml + '\0' + bin);
  };
  const importers::Files network = importers::OpenvinoFile();
  add(network[0], network[1]);
  for (const std::string& op : Operators(repository, "openvino")) {
    for (const size_t inputs : {1, 2, 3, 4}) {
      importers::openvino_test::Ir ir;
      std::vector<importers::openvino_test::From> from = {ir.Parameter("x", "?,2,6,6")};
      from.push_back(inputs == 2 && op.size() % 2 == 0
                         ? ir.Floats("2,2,3,3", std::vector<float>(36, 0.5f))
                         : ir.Ints({1, 2}));
      from.push_back(ir.Float(1));
      from.push_back(ir.Float(2));
      from.resize(inputs);
      ir.Result(ir.Add(op, "y", inputs == 4 ? "opset4" : "opset1",
                       std::string(importers::kWindow) +
                           " kernel=\"3,3\" axis=\"1\" min=\"0\" max=\"6\" keep_dims=\"true\"",
                       from, 1));
      add(ir.Xml(), ir.Bin());
    }
  }
  return target;
}

Target Torchscript(const std::string& repository) {
  using importers::torchscript::ArchiveWriter;
  namespace pickle = importers::torchscript::pickle;
  Target target{"torchscript", SeedFiles(repository, "torchscript"),
                Words(repository, "torchscript")};
  target.seeds.push_back(pickle::Whole(pickle::Object(
      "__torch__", "Net",
      {{"w", pickle::Tensor("0", {4, 3, 3, 3})},
       {"b", pickle::Tensor("1", {4})},
       {"n", pickle::Tuple({pickle::Int(1), pickle::Bool(true), pickle::Text("t")})}})));
  const char* const arguments[] = {"x",
                                   "x, self.w",
                                   "x, self.w, self.b",
                                   "x, 1",
                                   "x, [1, 1]",
                                   "x, [2, 2], [1, 1]",
                                   "x, 1, 2, 1",
                                   "[x, x], 1",
                                   "x, None, 0.5",
                                   "x, [1], True",
                                   "x, [2, 2], False, None"};
  for (const std::string& op : Operators(repository, "torchscript")) {
    for (const char* list : arguments) {
      target.seeds.push_back(ArchiveWriter::NetWith("return torch." + op + "(" + list + ")\n"));
    }
  }
  return target;
}

Target TorchscriptArchive() {
  using importers::torchscript::ArchiveWriter;
  Target target{"torchscript_archive",
                importers::TorchscriptFile(),
                {"PK\x01\x02", "PK\x03\x04", "PK\x05\x06", "PK\x06\x06", "PK\x06\x07",
                 "net/data.pkl", "net/constants.pkl", "net/code/__torch__.py", "net/data/0"}};
  const std::string data = importers::torchscript::pickle::Whole(
      importers::torchscript::pickle::Object("__torch__", "Net", {}));
  importers::torchscript::ZipWriter zip;
  zip.Stored("net/code/__torch__.py", ArchiveWriter::NetWith("return torch.relu(x)\n"))
      .Stored("net/data.pkl", data)
      .Stored("net/constants.pkl", importers::torchscript::pickle::Whole(")"))
      .Stored("net/version", "3\n");
  target.seeds.push_back(zip.Bytes());
  target.seeds.push_back(zip.Zip64Bytes());
  target.seeds.push_back(
      ArchiveWriter()
          .Weights("m", {5, 3})
          .Constant("LongStorage", std::string(8, '\1'))
          .Source("__torch__/layers.py", "class Other(Module):\n  training : bool\n")
          .Forward("return torch.linear(x, self.m, None)\n"));
  return target;
}

}  // namespace

std::vector<Target> ModelTargets(const std::string& repository) {
  return {Onnx(repository),     Tensorflow(repository),  Tflite(),
          Openvino(repository), Torchscript(repository), TorchscriptArchive()};
}

}  // namespace minnow::fuzz
