#include "runtime/chat/Harmony.h"

#include "test/runtime/chat/AnswerTexts.h"

#include <random>

using namespace osscc;
using namespace osscc::rt;
using Start = AnswerFormat::Start;

namespace {

AnswerFormat harmony(Start start = Start::kBeginning) {
  return {
      .style = AnswerFormat::Style::kHarmony, .open = {}, .close = {}, .start = start, .tools = {}};
}

Message parse(std::string_view text, bool ended = false, Start start = Start::kBeginning) {
  return test::parseText(harmony(start), text, ended);
}

/// "reasoning|commentary|content|recipient(type):arguments|end".
std::string summary(const Message &message) {
  std::string out = message.reasoning + "|" + message.commentary + "|" + message.content + "|";
  for (const ToolCall &call : message.calls)
    out += call.recipient + "(" + call.contentType + "):" + call.arguments + ";";
  out += "|" + std::string(nameOf(message.end));
  return message.error ? out + "|" + std::string(nameOf(message.error->fault)) : out;
}

TEST(Harmony, HasReasoningAndAnAnswer) {
  const char *text = "<|channel|>analysis<|message|>one<|end|>"
                     "<|start|>assistant<|channel|>final<|message|>two<|return|>";
  EXPECT_EQ(summary(parse(text)), "one||two||stop");
  EXPECT_EQ(summary(parse("<|start|>assistant" + std::string(text))), "one||two||stop");
  EXPECT_EQ(summary(parse("assistant" + std::string(text))), "one||two||stop");
}

TEST(Harmony, TheEndMayBeMissingOrSpelt) {
  EXPECT_EQ(summary(parse("<|channel|>final<|message|>one")), "||one||length");
  EXPECT_EQ(summary(parse("<|channel|>final<|message|>one", true)), "||one||stop");
  EXPECT_EQ(summary(parse("<|channel|>final<|message|>one<|end|>")), "||one||stop");
  EXPECT_EQ(summary(parse("<|channel|>final<|message|>one<|endoftext|>")), "||one||stop");
  EXPECT_EQ(summary(parse("<|channel|>final<|message|>one<|end|><|return|>")), "||one||stop");
  EXPECT_EQ(summary(parse("<|channel|>analysis<|message|>one<|end|>")), "one||||length");
  EXPECT_EQ(summary(parse("<|channel|>analysis<|message|>one<|end|>", true)), "one||||stop");
  EXPECT_EQ(summary(parse("<|channel|>analysis<|message|>one<|return|>")), "one||||stop");
  EXPECT_EQ(summary(parse("")), "||||length");
  EXPECT_EQ(summary(parse("", true)), "||||stop");
}

TEST(Harmony, TheRecipientStandsInAnyPart) {
  for (const char *header :
       {"<|channel|>commentary to=functions.f <|constrain|>json",
        "<|channel|>commentary to=functions.f<|constrain|>json",
        "<|channel|>commentary to=functions.f json", "<|channel|>commentary functions.f json",
        "<|channel|>commentary functions.f <|constrain|>json",
        " to=functions.f<|channel|>commentary <|constrain|>json",
        " to=functions.f<|channel|>commentary<|constrain|>json",
        "assistant to=functions.f<|channel|>commentary json",
        "<|channel|>commentary <|constrain|>json to=functions.f",
        " to=functions.f <|constrain|>json<|channel|>commentary"}) {
    Message message = parse(header + std::string("<|message|>{\"a\":1}<|call|>"));
    EXPECT_EQ(summary(message), "|||functions.f(json):{\"a\":1};|tool_calls") << header;
    EXPECT_EQ(message.calls.front().name(), "f");
  }
  EXPECT_EQ(summary(parse("<|channel|>analysis to=python code<|message|>1<|call|>")),
            "|||python(code):1;|tool_calls");
  EXPECT_EQ(summary(parse("<|channel|>commentary to=browser.search<|message|>{}", true)),
            "|||browser.search():{};|tool_calls");
  EXPECT_EQ(summary(parse("<|channel|>commentary to=functions.f<|message|>{}<|end|>")),
            "|||functions.f():{};|tool_calls");
}

TEST(Harmony, APartOfEachKindFollowsTheOneBefore) {
  EXPECT_EQ(
      summary(parse("<|channel|>analysis<|message|>a<|end|>"
                    "<|start|>assistant<|channel|>commentary<|message|>b<|end|>"
                    "<|start|>assistant<|channel|>analysis<|message|>c<|end|>"
                    "<|start|>assistant<|channel|>commentary to=functions.f<|message|>1<|call|>"
                    "<|start|>assistant to=functions.g<|channel|>commentary<|message|>2<|call|>")),
      "a\nc|b||functions.f():1;functions.g():2;|tool_calls");
  EXPECT_EQ(
      summary(parse("<|message|>a<|end|><|start|>assistant:x<|channel|>final<|message|><|end|>"
                    "<|start|>assistant<|channel|>final<|message|>b<|return|>")),
      "||a\nb||stop");
  // A type alone makes no call.
  EXPECT_EQ(summary(parse("<|channel|>commentary <|constrain|>json<|message|>a<|end|>")),
            "|a|||length");
}

TEST(Harmony, ThePromptMayHaveBegunAText) {
  EXPECT_EQ(summary(parse("one<|return|>", false, Start::kAnswer)), "||one||stop");
  EXPECT_EQ(summary(parse("one<|end|><|start|>assistant<|channel|>final<|message|>two", true,
                          Start::kReasoning)),
            "one||two||stop");
  EXPECT_EQ(summary(parse("<|start|>assistant", false, Start::kAnswer)),
            "||||error|repeated_header");
}

TEST(Harmony, ABrokenAnswerHasATypedError) {
  const std::pair<const char *, const char *> kCases[] = {
      {"<|channel|>final", "||||length|broken_off"},
      {"<|start|>", "||||length|broken_off"},
      {"<|channel|>final<|return|>", "||||error|broken_off"},
      {"<|channel|>analysis<|message|>a<|end|><|start|>assist", "a||||length|broken_off"},
      {"<|channel|>commentary to=functions.f<|message|>{\"a",
       "|||functions.f():{\"a;|length|broken_off"},
      {"<|channel|>final<|channel|>final<|message|>a", "||||error|repeated_header"},
      {"<|constrain|>a<|constrain|>b<|message|>a", "||||error|repeated_header"},
      {"<|channel|>final<|start|>assistant", "||||error|repeated_header"},
      {"<|channel|>commentary to=a to=b<|message|>", "||||error|repeated_header"},
      {" to=a<|channel|>commentary to=a<|message|>", "||||error|repeated_header"},
      {"<|channel|>final<|message|>a<|channel|>final<|message|>b", "||a||error|repeated_header"},
      {"<|channel|>final<|message|>a<|message|>b", "||a||error|repeated_header"},
      {"<|channel|>final<|message|>a<|start|>assistant", "||a||error|repeated_header"},
      {"<|channel|>final<|message|>a<|constrain|>b", "||a||error|stray_token"},
      {"<|channel|>final<|message|>a<|reserved_1|>b", "||a||error|stray_token"},
      {"<|channel|>analysis<|message|>a<|end|>assistant", "a||||error|stray_token"},
      {"<|channel|>analysis<|message|>a<|end|><|end|>", "a||||error|stray_token"},
      {"<|channel|><|message|>a", "||||error|bad_header"},
      {"<|channel|>final to=<|message|>a", "||||error|bad_header"},
      {"<|channel|>final a b c<|message|>a", "||||error|bad_header"},
      {"<|channel|>final a b <|constrain|>c<|message|>a", "||||error|bad_header"},
      {"<|channel|>fi<|end|>nal<|message|>a", "||||error|bad_header"},
      {"<|channel|>fi<|reserved_1|>nal<|message|>a", "||||error|bad_header"},
      {"<|channel|>thoughts<|message|>a", "||||error|unknown_channel"},
      {"<|channel|>analysis<|message|>a<|end|><|start|>user<|message|>b", "a||||error|wrong_role"},
      {"<|channel|>analysis<|message|>a<|end|><|start|><|message|>b", "a||||error|wrong_role"},
      {"<|start|>assistants<|message|>b", "||||error|wrong_role"},
  };
  for (auto [text, expected] : kCases) {
    Message message = parse(text);
    EXPECT_EQ(summary(message), expected) << text;
    EXPECT_FALSE(message.error->text.empty());
    EXPECT_EQ(message.error->text.find('\n'), std::string::npos);
  }
  EXPECT_EQ(summary(parse("<|channel|>final", true)), "||||error|broken_off");
  EXPECT_EQ(parse("<|channel|>" + std::string(1100, 'x')).error->fault, AnswerFault::kBadHeader);
}

TEST(Harmony, AnUnknownToolIsNamedAndItsCallKept) {
  AnswerFormat format = harmony();
  format.tools = {"functions.f"};
  const std::string call = "<|channel|>commentary to=functions.f<|message|>1<|call|>",
                    other = "<|channel|>commentary to=functions.g<|message|>2<|call|>";
  EXPECT_EQ(summary(test::parseText(format, call)), "|||functions.f():1;|tool_calls");
  Message message = test::parseText(format, other + "<|start|>assistant" + call);
  EXPECT_EQ(summary(message), "|||functions.g():2;functions.f():1;|tool_calls|unknown_tool");
  EXPECT_NE(message.error->text.find("'functions.g'"), std::string::npos);
}

TEST(Harmony, ABrokenEndSaysMoreThanAnUnknownTool) {
  AnswerFormat format = harmony();
  format.tools.emplace();
  const std::string call = "<|channel|>commentary to=functions.f<|message|>1";
  EXPECT_EQ(summary(test::parseText(format, call + "<|channel|>")),
            "|||functions.f():1;|error|repeated_header");
  EXPECT_EQ(summary(test::parseText(format, call)), "|||functions.f():1;|length|unknown_tool");
}

TEST(Harmony, OnlyAnalysisIsReasoning) {
  auto parser = *AnswerParser::create(harmony(), *test::answerTokenizer());
  auto feed = [&](std::string_view text) {
    for (int32_t id : test::answerTokenizer().ids(text))
      parser->feed(id);
    return parser->reasons();
  };
  EXPECT_FALSE(feed("<|channel|>analysis"));
  EXPECT_TRUE(feed("<|message|>"));
  EXPECT_TRUE(feed("one"));
  EXPECT_FALSE(feed("<|end|>"));
  EXPECT_FALSE(feed("<|start|>assistant<|channel|>final<|message|>two"));
}

TEST(Harmony, NothingIsReadBehindAnError) {
  auto parser = *AnswerParser::create(harmony(), *test::answerTokenizer());
  for (int32_t id : test::answerTokenizer().ids("<|channel|>analysis<|message|>a")) {
    EXPECT_FALSE(parser->failed());
    parser->feed(id);
  }
  EXPECT_TRUE(parser->reasons());
  for (int32_t id : test::answerTokenizer().ids("<|channel|>b<|end|>"))
    EXPECT_TRUE(parser->feed(id).empty());
  EXPECT_TRUE(parser->failed());
  EXPECT_TRUE(parser->finish(true).empty());
  EXPECT_EQ(summary(parser->message()), "a||||error|repeated_header");
}

TEST(Harmony, CharactersAreNeverCut) {
  auto ids = test::answerTokenizer().ids("<|channel|>final<|message|>\u00e9\U0001F642");
  EXPECT_EQ(test::parseIds(harmony(), ids).content, "\u00e9\U0001F642");
  ids.pop_back();
  EXPECT_EQ(test::parseIds(harmony(), ids).content, "\u00e9\uFFFD");
  // Half a character does not run into the next message.
  auto next = test::answerTokenizer().ids("<|end|><|start|>assistant<|message|>b");
  ids.insert(ids.end(), next.begin(), next.end());
  EXPECT_EQ(test::parseIds(harmony(), ids).content, "\u00e9\uFFFD\nb");
}

TEST(Harmony, IdsWithoutTextAreNothing) {
  auto ids = test::answerTokenizer().ids("<|channel|>final<|message|>a<|return|>");
  for (size_t at = 0; at <= ids.size(); ++at)
    for (int32_t id : {-1, 100000, INT32_MAX, INT32_MIN}) {
      auto with = ids;
      with.insert(with.begin() + std::ptrdiff_t(at), id);
      Message message = test::parseIds(harmony(), with);
      EXPECT_EQ(message.content, "a");
    }
}

TEST(Harmony, NeedsItsMarkers) {
  for (const char *text : {"<|start|>", "<|channel|>", "<|constrain|>", "<|message|>", "<|end|>",
                           "<|call|>", "<|return|>"}) {
    test::AnswerTokenizer tokenizer(text);
    auto parser = AnswerParser::create(harmony(), *tokenizer);
    ASSERT_FALSE(parser);
    EXPECT_EQ(parser.error().code, Code::kRuntime);
    EXPECT_NE(parser.error().message.find(text), std::string::npos);
  }
  EXPECT_TRUE(AnswerParser::create(harmony(), *test::AnswerTokenizer("<|endoftext|>")));
}

/// Edits every token of valid answers: what comes of it is a message, or a message with an error.
TEST(Harmony, SurvivesEveryDeletionInsertionAndSwap) {
  const char *kAnswers[] = {
      "<|channel|>analysis<|message|>a "
      "b<|end|><|start|>assistant<|channel|>final<|message|>c<|return|>",
      "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>",
      "<|channel|>commentary<|message|>p<|end|><|start|>assistant to=functions.f<|channel|>"
      "commentary json<|message|>{}<|call|>"};
  auto check = [](const std::vector<int32_t> &ids) {
    for (Start start : {Start::kBeginning, Start::kReasoning, Start::kAnswer}) {
      Message message = test::parseIds(harmony(start), ids);
      EXPECT_TRUE(message.error || message.end != AnswerEnd::kError);
    }
  };
  for (const char *answer : kAnswers) {
    const std::vector<int32_t> ids = test::answerTokenizer().ids(answer);
    for (size_t at = 0; at < ids.size(); ++at) {
      auto edited = ids;
      edited.erase(edited.begin() + std::ptrdiff_t(at));
      check(edited);
      edited = ids;
      if (at + 1 < ids.size())
        std::swap(edited[at], edited[at + 1]);
      check(edited);
      for (int32_t id = 250; id < int32_t((*test::answerTokenizer()).size()); ++id) {
        edited = ids;
        edited.insert(edited.begin() + std::ptrdiff_t(at), id);
        check(edited);
      }
    }
  }
}

TEST(Harmony, SurvivesRandomStreams) {
  std::mt19937 dice(1);
  std::vector<int32_t> tokens;
  for (const char *text : {"<|start|>", "<|channel|>", "<|constrain|>", "<|message|>", "<|end|>",
                           "<|call|>", "<|return|>", "<|endoftext|>", "<|reserved_1|>"})
    tokens.push_back(test::answerTokenizer().ids(text)[0]);
  const std::vector<std::string> words{"assistant", "analysis", "commentary", "final",
                                       " to=f",     " ",        "json",       "\u00e9"};
  for (int round = 0; round < 20000; ++round) {
    std::vector<int32_t> ids;
    for (size_t i = dice() % 16; i > 0; --i)
      if (uint32_t what = dice() % 20; what < tokens.size()) {
        ids.push_back(tokens[what]);
      } else if (what < 18) {
        auto more = test::answerTokenizer().ids(words[dice() % words.size()]);
        ids.insert(ids.end(), more.begin(), more.end());
      } else {
        ids.push_back(int32_t(dice() % 300));
      }
    Message message = test::parseIds(harmony(Start(dice() % 3)), ids, /*ended=*/dice() % 2 == 0);
    EXPECT_TRUE(message.error || message.end != AnswerEnd::kError);
  }
}

} // namespace
