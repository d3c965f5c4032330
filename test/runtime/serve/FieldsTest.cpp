// The fields of requests: types, bounds, and errors that name them.
#include "runtime/serve/Generation.h"
#include "runtime/serve/ReasoningFields.h"
#include "runtime/serve/Settings.h"
#include "runtime/template/ReadJson.h"
#include "test/runtime/serve/TinyServed.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osscc::rt::serve {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Fields parsed(std::string_view json) {
  return Fields(*readJson(json, false), "");
}

/// The field that `read` finds wrong, and what it says of it.
template <class F> std::pair<std::string, std::string> wrongIn(F read) {
  try {
    read();
  } catch (const ApiError &error) {
    EXPECT_EQ(error.status, 400);
    return {error.param, error.message};
  }
  return {"nothing", ""};
}

TEST(Fields, NullIsAbsent) {
  Fields fields = parsed(R"({"a": null, "b": false})");
  EXPECT_FALSE(fields.has("a"));
  EXPECT_FALSE(fields.integer("a", 0, 1));
  EXPECT_EQ(fields.flag("b"), false);
}

TEST(Fields, AWholeNumberMayHaveAPoint) {
  Fields fields =
      parsed(R"({"a": 2.0, "b": 2.5, "c": true, "d": 1e300, "e": 99999999999999999999})");
  EXPECT_EQ(fields.integer("a", 0, 9), 2);
  for (const char *name : {"b", "c", "d", "e"})
    EXPECT_EQ(wrongIn([&] { fields.integer(name, 0, INT64_MAX); }).first, name);
}

TEST(Fields, ErrorsNameThePath) {
  Fields fields = parsed(R"({"a": {"b": "x"}})");
  auto [path, message] = wrongIn([&] { fields.object("a")->number("b", 0, 1); });
  EXPECT_EQ(path, "a.b");
  EXPECT_EQ(message, "a.b: expected a number from 0 to 1, found 'x'");
  EXPECT_EQ(wrongIn([&] { parsed("[1]"); }).first, "body");
}

TEST(Fields, LongTextsAreCutBetweenCharacters) {
  std::string text(39, 'x');
  EXPECT_EQ(describe(makeText(text + "\xc3\xa4\xc3\xa4", false)), "'" + text + "...'");
}

TEST(Settings, DefaultsAreTheModels) {
  test::TinyServed tiny;
  (*tiny).defaults.sampler = {.temperature = 0.6, .topK = 5, .topP = 0.9};
  Settings plain = readSettings(parsed("{}"), *tiny);
  EXPECT_EQ(plain.sampler.temperature, 0.6);
  EXPECT_EQ(plain.sampler.topK, 5);
  EXPECT_EQ(plain.answers, 1);
  Settings own = readSettings(parsed(R"({"temperature": 0, "top_k": -1, "top_p": 0, "seed": -3,
      "stop": "x", "logit_bias": {"3": -100}, "n": 2, "stream_options": {"include_usage": true}})"),
                              *tiny);
  EXPECT_EQ(own.sampler.topK, 0);
  EXPECT_GT(own.sampler.topP, 0);
  EXPECT_THAT(own.stops, ElementsAre("x"));
  EXPECT_THAT(own.edits.bias, ElementsAre(std::pair(3, -100.0F)));
  EXPECT_TRUE(own.tellsUsage);
  EXPECT_EQ(own.seedOf(1), own.seedOf(0) + 1);
}

TEST(Settings, WithoutASeedAnswersDiffer) {
  test::TinyServed tiny;
  Settings settings = readSettings(parsed("{}"), *tiny);
  EXPECT_NE(settings.seedOf(0), settings.seedOf(0));
}

TEST(Settings, WrongOnesAreNamed) {
  test::TinyServed tiny;
  for (auto [json, path] : std::initializer_list<std::pair<const char *, const char *>>{
           {R"({"temperature": -1})", "temperature"},
           {R"({"top_p": 1.5})", "top_p"},
           {R"({"n": 17})", "n"},
           {R"({"stop": ["a", 1]})", "stop[1]"},
           {R"({"stop": ""})", "stop"},
           {R"({"logit_bias": {"11": 1}})", "logit_bias"},
           {R"({"logit_bias": {"1": "x"}})", "logit_bias.1"},
           {R"({"stream_options": {"include_usage": 1}})", "stream_options.include_usage"}})
    EXPECT_EQ(wrongIn([&, text = json] { readSettings(parsed(text), *tiny); }).first, path);
}

TEST(Completions, PromptsHaveFourForms) {
  test::TinyServed tiny;
  auto prompts = [&](const char *prompt) {
    return readCompletion(parsed(fmt::format(R"({{"prompt": {}}})", prompt)), *tiny).prompts;
  };
  std::vector<int32_t> ids{1, 2};
  EXPECT_THAT(prompts(R"("\u0001\u0002")"), ElementsAre(ids));
  EXPECT_THAT(prompts(R"(["\u0001\u0002", "\u0001\u0002"])"), ElementsAre(ids, ids));
  EXPECT_THAT(prompts("[1, 2]"), ElementsAre(ids));
  EXPECT_THAT(prompts("[[1, 2], [1, 2]]"), ElementsAre(ids, ids));
  for (const char *wrong : {"[]", "[1, 11]", "[[1], [-1]]", "5", "[true]", "[[]]", R"("")"})
    EXPECT_THAT(wrongIn([&] { prompts(wrong); }).first, HasSubstr("prompt")) << wrong;
}

TEST(Completions, APromptBeyondTheContextNamesBothNumbers) {
  test::TinyServed tiny;
  std::string text(41, '\1');
  EXPECT_THAT(wrongIn([&] { checkLength(std::vector<int32_t>(41, 1), "prompt", *tiny); }).second,
              HasSubstr("41 tokens do not fit in the context of 40"));
}

/// A model with a switch of two positions.
bundle::BundleT thinking() {
  bundle::BundleT index;
  auto format = std::make_unique<bundle::ChatFormatT>();
  format->style = bundle::AnswerStyle::Tags;
  for (const char *name : {"off", "on", "low", "medium", "high"}) {
    auto mode = std::make_unique<bundle::ReasoningModeT>();
    mode->name = name;
    format->modes.push_back(std::move(mode));
  }
  index.chat_format = std::move(format);
  return index;
}

std::string chosen(Served &served, const char *json) {
  cli::Reasoning mode = served.reasoning;
  std::optional<int64_t> budget;
  chooseReasoning(parsed(json), mode, budget);
  return mode.describe() + (budget ? fmt::format(", {}", *budget) : "");
}

TEST(ReasoningFields, AllFieldsAreOneSwitch) {
  test::TinyServed tiny(thinking());
  for (auto [json, mode] : std::initializer_list<std::pair<const char *, const char *>>{
           {R"({"reasoning_effort": "none"})", "reasoning off"},
           {R"({"reasoning_effort": "minimal"})", "reasoning low"},
           {R"({"reasoning": {"effort": "xhigh"}})", "reasoning high"},
           {R"({"reasoning": {"enabled": false}})", "reasoning off"},
           {R"({"thinking": {"type": "enabled", "budget_tokens": 9}})", "reasoning on, 9"},
           {R"({"chat_template_kwargs": {"enable_thinking": false}})", "reasoning off"},
           {R"({"chat_template_kwargs": {"reasoning_effort": "low"}})", "reasoning low"},
           {R"({"reasoning_effort": "high", "chat_template_kwargs": {"enable_thinking": true}})",
            "reasoning high"},
           {R"({"reasoning": {"effort": "medium", "max_tokens": 7}})", "reasoning medium, 7"}})
    EXPECT_EQ(chosen(*tiny, json), mode) << json;
}

TEST(ReasoningFields, FieldsThatDisagreeAreRefused) {
  test::TinyServed tiny(thinking());
  auto wrong = [&](const char *json) { return wrongIn([&] { chosen(*tiny, json); }).first; };
  EXPECT_EQ(wrong(R"({"reasoning_effort": "none", "reasoning": {"effort": "low"}})"),
            "reasoning.effort");
  EXPECT_EQ(wrong(R"({"reasoning_effort": "none",
                      "chat_template_kwargs": {"enable_thinking": true}})"),
            "chat_template_kwargs.enable_thinking");
}

TEST(ReasoningFields, AModelWithoutReasoningSaysSo) {
  test::TinyServed tiny;
  EXPECT_EQ(chosen(*tiny, R"({"reasoning_effort": "none"})"), "");
  auto [path, message] = wrongIn([&] { chosen(*tiny, R"({"reasoning_effort": "high"})"); });
  EXPECT_EQ(path, "reasoning_effort");
  EXPECT_THAT(message, HasSubstr("no reasoning mode"));
  EXPECT_EQ(wrongIn([&] { chosen(*tiny, R"({"thinking_budget": 5})"); }).first, "thinking_budget");
}

} // namespace
} // namespace osscc::rt::serve
