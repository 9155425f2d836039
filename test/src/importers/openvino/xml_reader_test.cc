// Does the cursor over XML see what is there, and refuse what is malformed or too much?
#include "importers/openvino/xml_reader.h"

#include <gtest/gtest.h>

#include "importers/model_builders.h"

namespace minnow::importers::openvino {
namespace {

// Element names and attributes, children in brackets; or the error.
std::string Outline(const std::string& text) {
  XmlReader reader(AsBytes(text));
  std::string outline;
  const auto append = [&](char open) {
    outline += std::string(reader.name());
    for (const XmlAttribute& attribute : reader.attributes()) {
      outline += " " + std::string(attribute.name) + "=" + attribute.value;
    }
    outline += open;
  };
  if (reader.NextChild(0)) {
    append('[');
    while (reader.NextChild(1)) {
      append('(');
      while (reader.NextChild(2)) append(',');
      outline += ")";
    }
    outline += "]";
  }
  const Status status = reader.Finish();
  return status.ok() ? outline : status.message();
}

TEST(XmlReader, WalksElementsAndAttributes) {
  EXPECT_EQ(Outline("<a/>"), "a[]");
  EXPECT_EQ(Outline("\xef\xbb\xbf<?xml version='1.0'?><!-- c --><a x=\"1\" y = '2'>"
                    "<b><c/>text<c z=\"3\">in<d/></c></b><e /></a>\n<!-- end -->"),
            "a x=1 y=2[b(c,c z=3,)e()]");
  EXPECT_EQ(Outline("<a><![CDATA[<b>]]><b/></a>"), "a[b()]");
}

TEST(XmlReader, AChildNotReadIsSkippedWithAllInside) {
  const std::string text = "<a><b><c><d/></c></b><e/></a>";
  XmlReader reader(AsBytes(text));
  ASSERT_TRUE(reader.NextChild(0));
  ASSERT_TRUE(reader.NextChild(1));
  EXPECT_EQ(reader.name(), "b");
  ASSERT_TRUE(reader.NextChild(1));
  EXPECT_EQ(reader.name(), "e");
  EXPECT_FALSE(reader.NextChild(1));
  EXPECT_TRUE(reader.Finish().ok());
}

TEST(XmlReader, ReplacesCharacterReferences) {
  EXPECT_EQ(Outline("<a x=\"&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#xe9;&#x20ac;&#x1f41f;\"/>"),
            "a x=<>&\"'AB\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x9f[]");
}

TEST(XmlReader, RefusesEntitiesAndDeclarations) {
  for (const char* value :
       {"&nbsp;", "&a", "&;", "&#0;", "&#xd800;", "&#x110000;", "&#12345678;", "&#x;", "&#1g;"}) {
    EXPECT_EQ(Outline(std::string("<a x=\"") + value + "\"/>"),
              "xml: an entity that is not supported at byte 7")
        << value;
  }
  EXPECT_EQ(Outline("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>"),
            "xml: a declaration, which is not supported at byte 2");
}

TEST(XmlReader, SaysWhatIsMalformed) {
  const struct {
    const char* text;
    const char* error;
  } cases[] = {
      {"", "there is no element at byte 0"},
      {" text", "text outside of the root element at byte 1"},
      {"<a>", "the file ends inside an element at byte 3"},
      {"<a></b>", "a closing tag fits no opening one at byte 7"},
      {"<a/></a>", "a closing tag fits no opening one at byte 8"},
      {"<a/><b/>", "a second root element at byte 5"},
      {"<a/>x", "text outside of the root element at byte 4"},
      {"<>", "a tag has no name at byte 1"},
      {"<a", "a tag does not end at byte 2"},
      {"<a x>", "an attribute is not written as name=\"value\" at byte 4"},
      {"<a x=1/>", "an attribute is not written as name=\"value\" at byte 5"},
      {"<a x=\"1/>", "an attribute's value does not end at byte 6"},
      {"<a x=\"<\"/>", "an attribute's value does not end at byte 6"},
      {"<a x=\"1\"y=\"2\"/>", "a character that is not expected in a tag at byte 8"},
      {"<a x=\"1\" x=\"2\"/>", "an attribute is given twice at byte 12"},
      {"<!-- ", "the file ends inside a comment or an instruction at byte 4"},
  };
  for (const auto& c : cases) EXPECT_EQ(Outline(c.text), std::string("xml: ") + c.error) << c.text;
}

TEST(XmlReader, DepthAndNumberOfAttributesAreBounded) {
  std::string deep, wide = "<a";
  for (int i = 0; i < 100000; ++i) deep += "<a>";
  EXPECT_EQ(Outline(deep), "xml: elements are nested too deep at byte 98");
  for (size_t i = 0; i <= XmlReader::kMaxAttributes; ++i) wide += " a" + std::to_string(i) + "=''";
  EXPECT_EQ(Outline(wide + "/>").rfind("xml: an element has too many attributes at byte ", 0), 0u);
}

}  // namespace
}  // namespace minnow::importers::openvino
