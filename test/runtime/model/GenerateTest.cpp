#include "runtime/model/Generate.h"

#include "runtime/device/ThreadPool.h"
#include "runtime/model/Session.h"
#include "test/runtime/model/FakeModel.h"

#include <gtest/gtest.h>

namespace osscc::rt {
namespace {

struct GenerateTest : testing::Test {
  Model model = *Model::load(test::fakeModule(), test::fakeWeights(), "fake");
  std::unique_ptr<ThreadPool> pool = *ThreadPool::create(2);
  Session session = *Session::create(model, *pool, {});
  GenerateOptions options{.sampler = {.temperature = 0}, .maxTokens = 10, .eos = {}};
  Sampler sampler{SamplerOptions{}};
  std::vector<int32_t> seen;

  Result<Generated> run(std::vector<int32_t> prompt) {
    return generate(session, 0, prompt, options, sampler, [&](int32_t token) {
      seen.push_back(token);
      return true;
    });
  }

  void SetUp() override { session.addSequence(); }
};

std::vector<int32_t> greedy(std::vector<int32_t> text, size_t count) {
  std::vector<int32_t> answer;
  while (answer.size() < count) {
    answer.push_back(test::expectedNext(text));
    text.push_back(answer.back());
  }
  return answer;
}

const std::vector<int32_t> kPrompt = {3, 1, 4, 1, 5, 9, 2, 6, 5};

TEST_F(GenerateTest, GreedyTakesTheMostLikely) {
  auto result = run(kPrompt);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->tokens, greedy(kPrompt, 10));
  EXPECT_EQ(result->tokens, seen);
  EXPECT_EQ(result->finish, Finish::kLength);
}

TEST_F(GenerateTest, EndsAtEosWithoutShowingIt) {
  auto expected = greedy(kPrompt, 10);
  options.eos = {expected[3]};
  auto result = run(kPrompt);
  ASSERT_TRUE(result);
  auto end = std::find(expected.begin(), expected.end(), expected[3]);
  EXPECT_EQ(result->tokens, std::vector<int32_t>(expected.begin(), end));
  EXPECT_EQ(result->finish, Finish::kEnd);
}

TEST_F(GenerateTest, EndsWhenTheContextIsFull) {
  options.maxTokens.reset();
  auto result = run(kPrompt);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->finish, Finish::kContext);
  // The last token is known, though it has no room to be fed.
  EXPECT_EQ(result->tokens.size(), size_t(test::kContext) - kPrompt.size() + 1);
}

TEST_F(GenerateTest, TheReceiverMayEndIt) {
  auto result = generate(session, 0, kPrompt, options, sampler, [](int32_t) { return false; });
  ASSERT_TRUE(result);
  EXPECT_EQ(result->tokens.size(), 1u);
  EXPECT_EQ(result->finish, Finish::kStop);
}

TEST_F(GenerateTest, ASecondTurnReusesTheBeginning) {
  auto first = run(kPrompt);
  ASSERT_TRUE(first);
  std::vector<int32_t> longer = kPrompt;
  longer.insert(longer.end(), first->tokens.begin(), first->tokens.begin() + 4);
  longer.push_back((first->tokens[4] + 1) % test::kVocabulary);
  auto second = run(longer);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->reused, int64_t(longer.size()) - 1);
  EXPECT_EQ(second->tokens, greedy(longer, 10));
  // The same prompt again: its last token is computed anew for its logits.
  EXPECT_EQ(run(kPrompt)->tokens, first->tokens);
}

TEST_F(GenerateTest, ASeedGivesOneTextWhateverTheThreads) {
  options.sampler = {.temperature = 5.0, .seed = 42};
  auto first = run(kPrompt);
  for (int64_t workers : {1, 3, 5}) {
    pool = *ThreadPool::create(workers);
    session = *Session::create(model, *pool, {});
    session.addSequence();
    sampler.restart();
    EXPECT_EQ(run(kPrompt)->tokens, first->tokens);
  }
  options.sampler.seed = 43;
  EXPECT_NE(run(kPrompt)->tokens, first->tokens);
}

// Else the turns of a chat would be correlated.
TEST_F(GenerateTest, EachAnswerHasRandomNumbersOfItsOwn) {
  options.sampler = {.temperature = 5.0, .seed = 42};
  auto first = run(kPrompt), second = run(kPrompt);
  EXPECT_NE(second->tokens, first->tokens);
  sampler.restart();
  EXPECT_EQ(run(kPrompt)->tokens, first->tokens);
  EXPECT_EQ(run(kPrompt)->tokens, second->tokens);
}

TEST_F(GenerateTest, RefusesAnEmptyPromptAndOneBeyondTheContext) {
  EXPECT_FALSE(run({}));
  auto result = run(std::vector<int32_t>(41, 1));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "41 tokens do not fit in the context of 40");
  options.maxTokens = 0;
  EXPECT_TRUE(run(kPrompt)->tokens.empty());
}

} // namespace
} // namespace osscc::rt
