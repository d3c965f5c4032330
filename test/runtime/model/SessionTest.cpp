// What a session promises: the logits of a row depend on its own text and on nothing else.
#include "runtime/model/Session.h"

#include "runtime/device/ThreadPool.h"
#include "test/runtime/model/FakeModel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osscc::rt {
namespace {

using testing::HasSubstr;

struct SessionTest : testing::Test {
  Model model = *Model::load(test::fakeModule(), test::fakeWeights(), "fake");
  std::unique_ptr<ThreadPool> pool = *ThreadPool::create(2);

  Session session(Session::Options options = {}) { return *Session::create(model, *pool, options); }

  /// Logits after each of `tokens`, fed alone.
  std::vector<float> alone(std::span<const int32_t> tokens, Session::Options options = {}) {
    Session s = session(options);
    int64_t sequence = s.addSequence();
    std::vector<Row> rows;
    for (int32_t token : tokens)
      rows.push_back({token, sequence, true});
    std::vector<float> logits(tokens.size() * test::kVocabulary);
    EXPECT_TRUE(s.feed(rows, logits));
    return logits;
  }
};

const std::vector<int32_t> kText = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8};

TEST_F(SessionTest, LogitsAreThoseOfTheWholePast) {
  auto logits = alone(kText);
  for (size_t n = 1; n <= kText.size(); ++n) {
    auto expected = test::expectedLogits(std::span(kText).first(n));
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), &logits[(n - 1) * test::kVocabulary]));
  }
}

TEST_F(SessionTest, ChunksAndThreadsChangeNothing) {
  auto expected = alone(kText);
  for (int64_t workers : {1, 2, 3, 8})
    for (int64_t rows : {1, 3, 7, 512}) {
      pool = *ThreadPool::create(workers);
      EXPECT_EQ(alone(kText, {.rowsPerCall = rows}), expected) << workers << " " << rows;
    }
}

TEST_F(SessionTest, AnotherSequenceInTheBatchChangesNothing) {
  auto expected = alone(kText);
  Session s = session();
  int64_t other = s.addSequence(), ours = s.addSequence();
  std::vector<Row> rows;
  for (size_t i = 0; i < kText.size(); ++i) {
    rows.push_back({int32_t(i % 3), other, i % 2 == 0});
    rows.push_back({kText[i], ours, true});
  }
  std::vector<float> logits((kText.size() + (kText.size() + 1) / 2) * test::kVocabulary);
  ASSERT_TRUE(s.feed(rows, logits));
  std::vector<float> found;
  const float *next = logits.data();
  for (const Row &row : rows)
    if (row.output) {
      if (row.sequence == ours)
        found.insert(found.end(), next, next + test::kVocabulary);
      next += test::kVocabulary;
    }
  EXPECT_EQ(found, expected);
}

TEST_F(SessionTest, RewindForgetsTheTail) {
  Session s = session();
  int64_t sequence = s.addSequence();
  std::vector<float> logits(test::kVocabulary);
  ASSERT_TRUE(s.append(sequence, kText, logits));
  EXPECT_EQ(s.rewind(sequence, 5), 5);
  EXPECT_EQ(s.tokens(sequence).size(), 5u);
  std::vector<int32_t> text(kText.begin(), kText.begin() + 5);
  text.push_back(10);
  ASSERT_TRUE(s.append(sequence, {&text.back(), 1}, logits));
  EXPECT_EQ(logits, test::expectedLogits(text));
}

TEST_F(SessionTest, TooLongATextNamesBothNumbers) {
  Session s = session({.context = 12});
  s.addSequence();
  auto status = s.append(0, kText, {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "19 tokens do not fit in the context of 12");
  EXPECT_THAT(status.error().help, HasSubstr("--context (at most 40)"));
  EXPECT_EQ(exitCode(status.error().code), 1);
  EXPECT_TRUE(s.tokens(0).empty());
}

TEST_F(SessionTest, RefusesWhatIsOutOfRange) {
  Session s = session();
  s.addSequence();
  EXPECT_FALSE(s.append(0, std::vector<int32_t>{11}, {}));
  EXPECT_FALSE(s.append(0, std::vector<int32_t>{-1}, {}));
  EXPECT_FALSE(s.append(1, std::vector<int32_t>{1}, {}));
  std::vector<float> wrongSize(3);
  EXPECT_FALSE(s.append(0, std::vector<int32_t>{1}, wrongSize));
  EXPECT_FALSE(Session::create(model, *pool, {.context = 41}));
}

TEST_F(SessionTest, SaysBeforeWorkThatTheMemoryDoesNotSuffice) {
  auto create = [&](std::optional<int64_t> memory) {
    return Session::create(model, *pool, {.context = 40, .memory = [=] { return memory; }});
  };
  auto session = create(100);
  ASSERT_FALSE(session);
  EXPECT_EQ(exitCode(session.error().code), 75);
  EXPECT_NE(session.error().message.find("are available"), std::string::npos);
  EXPECT_TRUE(create(100'000'000));
  EXPECT_TRUE(create(std::nullopt));
}

// Memory that other programs have taken meanwhile; a page of 32 bytes holds 4 positions.
TEST_F(SessionTest, ATextThatTheMemoryDoesNotHoldIsRefusedBeforeItIsComputed) {
  int64_t available = 1 << 20;
  Session s = session({.memory = [&] { return available; }});
  int64_t first = s.addSequence(), second = s.addSequence();
  std::vector<float> logits(test::kVocabulary);
  ASSERT_TRUE(s.append(first, std::span(kText).first(4), logits));
  available = 10;
  // The first sequence has its slab: the whole of a small context is one.
  ASSERT_TRUE(s.append(first, std::span(kText).subspan(4), logits));
  EXPECT_EQ(logits, test::expectedLogits(kText));
  auto status = s.append(second, kText, logits);
  ASSERT_FALSE(status);
  EXPECT_EQ(exitCode(status.error().code), 75);
  EXPECT_THAT(status.error().message, HasSubstr("are available"));
  EXPECT_TRUE(s.tokens(second).empty());
  available = 1 << 20;
  ASSERT_TRUE(s.append(second, kText, logits));
  EXPECT_EQ(logits, test::expectedLogits(kText));
}

TEST_F(SessionTest, CancelStopsAndFeedsNothing) {
  int64_t cancel = 1;
  Session s = session({.cancel = &cancel});
  s.addSequence();
  auto status = s.append(0, kText, {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kCancelled);
  EXPECT_TRUE(s.tokens(0).empty());
  cancel = 0;
  std::vector<float> logits(test::kVocabulary);
  ASSERT_TRUE(s.append(0, kText, logits));
  EXPECT_EQ(logits, test::expectedLogits(kText));
}

} // namespace
} // namespace osscc::rt
