// Answers held to calls, in each notation: whatever is drawn at random is a call of an offered tool
// with valid arguments, and what a model would write is allowed.
#include "runtime/chat/CallGrammar.h"

#include "runtime/chat/AnswerConstraint.h"
#include "test/runtime/chat/AnswerTexts.h"
#include "test/runtime/chat/ToolFormats.h"
#include "test/runtime/schema/Texts.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <random>

namespace osscc::rt {
namespace {

using Style = AnswerFormat::Style;

/// Of arguments of every kind.
constexpr const char *kRich = R"({"type":"object","properties":{
    "text":{"type":"string"},"count":{"type":"integer","minimum":0,"maximum":99},
    "unit":{"enum":["mile","km"]},"flag":{"type":"boolean"},
    "list":{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":3},
    "maybe":{"type":["string","null"]}},
  "required":["text","count","list"],"additionalProperties":false})";
constexpr const char *kNone = R"({"type":"object","additionalProperties":false})";

struct Case {
  std::string name;
  bundle::ToolCallFormatT calls;
};

std::vector<Case> cases() {
  return {{"json", test::jsonCalls()},     {"bare json", test::bareJsonCalls()},
          {"named", test::namedCalls()},   {"fenced", test::fencedCalls()},
          {"xml", test::xmlCalls()},       {"pairs", test::pairCalls()},
          {"typed", test::typedCalls()},   {"bare python", test::barePythonCalls()},
          {"python", test::pythonCalls()}, {"gemma", test::gemmaCalls()}};
}

struct CallGrammarTest : testing::Test {
  const Tokenizer &tokenizer = *test::answerTokenizer();
  const std::shared_ptr<const TokenTrie> trie = TokenTrie::of(tokenizer, int64_t(tokenizer.size()));
  const int32_t end = test::answerTokenizer().ids("<|endoftext|>").at(0);
  CallRules rules{.tools = {{"get", test::compiled(kRich)}, {"stop", test::compiled(kNone)}}};
  std::mt19937 dice{5};

  AnswerFormat formatOf(const bundle::ToolCallFormatT &calls, Style style = Style::kPlain) const {
    AnswerFormat format{.style = style, .open = "<think>", .close = "</think>"};
    format.calls = calls;
    format.tools.emplace();
    for (const HeldTool &tool : rules.tools)
      format.tools->push_back(style == Style::kHarmony ? "functions." + tool.name : tool.name);
    format.texts = textArguments(rules.tools);
    return format;
  }

  /// Bits of a mask.
  std::vector<int32_t> idsOf(std::span<const uint64_t> mask) const {
    std::vector<int32_t> ids;
    for (int32_t id = 0; id < int32_t(tokenizer.size()); ++id)
      if (mask[size_t(id) / 64] >> (id % 64) & 1)
        ids.push_back(id);
    return ids;
  }

  /// A draw that comes to an end: quotes, brackets and ends are more likely than letters.
  int32_t draw(const std::vector<int32_t> &ids, size_t step) {
    if (std::ranges::find(ids, end) != ids.end() && dice() % 2)
      return end;
    std::vector<int32_t> closing;
    for (int32_t id : ids) {
      std::string_view piece = tokenizer.piece(id);
      if (tokenizer.isSpecial(id) || piece.find_first_of("\"]}</)|,pfa") != std::string_view::npos)
        closing.push_back(id);
    }
    bool closes = !closing.empty() && dice() % 100 < std::min<size_t>(step / 2, 95);
    const std::vector<int32_t> &from = closes ? closing : ids;
    return from[dice() % from.size()];
  }

  /// \param lead  what it begins with.
  /// A random answer, as the parser reads it; nothing where it did not come to its end.
  std::optional<Message> random(const AnswerFormat &format, const Schema &schema, std::string &text,
                                std::string_view lead = {}) {
    constexpr size_t kMost = 1500;
    auto parser = *AnswerParser::create(format, tokenizer);
    AnswerConstraint constraint(schema, trie, tokenizer, {end});
    constraint.begin(*parser);
    text.clear();
    std::vector<int32_t> first = test::answerTokenizer().ids(lead);
    for (size_t step = 0; step < kMost; ++step) {
      std::vector<int32_t> ids = idsOf(constraint.allowed(*parser));
      if (ids.empty()) {
        ADD_FAILURE() << "a dead end behind: " << text;
        return std::nullopt;
      }
      int32_t id = step < first.size() ? first[step] : draw(ids, step);
      EXPECT_TRUE(std::ranges::count(ids, id)) << text;
      if (id == end) {
        parser->finish(true);
        return parser->message();
      }
      text += tokenizer.piece(id);
      parser->feed(id);
      constraint.take(id, *parser);
    }
    return std::nullopt;
  }

  void expectGood(const Message &message, const std::string &text, const std::string &name) {
    EXPECT_FALSE(message.error) << name << ": " << text << ": "
                                << (message.error ? message.error->text : "");
    for (const ToolCall &call : message.calls) {
      bool isGet = call.name() == "get";
      EXPECT_TRUE(isGet || call.name() == "stop") << name << ": " << text;
      EXPECT_TRUE(valid(isGet ? kRich : kNone, call.arguments)) << name << ": " << text << "\n"
                                                                << call.arguments;
    }
  }

  static bool valid(const char *schema, const std::string &arguments) {
    return test::takes(schema, boost::json::serialize(boost::json::parse(arguments)));
  }

  /// How many of the tokens of a text are allowed one behind the other.
  std::string taken(const AnswerFormat &format, std::string_view text) {
    auto schema = holdCalls(format, rules, tokenizer);
    if (!schema)
      return schema.error().message;
    auto parser = *AnswerParser::create(format, tokenizer);
    AnswerConstraint constraint(*schema, trie, tokenizer, {end});
    constraint.begin(*parser);
    std::string all;
    for (int32_t id : test::answerTokenizer().ids(text)) {
      if (!std::ranges::count(idsOf(constraint.allowed(*parser)), id))
        return all;
      parser->feed(id);
      constraint.take(id, *parser);
      all += tokenizer.piece(id);
    }
    return std::ranges::count(idsOf(constraint.allowed(*parser)), end) ? "whole" : "begun";
  }
};

TEST_F(CallGrammarTest, RandomAnswersAreCallsWhereTheyMustBe) {
  rules.mustCall = true;
  for (bool once : {false, true}) {
    rules.once = once;
    for (const Case &each : cases()) {
      AnswerFormat format = formatOf(each.calls);
      auto schema = holdCalls(format, rules, tokenizer);
      ASSERT_TRUE(schema) << each.name << ": " << schema.error().message;
      size_t ended = 0;
      std::string text;
      for (int round = 0; round < 30; ++round) {
        auto message = random(format, *schema, text);
        if (!message)
          continue;
        ++ended;
        expectGood(*message, text, each.name);
        EXPECT_FALSE(message->calls.empty()) << each.name << ": " << text;
        EXPECT_EQ(message->content, "") << each.name << ": " << text;
        EXPECT_TRUE(!once || message->calls.size() == 1) << each.name << ": " << text;
      }
      EXPECT_GT(ended, 5U) << each.name;
    }
  }
}

TEST_F(CallGrammarTest, RandomAnswersAreTextOrGoodCallsWhereTheyMay) {
  for (const Case &each : cases()) {
    AnswerFormat format = formatOf(each.calls);
    auto schema = holdCalls(format, rules, tokenizer);
    ASSERT_TRUE(schema) << each.name << ": " << schema.error().message;
    const std::string &first =
        each.calls.section_begin.empty() ? each.calls.begin : each.calls.section_begin;
    std::string text, mark = first.empty() ? "[" : first;
    size_t called = 0;
    for (int round = 0; round < 30; ++round)
      if (auto message = random(format, *schema, text, round % 2 ? mark : "")) {
        expectGood(*message, text, each.name);
        called += !message->calls.empty();
      }
    EXPECT_GT(called, 0U) << each.name;
  }
}

TEST_F(CallGrammarTest, HarmonysTooAndBehindThoughts) {
  for (bool mustCall : {true, false}) {
    rules.mustCall = mustCall;
    for (Style style : {Style::kHarmony, Style::kTags}) {
      AnswerFormat format = formatOf(test::jsonCalls(), style);
      auto schema = holdCalls(format, rules, tokenizer);
      ASSERT_TRUE(schema) << schema.error().message;
      const char *lead =
          style == Style::kHarmony ? " to=functions.get" : "<think>a</think>\n<tool_call>";
      std::string text;
      size_t called = 0;
      for (int round = 0; round < 30; ++round)
        if (auto message = random(format, *schema, text, round % 2 ? lead : "")) {
          expectGood(*message, text, "harmony or tags");
          called += !message->calls.empty();
          EXPECT_TRUE(!mustCall || !message->calls.empty()) << text;
        }
      EXPECT_GT(called, mustCall ? 5U : 0U);
    }
  }
}

TEST_F(CallGrammarTest, WhatModelsWriteIsAllowed) {
  rules.mustCall = true;
  const char *json = R"({"text": "a \"b\"", "count": 7, "list": [1, 2]})";
  auto call = [&](std::string before, std::string behind) { return before + json + behind; };
  EXPECT_EQ(taken(formatOf(test::jsonCalls()),
                  call("<tool_call>\n{\"name\": \"get\", \"arguments\": ", "}\n</tool_call>")),
            "whole");
  EXPECT_EQ(taken(formatOf(test::jsonCalls(), Style::kTags),
                  "<think>\nfree <tool_call>\n</think>\n\n" +
                      call("<tool_call>\n{\"name\": \"get\", \"arguments\": ",
                           "}\n</tool_call>\n<tool_call>\n{\"name\": \"stop\", "
                           "\"arguments\": {}}\n</tool_call>")),
            "whole");
  EXPECT_EQ(
      taken(formatOf(test::bareJsonCalls()), call("{\"name\": \"get\", \"parameters\": ", "}")),
      "whole");
  EXPECT_EQ(taken(formatOf(test::namedCalls()), call("[TOOL_CALLS]get[ARGS]", "")), "whole");
  EXPECT_EQ(
      taken(formatOf(test::fencedCalls()),
            call("<|start|><|call|>function<|message|>get\n```json\n", "\n```<|end|><|return|>")),
      "whole");
  EXPECT_EQ(taken(formatOf(test::xmlCalls()),
                  "<tool_call>\n<function=get>\n<parameter=text>\na \"b\"\n</parameter>\n"
                  "<parameter=count>\n7\n</parameter>\n<parameter=unit>\nkm\n</parameter>\n"
                  "<parameter=list>\n[1, 2]\n</parameter>\n</function>\n</tool_call>"),
            "whole");
  EXPECT_EQ(taken(formatOf(test::pairCalls()),
                  "<tool_call>get\n<arg_key>text</arg_key>\n<arg_value>x</arg_value>\n"
                  "<arg_key>count</arg_key>\n<arg_value>7</arg_value>\n<arg_key>list</arg_key>\n"
                  "<arg_value>[1]</arg_value>\n</tool_call>"),
            "whole");
  EXPECT_EQ(
      taken(formatOf(test::barePythonCalls()), "[get(text=\"x\", count=7, list=[1, 2]), stop()]"),
      "whole");
  EXPECT_EQ(taken(formatOf(test::gemmaCalls()),
                  "<|call|>call:get{text:<|\"|>x<|\"|>,count:7,list:[1,2]}<|end|>"),
            "whole");
  std::string header = "<|channel|>analysis<|message|>hm<|end|><|start|>assistant";
  for (const char *to : {"<|channel|>commentary to=functions.get <|constrain|>json<|message|>",
                         " to=functions.get<|channel|>commentary json<|message|>"})
    EXPECT_EQ(taken(formatOf({}, Style::kHarmony), call(header + to, "")), "whole");
}

TEST_F(CallGrammarTest, WhatIsNoCallIsNotAllowed) {
  rules.mustCall = true;
  EXPECT_EQ(taken(formatOf(test::jsonCalls()), "Hello"), "");
  EXPECT_EQ(taken(formatOf(test::jsonCalls()), "<tool_call>{\"name\": \"put\""),
            "<tool_call>{\"name\": \"");
  EXPECT_EQ(taken(formatOf(test::namedCalls()), "[TOOL_CALLS]get[ARGS]{\"count\""),
            "[TOOL_CALLS]get[ARGS]{\"");
  EXPECT_EQ(taken(formatOf({}, Style::kHarmony), "<|channel|>final"), "<|channel|>");
  rules.mustCall = false;
  EXPECT_EQ(taken(formatOf(test::jsonCalls()), "Hello <tool_ <b>."), "whole");
  EXPECT_EQ(taken(formatOf(test::jsonCalls()), "Hello <tool_call>hm"), "Hello <tool_call>");
  EXPECT_EQ(taken(formatOf(test::bareJsonCalls()), "Hello {}"), "whole");
  EXPECT_EQ(taken(formatOf({}, Style::kHarmony), "<|channel|>final<|message|>Hello"), "whole");
}

TEST_F(CallGrammarTest, AnAnswerWithoutCallsMayHaveAForm) {
  rules.content = test::compiled(R"({"type":"object","properties":{"a":{"const":1}},
                                     "required":["a"],"additionalProperties":false})");
  AnswerFormat format = formatOf(test::jsonCalls());
  EXPECT_EQ(taken(format, "{\"a\": 1}"), "whole");
  EXPECT_EQ(taken(format, "Hello"), "");
  EXPECT_EQ(taken(format, "<tool_call>{\"name\":\"stop\",\"arguments\":{}}</tool_call>"), "whole");
  EXPECT_NE(taken(formatOf(test::bareJsonCalls()), "{}").find("held to a form beside tools"),
            std::string::npos);
}

TEST_F(CallGrammarTest, ManyArgumentsAreRefusedOrHeldInBoundedTime) {
  for (int count : {200, 3000, 30'000}) {
    std::string schema = R"({"type":"object","additionalProperties":false,"properties":{)";
    for (int i = 0; i < count; ++i)
      schema += (i > 0 ? ",\"a" : "\"a") + std::to_string(i) + R"(":{"type":"integer"})";
    auto compiled = compileSchema(schema + "}}");
    if (!compiled)
      continue;
    rules.tools = {{"f", *compiled}};
    auto held = holdCalls(formatOf(test::xmlCalls()), rules, tokenizer);
    EXPECT_EQ(bool(held), count == 200) << count;
  }
}

TEST_F(CallGrammarTest, WhatANotationCannotHoldIsRefusedByName) {
  auto refused = [&](const bundle::ToolCallFormatT &calls, const char *schema) {
    rules.tools = {{"f", test::compiled(schema)}};
    auto made = holdCalls(formatOf(calls), rules, tokenizer);
    return made ? std::string("taken") : made.error().message;
  };
  const char *pattern =
      R"({"type":"object","properties":{"a":{"type":"string","pattern":"^x+$"}}})";
  const char *mixed = R"({"type":"object","properties":{"a":{"type":["string","integer"]}}})";
  EXPECT_EQ(refused(test::jsonCalls(), pattern), "taken");
  EXPECT_EQ(refused(test::barePythonCalls(), pattern), "taken");
  EXPECT_EQ(refused(test::xmlCalls(), pattern).find("'f': the argument 'a': "), 0U);
  EXPECT_EQ(refused(test::gemmaCalls(), pattern).find("'f': the argument 'a': "), 0U);
  EXPECT_EQ(refused(test::xmlCalls(), mixed).find("'f': the argument 'a': "), 0U);
  EXPECT_EQ(refused(test::typedCalls(), mixed), "taken");
  AnswerFormat begun = formatOf({}, Style::kHarmony);
  begun.start = AnswerFormat::Start::kAnswer;
  EXPECT_FALSE(holdCalls(begun, rules, tokenizer));
}

} // namespace
} // namespace osscc::rt
