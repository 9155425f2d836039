// Is the Python that torch.jit.save writes understood, and the rest refused by file and line?
#include "importers/torchscript/parser.h"

#include <gtest/gtest.h>

#include <deque>
#include <limits>

namespace minnow::importers::torchscript {
namespace {

std::string Error(const std::string& source) {
  Heap heap;
  SourceFile file;
  file.name = "code/a.py";
  const Status status = ParseSource(source, &heap, &file);
  return status.ok() ? "it parses" : status.message();
}

class ParserTest : public testing::Test {
 protected:
  const SourceFile& Parse(const std::string& source) {
    SourceFile& file = files_.emplace_back();
    file.name = "code/a.py";
    const Status status = ParseSource(sources_.emplace_back(source), &heap_, &file);
    EXPECT_TRUE(status.ok()) << status.message();
    return file;
  }
  // The value that a function `f` returns.
  const Expression& Returned(const std::string& expression) {
    return *Parse("def f(x: Tensor) -> Tensor:\n  return " + expression + "\n")
                .functions.at("f")
                ->body.at(0)
                ->value;
  }

  Heap heap_;
  std::deque<std::string> sources_;
  std::deque<SourceFile> files_;
};

TEST_F(ParserTest, AModuleHasMethodsAndConstants) {
  const SourceFile& file = Parse(
      "class Conv2d(Module):\n"
      "  __parameters__ = [\"weight\", \"bias\", ]\n"
      "  __buffers__ = []\n"
      "  weight : Tensor\n"
      "  stride : Final[Tuple[int, int]] = (2, 2)\n"
      "  __annotations__[\"0\"] = __torch__.layers.Conv\n"
      "  def forward(self: __torch__.Conv2d,\n"
      "    input: Tensor,\n"
      "    groups: int=1) -> Tensor:\n"
      "    weight = self.weight\n"
      "    return torch.conv2d(input, weight, None)\n"
      "  def __len__(self: __torch__.Conv2d) -> int:\n"
      "    return 1\n");
  const ClassDefinition& conv = file.classes.at("Conv2d");
  EXPECT_EQ(conv.methods.size(), 2u);
  EXPECT_EQ(conv.constants.at("stride")->parts.size(), 2u);
  const Function& forward = *conv.methods.at("forward");
  ASSERT_EQ(forward.parameters.size(), 3u);
  EXPECT_EQ(forward.parameters[1].type->source, "Tensor");
  EXPECT_EQ(forward.parameters[1].otherwise, nullptr);
  EXPECT_EQ(forward.parameters[2].otherwise->number, 1);
  EXPECT_EQ(forward.body.size(), 2u);
  EXPECT_EQ(forward.body[1]->value->source, "torch.conv2d(input, weight, None)");
  EXPECT_EQ(forward.body[1]->line, 11);
}

TEST_F(ParserTest, NumbersAndTexts) {
  EXPECT_EQ(Returned("9223372036854775807").number, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(Returned("1.0000000000000001e-05").real, 1e-5);
  EXPECT_EQ(Returned("6.").real, 6.0);
  EXPECT_EQ(Returned("\"a\\n\\\"b\\\"\"").text, "a\n\"b\"");
  EXPECT_EQ(Returned("-1").kind, Expression::Kind::kNegate);
}

TEST_F(ParserTest, ContainersCallsAndChains) {
  EXPECT_EQ(Returned("[1, 2, ]").parts.size(), 2u);
  EXPECT_EQ(Returned("(1,)").kind, Expression::Kind::kTuple);
  EXPECT_EQ(Returned("(1)").kind, Expression::Kind::kInt);
  EXPECT_EQ(Returned("()").parts.size(), 0u);
  EXPECT_EQ(Returned("1, 2").kind, Expression::Kind::kTuple);
  EXPECT_EQ(Returned("{\"a\": 1, \"b\": 2}").parts.size(), 4u);
  const Expression& call = Returned("((self).a[0]).forward(x, alpha=2, )");
  EXPECT_EQ(call.kind, Expression::Kind::kCall);
  EXPECT_EQ(call.parts.size(), 2u);
  EXPECT_EQ(call.keywords.at(0).first, "alpha");
}

TEST_F(ParserTest, BlocksAndComments) {
  const Function& f = *Parse(
                           "op_version_set = 1\n"
                           "# a comment\n"
                           "def f(x: Tensor) -> Tensor:\n"
                           "  if x:\n"
                           "    pass\n"
                           "\n"
                           "  else:\n"
                           "    # another\n"
                           "    for i in range(3):\n"
                           "      a, b, = x  # and one more\n"
                           "  while x:\n"
                           "    c = [1,\n"
                           "2]\n"
                           "  return x")
                           .functions.at("f");
  ASSERT_EQ(f.body.size(), 3u);
  EXPECT_EQ(f.body[0]->otherwise.size(), 1u);
  EXPECT_EQ(f.body[0]->otherwise[0]->body[0]->target->parts.size(), 2u);
  EXPECT_EQ(f.body[1]->kind, Statement::Kind::kWhile);
  EXPECT_EQ(f.body[2]->line, 14);
}

TEST(ParserErrors, NameFileAndLine) {
  EXPECT_EQ(Error("def f():\n  a = (1\n"),
            "code/a.py:3: the end of the line where \",\" was expected");
  EXPECT_EQ(Error("def f():\n  a b\n"),
            "code/a.py:2: \"b\" where the end of the line was expected");
  EXPECT_EQ(Error("def f():\nx = 1\n"), "code/a.py:2: \"x\" where a block was expected");
  EXPECT_EQ(Error("def f(:\n"), "code/a.py:1: \":\" where a name was expected");
  EXPECT_EQ(Error("x = $\n"), "code/a.py: line 1: the character 0x24 is not known here");
  EXPECT_EQ(Error("x = 'abc\n"), "code/a.py: line 1: a string has no end");
  EXPECT_EQ(Error("x = )\n"), "code/a.py: line 1: ')' closes nothing");
  EXPECT_EQ(Error("def f():\n    a = 1\n  b = 2\n"), "code/a.py: line 3: an indent of 2");
  EXPECT_EQ(Error("x = 99999999999999999999\n"),
            "code/a.py:1: the number \"99999999999999999999\" has no 64 bits");
  EXPECT_EQ(Error("x = 1.2.3\n"), "code/a.py:1: \"1.2.3\" where a number was expected");
  EXPECT_EQ(Error("x = 2j\n"), "code/a.py: line 1: a number that ends with 'j'");
}

TEST(ParserErrors, DeepNestingIsRefused) {
  const std::string open(100000, '('), close(100000, ')');
  EXPECT_EQ(Error("x = " + open + "1" + close + "\n"),
            "code/a.py:1: more than 200 nested expressions");
  EXPECT_EQ(Error("x = " + std::string(100000, '-') + "1\n"),
            "code/a.py:1: more than 200 nested expressions");
  std::string chain = "x = a";
  for (int i = 0; i < 10000; ++i) chain += ".b";
  EXPECT_EQ(Error(chain + "\n"), "code/a.py:1: more than 200 chained expressions");
  std::string blocks = "def f():\n";
  for (size_t i = 1; i < 150; ++i) blocks += std::string(i, ' ') + "if x:\n";
  EXPECT_EQ(Error(blocks + std::string(150, ' ') + "pass\n"),
            "code/a.py: line 101: more than 100 levels of indent");
}

TEST(ParserErrors, LongSourcesAreRefused) {
  std::string list = "x = [";
  for (int i = 0; i < 300000; ++i) list += "1,";
  EXPECT_EQ(Error(list + "]\n"), "code/a.py: a source file of more than 524288 tokens");
}

}  // namespace
}  // namespace minnow::importers::torchscript
