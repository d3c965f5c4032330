// How --verify judges two blocks of logits.
#include "compiler/pipeline/Verify.h"

#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace osscc;

namespace {

using Logits = std::vector<float>;

TEST(Verify, EqualLogitsAgree) {
  Agreement agreement = compareLogits(Logits{1, 2, 3, -4}, Logits{1, 2, 3, -4}, 2);
  EXPECT_EQ(agreement.tokens, 2);
  EXPECT_DOUBLE_EQ(agreement.cosine, 1);
  EXPECT_EQ(agreement.difference, 0);
}

// The worst token counts, not the mean: the first row agrees, the second is turned around.
TEST(Verify, TheWorstTokenCounts) {
  Agreement agreement = compareLogits(Logits{1, 2, 1, 2}, Logits{1, 2, 2, 1}, 2);
  EXPECT_DOUBLE_EQ(agreement.cosine, -1);
  EXPECT_EQ(agreement.difference, 1);
}

// A shift of all logits changes no probability, and no centred cosine.
TEST(Verify, AShiftIsNoDifference) {
  EXPECT_NEAR(compareLogits(Logits{1, 2, 4}, Logits{11, 12, 14}, 3).cosine, 1, 1e-12);
}

TEST(Verify, WhatIsNotFiniteNeverAgrees) {
  for (float wrong : {std::numeric_limits<float>::infinity(), std::nanf("")})
    for (bool ours : {true, false}) {
      Logits a = {1, 2, 3}, b = {1, 2, 3};
      (ours ? a : b)[1] = wrong;
      EXPECT_EQ(compareLogits(a, b, 3).cosine, -1);
    }
  EXPECT_EQ(compareLogits(Logits{0, 0}, Logits{1, 2}, 2).cosine, -1) << "no direction at all";
}

// A model of zeros scores every token alike, as its reference does.
TEST(Verify, ConstantLogitsAgree) {
  EXPECT_EQ(compareLogits(Logits{0, 0}, Logits{0, 0}, 2).cosine, 1);
  EXPECT_EQ(compareLogits(Logits{5}, Logits{5}, 1).cosine, 1);
}

} // namespace
