#include "test/runtime/chat/AnswerTexts.h"

#include <random>

using namespace osscc;
using namespace osscc::rt;
using Style = AnswerFormat::Style;
using Start = AnswerFormat::Start;

namespace {

AnswerFormat tags(Start start = Start::kBeginning, const char *open = "<think>",
                  const char *close = "</think>") {
  return {.style = Style::kTags, .open = open, .close = close, .start = start, .tools = {}};
}

/// Reasoning and answer of a text.
using Parts = std::pair<std::string, std::string>;
Parts partsOf(const AnswerFormat &format, std::string_view text) {
  Message message = test::parseText(format, text, /*ended=*/true);
  EXPECT_FALSE(message.error);
  EXPECT_EQ(message.end, AnswerEnd::kStop);
  EXPECT_TRUE(message.commentary.empty() && message.calls.empty());
  return {message.reasoning, message.content};
}

TEST(PlainAnswer, IsAllAnswerButItsMarkers) {
  EXPECT_EQ(partsOf({}, "\n<think>one</think><|end|> two"),
            (Parts{"", "\n<think>one</think> two"}));
  EXPECT_EQ(test::parseText({}, "one").end, AnswerEnd::kLength);
}

TEST(ThinkTags, TakeTheNewlinesAroundThem) {
  EXPECT_EQ(partsOf(tags(), "<think>\none\n\ntwo\n</think>\n\nthree\n"),
            (Parts{"one\n\ntwo", "three\n"}));
  EXPECT_EQ(partsOf(tags(), "\n <think> one </think> two"), (Parts{" one ", " two"}));
  EXPECT_EQ(partsOf(tags(), "<think>\n\n</think>\n\none"), (Parts{"", "one"}));
  EXPECT_EQ(partsOf(tags(), "<think></think>"), (Parts{"", ""}));
}

TEST(ThinkTags, CountOnlyAroundTheBeginning) {
  EXPECT_EQ(partsOf(tags(), "one <think>two</think>"), (Parts{"", "one <think>two</think>"}));
  EXPECT_EQ(partsOf(tags(), "<think>a <think> b</think>c</think><think>"),
            (Parts{"a <think> b", "c</think><think>"}));
  EXPECT_EQ(partsOf(tags(), "\n\n  one"), (Parts{"", "  one"}));
  EXPECT_EQ(partsOf(tags(), ""), (Parts{"", ""}));
  EXPECT_EQ(partsOf(tags(), "  \n"), (Parts{"", "  \n"}));
}

TEST(ThinkTags, ThePromptMayHaveOpenedOrClosedThem) {
  EXPECT_EQ(partsOf(tags(Start::kReasoning), "\none\n</think>\n\ntwo"), (Parts{"one", "two"}));
  EXPECT_EQ(partsOf(tags(Start::kReasoning), "\n<think>\none</think>two"), (Parts{"one", "two"}));
  EXPECT_EQ(partsOf(tags(Start::kReasoning), "</think>two"), (Parts{"", "two"}));
  EXPECT_EQ(partsOf(tags(Start::kAnswer), "\n\none</think>"), (Parts{"", "one</think>"}));
  EXPECT_EQ(partsOf(tags(Start::kAnswer), "\n</think>\none"), (Parts{"", "one"}));
  EXPECT_EQ(partsOf(tags(), "</think>\none"), (Parts{"", "one"}));
}

TEST(ThinkTags, WithoutAnEndAllIsReasoning) {
  EXPECT_EQ(partsOf(tags(), "<think>one </thin"), (Parts{"one </thin", ""}));
  EXPECT_EQ(partsOf(tags(Start::kReasoning), "<thin"), (Parts{"<thin", ""}));
  EXPECT_EQ(partsOf(tags(Start::kReasoning), "one\n\n"), (Parts{"one", ""}));
  EXPECT_EQ(partsOf(tags(), "<thin"), (Parts{"", "<thin"}));
  EXPECT_EQ(partsOf(tags(Start::kAnswer), "\n</"), (Parts{"", "</"}));
  EXPECT_EQ(test::parseText(tags(), "<think>one").end, AnswerEnd::kLength);
}

TEST(ThinkTags, MayBeWordsOrMarkersOrPartsOfTokens) {
  EXPECT_EQ(partsOf(tags(Start::kBeginning, "<|think|>", "<|/think|>"),
                    "<|think|>one<|end|><|/think|>two"),
            (Parts{"one", "two"}));
  EXPECT_EQ(partsOf(tags(Start::kBeginning, "<reasoning>", "</reasoning>"),
                    "<reasoning>one</reason</reasoning>two"),
            (Parts{"one</reason", "two"}));
  EXPECT_EQ(partsOf(tags(Start::kBeginning, "\u25c1think\u25b7", "\u25c1/think\u25b7"),
                    "\u25c1think\u25b7\u25c1/thing\u25c1/think\u25b7two"),
            (Parts{"\u25c1/thing", "two"}));
  // A token that holds the end of one part and the beginning of the next.
  auto tables = test::tinyTokenizer({{'k', '>'}, {256, 'b'}, {'a', '<'}}, {});
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(bundle::Tokenizer::Pack(builder, &tables));
  auto tokenizer =
      Tokenizer::load(*flatbuffers::GetRoot<bundle::Tokenizer>(builder.GetBufferPointer()));
  Message message = test::parseIds(tags(Start::kReasoning),
                                   {258, '/', 't', 'h', 'i', 'n', 257, 'c'}, true, *tokenizer);
  EXPECT_EQ(message.reasoning, "a");
  EXPECT_EQ(message.content, "bc");
}

TEST(ThinkTags, ShowsReasoningAtOnceAndSaysThatItIs) {
  auto parser = *AnswerParser::create(tags(), *test::answerTokenizer());
  auto feed = [&](std::string_view bytes) {
    std::vector<int32_t> ids{uint8_t(bytes[0])};
    if (bytes.size() > 1)
      ids = test::answerTokenizer().ids(bytes);
    std::string shown;
    for (int32_t id : ids)
      for (const AnswerEvent &event : parser->feed(id))
        shown += (event.kind == AnswerEvent::kReasoning ? "r:" : "c:") + event.text;
    return shown;
  };
  EXPECT_FALSE(parser->reasons());
  EXPECT_EQ(feed("<think>\n"), "");
  EXPECT_TRUE(parser->reasons());
  EXPECT_EQ(feed("a"), "r:a");
  EXPECT_EQ(feed("\n"), "");
  EXPECT_EQ(feed("\xC3"), "");
  EXPECT_EQ(feed("\xA9"), "r:\nr:\u00e9");
  EXPECT_EQ(feed("\n</think>\n"), "");
  EXPECT_FALSE(parser->reasons());
  EXPECT_EQ(feed("b"), "c:b");
}

TEST(ThinkTags, NeedTexts) {
  for (auto format : {tags(Start::kBeginning, "", "x"), tags(Start::kBeginning, "x", "")})
    EXPECT_EQ(AnswerParser::create(format, *test::answerTokenizer()).error().code, Code::kRuntime);
}

/// Whatever comes, nothing is lost but tags, white space around them and markers.
TEST(ThinkTags, KeepsEveryLetterOfRandomAnswers) {
  std::mt19937 dice(1);
  const std::vector<std::string> pieces{"<think>", "</think>", "<", "</",     "think",  ">",
                                        "\n",      " ",        "a", "\u00e9", "<|end|>"};
  for (int round = 0; round < 20000; ++round) {
    std::string text, letters;
    for (size_t i = dice() % 12; i > 0; --i)
      text += pieces[dice() % pieces.size()];
    Message message = test::parseText(tags(Start(dice() % 3)), text);
    auto count = [](std::string_view where, char letter) {
      return std::ranges::count(where, letter);
    };
    for (char letter : {'a', '\xA9'})
      EXPECT_EQ(count(message.reasoning, letter) + count(message.content, letter),
                count(text, letter))
          << text;
  }
}

} // namespace
