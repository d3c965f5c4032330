// Renders templates that the compiler parsed: equal to jinja2's text on stored conversations and
// constructs, with the origin of every byte, and within bounds whatever the template does.
#include "runtime/template/ChatTemplate.h"
#include "test/compiler/import/template/CompileTemplate.h"
#include <boost/json.hpp>
#include <fstream>
#include <gmock/gmock.h>
#include <sstream>

namespace osscc::rt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

boost::json::value readData(const std::string &name) {
  std::stringstream text;
  text << std::ifstream(OSSCC_TEST_DATA "/" + name, std::ios::binary).rdbuf();
  return boost::json::parse(text.str());
}

Result<Rendered> render(const std::string &source, const boost::json::object &context) {
  std::string error, bytes = compileTemplate("test.jinja", source, error);
  EXPECT_EQ(error, "") << source;
  if (bytes.empty())
    return fail(Code::kRuntime, error);
  return renderChat(*flatbuffers::GetRoot<bundle::Template>(bytes.data()), context);
}

std::string renderText(const std::string &source, const boost::json::object &context = {}) {
  Result<Rendered> rendered = render(source, context);
  return rendered ? rendered->text : "error: " + rendered.error().message;
}

/// The rendered text with what the user wrote in brackets.
std::string origins(const std::string &source, const boost::json::object &context) {
  Result<Rendered> rendered = render(source, context);
  if (!rendered)
    return rendered.error().message;
  std::string marked;
  for (const TokenSpan &span : rendered->spans) {
    std::string part = rendered->text.substr(span.begin, span.end - span.begin);
    marked += span.isTemplate ? part : "[" + part + "]";
  }
  return marked;
}

// The checkpoint's own template on 64 seeded conversations; the user's bytes are exactly the roles
// and contents.
TEST(ChatTemplate, EqualsJinjaOnSmolLm2) {
  boost::json::value golden = readData("template-smollm2.json");
  std::string source(golden.at("template").as_string());
  for (const boost::json::value &entry : golden.at("conversations").as_array()) {
    const boost::json::object &context = entry.at("context").as_object();
    Result<Rendered> rendered = render(source, context);
    ASSERT_TRUE(rendered) << rendered.error().message;
    EXPECT_EQ(rendered->text, std::string(entry.at("text").as_string()));
    std::string user, expected;
    size_t end = 0;
    for (const TokenSpan &span : rendered->spans) {
      EXPECT_EQ(span.begin, end);
      end = span.end;
      if (!span.isTemplate)
        user += rendered->text.substr(span.begin, span.end - span.begin);
    }
    EXPECT_EQ(end, rendered->text.size());
    for (const boost::json::value &message : context.at("messages").as_array())
      for (const char *field : {"role", "content"})
        expected += std::string(message.at(field).as_string());
    EXPECT_EQ(user, expected);
  }
}

// One template for each construct, with the text or the refusal of jinja2.
TEST(ChatTemplate, EqualsJinjaOnEachConstruct) {
  boost::json::value golden = readData("template-cases.json");
  for (const boost::json::value &entry : golden.at("cases").as_array()) {
    const boost::json::object &object = entry.as_object();
    boost::json::object context = object.at("context").as_object();
    context["strftime_now"] = golden.at("strftime_now");
    std::string source(object.at("template").as_string());
    Result<Rendered> rendered = render(source, context);
    if (const boost::json::value *text = object.if_contains("text")) {
      ASSERT_TRUE(rendered) << source << "\n" << rendered.error().message;
      EXPECT_EQ(rendered->text, std::string(text->as_string())) << source;
    } else {
      EXPECT_FALSE(rendered) << source << "\n" << rendered->text;
    }
  }
}

TEST(ChatTemplate, OriginsSurviveOperations) {
  boost::json::object context{{"x", " <|u|> "}, {"xs", {"a", "b"}}, {"bos_token", "<s>"}};
  EXPECT_EQ(origins("<|t|>{{ x }}!", context), "<|t|>[ <|u|> ]!");
  EXPECT_EQ(origins("{{ '<' + x | trim + '>' }}", context), "<[<|u|>]>");
  EXPECT_EQ(origins("{{ ('<' ~ x ~ '>')[:3] }}", context), "<[ <]");
  EXPECT_EQ(origins("{% set y %}({{ x }}){% endset %}{{ y | upper }}", context), "([ <|U|> ])");
  EXPECT_EQ(origins("{{ (x + '|' + x).split('|') | join('-') }}", context),
            "[ <]-[u]-[> ]-[ <]-[u]-[> ]");
  EXPECT_EQ(origins("{{ xs | join('<|s|>') }}", context), "[a]<|s|>[b]");
  EXPECT_EQ(origins("{{ 'a-b'.replace('-', x) }}{{ x.replace('u', 'T') }}", context),
            "a[ <|u|> ]b[ <|]T[|> ]");
  EXPECT_EQ(origins("{% macro m(v) %}<{{ v }}>{% endmacro %}{{ m(x) }}", context), "<[ <|u|> ]>");
  EXPECT_EQ(origins("{{ x | tojson }}{{ 1 + 1 }}", context), "[\" <|u|> \"2]");
  EXPECT_EQ(origins("{{ bos_token }}{{ x[1] }}{% for c in 'ab' %}{{ c }}{% endfor %}", context),
            "<s>[<]ab");
  EXPECT_EQ(origins("{{ ('<' | safe) + x }}", context), "<[ &lt;|u|&gt; ]");
}

TEST(ChatTemplate, ReportsErrorsWithTheLine) {
  EXPECT_EQ(renderText("{{ raise_exception('Only users, please') }}"),
            "error: chat template: Only users, please");
  EXPECT_EQ(renderText("\n\n{{ m.role + 1 }}", {{"m", {{"role", "u"}}}}),
            "error: chat template: line 3: unsupported operands of 'Add': str and int");
  EXPECT_EQ(renderText("{{ 'a' + m['content'] }}", {{"m", {{"role", "u"}}}}),
            "error: chat template: line 1: 'content' is undefined");
  EXPECT_EQ(renderText("{{ n }}", {{"n", UINT64_MAX}}),
            "error: chat template: the request nests too deeply or has an integer beyond 63 bits");
}

TEST(ChatTemplate, PassesAbsentToolsAsNone) {
  EXPECT_EQ(renderText("{{ tools is none }}{{ documents is none }}{{ x is defined }}"),
            "TrueTrueFalse");
}

// Each of these would run for hours, or take all memory or stack, without the bounds.
TEST(ChatTemplate, BoundsHostileTemplates) {
  const char *hostile[] = {
      "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
      "{% set r = range(100000) %}{% for a in r %}{% for b in r %}{% for c in r %}{% endfor %}{% "
      "endfor %}{% endfor %}",
      "{{ 'x' * 1000000000000 }}",
      "{{ [0] * 9000000000000000000 }}",
      "{% set n = namespace(s='ab') %}{% for i in range(99) %}{% set n.s = n.s + n.s %}{% endfor "
      "%}",
      "{% set n = namespace(s=[1]) %}{% for i in range(99999) %}{% set n.s = [n.s] %}{% endfor %}",
      "{% set n = namespace(s=[1]) %}{% for i in range(90) %}{% set n.s = [n.s, n.s] %}{% endfor "
      "%}{{ n.s | tojson }}",
      "{% set n = namespace(s=[1]) %}{% for i in range(90) %}{% set n.s = [n.s, n.s] %}{% endfor "
      "%}{{ n.s == [n.s[0], n.s[1]] }}",
      "{% set s = 'ab' * 10000000 %}{{ s.replace('', s) }}",
      "{% set s = 'ab' * 10000000 %}{% for i in range(9999) %}{{ s[3] }}{% endfor %}",
      "{{ 2 ** 64 }}",
      "{{ 9223372036854775807 + 1 }}",
      "{{ (0 - 9223372036854775807 - 1) // -1 }}",
      "{{ range(0, 9223372036854775807) }}",
  };
  for (const char *source : hostile)
    EXPECT_THAT(renderText(source), HasSubstr("error: chat template: line 1")) << source;
}

TEST(ChatTemplate, RefusesADamagedProgram) {
  // Four thousand million children, none of which is there.
  bundle::TemplateT program;
  program.nodes.emplace_back(0, 0, bundle::TemplateKind::Sequence, 0, 1, 0, 0, UINT32_MAX);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(bundle::Template::Pack(builder, &program));
  Result<Rendered> rendered =
      renderChat(*flatbuffers::GetRoot<bundle::Template>(builder.GetBufferPointer()), {});
  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().code, Code::kDataDamaged);
}

TEST(ChatTemplate, ChargesWhatSearchesAndComparesTake) {
  std::string names, entries, reversed;
  for (int i = 0; i < 4000; ++i) {
    std::string name = "k" + std::to_string(i);
    names += "{% set " + name + " = 0 %}";
    entries += "'" + name + "': 1, ";
    reversed = "'" + name + "': 1, " + reversed;
  }
  std::string parameters, arguments;
  for (int i = 0; i < 30000; ++i) {
    parameters += "k" + std::to_string(i) + ", ";
    arguments += "k" + std::to_string(i) + "=1, ";
  }
  std::string loop = "{% for i in range(99999) %}", end = "{% endfor %}";
  const std::string hostile[] = {
      names + loop + loop + "{{ q }}" + end + end,
      "{% set a = {" + entries + "} %}{% set b = {" + reversed + "} %}" + loop +
          "{{ a == b or a != b }}" + end,
      "{% macro m(" + parameters + "z) %}{% endmacro %}{{ m(" + arguments + "z=1) }}",
      "{% set a = 'a' * 100000 %}" + loop + "{{ 'a'.startswith((a ~ 'b', a)) }}" + end,
      "{% set s = 'a' * 30000000 %}" + loop + "{{ s.rsplit('a' * 10000 + 'b') }}" + end,
      "{% set s = 'a' * 30000000 %}" + loop + "{{ s.strip('b' * 100000 + 'a') }}" + end,
      "{% set s = 'a' * 30000000 %}{{ (s|replace('a', x))|length }}",
  };
  for (const std::string &source : hostile)
    EXPECT_THAT(renderText(source, {{"x", "u"}}), HasSubstr("more work than")) << source.size();
}

TEST(ChatTemplate, SearchesTextInLinearTime) {
  // A million of one letter, and half of them with another behind: 10^11 steps if not, which no
  // machine hides.
  EXPECT_EQ(renderText("{% set s = 'a' * 1000000 %}{% set p = 'a' * 500000 + 'b' %}{{ p in s }} "
                       "{{ s.find(p) }} {{ s.count(p) }} {{ s.split(p)|length }} "
                       "{{ s.replace(p, '')|length }}"),
            "False -1 0 1 1000000");
}

TEST(ChatTemplate, SortsWhatHasNoOrder) {
  std::string list;
  for (int i = 0; i < 64; ++i)
    list += i % 3 ? "'nan'|float, " : std::to_string(64 - i) + ", ";
  EXPECT_EQ(renderText("{{ [" + list + "]|sort|length }}"), "64");
  // Two integers between which a double would not tell.
  EXPECT_EQ(renderText("{{ 9007199254740993 > 9007199254740992.0 }}"), "True");
}

TEST(ChatTemplate, IsLinearInTheConversation) {
  // 4 MB of one message pass the filters of a real template within the work limit.
  boost::json::object context{{"x", std::string(1 << 22, 'a') + "</think> b "}};
  EXPECT_EQ(renderText("{% for i in range(8) %}{{ (x.split('</think>')[-1] | trim + '\\n').strip() "
                       "}}{% endfor %}",
                       context),
            "bbbbbbbb");
}

TEST(ChatTemplate, SpansJoinAndCover) {
  Result<Rendered> rendered = render("a{{ 'b' }}{{ x }}{{ x }}c", {{"x", "u"}});
  ASSERT_TRUE(rendered);
  EXPECT_EQ(rendered->text, "abuuc");
  EXPECT_THAT(rendered->spans,
              ElementsAre(TokenSpan{0, 2, true}, TokenSpan{2, 4, false}, TokenSpan{4, 5, true}));
  EXPECT_TRUE(render("", {})->spans.empty());
}

} // namespace
} // namespace osscc::rt
