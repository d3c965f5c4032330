#include "runtime/sample/Passes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace osscc::rt::passes {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(Weigh, IsNearTheLibrarysPowers) {
  for (double first = -125; first <= 0; first += 0.1) {
    float logits[kBlock], weights[kBlock];
    double sum = 0;
    for (int64_t i = 0; i < kBlock; ++i)
      logits[i] = float(std::min(first + double(i) * 0.00137, 0.0));
    double found = weigh(logits, 0, 1, weights);
    for (int64_t i = 0; i < kBlock; ++i) {
      ASSERT_NEAR(weights[i] / std::exp2(double(logits[i])), 1, 2e-7) << logits[i];
      sum += weights[i];
    }
    EXPECT_NEAR(found / sum, 1, 1e-6);
  }
}

TEST(Weigh, GivesNothingToWhatIsNeverChosen) {
  float logits[kBlock] = {-126, -1e30F, -kInf, std::nanf(""), 0}, weights[kBlock];
  weigh(logits, 0, 1, weights);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(weights[i], 0) << logits[i];
  EXPECT_EQ(weights[4], 1);
  weigh(logits, 0, std::numeric_limits<float>::max(), weights);
  EXPECT_EQ(weights[0], 0);
  EXPECT_EQ(weights[4], 1);
}

// The arithmetic is fixed: every machine computes these bits, with fused operations or without.
TEST(Weigh, HasTheSameBitsEverywhere) {
  uint64_t bits = 0;
  float logits[kBlock], weights[kBlock];
  for (int64_t block = 0; block < 1000; ++block) {
    for (int64_t i = 0; i < kBlock; ++i)
      logits[i] = -float((block * kBlock + i) % 99991) / 900;
    bits = bits * 31 + std::bit_cast<uint64_t>(weigh(logits, 0, 1, weights));
    for (float weight : weights)
      bits = bits * 31 + std::bit_cast<uint32_t>(weight);
  }
  EXPECT_EQ(bits, 0x9f90be6355900f15U);
}

TEST(Passes, KnowWhatStandsBeforeAPlace) {
  float logits[kBlock], weights[kBlock];
  for (int64_t i = 0; i < kBlock; ++i) {
    logits[i] = float(i % 3); // 43 zeros, 43 ones, 42 twos
    weights[i] = 1;
  }
  logits[5] = kInf;
  logits[8] = std::nanf("");
  EXPECT_EQ(largest(logits), kInf);
  for (int64_t equal : {0, 1, 4, 5, 100, 128}) {
    int64_t ones = (equal + 1) / 3; // among the first
    EXPECT_EQ(sumBefore(logits, weights, 1, equal), double(41 + ones)) << equal;
  }
  EXPECT_EQ(countLarger(logits, 1, 1, false), 41);
  EXPECT_EQ(countLarger(logits, 1, 1, true), 41 + 43);
  int32_t found[kBlock];
  EXPECT_EQ(findBetween(logits, 0, 2, found), 43);
  EXPECT_EQ(found[0], 1);
  EXPECT_EQ(found[42], 127);
  EXPECT_EQ(findBetween(logits, 0, 1, found), 0);
}

TEST(Passes, CountSeveralBlocksAtOnce) {
  std::vector<float> logits(5 * kBlock);
  for (size_t i = 0; i < logits.size(); ++i)
    logits[i] = float(i);
  for (int64_t blocks : {0, 1, 3, 5})
    for (int64_t place : {0, 100, 128, 639}) {
      int64_t larger = std::max<int64_t>(blocks * kBlock - 1 - place, 0);
      bool isThere = place < blocks * kBlock;
      EXPECT_EQ(countLarger(logits.data(), blocks, float(place), false), larger);
      EXPECT_EQ(countLarger(logits.data(), blocks, float(place), true), larger + isThere);
    }
}

} // namespace
} // namespace osscc::rt::passes
