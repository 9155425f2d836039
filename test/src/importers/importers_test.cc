// Is the right format found, and does every caller's mistake have its message?
#include <gtest/gtest.h>

#include "importers/importer.h"
#include "importers/model_builders.h"

namespace minnow::importers {
namespace {

std::string SmallOnnx() {
  return onnx_test::Model().Input("x", {2}).Node("Relu", {"x"}, {"y"}).Output("y").Serialize();
}

std::string SmallGraphDef() {
  return tf_test::Graph().Input("x", {2}).Node("y", "Relu", {"x"}).Serialize();
}

std::string FormatOf(const std::string& bytes) {
  const StatusOr<ImportedModel> model = ImportModel({AsBytes(bytes)}, "");
  return model.ok() ? model->format : "none";
}

TEST(ImportModel, FindsTheFormatByTheBytes) {
  EXPECT_EQ(FormatOf(SmallOnnx()), "onnx");
  EXPECT_EQ(FormatOf(SmallGraphDef()), "tensorflow");
  const ProtoWriter versions = ProtoWriter().Message(4, ProtoWriter().Int(1, 27));
  EXPECT_EQ(FormatOf(versions.bytes() + SmallGraphDef()), "tensorflow");
}

TEST(ImportModel, RecognisesNothingElse) {
  const std::string saved_model =
      ProtoWriter().Int(1, 1).Message(2, ProtoWriter().Text(1, "serve")).bytes();
  const std::string cases[] = {
      "",
      "\x08",
      "\x0a",
      saved_model,
      "<?xml version=\"1.0\"?><html/>",
      "\xff\xd8\xff\xe0",
      std::string(1000, '\n'),
      "a text that is no model at all",
  };
  for (const std::string& bytes : cases) {
    EXPECT_EQ(
        ImportText(bytes),
        "ERR_INVALID_MODEL: load: the bytes are in none of the formats tflite, openvino, onnx, "
        "pytorch, tensorflow");
  }
}

TEST(ImportModel, ATruncatedFileIsNamedByItsFormat) {
  const std::string bytes = SmallOnnx();
  EXPECT_EQ(
      ImportText(bytes.substr(0, bytes.size() / 2)),
      "ERR_INVALID_MODEL: load: onnx: protobuf: a field is longer than what is left at byte 4");
}

TEST(ImportModel, TheCallerMayNameTheFormat) {
  EXPECT_TRUE(ImportModel({AsBytes(SmallOnnx())}, "onnx").ok());
  EXPECT_EQ(ImportText(SmallOnnx(), "tensorflow").rfind("ERR_INVALID_MODEL: load: tensorflow: ", 0),
            0u);
  EXPECT_EQ(ImportText(SmallOnnx(), "caffe"),
            "ERR_INVALID_ARGUMENT: load: the format \"caffe\" is not known (tflite, openvino, "
            "onnx, pytorch, tensorflow are)");
}

TEST(ImportModel, TheNumberOfFilesMustFit) {
  const StatusOr<ImportedModel> none = ImportModel({}, "");
  EXPECT_EQ(none.status().code(), StatusCode::kInvalidArgument);
  const std::string bytes = SmallOnnx();
  const StatusOr<ImportedModel> two = ImportModel({AsBytes(bytes), AsBytes(bytes)}, "");
  EXPECT_EQ(two.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(two.status().message(), "load: onnx: a model is 1 files, 2 were given");
}

TEST(ImportModel, ControlCharactersStayOutOfMessages) {
  EXPECT_EQ(ImportText(onnx_test::Model()
                           .Input("x", {2})
                           .Node("A\nB\x7f", {"x"}, {"y"})
                           .Output("y")
                           .Serialize()),
            "ERR_UNSUPPORTED: load: onnx: operators that are not supported: "
            "A?B? (ai.onnx 13, 1 node, \"n\")");
}

TEST(ImportModel, AWrongShapeIsTheModelsFault) {
  const std::string bytes = onnx_test::Model()
                                .Input("x", {2, 3})
                                .Input("y", {2, 4})
                                .Node("Add", {"x", "y"}, {"z"})
                                .Output("z")
                                .Serialize();
  EXPECT_EQ(ImportText(bytes),
            "ERR_INVALID_MODEL: load: onnx: node \"n\" (Binary): shapes [2,3] and [2,4] do not "
            "broadcast");
}

}  // namespace
}  // namespace minnow::importers
