// Chat requests: equal to apply_chat_template's text on stored ones of every kind, with the origin
// of every byte.
#include "runtime/template/Request.h"
#include "runtime/template/ReadJson.h"
#include "test/compiler/import/template/CompileTemplate.h"
#include <boost/json.hpp>
#include <deque>
#include <fstream>
#include <gmock/gmock.h>
#include <map>
#include <sstream>

namespace osscc::rt {
namespace {

using testing::HasSubstr;

/// Templates by name, compiled, with special tokens.
class Format {
public:
  explicit Format(const std::map<std::string, std::string> &templates,
                  std::map<std::string, std::string> tokens = {})
      : tokens(std::move(tokens)) {
    for (const auto &[name, source] : templates) {
      std::string error;
      programs.push_back(compileNamedTemplate(name, source, error));
      EXPECT_EQ(error, "") << source;
      if (error.empty())
        format.templates.push_back(flatbuffers::GetRoot<bundle::Template>(programs.back().data()));
    }
    for (const auto &[name, text] : this->tokens)
      format.specialTokens.emplace_back(name, text);
  }

  Result<Rendered> render(const std::string &request) const {
    Result<Value> value = readJson(request, /*isTemplate=*/false);
    if (!value)
      return std::unexpected(value.error());
    return renderRequest(format, *value, 1721952000);
  }
  std::string text(const std::string &request) const {
    Result<Rendered> rendered = render(request);
    return rendered ? rendered->text : "error: " + rendered.error().message;
  }
  /// The text with what the user wrote in brackets.
  std::string origins(const std::string &request) const {
    Result<Rendered> rendered = render(request);
    if (!rendered)
      return rendered.error().message;
    std::string marked;
    size_t end = 0;
    for (const TokenSpan &span : rendered->spans) {
      EXPECT_EQ(span.begin, end);
      end = span.end;
      std::string part = rendered->text.substr(span.begin, span.end - span.begin);
      marked += span.isTemplate ? part : "[" + part + "]";
    }
    EXPECT_EQ(end, rendered->text.size());
    return marked;
  }

private:
  std::map<std::string, std::string> tokens;
  std::deque<std::string> programs; // views stay where they are
  ChatFormat format;
};

std::map<std::string, std::string> textsOf(const boost::json::value &object) {
  std::map<std::string, std::string> texts;
  for (const auto &entry : object.as_object())
    texts[entry.key()] = std::string(entry.value().as_string());
  return texts;
}

// Templates that print all that they are given: a difference of one key or its place shows.
TEST(ChatRequest, EqualsTransformersOnEachKind) {
  std::stringstream file;
  file << std::ifstream(OSSCC_TEST_DATA "/chat-requests.json", std::ios::binary).rdbuf();
  boost::json::value golden = boost::json::parse(file.str());
  std::map<std::string, Format> formats;
  for (const auto &entry : golden.at("templates").as_object())
    formats.try_emplace(entry.key(), textsOf(entry.value()), textsOf(golden.at("special_tokens")));
  for (const boost::json::value &entry : golden.at("cases").as_array()) {
    const boost::json::object &fields = entry.as_object();
    std::string request(fields.at("request").as_string());
    Result<Rendered> rendered =
        formats.at(std::string(fields.at("templates").as_string())).render(request);
    if (const boost::json::value *text = fields.if_contains("text")) {
      ASSERT_TRUE(rendered) << fields.at("kind") << ": " << rendered.error().message;
      EXPECT_EQ(rendered->text, std::string(text->as_string())) << fields.at("kind") << request;
    } else {
      EXPECT_FALSE(rendered) << fields.at("kind") << request << rendered->text;
    }
  }
}

TEST(ChatRequest, DropsWhatIsNullInAMessage) {
  Format format({{"default", "{{ messages | tojson }}"}});
  EXPECT_EQ(format.text(R"({"messages": [{"role": "assistant", "content": null,
    "tool_calls": [{"id": null}], "refusal": null}]})"),
            R"([{"role": "assistant", "tool_calls": [{"id": null}]}])");
  EXPECT_EQ(format.text(R"({"messages": [{"content": null}, {"a": [null], "b": {"c": null}}]})"),
            R"([{}, {"a": [null], "b": {"c": null}}])");
  EXPECT_EQ(format.text(R"({"messages": [{"role": "user", "content": ""}]})"),
            R"([{"role": "user", "content": ""}])");
}

TEST(ChatRequest, FillsTheNamesOfReasoning) {
  Format format({{"default", "{{ messages | tojson }}"}});
  EXPECT_EQ(format.text(R"({"messages": [{"role": "a", "reasoning": "r"}]})"),
            R"([{"thinking": "r", "role": "a", "reasoning": "r", "reasoning_content": "r"}])");
  EXPECT_EQ(format.text(R"({"messages": [{"role": "a", "thinking": "t", "reasoning": null}]})"),
            R"([{"thinking": "t", "role": "a", "reasoning_content": "t"}])");
  EXPECT_EQ(format.text(R"({"messages": [{"reasoning_content": "c", "thinking": "t"}]})"),
            R"([{"thinking": "t", "reasoning_content": "c"}])");
  EXPECT_EQ(format.text(R"({"messages": [{"reasoning_content": "", "reasoning": "r"}]})"),
            R"([{"thinking": "", "reasoning_content": "", "reasoning": "r"}])");
}

TEST(ChatRequest, ChoosesTheTemplate) {
  Format format({{"default", "d"}, {"tool_use", "t"}, {"rag", "r"}});
  const std::string messages = R"({"messages": [{"role": "user"}])";
  EXPECT_EQ(format.text(messages + "}"), "d");
  EXPECT_EQ(format.text(messages + R"(, "tools": null})"), "d");
  EXPECT_EQ(format.text(messages + R"(, "tools": [{}]})"), "t");
  EXPECT_EQ(format.text(messages + R"(, "tools": []})"), "t");
  EXPECT_EQ(format.text(messages + R"(, "tools": [{}], "chat_template": "rag"})"), "r");
  EXPECT_EQ(format.text(messages + R"(, "chat_template": "ra"})"),
            "error: chat request: chat_template: the model has no template of this name");
  Format noDefault({{"rag", "r"}, {"tool_use", "t"}});
  EXPECT_EQ(noDefault.text(messages + R"(, "tools": [{}]})"), "t");
  EXPECT_THAT(noDefault.text(messages + "}"), HasSubstr("several chat templates and no default"));
  EXPECT_EQ(noDefault.render(messages + "}").error().help,
            "name one of these with \"chat_template\": rag, tool_use");
  EXPECT_THAT(Format({}).text(messages + "}"), HasSubstr("no chat template"));
}

TEST(ChatRequest, TokensAreTheTemplatesAndVariablesTheUsers) {
  Format format({{"default", "{{ bos_token }}{{ x }}{{ image_token }}{{ pad_token }}"}},
                {{"bos_token", "<s>"}, {"image_token", "<i>"}});
  EXPECT_EQ(format.origins(R"({"messages": [{}], "x": "<s>"})"), "<s>[<s>]<i>");
  EXPECT_EQ(format.origins(R"({"messages": [{}], "bos_token": "<x>"})"), "[<x>]<i>");
  EXPECT_EQ(format.origins(R"({"messages": [{}], "bos_token": "",
    "chat_template_kwargs": {"x": "y", "pad_token": "p"}})"),
            "[y]<i>[p]");
  Format defined({{"default", "{{ bos_token is defined }} {{ eos_token is defined }} "
                              "{{ tools is none }} {{ padding is defined }}"}},
                 {{"bos_token", ""}});
  EXPECT_EQ(defined.text(R"({"messages": [{}], "padding": true})"), "True False True False");
}

TEST(ChatRequest, ContinuesTheFinalMessage) {
  Format format(
      {{"default", "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}"}});
  const std::string go = R"(, "continue_final_message": true})";
  EXPECT_EQ(format.origins(R"({"messages": [{"role": "u", "content": "a"},
    {"role": "v", "content": "b "}])" +
                           go),
            "<[u]>[a]</><[v]>[b ]");
  EXPECT_EQ(format.origins(R"({"messages": [{"role": "v", "content": ""}])" + go), "<[v]>");
  Format trimmed({{"default", "<{{ messages[0].content | trim }}>"}});
  EXPECT_EQ(trimmed.origins(R"({"messages": [{"content": " b\u00a0"}])" + go), "<[b]");
  EXPECT_EQ(trimmed.origins(R"({"messages": [{"content": " "}])" + go), "<");
  Format first({{"default", "{{ messages[0].content[:4] }}"}});
  EXPECT_THAT(first.text(R"({"messages": [{"content": "much longer"}])" + go),
              HasSubstr("does not print the whole final message"));
}

TEST(ChatRequest, RefusesWhatIsNoRequest) {
  Format format({{"default", "{{ messages | tojson }}"}});
  for (const char *request :
       {"[]", "{}", R"({"messages": null})", R"({"messages": {}})", R"({"messages": "x"})",
        R"({"messages": []})", R"({"messages": ["x"]})", R"({"messages": [[{}]]})",
        R"({"messages": [{}], "tools": {"a": 1}})", R"({"messages": [{}], "tools": ["f"]})",
        R"({"messages": [{}], "documents": [1]})", R"({"messages": [{}], "chat_template": 3})",
        R"({"messages": [{}], "chat_template_kwargs": []})"})
    EXPECT_THAT(format.text(request), testing::StartsWith("error: chat request: ")) << request;
}

// An object of a hundred thousand fields is read in linear time.
TEST(ChatRequest, ReadsManyFields) {
  std::string fields;
  for (int i = 0; i < 100000; ++i)
    fields += ", \"k" + std::to_string(i) + "\": 1";
  EXPECT_EQ(Format({{"default", "{{ k7 + k99999 }}"}}).text("{\"messages\": [{}]" + fields + "}"),
            "2");
}

} // namespace
} // namespace osscc::rt
