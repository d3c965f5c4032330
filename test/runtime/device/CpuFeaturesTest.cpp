#include "runtime/device/CpuFeatures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#if defined(__x86_64__)
#include <cstdint>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace osscc::rt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

#if defined(__x86_64__)
// The compiler's runtime answers the same question from its own table.
#define EXPECT_SAME(name) EXPECT_EQ(cpuHas(name), bool(__builtin_cpu_supports(name))) << name

TEST(CpuFeatures, AgreesWithTheCompilersRuntime) {
  __builtin_cpu_init();
  EXPECT_SAME("sse2");
  EXPECT_SAME("sse4.2");
  EXPECT_SAME("popcnt");
  EXPECT_SAME("avx");
  EXPECT_SAME("avx2");
  EXPECT_SAME("fma");
  EXPECT_SAME("bmi");
  EXPECT_SAME("bmi2");
  EXPECT_SAME("gfni");
  EXPECT_SAME("avx512f");
  EXPECT_SAME("avx512bw");
  EXPECT_SAME("avx512dq");
  EXPECT_SAME("avx512vl");
  EXPECT_SAME("avx512cd");
  EXPECT_SAME("avx512vnni");
  EXPECT_SAME("avx512bf16");
  EXPECT_SAME("avx512vbmi");
}

TEST(CpuFeatures, ListsWhatIsMissingInTheListsOrder) {
  EXPECT_THAT(missingFeatures("zz,sse2,+yy,-xx"), ElementsAre("zz", "yy"));
  EXPECT_THAT(missingFeatures(""), IsEmpty());
  EXPECT_THAT(missingFeatures("sse,sse2,cx8,fxsr,mmx,x87,64bit"), IsEmpty());
}

// Linux kills a process at its first tile register if it has not asked for them.
TEST(CpuFeatures, TilesThatAreThereMayBeUsed) {
  if (!cpuHas("amx-tile"))
    GTEST_SKIP() << "this CPU has no tile registers, or Linux does not give them";
  constexpr long kPermitted = 0x1022, kTileData = 18; // ARCH_GET_XCOMP_PERM
  uint64_t permitted = 0;
  ASSERT_EQ(syscall(SYS_arch_prctl, kPermitted, &permitted), 0);
  EXPECT_TRUE(permitted >> kTileData & 1);
}

TEST(CpuFeatures, TheFittingTargetIsALevelOfThisCpu) {
  EXPECT_THAT(fittingTarget(), testing::AnyOf("x86-64", "x86-64-v3", "x86-64-v4"));
  EXPECT_EQ(fittingTarget() == "x86-64-v4", bool(__builtin_cpu_supports("x86-64-v4")));
}

#else
TEST(CpuFeatures, EveryArmMachineHasTheBaseline) {
  EXPECT_TRUE(cpuHas("neon"));
  EXPECT_THAT(missingFeatures("zz,neon,+yy,-xx"), ElementsAre("zz", "yy"));
  EXPECT_THAT(fittingTarget(), testing::AnyOf("armv8-a", "armv8.4-a", "armv8.6-a"));
}
#endif

} // namespace
} // namespace osscc::rt
