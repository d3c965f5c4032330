#include "runtime/chat/Replay.h"

#include "test/runtime/chat/AnswerTexts.h"

using namespace osscc;
using namespace osscc::rt;
using Ids = std::vector<int32_t>;

namespace {

// "qq" is one token, which a model may draw as two.
constexpr int32_t kQq = 256;

/// A conversation of parts; the first is the template's, then they take turns.
Rendered conversation(const std::vector<std::string> &parts) {
  Rendered out;
  for (size_t i = 0; i < parts.size(); ++i) {
    size_t begin = out.text.size();
    out.text += parts[i];
    out.spans.push_back({begin, out.text.size(), /*isTemplate=*/i % 2 == 0});
  }
  return out;
}

Ids ids(std::string_view text) {
  return test::answerTokenizer().ids(text);
}

struct ReplayTest : testing::Test {
  const Tokenizer &tokenizer = *test::answerTokenizer();
  Replay replay;
  Ids encode(const std::vector<std::string> &parts) {
    return *replay.encode(tokenizer, conversation(parts));
  }
};

Ids joined(const std::vector<Ids> &parts) {
  Ids out;
  for (const Ids &part : parts)
    out.insert(out.end(), part.begin(), part.end());
  return out;
}

TEST_F(ReplayTest, AnAnswerKeepsTheTokensThatWereDrawn) {
  std::vector<std::string> chat{"<|start|>", "qq", "<|end|>", "qqa", "<|end|>"};
  Ids canonical = joined({ids("<|start|>"), {kQq}, ids("<|end|>"), {kQq, 'a'}, ids("<|end|>")});
  EXPECT_EQ(encode(chat), canonical);
  replay.remember(tokenizer, "qqa",
                  joined({ids("<|message|>b\n"), {'q', 'q', 'a'}, ids("<|end|>")}));
  EXPECT_EQ(encode(chat),
            joined({ids("<|start|>"), {kQq}, ids("<|end|>"), {'q', 'q', 'a'}, ids("<|end|>")}));
  replay.clear();
  EXPECT_EQ(encode(chat), canonical);
}

TEST_F(ReplayTest, EachAnswerStandsOnceInItsOrder) {
  replay.remember(tokenizer, "qq", Ids{'q', 'q'});
  replay.remember(tokenizer, "qqq", Ids{'q', kQq});
  replay.remember(tokenizer, "qqq", Ids{kQq, 'q'});
  Ids end = ids("<|end|>");
  EXPECT_EQ(
      encode({"<|end|>", "qqq", "<|end|>", "qqq", "<|end|>", "qqq", "<|end|>", "qq", "<|end|>"}),
      joined({end, {'q', kQq}, end, {kQq, 'q'}, end, {kQq, 'q'}, end, {kQq}, end}));
}

TEST_F(ReplayTest, WhatIsNotTheWholeAnswerBeforeAMarkerIsEncoded) {
  replay.remember(tokenizer, "qqa", Ids{'q', 'q', 'a'});
  Ids end = ids("<|end|>"), whole{kQq, 'a'};
  EXPECT_EQ(encode({"<|end|>", "qqa", "b<|end|>"}), joined({end, whole, {'b'}, end}));
  EXPECT_EQ(encode({"<|end|>", "qqab", "<|end|>"}), joined({end, whole, {'b'}, end}));
  EXPECT_EQ(encode({"<|end|>", "qqa"}), joined({end, whole}));
  // Markers that somebody typed are letters, also beside an answer.
  EXPECT_EQ(
      encode({"", "<|end|>", "<|end|>", "qqa", "<|end|>"}),
      joined({*tokenizer.encode("<|end|>", SpecialTokens::kText), end, {'q', 'q', 'a'}, end}));
}

TEST_F(ReplayTest, OnlyTokensOfTheAnswerItselfAreKept) {
  replay.remember(tokenizer, "qq", joined({{'q'}, ids("<|end|>"), {'q'}}));
  replay.remember(tokenizer, "q", Ids{'a', kQq}); // cut within a token
  replay.remember(tokenizer, "qqb", Ids{'q', 'q'});
  replay.remember(tokenizer, "", Ids{'q'});
  replay.remember(tokenizer, "qq", {});
  Ids end = ids("<|end|>");
  EXPECT_EQ(encode({"<|end|>", "qq", "<|end|>", "q", "<|end|>"}),
            joined({end, {kQq}, end, {'q'}, end}));
}

TEST_F(ReplayTest, PassesOnWhatCannotBeEncoded) {
  replay.remember(tokenizer, "a", Ids{'a'});
  for (auto parts : {std::vector<std::string>{"\xFF", "a", "<|end|>"}, {"", "a", "<|end|>\xFF"}})
    EXPECT_FALSE(replay.encode(tokenizer, conversation(parts)));
}

} // namespace
