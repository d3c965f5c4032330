// Renders templates that the compiler parsed: equal to jinja2's text on stored conversations and
// constructs, with the origin of every byte, and within bounds whatever the template does.
#include "runtime/template/ChatTemplate.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/ReadJson.h"
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
  std::stringstream text;
  text << std::ifstream(OSSCC_TEST_DATA "/template-cases.json", std::ios::binary).rdbuf();
  Value golden = *readJson(text.str(), /*isTemplate=*/false);
  const Dict &file = *asDict(golden);
  std::optional<int64_t> clock = asInteger(*file.find("strftime_now"));
  for (const Value &entry : asList(*file.find("cases"))->items) {
    const Dict &fields = *asDict(entry);
    std::string source(asText(*fields.find("template"))->view()), error;
    std::string bytes = compileTemplate("test.jinja", source, error);
    ASSERT_EQ(error, "") << source;
    std::vector<std::pair<Value, Value>> variables = asDict(*fields.find("context"))->entries;
    for (const char *name : {"tools", "documents"})
      variables.emplace_back(makeText(name, false), None{});
    Result<Rendered> rendered = renderChat(*flatbuffers::GetRoot<bundle::Template>(bytes.data()),
                                           makeDict(std::move(variables)), clock);
    if (const Value *expected = fields.find("text")) {
      ASSERT_TRUE(rendered) << source << "\n" << rendered.error().message;
      EXPECT_EQ(rendered->text, asText(*expected)->view()) << source;
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
  EXPECT_EQ(origins("{{ '<|%s|>%s' % ('t', x) }}{{ '<|{}|>'.format(x) }}", context),
            "<|t|>[ <|u|> ]<|[ <|u|> ]|>");
  EXPECT_EQ(origins("{% macro m() %}<{{ caller(x) }}>{% endmacro %}{% call(v) m() %}({{ v }})"
                    "{% endcall %}",
                    context),
            "<([ <|u|> ])>");
  EXPECT_EQ(origins("{% filter upper %}a{{ x }}é{% endfilter %}{{ xs | map('upper') | join('ß') }}",
                    context),
            "A[ <|U|> ]É[A]ß[B]");
  EXPECT_EQ(origins("{{ ('-' ~ x) | truncate(4, true, '...', 0) }}{{ ('a ' ~ x) | wordwrap(4) }}",
                    context),
            "-...a [ <]\n[|u|>]");
}

TEST(ChatTemplate, ReportsErrorsWithTheLine) {
  EXPECT_EQ(renderText("{{ raise_exception('Only users, please') }}"),
            "error: chat template: Only users, please");
  EXPECT_EQ(renderText("\n\n{{ m.role + 1 }}", {{"m", {{"role", "u"}}}}),
            "error: chat template: line 3: unsupported operands of 'Add': str and int");
  EXPECT_EQ(renderText("{{ 'a' + m['content'] }}", {{"m", {{"role", "u"}}}}),
            "error: chat template: line 1: 'content' is undefined");
}

// Every name that the compiler lets pass has its function here.
TEST(ChatTemplate, HasWhatTheCompilerKnows) {
  auto count = [](auto... rooms) { return (rooms.size() + ...); };
  EXPECT_EQ(std::size(kTemplateFilters),
            count(sequenceFilters(), sortingFilters(), selectingFilters(), textFilters(),
                  wrappingFilters(), markupFilters(), numberFilters(), jsonFilters()));
  for (FilterTable room : {sequenceFilters(), sortingFilters(), selectingFilters(), textFilters(),
                           wrappingFilters(), markupFilters(), numberFilters(), jsonFilters()})
    for (const TemplateFilter &filter : room)
      EXPECT_TRUE(findTemplateCallable(kTemplateFilters, filter.name)) << filter.name;
  ASSERT_EQ(std::size(kTemplateTests), templateTests().size());
  for (size_t i = 0; i < std::size(kTemplateTests); ++i)
    EXPECT_EQ(kTemplateTests[i].name, templateTests()[i].name);
  ASSERT_EQ(std::size(kTemplateFunctions), templateFunctions().size());
  for (size_t i = 0; i < std::size(kTemplateFunctions); ++i)
    EXPECT_EQ(kTemplateFunctions[i].name, templateFunctions()[i].name);
}

// What llama.cpp runs of templates beyond transformers' sandbox.
TEST(ChatTemplate, ChangesListsAndDictsOfVariables) {
  EXPECT_EQ(renderText("{% set l = [] %}{% for i in range(3) %}{% set _ = l.append(i) %}{% endfor "
                       "%}{{ l }}{{ l.pop(0) }}{{ l.pop() }}{{ l }}"),
            "[0, 1, 2]02[1]");
  EXPECT_EQ(renderText("{% set n = namespace(ids=[]) %}{% for i in 'ab' %}{% do n.ids.append(i) "
                       "%}{% endfor %}{{ n.ids.pop(0) }}{{ n.ids }}"),
            "a['b']");
  EXPECT_EQ(renderText("{% set d = {'k': [1]} %}{% do d.k.append(2) %}{% do d['k'].insert(0, 0) "
                       "%}{% do d.update({'x': 1}, y=2) %}{{ d }}{{ d.pop('x') }}{{ d }}"),
            "{'k': [0, 1, 2], 'x': 1, 'y': 2}1{'k': [0, 1, 2], 'y': 2}");
  // A copy, so that no value contains itself.
  EXPECT_EQ(renderText("{% set l = [1] %}{% do l.append(l) %}{{ l }}"), "[1, [1]]");
  EXPECT_THAT(renderText("{% set l = [] %}{{ l.pop() }}"), HasSubstr("pop from an empty list"));
}

TEST(ChatTemplate, ReadsJson) {
  boost::json::object context{{"x", R"({"a": [1, 36893488147419103232, 0.1], "b": null})"}};
  EXPECT_EQ(renderText("{{ (x | from_json).a }}{{ x | from_json | tojson }}", context),
            "[1, 36893488147419103232, 0.1]{\"a\": [1, 36893488147419103232, 0.1], \"b\": null}");
  EXPECT_THAT(renderText("{{ '{' | from_json }}"), HasSubstr("'from_json' found no JSON"));
}

TEST(ChatTemplate, KeepsIntegersBeyond64Bits) {
  Value request =
      *readJson(R"({"m": 18446744073709551616, "n": -9223372036854775809, "u": 18446744073709551615,
                    "f": 1e400, "g": 4.35})",
                /*isTemplate=*/false);
  std::string error;
  std::string bytes =
      compileTemplate("t", "{{ m }} {{ n }} {{ u }} {{ f }} {{ g }} {{ m | tojson }}", error);
  Result<Rendered> rendered =
      renderChat(*flatbuffers::GetRoot<bundle::Template>(bytes.data()), request, 0);
  ASSERT_TRUE(rendered);
  EXPECT_EQ(rendered->text,
            "18446744073709551616 -9223372036854775809 18446744073709551615 inf 4.35 "
            "18446744073709551616");
  EXPECT_EQ(renderText("{{ n }}", {{"n", UINT64_MAX}}), "18446744073709551615");
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
      "{{ 2 ** 20000 }}",
      "{{ 10 ** (10 ** 30) }}",
      "{% set n = namespace(i=3) %}{% for i in range(99) %}{% set n.i = n.i * n.i %}{% endfor %}",
      "{% for i in [1] recursive %}{{ loop([i]) }}{% endfor %}",
      "{% block b %}{{ self.b() }}{% endblock %}",
      "{% macro m() %}{% call m() %}{% endcall %}{{ caller }}{% endmacro %}{{ m() }}",
      "{% set l = [] %}{% for i in range(99999) %}{% set _ = l.append([l]) %}{% endfor %}",
      "{{ '%999999d' % 1 }}",
      "{{ '{:>999999}'.format('x') }}",
      "{{ '%*d' % (99999999999, 1) }}",
      "{% set s = '{0}' * 20000 %}{% for i in range(9) %}{{ s.format('x' * 10000) }}{% endfor %}",
      "{{ 'x'.center(1000000000) }}",
      "{{ [1] | batch(1000000000, 0) | list }}",
      "{{ [1] | slice(1000000000) | list }}",
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
