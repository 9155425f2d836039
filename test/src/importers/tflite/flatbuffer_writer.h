// A FlatBuffer writer for tests: enough to make small .tflite models, and malformed ones.
#ifndef MINNOW_TEST_IMPORTERS_TFLITE_FLATBUFFER_WRITER_H_
#define MINNOW_TEST_IMPORTERS_TFLITE_FLATBUFFER_WRITER_H_

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace minnow::importers::tflite {

// A table on its way into a file. Every field takes four bytes or more; what a field points to
// follows the table.
class TableWriter {
 public:
  TableWriter& U8(int field, int value) {
    const char byte = static_cast<char>(value);
    return Inline(field, &byte, 1);
  }
  TableWriter& S32(int field, int32_t value) { return Inline(field, &value, 4); }
  TableWriter& F32(int field, float value) { return Inline(field, &value, 4); }
  TableWriter& Text(int field, std::string_view text) {
    return List(field, text.data(), text.size(), 1);
  }
  template <typename T>
  TableWriter& Numbers(int field, const std::vector<T>& values) {
    return List(field, values.data(), values.size(), sizeof(T));
  }
  TableWriter& Child(int field, TableWriter child) {
    fields_[field] = Field{{}, 0, {std::move(child)}, Kind::kTable};
    return *this;
  }
  TableWriter& Children(int field, std::vector<TableWriter> children) {
    fields_[field] = Field{{}, children.size(), std::move(children), Kind::kTables};
    return *this;
  }

  // A file whose root is this table.
  std::string File(const char* identifier = "TFL3") const {
    std::string out(4, '\0');
    out += identifier;
    Patch(&out, 0, Write(&out));
    return out;
  }

 private:
  enum class Kind { kInline, kList, kTable, kTables };
  struct Field {
    std::string bytes;
    size_t count = 0;
    std::vector<TableWriter> children;
    Kind kind = Kind::kInline;
  };

  TableWriter& Inline(int field, const void* data, size_t size) {
    fields_[field] = Field{std::string(static_cast<const char*>(data), size), 0, {}, Kind::kInline};
    return *this;
  }
  TableWriter& List(int field, const void* data, size_t count, size_t size) {
    fields_[field] =
        Field{std::string(static_cast<const char*>(data), count * size), count, {}, Kind::kList};
    return *this;
  }

  template <typename T>
  static void Append(std::string* out, T value) {
    out->append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  // The offset at `place` leads to `target`.
  static void Patch(std::string* out, size_t place, size_t target) {
    const auto distance = static_cast<uint32_t>(target - place);
    std::memcpy(&(*out)[place], &distance, sizeof(distance));
  }
  static void Align(std::string* out) {
    while (out->size() % 4 != 0) *out += '\0';
  }

  size_t Write(std::string* out) const {
    Align(out);
    const size_t slots = fields_.empty() ? 0 : static_cast<size_t>(fields_.rbegin()->first) + 1;
    const size_t vtable = out->size();
    Append(out, static_cast<uint16_t>(4 + 2 * slots));
    Append(out, static_cast<uint16_t>(4 + 4 * fields_.size()));
    std::vector<uint16_t> offsets(slots, 0);
    uint16_t next = 4;
    for (const auto& [number, field] : fields_) {
      offsets[static_cast<size_t>(number)] = next;
      next = static_cast<uint16_t>(next + 4);
    }
    for (uint16_t offset : offsets) Append(out, offset);
    Align(out);
    const size_t table = out->size();
    Append(out, static_cast<int32_t>(table - vtable));
    for (const auto& [number, field] : fields_) {
      std::string bytes = field.kind == Kind::kInline ? field.bytes : std::string();
      bytes.resize(4, '\0');
      *out += bytes;
    }
    size_t place = table + 4;
    for (const auto& [number, field] : fields_) {
      if (field.kind == Kind::kTable) Patch(out, place, field.children[0].Write(out));
      if (field.kind == Kind::kList) Patch(out, place, WriteList(field, out));
      if (field.kind == Kind::kTables) Patch(out, place, WriteTables(field, out));
      place += 4;
    }
    return table;
  }

  static size_t WriteList(const Field& field, std::string* out) {
    Align(out);
    const size_t start = out->size();
    Append(out, static_cast<uint32_t>(field.count));
    *out += field.bytes;
    return start;
  }

  static size_t WriteTables(const Field& field, std::string* out) {
    Align(out);
    const size_t start = out->size();
    Append(out, static_cast<uint32_t>(field.count));
    out->append(4 * field.count, '\0');
    for (size_t i = 0; i < field.count; ++i) {
      const size_t target = field.children[i].Write(out);
      Patch(out, start + 4 + 4 * i, target);
    }
    return start;
  }

  std::map<int, Field> fields_;
};

// --- .tflite models -----------------------------------------------------------------------------

inline constexpr int kF32 = 0, kF16 = 1, kS32 = 2, kU8 = 3, kS64 = 4, kString = 5, kS8 = 9;

struct Scales {
  std::vector<float> scales;
  std::vector<int64_t> zero_points;
  int axis = 0;
};

// A model with one subgraph. Tensors are numbered in the order in which they are added.
class ModelWriter {
 public:
  ModelWriter() : buffers_(1) {}

  int32_t Tensor(const char* name, const std::vector<int32_t>& dims, int type,
                 const Scales& scales = {}) {
    return AddTensor(name, dims, type, 0, scales);
  }
  template <typename T>
  int32_t Constant(const char* name, const std::vector<int32_t>& dims, int type,
                   const std::vector<T>& values, const Scales& scales = {}) {
    buffers_.push_back(TableWriter().Text(
        0, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)}));
    return AddTensor(name, dims, type, static_cast<int>(buffers_.size()) - 1, scales);
  }
  int32_t Input(const char* name, const std::vector<int32_t>& dims, int type = kF32,
                const Scales& scales = {}) {
    inputs_.push_back(Tensor(name, dims, type, scales));
    return inputs_.back();
  }
  int32_t Output(const char* name, const std::vector<int32_t>& dims, int type = kF32,
                 const Scales& scales = {}) {
    outputs_.push_back(Tensor(name, dims, type, scales));
    return outputs_.back();
  }
  void Operator(int code, const std::vector<int32_t>& inputs, const std::vector<int32_t>& outputs,
                const TableWriter& options = {}) {
    TableWriter op_code;
    op_code.U8(0, code < 127 ? code : 127).S32(3, code);
    if (code == 32) op_code.Text(1, "MyCustomOp");
    operators_.push_back(TableWriter()
                             .S32(0, static_cast<int32_t>(codes_.size()))
                             .Numbers(1, inputs)
                             .Numbers(2, outputs)
                             .Child(4, options));
    codes_.push_back(op_code);
  }
  TableWriter Root() const {
    const TableWriter subgraph = TableWriter()
                                     .Children(0, tensors_)
                                     .Numbers(1, inputs_)
                                     .Numbers(2, outputs_)
                                     .Children(3, operators_);
    return TableWriter()
        .S32(0, 3)
        .Children(1, codes_)
        .Children(2, {subgraph})
        .Children(4, buffers_);
  }
  std::string Bytes() const { return Root().File(); }

 private:
  int32_t AddTensor(const char* name, const std::vector<int32_t>& dims, int type, int buffer,
                    const Scales& scales) {
    TableWriter tensor;
    tensor.Numbers(0, dims).U8(1, type).S32(2, buffer).Text(3, name);
    if (!scales.scales.empty()) {
      tensor.Child(4, TableWriter()
                          .Numbers(2, scales.scales)
                          .Numbers(3, scales.zero_points)
                          .S32(6, scales.axis));
    }
    tensors_.push_back(tensor);
    return static_cast<int32_t>(tensors_.size()) - 1;
  }

  std::vector<TableWriter> codes_, tensors_, operators_, buffers_;
  std::vector<int32_t> inputs_, outputs_;
};

}  // namespace minnow::importers::tflite

#endif  // MINNOW_TEST_IMPORTERS_TFLITE_FLATBUFFER_WRITER_H_
