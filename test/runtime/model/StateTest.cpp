// Sessions of a model one layer of which has a state: it stands for one length of a text, and a
// sequence goes back to what was kept, or begins anew.
#include "runtime/model/Generate.h"

#include "runtime/device/ThreadPool.h"
#include "runtime/model/Session.h"
#include "test/runtime/model/FakeModel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace osscc::rt {
namespace {

std::vector<int32_t> textOf(size_t tokens, uint32_t seed) {
  std::vector<int32_t> text;
  for (uint32_t state = seed; text.size() < tokens;)
    text.push_back(int32_t((state = state * 1664525 + 1013904223) >> 16) % test::kVocabulary);
  return text;
}

struct StateTest : testing::Test {
  Model model = *Model::load(test::statefulModule(), test::fakeWeights(), "fake");
  std::unique_ptr<ThreadPool> pool = *ThreadPool::create(2);
  int64_t cancel = 0;
  Session session = *Session::create(model, *pool, {.cancel = &cancel});
  int64_t sequence = session.addSequence();
  std::vector<float> logits = std::vector<float>(test::kVocabulary);

  void TearDown() override { test::interruptInState = nullptr; }

  /// Appends `more`; the logits are those of the whole text.
  void append(std::span<const int32_t> more) {
    ASSERT_TRUE(session.append(sequence, more, logits));
    auto text = session.tokens(sequence);
    ASSERT_EQ(logits, test::statefulLogits(text)) << text.size();
  }

  /// A call that is interrupted when it has changed the state.
  void interrupt(std::span<const int32_t> more) {
    test::interruptInState = &cancel;
    ASSERT_FALSE(session.append(sequence, more, {}));
    test::interruptInState = nullptr;
    cancel = 0;
  }
};

TEST_F(StateTest, EveryChunkingGivesTheSame) {
  std::vector<int32_t> text = textOf(100, 1);
  for (int64_t rows : {1, 3, 7}) {
    session = *Session::create(model, *pool, {.rowsPerCall = rows});
    sequence = session.addSequence();
    for (size_t at = 0; at < text.size(); at += 10)
      append(std::span(text).subspan(at, 10));
  }
}

TEST_F(StateTest, IsAsLargeForAnyText) {
  append(textOf(1, 1));
  int64_t before = session.cacheBytes();
  append(textOf(39, 2));
  // The full group alone has grown: nine pages of 32 bytes.
  EXPECT_EQ(session.cacheBytes(), before + 9 * 32);
}

TEST_F(StateTest, StandsForTheWholeTextAlone) {
  append(textOf(60, 1));
  EXPECT_EQ(session.resumable(sequence, 60), 60);
  EXPECT_EQ(session.resumable(sequence, 59), 0);
  EXPECT_EQ(session.rewind(sequence, 60), 60);
  append(textOf(5, 2));
  EXPECT_EQ(session.rewind(sequence, 64), 0);
  EXPECT_TRUE(session.tokens(sequence).empty());
  EXPECT_EQ(session.cacheBytes(), 0);
  append(textOf(30, 3));
}

TEST_F(StateTest, ComesBackToWhatWasKept) {
  append(textOf(30, 1));
  session.keep(sequence);
  append(textOf(50, 2));
  EXPECT_EQ(session.resumable(sequence, 80), 80);
  EXPECT_EQ(session.resumable(sequence, 79), 30);
  EXPECT_EQ(session.resumable(sequence, 29), 0);
  for (uint32_t turn = 3; turn < 6; ++turn) {
    EXPECT_EQ(session.rewind(sequence, 50), 30);
    append(textOf(50, turn));
  }
  // A beginning of what was kept is no use: it is forgotten with the text.
  EXPECT_EQ(session.rewind(sequence, 29), 0);
  append(textOf(50, 6));
  EXPECT_EQ(session.resumable(sequence, 30), 0);
}

TEST_F(StateTest, KeepsSeveralPlaces) {
  for (uint32_t turn = 1; turn <= 5; ++turn) {
    append(textOf(30, turn));
    session.keep(sequence);
  }
  for (int64_t length : {120, 90, 60, 30}) {
    EXPECT_EQ(session.rewind(sequence, length + 7), length);
    append(textOf(8, 9));
  }
}

TEST_F(StateTest, ACallThatWasInterruptedLeavesNoHalfState) {
  append(textOf(60, 1));
  session.keep(sequence);
  append(textOf(5, 2));
  interrupt(textOf(5, 3));
  EXPECT_EQ(session.tokens(sequence).size(), 60u);
  append(textOf(20, 4));
  // Without a way back the text is gone.
  EXPECT_EQ(session.rewind(sequence, 0), 0);
  append(textOf(20, 5));
  interrupt(textOf(5, 6));
  EXPECT_TRUE(session.tokens(sequence).empty());
  append(textOf(20, 7));
}

TEST_F(StateTest, TheFirstCallMayBeInterrupted) {
  interrupt(textOf(5, 1));
  EXPECT_TRUE(session.tokens(sequence).empty());
  append(textOf(20, 2));
}

TEST_F(StateTest, CallsBeforeTheInterruptedOneAreLostWithIt) {
  append(textOf(20, 1));
  session.keep(sequence);
  append(textOf(20, 2));
  std::vector<int32_t> text = textOf(10, 3); // two calls, of which the second is interrupted
  interrupt(text);
  EXPECT_EQ(session.tokens(sequence).size(), 20u);
  append(text);
}

TEST_F(StateTest, OthersAreNotTouchedByAnInterrupt) {
  int64_t other = session.addSequence();
  append(textOf(10, 1));
  std::swap(sequence, other);
  append(textOf(7, 2));
  interrupt(textOf(3, 3));
  EXPECT_TRUE(session.tokens(sequence).empty());
  append(textOf(9, 4));
  std::swap(sequence, other);
  EXPECT_EQ(session.tokens(sequence).size(), 10u);
  append(textOf(9, 5));
}

TEST_F(StateTest, SequencesOfACallHaveStatesOfTheirOwn) {
  int64_t other = session.addSequence();
  std::vector<int32_t> a = textOf(9, 1), b = textOf(9, 2);
  std::vector<Row> rows;
  for (size_t i = 0; i < a.size(); ++i)
    for (int64_t s : {sequence, other})
      rows.push_back({s == sequence ? a[i] : b[i], s, i + 1 == a.size()});
  std::vector<float> both(2 * test::kVocabulary);
  ASSERT_TRUE(session.feed(rows, both));
  auto expected = test::statefulLogits(a);
  for (float value : test::statefulLogits(b))
    expected.push_back(value);
  EXPECT_EQ(both, expected);
}

// However large a state is, there is a way back to the end of a prompt and of the one before it.
TEST(StateCacheTest, KeepsTwoOfAnySize) {
  constexpr int64_t kBytes = KvCache::kCopiedBytes / 2 + 64;
  const OssccCacheGroup groups[] = {
      {sizeof(OssccCacheGroup), OSSCC_CACHE_STATE, 1, kBytes, 64, 0, 1}};
  KvCache cache(groups, 100, 7);
  int64_t sequence = cache.addSequence();
  for (int64_t rows : {10, 20, 30}) {
    ASSERT_TRUE(cache.reserve(sequence, rows));
    cache.tables()[0][0][0][kBytes - 1] = uint8_t(rows);
    cache.keep(sequence, rows);
  }
  EXPECT_EQ(cache.resumable(sequence, 29), 20);
  EXPECT_EQ(cache.resumable(sequence, 19), 0); // the oldest went first
  EXPECT_EQ(cache.rewind(sequence, 29), 20);
  EXPECT_EQ(cache.tables()[0][0][0][kBytes - 1], 20);
  EXPECT_EQ(cache.bytesFor(100), kBytes);
}

// A walk through texts, places kept and interrupted calls: never a wrong number.
TEST_F(StateTest, NeverGoesOnFromWhatIsLost) {
  uint32_t state = 7;
  auto draw = [&](uint32_t below) {
    state = state * 1664525 + 1013904223;
    return (state >> 16) % below;
  };
  int64_t back = 0;
  for (uint32_t step = 0; step < 3000; ++step) {
    auto held = int64_t(session.tokens(sequence).size());
    if (uint32_t what = draw(8); what < 4 && held < 150) {
      append(textOf(1 + draw(20), step));
    } else if (what == 4 && held < 150) {
      interrupt(textOf(1 + draw(6), step));
    } else if (what == 5) {
      session.keep(sequence);
    } else {
      auto length = int64_t(draw(uint32_t(held) + 1));
      int64_t left = session.resumable(sequence, length);
      EXPECT_EQ(session.rewind(sequence, length), left);
      back += left > 0;
      append(textOf(1, step));
    }
  }
  EXPECT_GT(back, 100);
}

struct StateGenerateTest : StateTest {
  GenerateOptions options{.sampler = {.temperature = 0}, .maxTokens = 30, .eos = {}};
  Sampler sampler{SamplerOptions{}};

  Generated run(const std::vector<int32_t> &prompt) {
    return *generate(session, sequence, prompt, options, sampler, [](int32_t) { return true; });
  }
  std::vector<int32_t> greedy(std::vector<int32_t> text) {
    std::vector<int32_t> answer;
    while (answer.size() < size_t(*options.maxTokens)) {
      auto next = test::statefulLogits(text);
      answer.push_back(int32_t(std::ranges::max_element(next) - next.begin()));
      text.push_back(answer.back());
    }
    return answer;
  }
};

TEST_F(StateGenerateTest, ASecondTurnReadsOnlyWhatIsNew) {
  std::vector<int32_t> text = textOf(40, 1);
  Generated first = run(text);
  EXPECT_EQ(first.reused, 0);
  EXPECT_EQ(first.tokens, greedy(text));
  text.insert(text.end(), first.tokens.begin(), first.tokens.end());
  for (int32_t token : textOf(25, 2))
    text.push_back(token);
  Generated second = run(text);
  EXPECT_EQ(second.reused, 40 + 29); // all but the last token of the answer, which no call has read
  EXPECT_EQ(second.tokens, greedy(text));
}

// What asks for an answer may begin its reasoning, which the next turn drops with all that follows.
TEST_F(StateGenerateTest, ATurnThatDropsTheAnswerGoesBackToThePrompt) {
  std::vector<int32_t> text = textOf(40, 1);
  run(text);
  text.resize(38);
  for (int32_t token : textOf(30, 2))
    text.push_back(token);
  Generated answer = run(text);
  EXPECT_EQ(answer.reused, 24);
  EXPECT_EQ(answer.tokens, greedy(text));
  // The same again, and an answer to the turn before.
  answer = run(text);
  EXPECT_EQ(answer.reused, 52);
  EXPECT_EQ(answer.tokens, greedy(text));
  text.resize(50);
  EXPECT_EQ(run(text).reused, 24);
}

TEST_F(StateGenerateTest, WhatIsInterruptedIsReadAgain) {
  std::vector<int32_t> prompt = textOf(40, 1);
  options.maxTokens = 5;
  run(prompt);
  test::interruptInState = &cancel;
  EXPECT_FALSE(
      generate(session, sequence, textOf(20, 2), options, sampler, [](int32_t) { return true; }));
  test::interruptInState = nullptr;
  cancel = 0;
  EXPECT_EQ(run(prompt).tokens, greedy(prompt));
}

} // namespace
} // namespace osscc::rt
