#include "runtime/sample/Random.h"

#include <gtest/gtest.h>

namespace osscc::rt {
namespace {

TEST(Random, IsXoshiro256StarStar) {
  // SplitMix64's first words for seed 0 are 0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, ...; the first
  // output is rotl(s1 * 5, 7) * 9.
  uint64_t x = 0x6e789e6aa1b965f4u * 5;
  EXPECT_EQ(Random(0).next(), (x << 7 | x >> 57) * 9);
  Random random(123);
  for (int i = 0; i < 1000; ++i) {
    double u = random.uniform();
    ASSERT_TRUE(u >= 0 && u < 1);
  }
}

} // namespace
} // namespace osscc::rt
