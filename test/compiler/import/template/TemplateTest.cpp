// The chat template's parser: what the program holds, and what it refuses with file, line and name.
#include "compiler/import/template/Template.h"
#include "compiler/import/template/Lexer.h"
#include "llvm/Support/Error.h"
#include "gmock/gmock.h"

namespace osscc {
namespace {

using testing::HasSubstr;

std::string errorOf(llvm::StringRef text) {
  auto program = parseTemplate("dir/chat.jinja", text);
  return program ? "accepted" : llvm::toString(program.takeError());
}

/// Data tokens in quotes, others as their text.
std::string lex(llvm::StringRef text) {
  std::string result;
  for (const TemplateToken &token : llvm::cantFail(lexTemplate("t", text)))
    result += token.kind == TemplateTokenKind::Data ? "'" + token.text + "'" : token.text;
  return result;
}

TEST(TemplateImport, ControlsWhitespaceAsHuggingFaceDoes) {
  EXPECT_EQ(lex("a\n  {% if x %}\n  b\n"), "'a\n'ifx'  b'");
  EXPECT_EQ(lex("a \n {%- if x -%} \n b"), "'a'ifx'b'");
  EXPECT_EQ(lex("a\n  {%+ if x +%}\n b"), "'a\n  'ifx'\n b'");
  EXPECT_EQ(lex("a\n  {{ x }}\n\n"), "'a\n  'x'\n'");
  EXPECT_EQ(lex("a\r\nb{# c #}\r\nd"), "'a\nb''d'");
  EXPECT_EQ(lex("{% raw %}{{ x }}{% endraw %}"), "'{{ x }}'");
}

TEST(TemplateImport, StoresSourceAndPostOrder) {
  auto program = parseTemplate("dir/chat.jinja", "a{{ x + 'b' }}");
  ASSERT_TRUE(bool(program));
  EXPECT_EQ((*program)->file, "chat.jinja");
  EXPECT_EQ((*program)->source, "a{{ x + 'b' }}");
  EXPECT_EQ((*program)->nodes.back().kind(), bundle::TemplateKind::Sequence);
  for (size_t i = 0; i < (*program)->nodes.size(); ++i)
    for (uint32_t c = 0; c < (*program)->nodes[i].count(); ++c)
      EXPECT_LT((*program)->children[(*program)->nodes[i].first() + c], i);
}

TEST(TemplateImport, NamesUnknownConstructs) {
  EXPECT_THAT(errorOf("a\n{{ x | nope }}"),
              HasSubstr("dir/chat.jinja:2: error: chat template: unknown filter 'nope'"));
  EXPECT_THAT(errorOf("{{ x is weird }}"),
              HasSubstr("chat.jinja:1: error: chat template: unknown test 'weird'"));
  EXPECT_THAT(errorOf("\n\n{{ lipsum() }}"),
              HasSubstr("chat.jinja:3: error: chat template: unsupported function 'lipsum'"));
  EXPECT_THAT(errorOf("{{ xs | random }}"), HasSubstr("unsupported filter 'random'"));
  EXPECT_THAT(errorOf("{{ x.encode('utf-8') }}"), HasSubstr("unsupported method 'encode'"));
  for (std::string name : {"include", "import", "extends", "from"})
    EXPECT_THAT(errorOf("{% " + name + " 'x' %}"),
                HasSubstr("unsupported statement '" + name + "': a chat template is one text"));
  EXPECT_THAT(errorOf("{% endif %}"), HasSubstr("unknown statement 'endif'"));
  EXPECT_THAT(errorOf("{{ xs | map('nope') }}"), HasSubstr("unknown filter 'nope'"));
  EXPECT_THAT(errorOf("{{ xs | selectattr('a', 'nope') }}"), HasSubstr("unknown test 'nope'"));
  EXPECT_THAT(errorOf("{{ x | tojson(html=true) }}"),
              HasSubstr("unsupported argument 'html' of filter 'tojson'"));
  EXPECT_THAT(errorOf("{{ x | trim(1, 2) }}"), HasSubstr("takes at most 1 arguments"));
  EXPECT_THAT(errorOf("{{ x | replace('a') }}"), HasSubstr("needs the argument 'new'"));
}

// As in jinja2, a name that a condition may step around is an error only where it is reached.
TEST(TemplateImport, LeavesUnknownNamesInConditionsToTheRenderer) {
  EXPECT_EQ(errorOf("{% if 'nope' is filter %}{{ x | nope }}{% endif %}"), "accepted");
  EXPECT_EQ(errorOf("{{ x | nope if 'nope' is filter else x }}"), "accepted");
  EXPECT_THAT(errorOf("{% if x %}{% for y in x %}{{ y | nope }}{% endfor %}{% endif %}"),
              HasSubstr("unknown filter 'nope'"));
  EXPECT_THAT(errorOf("{% if x %}{% endif %}{{ x is nope }}"), HasSubstr("unknown test 'nope'"));
}

TEST(TemplateImport, RefusesWhatJinjaRefuses) {
  EXPECT_THAT(errorOf("{% block a %}{% endblock %}{% block a %}{% endblock %}"),
              HasSubstr("block 'a' is defined twice"));
  EXPECT_THAT(errorOf("{% macro m(a=1, b) %}{% endmacro %}"), HasSubstr("without a default"));
  EXPECT_THAT(errorOf("{% macro m(a, a) %}{% endmacro %}"), HasSubstr("have the name 'a'"));
  EXPECT_THAT(errorOf("{% call x %}{% endcall %}"), HasSubstr("expected a call"));
  EXPECT_THAT(errorOf("{{ f(a=1, 2) }}"), HasSubstr("positional argument follows"));
  EXPECT_THAT(errorOf("{{ f(**a, *b) }}"), HasSubstr("unexpected '*' in a call"));
  EXPECT_THAT(errorOf("{{ f(a=1, a=2) }}"), HasSubstr("unexpected argument 'a'"));
  EXPECT_THAT(errorOf("{% set a, b %}{% endset %}"), HasSubstr("expected '='"));
  EXPECT_THAT(errorOf("{% for x in y %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}"),
              HasSubstr("'break' outside a loop"));
  EXPECT_THAT(errorOf("{{ 0x }}"), HasSubstr("expected '}}', found 'x'"));
  EXPECT_THAT(errorOf("{{ " + std::string(5000, '1') + " }}"),
              HasSubstr("an integer of 5000 digits"));
}

// Numbers as tokens: other bases become decimal, however long they are.
TEST(TemplateImport, ReadsNumbersAsPythonDoes) {
  EXPECT_EQ(lex("{{ 0x1F }} {{ 0b1_01 }} {{ 0o17 }} {{ 1_000 }}"), "31' '5' '15' '1000");
  EXPECT_EQ(lex("{{ 0xffffffffffffffffff }}"), "4722366482869645213695");
  EXPECT_EQ(lex("{{ x.0.1 }}"), "x.0.1");
  EXPECT_EQ(lex("{{ 1.5e+1_0 }}{{ 1e5 }}"), "1.5e+101e5");
  EXPECT_EQ(lex("{{ größe }}"), "größe");
}

TEST(TemplateImport, RefusesBrokenSyntax) {
  EXPECT_THAT(
      errorOf("\n{% if x %}a"),
      HasSubstr("chat.jinja:2: error: chat template: the block opened here is never closed"));
  EXPECT_THAT(errorOf("{% for x in y %}"), HasSubstr("never closed"));
  EXPECT_THAT(errorOf("{{ x"), HasSubstr("the tag opened here is never closed"));
  EXPECT_THAT(errorOf("{# x"), HasSubstr("the comment opened here is never closed"));
  EXPECT_THAT(errorOf("{{ 'x }}"), HasSubstr("the string opened here is never closed"));
  EXPECT_THAT(errorOf("{{ 'x\\"), HasSubstr("the string opened here is never closed"));
  EXPECT_THAT(errorOf("{% raw %}x"), HasSubstr("the raw block opened here is never closed"));
  EXPECT_THAT(errorOf("{{ (x] }}"), HasSubstr("unexpected ']', expected ')'"));
  EXPECT_THAT(errorOf("{{ }}"), HasSubstr("expected an expression, found '}}'"));
  EXPECT_THAT(errorOf("{{ x ! }}"), HasSubstr("unexpected character '!'"));
  EXPECT_THAT(errorOf("{{ x y }}"), HasSubstr("expected '}}', found 'y'"));
  EXPECT_THAT(errorOf("{% set %}"), HasSubstr("expected a variable, found '%}'"));
  EXPECT_THAT(errorOf("{% break %}"), HasSubstr("'break' outside a loop"));
  EXPECT_THAT(errorOf("{{ '\\ud800' }}"), HasSubstr("unsupported escape '\\ud800'"));
  EXPECT_THAT(errorOf("ab\n\xff"),
              HasSubstr("chat.jinja:2: error: chat template: invalid UTF-8 at byte 3"));
}

TEST(TemplateImport, BoundsNestingAndSize) {
  auto nested = [](std::string open, std::string close, unsigned levels) {
    std::string text;
    for (unsigned i = 0; i < levels; ++i)
      text += open;
    text += "x";
    for (unsigned i = 0; i < levels; ++i)
      text += close;
    return errorOf("{{ " + text + " }}");
  };
  EXPECT_EQ(nested("[", "]", 50), "accepted");
  EXPECT_THAT(nested("[", "]", 200), HasSubstr("nested deeper than 100 levels"));
  EXPECT_THAT(nested("(", ")", 100000), HasSubstr("nested deeper than 100 levels"));
  EXPECT_THAT(nested("not ", "", 100000), HasSubstr("nested deeper than 100 levels"));
  EXPECT_THAT(nested("-", "", 100000), HasSubstr("nested deeper than 100 levels"));
  EXPECT_THAT(nested("", " + x", 100000), HasSubstr("nested deeper than 100 levels"));
  EXPECT_THAT(nested("", " | trim", 100000), HasSubstr("nested deeper than 100 levels"));
  std::string blocks;
  for (int i = 0; i < 50000; ++i)
    blocks += "{% if x %}";
  EXPECT_THAT(errorOf(blocks), HasSubstr("nested deeper than 100 levels"));
  EXPECT_THAT(errorOf(std::string((1 << 20) + 1, 'x')),
              HasSubstr("1048577 bytes, expected at most 1048576"));
}

} // namespace
} // namespace osscc
