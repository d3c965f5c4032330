#include "runtime/device/ArmFeatures.h"

#include <gtest/gtest.h>

namespace osscc::rt {
namespace {

// As /proc/cpuinfo lists them: a cortex-a72 up to crc32; a cortex-a76 also atomics, fphp, asimdhp,
// cpuid, asimdrdm, lrcpc, dcpop and asimddp; a neoverse-n1 also ssbs.
constexpr ArmCapabilities kCortexA72 = {.first = 0xff};
constexpr ArmCapabilities kCortexA76 = {.first = 0x119fff};
constexpr ArmCapabilities kNeoverseN1 = {.first = 0x10119fff};
// And with sve, sve2, i8mm and bf16.
constexpr ArmCapabilities kNeoverseV2 = {.first = 0x10519fff,
                                         .second = 1UL << 1 | 1UL << 13 | 1UL << 14};

TEST(ArmFeatures, ReadsTheWordAndBitOfAName) {
  EXPECT_TRUE(armHas({.first = 1UL << 20}, "dotprod"));
  EXPECT_FALSE(armHas({.second = 1UL << 20}, "dotprod"));
  EXPECT_TRUE(armHas({.first = 1UL << 8}, "lse"));
  EXPECT_TRUE(armHas({.second = 1UL << 13}, "i8mm"));
  EXPECT_FALSE(armHas({.first = 1UL << 13}, "i8mm"));
  EXPECT_TRUE(armHas({.second = 1UL << 14}, "bf16"));
  EXPECT_TRUE(armHas({.first = 1UL << 22}, "sve"));
}

TEST(ArmFeatures, NothingElseIsThere) {
  EXPECT_FALSE(armHas({.first = ~0UL, .second = ~0UL}, "avx2"));
  EXPECT_FALSE(armHas({.first = ~0UL, .second = ~0UL}, ""));
  EXPECT_FALSE(armHas({.first = ~(1UL << 20), .second = ~0UL}, "dotprod"));
}

TEST(ArmFeatures, KnowsCoresByTheirWords) {
  EXPECT_TRUE(armHas(kCortexA72, "neon"));
  EXPECT_FALSE(armHas(kCortexA72, "lse"));
  EXPECT_TRUE(armHas(kCortexA76, "lse"));
  EXPECT_TRUE(armHas(kCortexA76, "dotprod"));
  EXPECT_FALSE(armHas(kCortexA76, "i8mm"));
  EXPECT_TRUE(armHas(kNeoverseV2, "i8mm"));
  EXPECT_TRUE(armHas(kNeoverseV2, "sve2"));
}

// A target of which the CPU has a part would be refused.
TEST(ArmFeatures, TheFittingTargetNeedsNothingThatIsMissing) {
  EXPECT_EQ(fittingArmTarget({}), "armv8-a");
  EXPECT_EQ(fittingArmTarget(kCortexA72), "armv8-a");
  EXPECT_EQ(fittingArmTarget({.first = 1UL << 20}), "armv8-a");
  EXPECT_EQ(fittingArmTarget({.first = 1UL << 8, .second = 1UL << 13}), "armv8-a");
  EXPECT_EQ(fittingArmTarget(kCortexA76), "armv8.4-a");
  EXPECT_EQ(fittingArmTarget(kNeoverseN1), "armv8.4-a");
  EXPECT_EQ(fittingArmTarget(kNeoverseV2), "armv8.6-a");
}

} // namespace
} // namespace osscc::rt
