// Sessions of a model one layer of which sees a window: going back is exact, or goes back further.
#include "runtime/model/Generate.h"

#include "runtime/device/ThreadPool.h"
#include "runtime/model/Session.h"
#include "test/runtime/model/FakeModel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace osscc::rt {
namespace {

/// Positions of the ring: what is further behind the last one written is lost.
const int64_t kRing =
    osscc_ring_pages(test::kWindow, test::kMaxRows, test::kRowsPerPage) * test::kRowsPerPage;

std::vector<int32_t> textOf(size_t tokens, uint32_t seed) {
  std::vector<int32_t> text;
  for (uint32_t state = seed; text.size() < tokens;)
    text.push_back(int32_t((state = state * 1664525 + 1013904223) >> 16) % test::kVocabulary);
  return text;
}

struct WindowTest : testing::Test {
  Model model = *Model::load(test::windowedModule(), test::fakeWeights(), "fake");
  std::unique_ptr<ThreadPool> pool = *ThreadPool::create(2);
  int64_t cancel = 0;
  Session session = *Session::create(model, *pool, {.cancel = &cancel});
  int64_t sequence = session.addSequence();
  std::vector<float> logits = std::vector<float>(test::kVocabulary);

  /// Appends `more`; the logits are those of the whole text.
  void append(std::span<const int32_t> more) {
    ASSERT_TRUE(session.append(sequence, more, logits));
    auto text = session.tokens(sequence);
    ASSERT_EQ(logits, test::windowedLogits(text)) << text.size();
  }
};

TEST_F(WindowTest, EveryChunkingSeesTheSameWindow) {
  std::vector<int32_t> text = textOf(100, 1);
  for (int64_t rows : {1, 3, 7}) {
    session = *Session::create(model, *pool, {.rowsPerCall = rows});
    sequence = session.addSequence();
    for (size_t at = 0; at < text.size(); at += 10)
      append(std::span(text).subspan(at, 10));
  }
}

TEST_F(WindowTest, MemoryIsBoundedByTheWindow) {
  append(textOf(20, 1));
  int64_t before = session.cacheBytes();
  append(textOf(40, 2));
  // The full group alone has grown: ten pages of 32 bytes.
  EXPECT_EQ(session.cacheBytes(), before + 10 * 32);
}

TEST_F(WindowTest, GoesBackAsFarAsTheRingKeeps) {
  append(textOf(60, 1));
  // The next row at position 60 - 11 sees 6 positions, the first of them the ring's last.
  int64_t furthest = 60 - kRing + test::kWindow - 1;
  EXPECT_EQ(session.resumable(sequence, 60), 60);
  EXPECT_EQ(session.resumable(sequence, furthest), furthest);
  EXPECT_EQ(session.resumable(sequence, furthest - 1), 0);
  EXPECT_EQ(session.resumable(sequence, 0), 0);
  EXPECT_EQ(session.rewind(sequence, furthest), furthest);
  append(textOf(5, 2));
  // What has been lost stays lost, though the text is shorter now.
  EXPECT_EQ(session.resumable(sequence, furthest), furthest);
  EXPECT_EQ(session.resumable(sequence, furthest - 1), 0);
}

TEST_F(WindowTest, GoesBackToTheBeginningWhereTheRingHasLostIt) {
  std::vector<int32_t> text = textOf(60, 1);
  append(text);
  EXPECT_EQ(session.rewind(sequence, 30), 0);
  EXPECT_TRUE(session.tokens(sequence).empty());
  append(std::span(text).first(30));
  append(textOf(30, 2));
}

TEST_F(WindowTest, ARingThatHasNotComeRoundForgetsNothing) {
  append(textOf(size_t(kRing), 1));
  EXPECT_EQ(session.rewind(sequence, 1), 1);
  append(textOf(size_t(kRing) - 1, 2));
  EXPECT_EQ(session.rewind(sequence, 3), 3);
  append(textOf(60, 3));
}

TEST_F(WindowTest, ComesBackToWhatWasKept) {
  append(textOf(30, 1));
  session.keep(sequence);
  append(textOf(50, 2));
  EXPECT_EQ(session.resumable(sequence, 50), 30);
  EXPECT_EQ(session.resumable(sequence, 29), 29); // for the logits of the last token
  EXPECT_EQ(session.resumable(sequence, 20), 0);
  EXPECT_EQ(session.rewind(sequence, 50), 30);
  append(textOf(50, 3));
  EXPECT_EQ(session.rewind(sequence, 29), 29);
  append(textOf(50, 4));
  // The copy holds the 29 tokens that are still the text's, not the one that was dropped.
  EXPECT_EQ(session.rewind(sequence, 30), 29);
  append(textOf(3, 5));
}

TEST_F(WindowTest, WhatWasKeptOfAnotherTextIsForgotten) {
  append(textOf(30, 1));
  session.keep(sequence);
  int64_t kept = session.cacheBytes();
  EXPECT_EQ(session.rewind(sequence, 0), 0);
  EXPECT_LT(session.cacheBytes(), kept);
  EXPECT_EQ(session.cacheBytes(), 0);
  append(textOf(80, 2));
  EXPECT_EQ(session.resumable(sequence, 40), 0);
}

TEST_F(WindowTest, KeepsSeveralPlaces) {
  for (uint32_t turn = 1; turn <= 5; ++turn) {
    append(textOf(30, turn));
    session.keep(sequence);
  }
  for (int64_t length : {120, 90, 60, 30}) {
    EXPECT_EQ(session.rewind(sequence, length), length);
    append(textOf(40, 9));
  }
}

// The keys of a cancelled call are written already, over those of the ring's oldest positions.
TEST_F(WindowTest, ACancelledCallHasTakenItsPlaces) {
  append(textOf(60, 1));
  int64_t furthest = 60 - kRing + test::kWindow - 1;
  ASSERT_EQ(session.resumable(sequence, furthest), furthest);
  cancel = 1;
  ASSERT_FALSE(session.append(sequence, textOf(5, 2), {}));
  cancel = 0;
  EXPECT_EQ(session.resumable(sequence, furthest), 0);
  EXPECT_EQ(session.resumable(sequence, furthest + 5), furthest + 5);
  EXPECT_EQ(session.tokens(sequence).size(), 60u);
  append(textOf(20, 3));
}

TEST_F(WindowTest, SequencesHaveRingsOfTheirOwn) {
  int64_t other = session.addSequence();
  for (uint32_t turn = 1; turn < 8; ++turn) {
    append(textOf(10, turn));
    std::swap(sequence, other);
    append(textOf(7, turn + 100));
    std::swap(sequence, other);
  }
  EXPECT_EQ(session.rewind(other, 5), 0);
  append(textOf(3, 99));
}

// A walk through texts, places kept and cancelled calls: never a wrong number.
TEST_F(WindowTest, NeverGoesOnFromWhatIsLost) {
  uint32_t state = 7;
  auto draw = [&](uint32_t below) {
    state = state * 1664525 + 1013904223;
    return (state >> 16) % below;
  };
  int64_t exact = 0;
  for (uint32_t step = 0; step < 3000; ++step) {
    auto held = int64_t(session.tokens(sequence).size());
    if (uint32_t what = draw(8); what < 4 && held < 150) {
      append(textOf(1 + draw(20), step));
    } else if (what == 4 && held < 150) {
      cancel = 1;
      ASSERT_FALSE(session.append(sequence, textOf(1 + draw(7), step), {}));
      cancel = 0;
    } else if (what == 5) {
      session.keep(sequence);
    } else {
      auto length = int64_t(draw(uint32_t(held) + 1));
      int64_t left = session.resumable(sequence, length);
      EXPECT_EQ(session.rewind(sequence, length), left);
      exact += left == length && length > 0;
      append(textOf(1, step));
    }
  }
  EXPECT_GT(exact, 100);
}

struct WindowGenerateTest : WindowTest {
  GenerateOptions options{.sampler = {.temperature = 0}, .maxTokens = 60, .eos = {}};
  Sampler sampler{SamplerOptions{}};

  Generated run(const std::vector<int32_t> &prompt) {
    return *generate(session, sequence, prompt, options, sampler, [](int32_t) { return true; });
  }
  std::vector<int32_t> greedy(std::vector<int32_t> text) {
    std::vector<int32_t> answer;
    while (answer.size() < size_t(*options.maxTokens)) {
      auto next = test::windowedLogits(text);
      answer.push_back(int32_t(std::ranges::max_element(next) - next.begin()));
      text.push_back(answer.back());
    }
    return answer;
  }
};

// A long answer is dropped by the next turn, as a chat drops what was thought: the ring has lost
// the prompt's end, the copy has it.
TEST_F(WindowGenerateTest, ATurnThatDropsTheAnswerReadsOnlyWhatIsNew) {
  std::vector<int32_t> prompt = textOf(40, 1);
  Generated first = run(prompt);
  EXPECT_EQ(first.reused, 0);
  EXPECT_EQ(first.tokens, greedy(prompt));
  std::vector<int32_t> second = prompt;
  for (int32_t token : textOf(30, 2))
    second.push_back(token);
  second[40] = (first.tokens[0] + 1) % int32_t(test::kVocabulary);
  Generated answer = run(second);
  EXPECT_EQ(answer.reused, 40);
  EXPECT_EQ(answer.tokens, greedy(second));
  // The same again: all but the last token of the prompt.
  answer = run(second);
  EXPECT_EQ(answer.reused, 69);
  EXPECT_EQ(answer.tokens, greedy(second));
}

TEST_F(WindowGenerateTest, WhatIsComputedAgainIsNotReused) {
  std::vector<int32_t> prompt = textOf(60, 1);
  run(prompt);
  std::vector<int32_t> other = prompt;
  other[20] = (other[20] + 1) % int32_t(test::kVocabulary);
  Generated answer = run(other);
  EXPECT_EQ(answer.reused, 0);
  EXPECT_EQ(answer.tokens, greedy(other));
}

} // namespace
} // namespace osscc::rt
