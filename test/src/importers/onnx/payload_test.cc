// Are large weights found without reading them, and read where they are copied to?
#include "importers/onnx/payload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "graph/print.h"
#include "importers/model_builders.h"

namespace minnow::importers {
namespace {

using namespace onnx_test;  // NOLINT: the builders are this test's language

// A file of which only what is asked for is there, and nothing of its payload.
class File : public Payload {
 public:
  explicit File(std::string content) : content_(std::move(content)), memory_(content_) {
    ranges_ = FindPayload({AsBytes(content_).data, std::min<size_t>(content_.size(), 4096)}, "",
                          content_.size(), Reader());
    for (const FileRange& range : ranges_) memory_.replace(range.offset, range.size, range.size, 0);
  }

  ReadFile Reader() {
    return [this](size_t offset, size_t size, void* to) {
      if (offset > content_.size() || size > content_.size() - offset) return false;
      bytes_read_ += size;
      std::memcpy(to, content_.data() + offset, size);
      return true;
    };
  }

  bool Copy(const uint8_t* from, size_t size, void* to) const override {
    const auto offset = static_cast<size_t>(from - AsBytes(memory_).data);
    if (offset + size > readable_) return false;
    std::memcpy(to, content_.data() + offset, size);
    return true;
  }

  Bytes bytes() const { return {AsBytes(memory_).data, memory_.size(), this}; }
  const std::vector<FileRange>& ranges() const { return ranges_; }
  size_t bytes_read() const { return bytes_read_; }
  void CutOff(size_t size) { readable_ = size; }

 private:
  const std::string content_;
  std::string memory_;
  std::vector<FileRange> ranges_;
  size_t bytes_read_ = 0;
  size_t readable_ = ~size_t{0};
};

ProtoWriter RawWeights(const char* name, const std::vector<int64_t>& dims) {
  int64_t count = 1;
  for (const int64_t dim : dims) count *= dim;
  std::vector<float> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) values[i] = 0.25f * static_cast<float>(i % 97) - 12;
  return ProtoWriter().PackedInts(1, dims).Int(2, 1).Text(8, name).Text(
      9, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
}

std::string LargeFile() {
  Model model(12);
  model.Input("x", {-1, 200, 8, 8})
      .Initializer(RawWeights("large", {300, 200, 1, 1}))
      .Initializer(RawWeights("small", {300}))
      .Initializer(RawWeights("larger", {10, 300, 7, 7}))
      .Node("Conv", {"x", "large", "small"}, {"y"})
      .Node("Conv", {"y", "larger"}, {"out"})
      .Output("out");
  return model.Serialize();
}

TEST(OnnxPayload, IsFoundWithoutReadingIt) {
  const std::string content = LargeFile();
  const File file(content);
  ASSERT_EQ(file.ranges().size(), 2u);
  EXPECT_EQ(file.ranges()[0].size, 300u * 200 * 4);
  EXPECT_EQ(file.ranges()[1].size, 10u * 300 * 7 * 7 * 4);
  EXPECT_LT(file.ranges()[0].offset + file.ranges()[0].size, file.ranges()[1].offset);
  EXPECT_LT(file.bytes_read(), 32768u);
}

TEST(OnnxPayload, IsReadWhereItIsCopiedTo) {
  const std::string content = LargeFile();
  const File file(content);
  const StatusOr<ImportedModel> left = ImportModel({file.bytes()}, "");
  const StatusOr<ImportedModel> whole = ImportModel({AsBytes(content)}, "");
  ASSERT_TRUE(left.ok()) << left.status().message();
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(graph::Print(left->graph), graph::Print(whole->graph));
  for (graph::ValueId id = 0; id < whole->graph.value_count(); ++id) {
    const Tensor* tensor = whole->graph.ConstantOf(id);
    if (tensor == nullptr) continue;
    EXPECT_EQ(std::memcmp(tensor->data(), left->graph.ConstantOf(id)->data(), tensor->size_bytes()),
              0);
  }
}

TEST(OnnxPayload, ThatCannotBeReadIsNotFound) {
  const std::string content = LargeFile();
  File file(content);
  file.CutOff(content.size() / 2);
  const StatusOr<ImportedModel> model = ImportModel({file.bytes()}, "");
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.status().code(), StatusCode::kNotFound);
}

// Which are normalised while they are read.
TEST(OnnxPayload, MayBeBooleans) {
  std::string values(onnx::kPayloadBytes, '\2');
  values[5] = '\0';
  const ProtoWriter tensor = ProtoWriter()
                                 .PackedInts(1, {static_cast<int64_t>(values.size())})
                                 .Int(2, 9)
                                 .Text(8, "flags")
                                 .Text(9, values);
  Model model(12);
  model.Initializer(tensor).Node("Identity", {"flags"}, {"out"}).Output("out");
  const File file(model.Serialize());
  ASSERT_EQ(file.ranges().size(), 1u);
  const StatusOr<ImportedModel> imported = ImportModel({file.bytes()}, "onnx");
  ASSERT_TRUE(imported.ok()) << imported.status().message();
  for (graph::ValueId id = 0; id < imported->graph.value_count(); ++id) {
    const Tensor* flags = imported->graph.ConstantOf(id);
    if (flags == nullptr) continue;
    EXPECT_EQ(flags->as<uint8_t>()[4], 1);
    EXPECT_EQ(flags->as<uint8_t>()[5], 0);
  }
}

TEST(OnnxPayload, MalformedFilesHaveNone) {
  const std::string content = LargeFile();
  for (size_t size = 0; size < content.size(); size += size < 4096 ? 1 : 997) {
    EXPECT_TRUE(File(content.substr(0, size)).ranges().empty()) << size;
  }
  // Sizes that lead out of the message, out of the file, and out of memory.
  for (const size_t at : {size_t{2}, content.size() / 2}) {
    for (const char* bytes :
         {"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x3a\xff\xff\xff\xff\x0f", "\x07\x07"}) {
      std::string damaged = content;
      damaged.replace(at, std::strlen(bytes), bytes);
      const File file(damaged);
      const StatusOr<ImportedModel> left = ImportModel({file.bytes()}, "onnx");
      const StatusOr<ImportedModel> whole = ImportModel({AsBytes(damaged)}, "onnx");
      ASSERT_EQ(left.ok(), whole.ok());
      EXPECT_EQ(left.ok() ? "" : left.status().message(),
                whole.ok() ? "" : whole.status().message());
    }
  }
}

TEST(OnnxPayload, IsOfOnnxFilesOnly) {
  const std::string content = LargeFile();
  const ReadFile nothing = [](size_t, size_t, void*) { return false; };
  EXPECT_TRUE(FindPayload(AsBytes(content), "tensorflow", content.size(), nothing).empty());
  EXPECT_TRUE(FindPayload(AsBytes(content), "no such format", content.size(), nothing).empty());
  EXPECT_TRUE(FindPayload({}, "", 0, nothing).empty());
  EXPECT_TRUE(FindPayload(AsBytes(content), "onnx", content.size(), nothing).empty());
}

}  // namespace
}  // namespace minnow::importers
