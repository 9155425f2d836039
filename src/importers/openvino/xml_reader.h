// How the elements of an XML file are read: a cursor over tags that knows no model.
//
// Written here because what an IR uses is small (elements, attributes, comments) and must be
// bounded: no document types, no entities but the five of XML and numbers, nothing outside the
// file. Text between tags is skipped. The language: w3.org/TR/xml.
#ifndef MINNOW_IMPORTERS_OPENVINO_XML_READER_H_
#define MINNOW_IMPORTERS_OPENVINO_XML_READER_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "importers/importer.h"

namespace minnow::importers::openvino {

struct XmlAttribute {
  std::string_view name;
  std::string value;  // character references replaced
};

// Walks the children of elements in file order, without recursion:
//
//   while (reader.NextChild(1)) {                 // of the root
//     if (reader.name() != "layer") continue;     // skipped with all inside
//     while (reader.NextChild(2)) …               // of this layer
//   }
//   return reader.Finish();
//
// A view of the bytes given, which must outlive it. The first error sticks: NextChild() then gives
// false. Errors are kInvalidModel with the offset.
class XmlReader {
 public:
  static constexpr size_t kMaxDepth = 32;
  static constexpr size_t kMaxAttributes = 64;  // of one element

  explicit XmlReader(Bytes bytes);

  // Moves to the next child of the element at `depth` (the root's is 1, so 0 asks for the root).
  // What is left of the child before is skipped. False when there is none, and on an error.
  bool NextChild(size_t depth);

  // The element that NextChild() moved to; valid until the next move.
  std::string_view name() const { return name_; }
  const std::vector<XmlAttribute>& attributes() const { return attributes_; }
  // The attribute's value, or empty.
  std::string_view Attribute(std::string_view name) const;

  const Status& status() const { return status_; }
  // Reads to the end: the root must be closed, and nothing but comments may follow.
  Status Finish();

 private:
  enum class Tag : uint8_t { kOpen, kClose, kEnd };

  Tag NextTag();
  Tag ReadOpenTag();
  Tag ReadCloseTag();
  bool ReadAttributes();
  bool ReadAttribute();
  bool AppendReference(std::string* value);
  bool SkipText();
  // Moves behind `end`; an error where it does not come.
  bool SkipPast(std::string_view end);
  void SkipSpace();
  std::string_view ReadName();
  bool Take(std::string_view text);
  Tag Fail(const char* what);

  const std::string_view text_;
  size_t position_ = 0;
  std::string_view name_;
  std::vector<XmlAttribute> attributes_;
  std::vector<std::string_view> open_;  // names of the elements around
  bool is_empty_element_ = false;       // its close tag is still to be told
  bool has_root_ = false;
  Status status_;
};

}  // namespace minnow::importers::openvino

#endif  // MINNOW_IMPORTERS_OPENVINO_XML_READER_H_
