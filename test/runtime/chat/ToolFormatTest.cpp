// How tools are called, found of templates: each writes its own history as its model writes.
#include "runtime/bundle/Bundle_generated.h"
#include "test/compiler/import/template/CompileTemplate.h"

#include <gtest/gtest.h>

namespace osscc {
namespace {

/// The name of the format that is found of a template; empty: none.
std::string formatOf(const std::string &source) {
  std::string error, bytes = compileChat(source, {}, error);
  EXPECT_EQ(error, "");
  const auto *calls = flatbuffers::GetRoot<bundle::Bundle>(bytes.data())->tool_calls();
  return calls ? calls->name()->str() : "";
}

/// A template that writes each call by `call`, between `begin` and `end`.
std::string templateOf(const std::string &call, const std::string &begin = {},
                       const std::string &end = {}) {
  return "{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}<|{{ m.role }}|>"
         "{{ m.content }}{% if m.tool_calls %}" +
         begin + "{% for c in m.tool_calls %}{% set f = c.function %}" + call + "{% endfor %}" +
         end + "{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";
}

constexpr const char *kJson =
    "{\"name\": \"{{ f.name }}\", \"arguments\": {{ f.arguments | tojson }}}";

TEST(ToolFormat, OfJson) {
  std::string json = kJson;
  EXPECT_EQ(formatOf(templateOf("\n<tool_call>\n" + json + "\n</tool_call>")), "hermes");
  EXPECT_EQ(
      formatOf(templateOf(json + "{% if not loop.last %}, {% endif %}", "[TOOL_CALLS][", "]")),
      "mistral");
  EXPECT_EQ(formatOf(templateOf(json + "\n", "<tool_calls>\n", "</tool_calls>")), "tool-calls");
  EXPECT_EQ(formatOf(templateOf("[TOOL_CALLS]{{ f.name }}[CALL_ID]{{ c.id }}[ARGS]"
                                "{{ f.arguments | tojson }}")),
            "mistral-args");
  EXPECT_EQ(formatOf(templateOf("<|tool_call_begin|>functions.{{ f.name }}:{{ loop.index0 }}"
                                "<|tool_call_argument_begin|>{{ f.arguments | tojson }}"
                                "<|tool_call_end|>",
                                "<|tool_calls_section_begin|>", "<|tool_calls_section_end|>")),
            "kimi");
}

/// As DeepSeek R1 and V3.1, which differ in what stands around the name.
TEST(ToolFormat, OfDeepSeek) {
  std::string begin = "<｜tool▁calls▁begin｜>", end = "<｜tool▁calls▁end｜>";
  EXPECT_EQ(formatOf(templateOf("<｜tool▁call▁begin｜>function<｜tool▁sep｜>{{ f.name }}\n```json\n"
                                "{{ f.arguments | tojson }}\n```<｜tool▁call▁end｜>\n",
                                begin, end)),
            "deepseek");
  EXPECT_EQ(formatOf(templateOf("<｜tool▁call▁begin｜>{{ f.name }}<｜tool▁sep｜>"
                                "{{ f.arguments | tojson }}<｜tool▁call▁end｜>",
                                begin, end)),
            "deepseek-3.1");
  EXPECT_EQ(
      formatOf(templateOf(
          "<｜DSML｜invoke name=\"{{ f.name }}\">\n{% for k, v in f.arguments.items() %}"
          "<｜DSML｜parameter name=\"{{ k }}\" string=\"{{ 'true' if v is string else 'false' }}"
          "\">{{ v if v is string else v | tojson }}</｜DSML｜parameter>\n{% endfor %}"
          "</｜DSML｜invoke>\n",
          "\n\n<｜DSML｜tool_calls>\n", "</｜DSML｜tool_calls>")),
      "dsml-4");
}

TEST(ToolFormat, OfParameters) {
  EXPECT_EQ(
      formatOf(templateOf(
          "<tool_call>\n<function={{ f.name }}>\n{% for k, v in f.arguments.items() %}"
          "<parameter={{ k }}>\n{{ v | tojson if v is iterable and v is not string else v }}\n"
          "</parameter>\n{% endfor %}</function>\n</tool_call>")),
      "qwen-xml");
  EXPECT_EQ(formatOf(templateOf("<tool_call>{{ f.name }}\n{% for k, v in f.arguments.items() %}"
                                "<arg_key>{{ k }}</arg_key>\n<arg_value>"
                                "{{ v if v is string else v | tojson }}</arg_value>\n{% endfor %}"
                                "</tool_call>")),
            "glm");
}

TEST(ToolFormat, OfOneCallThatIsAllOfTheAnswer) {
  // As Llama 3: one call and no content.
  std::string one = "{% for m in messages %}<|{{ m.role }}|>{% if m.tool_calls %}"
                    "{% if m.tool_calls | length != 1 %}{{ raise_exception('one at a time') }}"
                    "{% endif %}{% set f = m.tool_calls[0].function %}{\"name\": \"{{ f.name }}\", "
                    "\"parameters\": {{ f.arguments | tojson }}}{% else %}{{ m.content }}"
                    "{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";
  EXPECT_EQ(formatOf(one), "json");
  EXPECT_EQ(formatOf(one + "{# #}{% if builtin %}<|python_tag|>{% endif %}"), "llama-3");
  EXPECT_EQ(formatOf("{% for m in messages %}<|{{ m.role }}|>{% if m.tool_calls %}["
                     "{% for c in m.tool_calls %}{{ c.function.name }}("
                     "{% for k, v in c.function.arguments.items() %}{{ k }}={{ v | tojson }}"
                     "{% if not loop.last %}, {% endif %}{% endfor %})"
                     "{% if not loop.last %}, {% endif %}{% endfor %}]{% else %}{{ m.content }}"
                     "{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>"
                     "{% endif %}"),
            "pythonic");
}

TEST(ToolFormat, ByItsMarkWhereNoHistoryShowsIt) { // as SmolLM3
  EXPECT_EQ(formatOf("{% if tools %}Call a tool within <tool_call></tool_call>.{% endif %}"
                     "{% for m in messages %}{{ m.content }}{% endfor %}"),
            "hermes");
  EXPECT_EQ(formatOf("{% if tools %}<|tool_call|>{% endif %}"
                     "{% for m in messages %}{{ m.content }}{% endfor %}"),
            "granite");
}

TEST(ToolFormat, OfNone) {
  EXPECT_EQ(formatOf("{% for m in messages %}{{ m.content }}{% endfor %}"), "");
  EXPECT_EQ(formatOf(templateOf("<<{{ f.name }} of {{ f.arguments }}>>")), "") << "in no known way";
  EXPECT_EQ(formatOf("{{ raise_exception('never') }}"), "");
}

} // namespace
} // namespace osscc
