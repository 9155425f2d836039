// Can a broken or malicious model file of any format crash, hang or exhaust the process? Files are
// imported, compiled and run; the sanitizer builds see what is read out of bounds.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <functional>
#include <random>

#include "importers/model_builders.h"
#include "importers/openvino/ir_writer.h"
#include "importers/tflite/flatbuffer_writer.h"
#include "importers/torchscript/archive_writer.h"
#include "runtime/session.h"

namespace minnow::runtime {
namespace {

using importers::Bytes;
using importers::openvino_test::From;
using importers::openvino_test::Ir;

using Files = std::vector<std::string>;

constexpr int64_t kMaxInputBytes = 1 << 20;
// What this process may hold at most, whatever a file of some kilobytes asks for.
constexpr int64_t kMaxResidentBytes = int64_t{1} << 30;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#elif defined(__has_feature)
constexpr bool kIsSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kIsSanitized = false;
#endif

int64_t MostResidentBytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

Status RunOnce(const std::shared_ptr<const Model>& model) {
  StatusOr<std::unique_ptr<Session>> session = Session::Create(model);
  if (!session.ok()) return session.status();
  for (size_t i = 0; i < model->inputs().size(); ++i) {
    const MutableTensorView input = (*session)->input(i);
    if (static_cast<int64_t>(input.size_bytes()) > kMaxInputBytes) return OkStatus();
    std::fill_n(static_cast<uint8_t*>(input.data), input.size_bytes(), uint8_t{1});
  }
  RunOptions options;
  options.threads = 1;
  return (*session)->Run(options);
}

// From bytes to a run.
Status Use(const Files& files, const char* format) {
  std::vector<Bytes> buffers;
  for (const std::string& file : files) buffers.push_back(importers::AsBytes(file));
  StatusOr<importers::ImportedModel> imported = importers::ImportModel(buffers, format);
  if (!imported.ok()) return imported.status();
  CompileOptions options;
  options.max_arena_bytes = size_t{64} << 20;
  StatusOr<std::shared_ptr<const Model>> model =
      Model::Compile(std::move(imported->graph), options);
  if (!model.ok()) return model.status();
  return RunOnce(*model);
}

bool IsOfFile(StatusCode code) {
  return code == StatusCode::kInvalidModel || code == StatusCode::kUnsupported ||
         code == StatusCode::kResourceExhausted;
}

// --- A small network in every format ------------------------------------------------------------

Files OnnxFile() {
  using namespace importers::onnx_test;  // NOLINT: the builders' language
  return {
      importers::onnx_test::Model(13)
          .Input("x", {-1, 3, 8, 8})
          .Weights("w", {4, 3, 3, 3})
          .Weights("d", {4, 1, 3, 3})
          .List("shape", {0, -1})
          .Node("Conv", {"x", "w"}, {"y"}, {IntsAttr("strides", {2, 2})})
          .Node("Relu", {"y"}, {"z"})
          .Node("Conv", {"z", "d"}, {"e"}, {IntAttr("group", 4), IntsAttr("pads", {1, 1, 1, 1})})
          .Node("Add", {"z", "e"}, {"s"})
          .Node("MaxPool", {"s"}, {"p"}, {IntsAttr("kernel_shape", {2, 2})})
          .Node("Reshape", {"p", "shape"}, {"r"})
          .Node("Softmax", {"r"}, {"out"}, {IntAttr("axis", 1)})
          .Output("out")
          .Serialize()};
}

Files TensorflowFile() {
  using namespace importers::tf_test;  // NOLINT: the builders' language
  return {importers::tf_test::Graph()
              .Input("x", {-1, 8, 8, 3})
              .Weights("w", {3, 3, 3, 4})
              .Weights("d", {3, 3, 4, 1})
              .List("axes", {1, 2})
              .Node("y", "Conv2D", {"x", "w"},
                    {IntsAttr("strides", {1, 2, 2, 1}), TextAttr("padding", "SAME")})
              .Node("z", "Relu6", {"y"})
              .Node("e", "DepthwiseConv2dNative", {"z", "d"},
                    {IntsAttr("strides", {1, 1, 1, 1}), TextAttr("padding", "SAME")})
              .Node("s", "Add", {"z", "e"})
              .Node("m", "Mean", {"s", "axes"}, {BoolAttr("keep_dims", false)})
              .Node("out", "Softmax", {"m"})
              .Serialize()};
}

Files TfliteFile() {
  using importers::tflite::TableWriter;
  importers::tflite::ModelWriter model;
  const importers::tflite::Scales scales = {{0.5f}, {128}};
  const int32_t x = model.Input("x", {1, 4, 4, 2}, importers::tflite::kU8, scales);
  const int32_t w =
      model.Constant("w", {3, 1, 1, 2}, importers::tflite::kS8,
                     std::vector<int8_t>{1, -2, 3, 4, 5, 6}, {{0.5f, 0.25f, 0.125f}, {0, 0, 0}, 0});
  const int32_t b = model.Constant("b", {3}, importers::tflite::kS32, std::vector<int32_t>{1, 2, 3},
                                   {{0.25f, 0.125f, 0.0625f}, {0, 0, 0}, 0});
  const int32_t y = model.Output("y", {1, 4, 4, 3}, importers::tflite::kU8, scales);
  const int32_t z = model.Output("z", {1, 2, 2, 3}, importers::tflite::kU8, scales);
  model.Operator(3, {x, w, b}, {y}, TableWriter().U8(0, 0).S32(1, 1).S32(2, 1).U8(3, 3));
  model.Operator(17, {y}, {z}, TableWriter().U8(0, 1).S32(1, 2).S32(2, 2).S32(3, 2).S32(4, 2));
  return {model.Bytes()};
}

constexpr const char* kWindow =
    "strides=\"1,1\" dilations=\"1,1\" pads_begin=\"1,1\" pads_end=\"1,1\" auto_pad=\"explicit\"";

Files OpenvinoFile() {
  Ir ir;
  const From x = ir.Parameter("x", "?,3,8,8");
  const From y = ir.Add("Convolution", "y", "opset1", kWindow,
                        {x, ir.Floats("4,3,3,3", std::vector<float>(108, 0.5f))}, 1);
  const From z = ir.Add("Clamp", "z", "opset1", "min=\"0\" max=\"6\"", {y}, 1);
  const From e = ir.Add("GroupConvolution", "e", "opset1", kWindow,
                        {z, ir.Floats("4,1,1,3,3", std::vector<float>(36, 0.5f))}, 1);
  const From s = ir.Add("Add", "s", "opset1", "", {z, e}, 1);
  const From m =
      ir.Add("ReduceMean", "m", "opset1", "keep_dims=\"false\"", {s, ir.Ints({2, 3})}, 1);
  ir.Result(ir.Add("SoftMax", "out", "opset1", "axis=\"1\"", {m}, 1));
  return {ir.Xml(), ir.Bin()};
}

Files TorchscriptFile() {
  return {importers::torchscript::ArchiveWriter()
              .Weights("w", {4, 3, 3, 3})
              .Forward("y = torch.relu(torch.conv2d(x, self.w, None, [16, 16]))\n"
                       "z = torch.adaptive_avg_pool2d(y, [1, 1])\n"
                       "return torch.softmax(torch.flatten(z, 1), 1)\n")};
}

struct Format {
  const char* name;
  Files (*small_network)();
};

class HostileModel : public testing::TestWithParam<Format> {
 protected:
  void TearDown() override {
    EXPECT_TRUE(kIsSanitized || MostResidentBytes() < kMaxResidentBytes) << MostResidentBytes();
  }

  // Uses the files; true where they still work. Every failure must be the file's.
  bool Works(const Files& files, const std::string& what) {
    const Status status = Use(files, GetParam().name);
    EXPECT_TRUE(status.ok() || IsOfFile(status.code()))
        << what << ": " << StatusCodeName(status.code()) << ": " << status.message();
    return status.ok();
  }
};

TEST_P(HostileModel, TheSoundFileWorks) {
  const Status status = Use(GetParam().small_network(), GetParam().name);
  EXPECT_TRUE(status.ok()) << status.message();
}

TEST_P(HostileModel, CutOffAnywhere) {
  const Files whole = GetParam().small_network();
  for (size_t file = 0; file < whole.size(); ++file) {
    for (size_t size = 0; size < whole[file].size(); ++size) {
      Files cut = whole;
      cut[file].resize(size);
      Works(cut, "cut to " + std::to_string(size));
    }
  }
}

TEST_P(HostileModel, OneByteReplaced) {
  const Files whole = GetParam().small_network();
  int working = 0;
  for (size_t file = 0; file < whole.size(); ++file) {
    for (size_t i = 0; i < whole[file].size(); ++i) {
      for (int change : {1 << (i % 8), 0x80, 0xff}) {
        Files changed = whole;
        changed[file][i] = static_cast<char>(changed[file][i] ^ change);
        working += Works(changed, "byte " + std::to_string(i)) ? 1 : 0;
      }
    }
  }
  EXPECT_GT(working, 0) << "a change inside the weights is harmless";
}

// Numbers at the edges, and parts moved: what a file has where sizes and offsets are expected.
TEST_P(HostileModel, PartsOverwrittenMovedAndRepeated) {
  const Files whole = GetParam().small_network();
  std::mt19937 random(1);
  const auto pick = [&random](size_t count) { return random() % std::max<size_t>(count, 1); };
  const std::string edges[] = {std::string(4, '\xff'),
                               std::string("\xff\xff\xff\x7f", 4),
                               std::string(8, '\0'),
                               std::string(9, '\xff'),
                               std::string("\0\0\0\x80", 4),
                               "99999999999999999999",
                               "-1",
                               "\"",
                               "<",
                               std::string(300, '\x08')};
  for (int round = 0; round < 1500; ++round) {
    Files changed = whole;
    for (size_t edits = 1 + pick(3); edits > 0; --edits) {
      std::string& file = changed[pick(changed.size())];
      const size_t at = pick(file.size()), other = pick(file.size()), length = pick(64);
      const std::string part = file.substr(at, length);
      const std::string& edge = edges[pick(std::size(edges))];
      switch (pick(4)) {
        case 0:
          file.replace(at, edge.size(), edge);
          break;
        case 1:
          file.insert(other, part);
          break;
        case 2:
          file.erase(at, length);
          break;
        default:
          file.replace(other, length, part);
      }
    }
    Works(changed, "round " + std::to_string(round));
  }
}

INSTANTIATE_TEST_SUITE_P(Format, HostileModel,
                         testing::Values(Format{"onnx", OnnxFile},
                                         Format{"tensorflow", TensorflowFile},
                                         Format{"tflite", TfliteFile},
                                         Format{"openvino", OpenvinoFile},
                                         Format{"pytorch", TorchscriptFile}),
                         [](const auto& format) { return std::string(format.param.name); });

// --- Files that are well formed and ask for too much --------------------------------------------

Status UseIr(const Ir& ir) { return Use({ir.Xml(), ir.Bin()}, "openvino"); }

std::string Numbered(const char* name, int64_t i) { return name + std::to_string(i); }

class HostileNetwork : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_TRUE(kIsSanitized || MostResidentBytes() < kMaxResidentBytes) << MostResidentBytes();
  }

  // `side` by `side` ones, from a file of 4 kB. REQUIRES: a power of four times 32.
  static From LargeConstant(Ir* ir, int64_t side) {
    From constant = ir->Floats("32,32", std::vector<float>(1024, 1.0f));
    for (int64_t size = 32; size < side; size *= 4) {
      for (int axis : {0, 1}) {
        constant = ir->Add("Concat", Numbered(axis == 0 ? "rows" : "columns", size), "opset1",
                           "axis=\"" + std::to_string(axis) + "\"",
                           {constant, constant, constant, constant}, 1);
      }
    }
    return constant;
  }
};

TEST_F(HostileNetwork, HasABoundedNumberOfOperators) {
  Ir ir;
  From x = ir.Parameter("x", "1,8");
  for (int64_t i = 0; i < 20000; ++i) x = ir.Add("Sigmoid", Numbered("n", i), "opset1", "", {x}, 1);
  ir.Result(x);
  EXPECT_EQ(UseIr(ir).message(), "load: openvino: 20000 operators; at most 16384 are supported");
}

TEST_F(HostileNetwork, ComputedConstantsStayWithinABudget) {
  Ir ir;
  const From large = LargeConstant(&ir, 2048);
  const From x = ir.Parameter("x", "1");
  for (int64_t i = 0; i < 200; ++i) {
    const From sigmoid = ir.Add("Sigmoid", Numbered("s", i), "opset1", "", {large}, 1);
    const From sum = ir.Add("Add", Numbered("a", i), "opset1", "", {sigmoid, x}, 1);
    ir.Result(ir.Add("ReduceMax", Numbered("m", i), "opset1", "keep_dims=\"false\"",
                     {sum, ir.Ints({0, 1})}, 1),
              Numbered("r", i));
  }
  const Status status = UseIr(ir);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status.message();
}

TEST_F(HostileNetwork, WeightsReadByManyProductsStayWithinABudget) {
  for (const bool is_shared_by_file : {false, true}) {
    Ir ir;
    const size_t size = size_t{4} << 20;
    const From large = is_shared_by_file ? ir.Floats("1024,1024", std::vector<float>(1 << 20, 1.0f))
                                         : LargeConstant(&ir, 2048);
    From x = ir.Parameter("x", is_shared_by_file ? "1,1024" : "1,2048");
    for (int64_t i = 0; i < 500; ++i) {
      const From weights = is_shared_by_file ? ir.Range("1024,1024", "f32", 0, size) : large;
      x = ir.Add("MatMul", Numbered("m", i), "opset1", "", {x, weights}, 1);
    }
    ir.Result(x);
    const Status status = UseIr(ir);
    EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status.message();
  }
}

TEST_F(HostileNetwork, ProductsOfConstantsAreNotAllComputedAtLoad) {
  Ir ir;
  From large = LargeConstant(&ir, 2048);
  for (int64_t i = 0; i < 100; ++i) {
    large = ir.Add("MatMul", Numbered("m", i), "opset1", "", {large, large}, 1);
  }
  const From x = ir.Parameter("x", "1");
  ir.Result(ir.Add("Add", "sum", "opset1", "", {large, x}, 1));
  const std::string xml = ir.Xml();
  StatusOr<importers::ImportedModel> imported =
      importers::ImportModel({importers::AsBytes(xml), importers::AsBytes(ir.Bin())}, "");
  ASSERT_TRUE(imported.ok()) << imported.status().message();
  const StatusOr<std::shared_ptr<const Model>> model =
      Model::Compile(std::move(imported->graph), {});
  EXPECT_TRUE(model.ok() || IsOfFile(model.status().code())) << model.status().message();
}

TEST_F(HostileNetwork, ActivationsStayWithinTheArena) {
  Ir ir;
  From x = ir.Parameter("x", "1,8");
  for (int64_t i = 0; i < 12; ++i) {
    x = ir.Add("Concat", Numbered("c", i), "opset1", "axis=\"1\"", {x, x, x, x}, 1);
  }
  ir.Result(x);
  EXPECT_EQ(UseIr(ir).code(), StatusCode::kResourceExhausted) << UseIr(ir).message();
}

TEST_F(HostileNetwork, WindowsLargerThanThePictureCostNoMoreThanThePicture) {
  Ir ir;
  From x = ir.Parameter("x", "1,1,1,1");
  for (int64_t i = 0; i < 100; ++i) {
    x = ir.Add("MaxPool", Numbered("p", i), "opset1",
               "kernel=\"1048576,1048576\" pads_begin=\"524288,524288\" pads_end=\"524287,524287\"",
               {x}, 1);
  }
  ir.Result(x);
  const Status status = UseIr(ir);
  EXPECT_TRUE(status.ok() || IsOfFile(status.code())) << status.message();
}

TEST_F(HostileNetwork, ProgramsEnd) {
  for (const char* body : {"while True:\n  x = torch.relu(x)\nreturn x\n",
                           "for i in range(9000000000000000000):\n  x = x\nreturn x\n",
                           "y = [1]\nfor i in range(64):\n  y = torch.add(y, y)\nreturn x\n",
                           "for i in range(1000000):\n  x = torch.cat([x, x], 1)\nreturn x\n"}) {
    const Status status =
        Use({importers::torchscript::ArchiveWriter().Weights("w", {8}).Forward(body)}, "pytorch");
    EXPECT_TRUE(IsOfFile(status.code())) << body << status.message();
  }
}

// Fields that hold the file's rest, level in level.
TEST_F(HostileNetwork, NestedMessagesNeedNoDeepStack) {
  using importers::ProtoWriter;
  for (const int field : {1, 5, 6, 7}) {
    std::string nested;
    for (int level = 0; level < 2000; ++level) {
      nested = ProtoWriter().Text(field, nested).bytes();
    }
    const std::string onnx = ProtoWriter().Int(1, 7).Text(7, nested).bytes();
    EXPECT_TRUE(IsOfFile(Use({onnx}, "onnx").code()));
    EXPECT_TRUE(IsOfFile(Use({nested}, "tensorflow").code()));
  }
  std::string xml;
  for (int level = 0; level < 100000; ++level) xml += "<net version=\"11\">";
  EXPECT_TRUE(IsOfFile(Use({xml, ""}, "openvino").code()));
}

}  // namespace
}  // namespace minnow::runtime
