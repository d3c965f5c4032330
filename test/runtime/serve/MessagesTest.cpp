// Messages as chat templates read them.
#include "runtime/serve/Messages.h"

#include "runtime/template/ReadJson.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osscc::rt::serve {
namespace {

Fields parsed(const std::string &json) {
  return Fields(*readJson(json, false), "");
}

std::string messages(const std::string &list, const std::string &system = {}) {
  std::string_view culprit;
  return *rt::toJson(readMessages(parsed("{\"messages\": " + list + "}"), system), {}, culprit);
}

template <class F> std::string wrongIn(F read) {
  try {
    read();
  } catch (const ApiError &error) {
    return error.param;
  }
  return "nothing";
}

TEST(Messages, PartsAreOneText) {
  EXPECT_EQ(messages(R"([{"role": "user", "content": [{"type": "text", "text": "a"},
                                                      {"type": "input_text", "text": "b"}]}])"),
            R"([{"role": "user", "content": "ab"}])");
}

TEST(Messages, ADeveloperIsTheSystem) {
  EXPECT_EQ(messages(R"([{"role": "developer", "content": "x"}])", "baked in"),
            R"([{"role": "system", "content": "x"}])");
}

TEST(Messages, TheSystemsOwnMessageGoesFirst) {
  EXPECT_EQ(messages(R"([{"role": "user", "content": "x"}])", "be brief"),
            R"([{"role": "system", "content": "be brief"}, {"role": "user", "content": "x"}])");
}

TEST(Messages, ArgumentsOfCallsBecomeObjects) {
  auto call = [](const std::string &arguments) {
    return messages(R"([{"role": "assistant", "content": null, "tool_calls": [{"type": "function",
        "function": {"name": "f", "arguments": )" +
                    arguments + "}}]}]");
  };
  EXPECT_THAT(call(R"("{\"a\": 1.50}")"), testing::HasSubstr(R"("arguments": {"a": 1.5})"));
  EXPECT_THAT(call(R"("")"), testing::HasSubstr(R"("arguments": {})"));
  EXPECT_THAT(call(R"("no json")"), testing::HasSubstr(R"("arguments": "no json")"));
  EXPECT_EQ(wrongIn([&] { call("5"); }), "messages[0].tool_calls[0].function.arguments");
}

TEST(Messages, WrongOnesAreNamed) {
  for (auto [list, path] : std::initializer_list<std::pair<const char *, const char *>>{
           {"[]", "messages"},
           {"[1]", "messages[0]"},
           {R"([{"role": "x", "content": ""}])", "messages[0].role"},
           {R"([{"role": "user"}])", "messages[0].content"},
           {R"([{"role": "assistant"}])", "messages[0].content"},
           {R"([{"role": "user", "content": [{"type": "image_url"}]}])",
            "messages[0].content[0].type"},
           {R"([{"role": "user", "content": [{"type": "text"}]}])", "messages[0].content[0].text"},
           {R"([{"role": "assistant", "tool_calls": [{}]}])",
            "messages[0].tool_calls[0].function"}})
    EXPECT_EQ(wrongIn([&, text = list] { messages(text); }), path) << list;
}

} // namespace
} // namespace osscc::rt::serve
