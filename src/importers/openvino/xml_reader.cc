// Tags, attributes and character references, each byte looked at once.
#include "importers/openvino/xml_reader.h"

#include <algorithm>

#include "tensor/load_limits.h"

namespace minnow::importers::openvino {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Bytes above 0x7f are parts of UTF-8.
bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

void AppendUtf8(uint32_t code, std::string* text) {
  const auto append = [text](uint32_t byte) { text->push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    append(code);
  } else if (code < 0x800) {
    append(0xc0 | code >> 6);
    append(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    append(0xe0 | code >> 12);
    append(0x80 | (code >> 6 & 0x3f));
    append(0x80 | (code & 0x3f));
  } else {
    append(0xf0 | code >> 18);
    append(0x80 | (code >> 12 & 0x3f));
    append(0x80 | (code >> 6 & 0x3f));
    append(0x80 | (code & 0x3f));
  }
}

// "#38" or "#x26"; 0 for what is no character.
uint32_t CodeOf(std::string_view reference) {
  const bool is_hex = reference.size() > 1 && reference[1] == 'x';
  const std::string_view digits = reference.substr(is_hex ? 2 : 1);
  if (digits.empty() || digits.size() > 7) return 0;
  uint32_t code = 0;
  for (char c : digits) {
    uint32_t digit = 16;
    if (c >= '0' && c <= '9') digit = static_cast<uint32_t>(c - '0');
    if (is_hex && c >= 'a' && c <= 'f') digit = static_cast<uint32_t>(c - 'a') + 10;
    if (is_hex && c >= 'A' && c <= 'F') digit = static_cast<uint32_t>(c - 'A') + 10;
    if (digit == 16) return 0;
    code = code * (is_hex ? 16 : 10) + digit;
  }
  const bool is_surrogate = code >= 0xd800 && code < 0xe000;
  return code > 0x10ffff || is_surrogate ? 0 : code;
}

}  // namespace

XmlReader::XmlReader(Bytes bytes)
    : text_(reinterpret_cast<const char*>(bytes.data), bytes.data == nullptr ? 0 : bytes.size) {
  Take("\xef\xbb\xbf");  // a byte order mark
}

bool XmlReader::NextChild(size_t depth) {
  while (status_.ok()) {
    switch (NextTag()) {
      case Tag::kOpen:
        if (open_.size() == depth + 1) return true;
        break;
      case Tag::kClose:
        if (open_.size() < depth) return false;
        break;
      case Tag::kEnd:
        return false;
    }
  }
  return false;
}

std::string_view XmlReader::Attribute(std::string_view name) const {
  for (const XmlAttribute& attribute : attributes_) {
    if (attribute.name == name) return attribute.value;
  }
  return {};
}

Status XmlReader::Finish() {
  while (status_.ok() && NextTag() != Tag::kEnd) continue;
  return status_;
}

XmlReader::Tag XmlReader::NextTag() {
  if (!status_.ok()) return Tag::kEnd;
  if (is_empty_element_) {
    is_empty_element_ = false;
    open_.pop_back();
    return Tag::kClose;
  }
  while (SkipText()) {
    if (Take("</")) return ReadCloseTag();
    if (Take("<?")) {
      if (!SkipPast("?>")) return Tag::kEnd;
    } else if (Take("<!--")) {
      if (!SkipPast("-->")) return Tag::kEnd;
    } else if (Take("<![CDATA[")) {
      if (!SkipPast("]]>")) return Tag::kEnd;
    } else if (Take("<!")) {
      return Fail("a declaration, which is not supported");
    } else {
      ++position_;
      return ReadOpenTag();
    }
  }
  if (!status_.ok()) return Tag::kEnd;
  if (!open_.empty()) return Fail("the file ends inside an element");
  return has_root_ ? Tag::kEnd : Fail("there is no element");
}

// To the next '<'. False at the end and on an error.
bool XmlReader::SkipText() {
  if (!open_.empty()) {
    position_ = std::min(text_.find('<', position_), text_.size());
    return position_ < text_.size();
  }
  SkipSpace();
  if (position_ == text_.size()) return false;
  if (text_[position_] == '<') return true;
  Fail("text outside of the root element");
  return false;
}

XmlReader::Tag XmlReader::ReadOpenTag() {
  if (open_.empty() && has_root_) return Fail("a second root element");
  name_ = ReadName();
  if (name_.empty()) return Fail("a tag has no name");
  if (open_.size() >= static_cast<size_t>(AllowedNesting(int{kMaxDepth})))
    return Fail("elements are nested too deep");
  if (!ReadAttributes()) return Tag::kEnd;
  is_empty_element_ = Take("/");
  if (!Take(">")) return Fail("a tag does not end");
  has_root_ = true;
  open_.push_back(name_);
  return Tag::kOpen;
}

XmlReader::Tag XmlReader::ReadCloseTag() {
  const std::string_view name = ReadName();
  SkipSpace();
  if (!Take(">")) return Fail("a tag does not end");
  if (open_.empty() || open_.back() != name) return Fail("a closing tag fits no opening one");
  open_.pop_back();
  return Tag::kClose;
}

bool XmlReader::ReadAttributes() {
  attributes_.clear();
  for (;;) {
    const size_t before = position_;
    SkipSpace();
    if (position_ == text_.size() || text_[position_] == '/' || text_[position_] == '>') {
      return true;
    }
    if (position_ == before) {
      Fail("a character that is not expected in a tag");
      return false;
    }
    if (!ReadAttribute()) return false;
  }
}

bool XmlReader::ReadAttribute() {
  XmlAttribute attribute;
  attribute.name = ReadName();
  SkipSpace();
  bool is_good = !attribute.name.empty() && Take("=");
  SkipSpace();
  const char quote = position_ < text_.size() ? text_[position_] : '\0';
  is_good = is_good && (quote == '"' || quote == '\'');
  if (!is_good) {
    Fail("an attribute is not written as name=\"value\"");
    return false;
  }
  ++position_;
  for (const XmlAttribute& other : attributes_) is_good = is_good && other.name != attribute.name;
  if (!is_good || attributes_.size() == kMaxAttributes) {
    Fail(is_good ? "an element has too many attributes" : "an attribute is given twice");
    return false;
  }
  for (;;) {
    const char stops[] = {quote, '&', '<'};
    const size_t stop = text_.find_first_of(std::string_view(stops, sizeof(stops)), position_);
    if (stop == std::string_view::npos || text_[stop] == '<') {
      Fail("an attribute's value does not end");
      return false;
    }
    attribute.value.append(text_, position_, stop - position_);
    position_ = stop + 1;
    if (text_[stop] == quote) break;
    if (!AppendReference(&attribute.value)) return false;
  }
  attributes_.push_back(std::move(attribute));
  return true;
}

// Behind the '&'.
bool XmlReader::AppendReference(std::string* value) {
  constexpr size_t kMaxLength = 10;
  const size_t length = text_.substr(position_, kMaxLength).find(';');
  const std::string_view name =
      length == std::string_view::npos ? "" : text_.substr(position_, length);
  uint32_t code = 0;
  if (name == "amp") code = '&';
  if (name == "lt") code = '<';
  if (name == "gt") code = '>';
  if (name == "quot") code = '"';
  if (name == "apos") code = '\'';
  if (!name.empty() && name[0] == '#') code = CodeOf(name);
  if (code == 0) {
    Fail("an entity that is not supported");
    return false;
  }
  AppendUtf8(code, value);
  position_ += length + 1;
  return true;
}

bool XmlReader::SkipPast(std::string_view end) {
  const size_t found = text_.find(end, position_);
  if (found == std::string_view::npos) {
    Fail("the file ends inside a comment or an instruction");
    return false;
  }
  position_ = found + end.size();
  return true;
}

void XmlReader::SkipSpace() {
  while (position_ < text_.size() && IsSpace(text_[position_])) ++position_;
}

std::string_view XmlReader::ReadName() {
  const size_t start = position_;
  while (position_ < text_.size() && IsNameByte(text_[position_])) ++position_;
  return text_.substr(start, position_ - start);
}

bool XmlReader::Take(std::string_view text) {
  if (text_.substr(position_, text.size()) != text) return false;
  position_ += text.size();
  return true;
}

XmlReader::Tag XmlReader::Fail(const char* what) {
  if (status_.ok()) status_ = InvalidModel("xml: %s at byte %zu", what, position_);
  return Tag::kEnd;
}

}  // namespace minnow::importers::openvino
