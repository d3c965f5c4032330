#include "runtime/sample/Sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace osscc::rt {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

int32_t greedy(std::vector<float> logits) {
  return Sampler({.temperature = 0}).sample(logits, {}).value_or(-1);
}

/// How often each token is drawn.
std::vector<double> shares(SamplerOptions options, std::vector<float> logits, int draws = 20000,
                           std::vector<int32_t> history = {}) {
  Sampler sampler(options);
  std::vector<double> counts(logits.size());
  for (int i = 0; i < draws; ++i) {
    auto copy = logits;
    counts[sampler.sample(copy, history).value()] += 1.0 / draws;
  }
  return counts;
}

// Probabilities 0.5, 0.3, 0.15, 0.05 at temperature 1.
const std::vector<float> kLogits = {std::log(0.3f), std::log(0.5f), std::log(0.05f),
                                    std::log(0.15f)};

TEST(Sampler, GreedyTakesTheLargestAndTheLowestOfEqualIds) {
  EXPECT_EQ(greedy({1, 3, 2}), 1);
  EXPECT_EQ(greedy({1, 3, 3}), 1);
  EXPECT_EQ(greedy({kNan, -kInf, -5}), 2);
  EXPECT_EQ(greedy({0, kInf, kInf}), 1);
}

TEST(Sampler, NothingToChooseFromIsAnError) {
  EXPECT_EQ(greedy({kNan, -kInf}), -1);
  std::vector<float> logits = {kNan, -kInf};
  EXPECT_FALSE(Sampler({.temperature = 1}).sample(logits, {}));
}

TEST(Sampler, ForbiddenIdsAreNeverChosen) {
  Sampler sampler({.temperature = 0});
  sampler.forbid({{1, 3}, {4, 1000}, {2000, 3000}});
  std::vector<float> logits = {1, 9, 9, 2, 9, 9};
  EXPECT_EQ(sampler.sample(logits, {}).value(), 3);
  sampler.setOptions({.temperature = 1, .seed = 3});
  for (int draw = 0; draw < 1000; ++draw) {
    logits = {0, 5, kInf, 0, 5, 5};
    int32_t token = sampler.sample(logits, {}).value();
    EXPECT_TRUE(token == 0 || token == 3) << token;
  }
  sampler.forbid({{0, 6}});
  EXPECT_FALSE(sampler.sample(logits, {}));
}

TEST(Sampler, TemperatureOneDrawsByProbability) {
  auto s = shares({.seed = 1}, kLogits);
  EXPECT_NEAR(s[1], 0.5, 0.02);
  EXPECT_NEAR(s[0], 0.3, 0.02);
  EXPECT_NEAR(s[3], 0.15, 0.02);
  EXPECT_NEAR(s[2], 0.05, 0.02);
}

TEST(Sampler, ALowTemperatureSharpens) {
  // p^2: 0.25, 0.09, 0.0225, 0.0025 of 0.365.
  EXPECT_NEAR(shares({.temperature = 0.5, .seed = 2}, kLogits)[1], 0.685, 0.02);
}

TEST(Sampler, TopKKeepsTheMostLikely) {
  auto s = shares({.topK = 2, .seed = 3}, kLogits);
  EXPECT_NEAR(s[1], 0.625, 0.02);
  EXPECT_EQ(s[2] + s[3], 0);
}

TEST(Sampler, TopPKeepsTheSmallestSetThatReachesIt) {
  auto s = shares({.topP = 0.79, .seed = 4}, kLogits);
  EXPECT_EQ(s[2] + s[3], 0);
  s = shares({.topP = 0.81, .seed = 4}, kLogits);
  EXPECT_GT(s[3], 0);
  EXPECT_EQ(s[2], 0);
  EXPECT_NEAR(shares({.topP = 1e-9, .seed = 4}, kLogits)[1], 1, 1e-9);
}

TEST(Sampler, MinPKeepsWhatReachesAShareOfTheBest) {
  auto s = shares({.minP = 0.35, .seed = 5}, kLogits); // at least 0.175
  EXPECT_EQ(s[2] + s[3], 0);
  EXPECT_GT(s[0], 0);
}

TEST(Sampler, ThePenaltyIsAppliedOnceATokenByItsSign) {
  std::vector<float> logits = {4, -4, 1};
  Sampler sampler({.temperature = 0, .repetitionPenalty = 2});
  std::vector<int32_t> history = {0, 0, 1, -7, 99};
  ASSERT_TRUE(sampler.sample(logits, history));
  EXPECT_EQ(logits, (std::vector<float>{2, -8, 1}));
}

TEST(Sampler, TheSameSeedGivesTheSameTokens) {
  auto draw = [](uint64_t seed) {
    Sampler sampler({.seed = seed});
    std::vector<int32_t> tokens;
    for (int i = 0; i < 50; ++i) {
      auto logits = kLogits;
      tokens.push_back(*sampler.sample(logits, {}));
    }
    return tokens;
  };
  EXPECT_EQ(draw(7), draw(7));
  EXPECT_NE(draw(7), draw(8));
}

// Each answer of a chat has random numbers of its own; another seed, or a new chat, begins anew.
TEST(Sampler, RandomNumbersGoOnUntilTheSeedChanges) {
  SamplerOptions options{.seed = 7};
  Sampler sampler(options);
  auto draw = [&] {
    std::vector<int32_t> tokens;
    for (int i = 0; i < 50; ++i) {
      auto logits = kLogits;
      tokens.push_back(*sampler.sample(logits, {}));
    }
    return tokens;
  };
  auto first = draw();
  options.temperature = 1.0;
  sampler.setOptions(options);
  EXPECT_NE(draw(), first);
  sampler.restart();
  EXPECT_EQ(draw(), first);
  options.seed = 8;
  sampler.setOptions(options);
  auto other = draw();
  EXPECT_NE(other, first);
  options.seed = 7;
  sampler.setOptions(options);
  EXPECT_EQ(draw(), first);
}

TEST(Sampler, ChoosesAmongTheAllowedForOneToken) {
  Sampler sampler({.temperature = 0});
  std::vector<float> logits(70);
  logits[3] = 9, logits[69] = 5;
  auto draw = [&] {
    auto copy = logits;
    return sampler.sample(copy, {});
  };
  const uint64_t kAllowed[] = {uint64_t(1) << 2, uint64_t(1) << 5};
  sampler.allowOnly(kAllowed);
  EXPECT_EQ(draw().value(), 69);
  EXPECT_EQ(draw().value(), 3);
  sampler.allowOnly(std::span(kAllowed, 1)); // ids beyond it are out
  EXPECT_EQ(draw().value(), 2);
  sampler.forbid({{2, 3}});
  sampler.allowOnly(std::span(kAllowed, 1));
  auto none = draw();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "sampler: no token that the schema allows has a finite logit");
}

TEST(Sampler, RangesAreChecked) {
  EXPECT_TRUE(checkSampler({}));
  EXPECT_FALSE(checkSampler({.temperature = -1}));
  EXPECT_FALSE(checkSampler({.temperature = std::nan("")}));
  EXPECT_FALSE(checkSampler({.topK = -1}));
  EXPECT_FALSE(checkSampler({.topP = 0}));
  EXPECT_FALSE(checkSampler({.topP = 1.5}));
  EXPECT_FALSE(checkSampler({.minP = 2}));
  EXPECT_FALSE(checkSampler({.repetitionPenalty = 0}));
  EXPECT_EQ(exitCode(checkSampler({.topK = -1}).error().code), 2);
}

} // namespace
} // namespace osscc::rt
