// Calls of tools in answers: each notation, what is none, and that reading is total.
#include "test/runtime/chat/AnswerTexts.h"
#include "test/runtime/chat/ToolFormats.h"

#include <boost/json/parse.hpp>

#include <random>

using namespace osscc;
using namespace osscc::rt;
using Style = AnswerFormat::Style;
using bundle::ToolCallFormatT;

namespace {

AnswerFormat with(const ToolCallFormatT &calls, Style style = Style::kPlain) {
  AnswerFormat format{.style = style, .open = "<think>", .close = "</think>"};
  format.calls = calls;
  return format;
}

/// "content|name:arguments;...|end|fault"
std::string summary(const Message &message) {
  std::string calls;
  for (const ToolCall &call : message.calls)
    calls += call.recipient + ":" + call.arguments + ";";
  std::string fault = message.error ? "|" + std::string(nameOf(message.error->fault)) : "";
  return message.content + "|" + calls + "|" + std::string(nameOf(message.end)) + fault;
}

std::string read(const ToolCallFormatT &calls, std::string_view text, bool ended = true) {
  return summary(test::parseText(with(calls), text, ended));
}

TEST(ToolCalls, InJson) {
  EXPECT_EQ(read(test::jsonCalls(),
                 "I look.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1.0, \"b\": "
                 "\"</tool_call>}\"}}\n</tool_call>\n<tool_call>{\"name\":\"g\"}</tool_call>\n"),
            "I look.|f:{\"a\": 1.0, \"b\": \"</tool_call>}\"};g:{};|tool_calls");
  for (const char *call :
       {R"({"name":"f","parameters":{"a":1}})", R"({"tool_name":"f","parameters":{"a":1}})",
        R"({"name":"f","arguments":"{\"a\":1}"})", R"({"f":{"a":1}})",
        R"({"type":"function","function":{"name":"f","arguments":{"a":1}}})",
        R"([{"name":"f","arguments":{"a":1}}])"})
    EXPECT_EQ(read(test::jsonCalls(), "<tool_call>" + std::string(call) + "</tool_call>"),
              "|f:{\"a\":1};|tool_calls")
        << call;
  EXPECT_EQ(read(test::toolFormat(bundle::ToolNotation::Json, "[TOOL_CALLS]"),
                 "[TOOL_CALLS] [{\"name\":\"f\",\"arguments\":{}}, {\"name\":\"g\"}]"),
            "|f:{};g:{};|tool_calls");
  EXPECT_EQ(read(test::toolFormat(bundle::ToolNotation::Json, "<calls>", "</calls>"),
                 "<calls>\n{\"name\":\"f\"}\n{\"name\":\"g\"}\n</calls>"),
            "|f:{};g:{};|tool_calls")
      << "several in one pair of marks";
}

TEST(ToolCalls, InJsonWithoutMarks) {
  auto calls = test::bareJsonCalls();
  EXPECT_EQ(read(calls, R"({"name": "f", "parameters": {"a": "b"}}; {"name": "g"})"),
            "|f:{\"a\": \"b\"};g:{};|tool_calls");
  EXPECT_EQ(read(calls, R"(<|python_tag|>{"name": "f"})"), "|f:{};|tool_calls");
  EXPECT_EQ(read(calls, "<|python_tag|>print(1)"), "<|python_tag|>print(1)||stop|bad_call");
  // An answer that merely begins with a bracket is an answer, and so is a call within a text.
  for (const char *text : {R"( {"x": 1} is JSON)", "[1]: a note", R"(It is {"name": "f"}.)", "{",
                           "[", R"({"name": "f", "parameters": 1})", "{]", " \n"})
    EXPECT_EQ(read(calls, text), text + std::string("||stop")) << text;
}

TEST(ToolCalls, ByNameAndJson) {
  EXPECT_EQ(read(test::namedCalls(), "One.[TOOL_CALLS]f[CALL_ID]a1[ARGS]{\"a\": [1]}"
                                     "[TOOL_CALLS]g[ARGS]{}"),
            "One.|f:{\"a\": [1]};g:{};|tool_calls");
  EXPECT_EQ(read(test::fencedCalls(),
                 "<|start|><|call|>function<|message|>f\n```json\n{\"a\": 1}\n```<|end|>\n"
                 "<|call|>function<|message|>g\n```json\n{}\n```<|end|><|return|>"),
            "|f:{\"a\": 1};g:{};|tool_calls");
  for (const char *text : {"[TOOL_CALLS]f[ARGS][1]", "[TOOL_CALLS][ARGS]{}",
                           "[TOOL_CALLS]f[ARGS]{a}", "[TOOL_CALLS]f\ng[ARGS]{}"})
    EXPECT_EQ(read(test::namedCalls(), text), text + std::string("||stop|bad_call"));
}

TEST(ToolCalls, ByParameters) {
  EXPECT_EQ(read(test::xmlCalls(),
                 "<tool_call>\n<function=f>\n<parameter=t>\na \"b\"\nc\n</parameter>\n"
                 "<parameter=n>\n7\n</parameter>\n<parameter=b>\nTrue\n</parameter>\n"
                 "<parameter=l>\n['x', 1]\n</parameter>\n</function>\n</tool_call>\n"
                 "<tool_call>\n<function=g>\n</function>\n</tool_call>"),
            "|f:{\"t\": \"a \\\"b\\\"\\nc\", \"n\": 7, \"b\": true, \"l\": [\"x\", 1]};g:{};"
            "|tool_calls");
  EXPECT_EQ(read(test::xmlCalls(), "<function=f><parameter=a>'x'</parameter></function>"),
            "|f:{\"a\": \"'x'\"};|tool_calls")
      << "the section may be missing, and quotes are the text's";
  EXPECT_EQ(read(test::pairCalls(), "<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>x</arg_value>\n"
                                    "</tool_call>\n<tool_call>g</tool_call>"),
            "|f:{\"a\": \"x\"};g:{};|tool_calls");
  EXPECT_EQ(read(test::typedCalls(),
                 "<calls>\n<invoke name=\"f\">\n<parameter name=\"a\" string=\"true\">7</parameter>"
                 "\n<parameter name=\"b\" string=\"false\">7</parameter>\n</invoke>\n</calls>"),
            "|f:{\"a\": \"7\", \"b\": 7};|tool_calls");
}

TEST(ToolCalls, InPython) {
  EXPECT_EQ(read(test::barePythonCalls(),
                 R"([f(a=-1.5, b='x\'\u00e9"', c=[True, None, {'k': .5}], d=(1,)), g.h()])"),
            "|f:{\"a\": -1.5, \"b\": \"x'\u00e9\\\"\", \"c\": [true, null, {\"k\": 0.5}], \"d\": "
            "[1]};g.h:{};|tool_calls");
  EXPECT_EQ(read(test::pythonCalls(), "A<|call|>[f(a={\"b\": null})]<|end|>B"),
            "A\nB|f:{\"a\": {\"b\": null}};|tool_calls");
  for (const char *text : {"[1, 2]", "[f(1)]", "[f(a='b)]", "[f(a=b)]", "[f(a=1) g()]", "[f(a=1]"})
    EXPECT_EQ(read(test::barePythonCalls(), text), text + std::string("||stop"));
}

TEST(ToolCalls, InGemmasNotation) {
  EXPECT_EQ(read(test::gemmaCalls(),
                 "<|call|>call:f{b:true,l:[<|\"|>x<|\"|>,1],o:{k:null},t:<|\"|>a{\"\n<|\"|>}<|end|>"
                 "<|call|>call:g{}<|end|>then"),
            "then|f:{\"b\": true, \"l\": [\"x\", 1], \"o\": {\"k\": null}, \"t\": \"a{\\\"\\n\"};"
            "g:{};|tool_calls");
  EXPECT_EQ(read(test::gemmaCalls(), "<|call|>call:f{a:b}<|end|>."),
            "<|call|>call:f{a:b}<|end|>.||stop|bad_call");
}

TEST(ToolCalls, StandBehindThoughts) {
  Message message = test::parseText(
      with(test::jsonCalls(), Style::kTags),
      "<think>\n<tool_call>{\"name\":\"no\"}</tool_call>\n</think>\n\n<tool_call>\n{\"name\": "
      "\"f\"}\n</tool_call>",
      true);
  EXPECT_EQ(message.reasoning, "<tool_call>{\"name\":\"no\"}</tool_call>");
  EXPECT_EQ(summary(message), "|f:{};|tool_calls");
}

TEST(ToolCalls, KeepContentAroundThem) {
  auto calls = test::jsonCalls();
  std::string call = "<tool_call>{\"name\":\"f\"}</tool_call>";
  EXPECT_EQ(read(calls, "a\n\n" + call + "\n\n b\n" + call + "\n"), "a\nb|f:{};f:{};|tool_calls");
  EXPECT_EQ(read(calls, "a\n"), "a\n||stop");
  EXPECT_EQ(read(calls, "a <tool_"), "a <tool_||stop");
  EXPECT_EQ(read(calls, call + " </tool_call>"), "</tool_call>|f:{};|tool_calls");
  EXPECT_EQ(read(calls, "<tool_call>hello"), "<tool_call>hello||stop|bad_call");
  EXPECT_EQ(read(calls, "<tool_call>x " + call), "<tool_call>x |f:{};|tool_calls|bad_call");
}

TEST(ToolCalls, ThatAreCutAreContent) {
  auto calls = test::jsonCalls();
  EXPECT_EQ(read(calls, "a <tool_call>{\"name\": \"f", false),
            "a <tool_call>{\"name\": \"f||length|broken_off");
  EXPECT_EQ(read(calls, "<tool_call>{\"name\": \"f\"}</tool", false), "|f:{};|length");
  EXPECT_EQ(read(test::xmlCalls(), "<tool_call>\n", false), "<tool_call>\n||length|broken_off");
  EXPECT_EQ(read(test::fencedCalls(), "<|start|><|call|>function", false),
            "<|start|><|call|>function||length|broken_off");
}

TEST(ToolCalls, OfToolsThatAreOffered) {
  AnswerFormat format = with(test::jsonCalls());
  std::string text = "<tool_call>{\"name\":\"f\"}</tool_call>";
  format.tools = {"g", "f"};
  EXPECT_EQ(summary(test::parseText(format, text, true)), "|f:{};|tool_calls");
  format.tools = {"g"};
  EXPECT_EQ(summary(test::parseText(format, text, true)), "|f:{};|tool_calls|unknown_tool");
  format.tools.emplace();
  EXPECT_EQ(summary(test::parseText(format, text, true)), text + "||stop") << "none: text";
}

TEST(ToolCalls, MarksMayBeSpecialTokens) {
  EXPECT_TRUE(test::answerTokenizer().ids("<|call|>").size() == 1);
  EXPECT_EQ(read(test::pythonCalls(), "<|message|><|call|>[f()]<|end|>"), "|f:{};|tool_calls");
}

/// Pieces of answers in a format: its marks, and what stands between them.
std::vector<std::string> piecesOf(const ToolCallFormatT &format) {
  std::vector<std::string> pieces{"f",         "{",       "}",        "[",      "]",
                                  "\"",        "'",       "\n",       " ",      "a",
                                  ",",         ":",       ";",        "true",   "\u00e9",
                                  "{\"a\":1}", "f(a=1)",  "[f()]",    "<|\"|>", "{\"name\":\"f\"}",
                                  "\\",        "<think>", "</think>", "string"};
  for (const std::string *mark :
       {&format.section_begin, &format.section_end, &format.begin, &format.end, &format.name_begin,
        &format.name_end, &format.id_begin, &format.key_begin, &format.key_end, &format.type_end,
        &format.value_begin, &format.value_end})
    if (!mark->empty())
      pieces.insert(pieces.end(), 3, *mark);
  return pieces;
}

/// A message holds to what all of them promise.
void expectWhole(const Message &message, const std::string &text, Style style) {
  EXPECT_EQ(message.error && message.end == AnswerEnd::kError, false) << text;
  for (const ToolCall &call : message.calls) {
    boost::system::error_code error;
    EXPECT_TRUE(boost::json::parse(call.arguments, error).is_object() && !error) << text << "\n"
                                                                                 << call.arguments;
    EXPECT_FALSE(call.recipient.empty());
  }
  // Newlines before an answer belong to the tags that thoughts may have had.
  std::string rest =
      text.substr(style == Style::kTags ? std::min(text.find_first_not_of('\n'), text.size()) : 0);
  if (message.calls.empty() && message.reasoning.empty() && text.find("think>") == text.npos)
    EXPECT_EQ(message.content, rest) << "no letter is lost";
}

TEST(ToolCalls, AnyStreamGivesAMessage) {
  std::mt19937 dice(7);
  size_t called = 0;
  for (const ToolCallFormatT &calls : test::toolFormats()) {
    std::vector<std::string> pieces = piecesOf(calls);
    for (int round = 0; round < 3000; ++round) {
      std::string text;
      for (size_t i = dice() % 16; i > 0; --i)
        text += pieces[dice() % pieces.size()];
      Style style = dice() % 2 ? Style::kTags : Style::kPlain;
      Message message = test::parseText(with(calls, style), text, dice() % 2);
      expectWhole(message, text, style);
      called += !message.calls.empty();
    }
  }
  EXPECT_GT(called, 500u);
}

/// One feed of the whole says what one of each byte says.
TEST(ToolCalls, DoNotDependOnHowTheyCome) {
  std::mt19937 dice(8);
  for (const ToolCallFormatT &calls : test::toolFormats()) {
    std::vector<std::string> pieces = piecesOf(calls);
    auto run = [&](std::string_view text, size_t step) {
      std::string out;
      ToolCallReader reader(
          calls,
          {.content = [&](std::string_view piece) { out += piece; },
           .call = [&](ReadCall call) { out += "\x01" + call.name + call.arguments + "\x01"; },
           .fault =
               [&](AnswerFault fault, const std::string &what) {
                 out += "\x02" + std::string(nameOf(fault)) + what;
               }});
      for (size_t at = 0; at < text.size(); at += step)
        reader.feed(text.substr(at, step));
      reader.finish();
      return out;
    };
    for (int round = 0; round < 3000; ++round) {
      std::string text;
      for (size_t i = dice() % 16; i > 0; --i)
        text += pieces[dice() % pieces.size()];
      std::string whole = run(text, text.size() + 1);
      ASSERT_EQ(whole, run(text, 1)) << text;
      ASSERT_EQ(whole, run(text, 3)) << text;
    }
  }
}

/// Each token of a good answer left out, in each format.
TEST(ToolCalls, ALostTokenIsNoDisaster) {
  const std::pair<ToolCallFormatT, const char *> kAnswers[] = {
      {test::jsonCalls(),
       "a\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"b\"}}\n</tool_call>"},
      {test::bareJsonCalls(), "<|python_tag|>{\"name\": \"f\", \"parameters\": {\"a\": [1]}}"},
      {test::namedCalls(), "a[TOOL_CALLS]f[CALL_ID]1[ARGS]{\"a\": 1}"},
      {test::fencedCalls(),
       "a<|start|><|call|>function<|message|>f\n```json\n{\"a\": 1}\n```<|end|><|return|>"},
      {test::xmlCalls(),
       "a<tool_call>\n<function=f>\n<parameter=a>\nb\n</parameter>\n</function>\n</tool_call>"},
      {test::pairCalls(),
       "a<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>b</arg_value>\n</tool_call>"},
      {test::typedCalls(), "a<calls>\n<invoke name=\"f\">\n<parameter name=\"a\" "
                           "string=\"true\">b</parameter>\n</invoke>\n</calls>"},
      {test::barePythonCalls(), "[f(a='b', c={'d': 1.5})]"},
      {test::pythonCalls(), "a<|call|>[f(a='b')]<|end|>"},
      {test::gemmaCalls(), "a<|call|>call:f{a:<|\"|>b<|\"|>,c:[1]}<|end|>"}};
  for (const auto &[calls, text] : kAnswers) {
    std::vector<int32_t> ids = test::answerTokenizer().ids(text);
    ASSERT_EQ(test::parseIds(with(calls), ids, true).calls.size(), 1u) << text;
    for (size_t lost = 0; lost < ids.size(); ++lost) {
      std::vector<int32_t> fewer = ids;
      fewer.erase(fewer.begin() + std::ptrdiff_t(lost));
      Message message = test::parseIds(with(calls), fewer, true);
      EXPECT_TRUE(!message.calls.empty() || !message.content.empty()) << text << " " << lost;
      for (const ToolCall &call : message.calls)
        EXPECT_TRUE(isJsonObject(call.arguments)) << text << " " << lost;
    }
  }
}

} // namespace
