// Texts to numbers, with an error that names the attribute.
#include "importers/openvino/attributes.h"

#include "importers/numbers.h"
#include "importers/openvino/tensors.h"

namespace minnow::importers::openvino {
namespace {

void RecordBad(const NodeView& node, std::string_view name, std::string_view text,
               const char* expected) {
  node.Record(InvalidModel("attribute %s is %s, %s was expected", Quote(name).c_str(),
                           Quote(text).c_str(), expected));
}

}  // namespace

int64_t ReadInt(const NodeView& node, std::string_view name, int64_t otherwise) {
  if (node.Find(name) == nullptr) return otherwise;
  const std::string_view text = node.Text(name, "");
  const std::optional<int64_t> number = ParseInt(text);
  if (!number) RecordBad(node, name, text, "a whole number");
  return number.value_or(otherwise);
}

int64_t ReadRequiredInt(const NodeView& node, std::string_view name) {
  if (node.Find(name) == nullptr) {
    node.Record(InvalidModel("attribute %s is missing", Quote(name).c_str()));
  }
  return ReadInt(node, name, 0);
}

bool ReadBool(const NodeView& node, std::string_view name, bool otherwise) {
  if (node.Find(name) == nullptr) return otherwise;
  const std::string_view text = node.Text(name, "");
  if (text == "true" || text == "True" || text == "1") return true;
  if (text != "false" && text != "False" && text != "0") {
    RecordBad(node, name, text, "true or false");
  }
  return false;
}

float ReadFloat(const NodeView& node, std::string_view name, float otherwise) {
  if (node.Find(name) == nullptr) return otherwise;
  const std::string_view text = node.Text(name, "");
  const std::optional<double> number = ParseReal(text);
  if (!number) RecordBad(node, name, text, "a number");
  return number ? static_cast<float>(*number) : otherwise;
}

std::vector<int64_t> ReadInts(const NodeView& node, std::string_view name) {
  const std::string_view text = node.Text(name, "");
  std::optional<std::vector<int64_t>> numbers = ParseInts(text);
  if (!numbers) RecordBad(node, name, text, "a list of whole numbers");
  return numbers ? std::move(*numbers) : std::vector<int64_t>();
}

DType ReadType(const NodeView& node, std::string_view name, DType otherwise) {
  if (node.Find(name) == nullptr) return otherwise;
  const StatusOr<DType> dtype = ToDType(node.Text(name, ""));
  if (!dtype.ok()) node.Record(dtype.status());
  return dtype.ok() ? *dtype : otherwise;
}

int64_t OpsetOf(const NodeRecord& record) {
  constexpr std::string_view kPrefix = "opset";
  if (record.domain.substr(0, kPrefix.size()) != kPrefix) return 0;
  return ParseInt(record.domain.substr(kPrefix.size())).value_or(0);
}

}  // namespace minnow::importers::openvino
