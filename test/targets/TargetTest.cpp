// A target's name says all that it is: who reads the name has the same target.
#include "targets/Target.h"

#include "targets/arm/ArmTarget.h"
#include "targets/x86/X86Target.h"
#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"

using namespace osscc;

namespace {

/// What tells two targets apart.
std::string textOf(const Target &target) {
  return llvm::join(llvm::ArrayRef<std::string>{target.name, target.triple, target.cpu,
                                                target.extra, target.tune, target.features},
                    " | ");
}

llvm::StringMap<bool> features(llvm::ArrayRef<llvm::StringRef> enabled) {
  llvm::StringMap<bool> all;
  for (llvm::StringRef feature : enabled)
    all[feature] = true;
  return all;
}

const llvm::StringRef kAvx2[] = {"avx", "avx2",  "bmi",   "bmi2",  "f16c",
                                 "fma", "lzcnt", "movbe", "popcnt"};

TEST(Target, EveryNameStandsForItself) {
  for (llvm::StringRef name : targetNames()) {
    auto target = parseTarget(name);
    ASSERT_TRUE(static_cast<bool>(target)) << name.str();
    auto again = parseTarget((*target)->name);
    ASSERT_TRUE(static_cast<bool>(again)) << (*target)->name;
    EXPECT_EQ(textOf(**target), textOf(**again));
  }
}

TEST(Target, TripleAndFeaturesStayInTheName) {
  for (const char *name :
       {"x86_64-linux-gnu:graniterapids+-amx-int8", "x86-64-v3+avxvnni,-f16c", "x86_64-linux-gnu",
        "aarch64-linux-gnu:neoverse-v1+-i8mm", "armv8.2-a+dotprod", "aarch64-linux-gnu"}) {
    auto target = llvm::cantFail(parseTarget(name));
    EXPECT_EQ(textOf(*target), textOf(*llvm::cantFail(parseTarget(target->name)))) << name;
  }
}

TEST(Target, NameOfAMachineSaysWhatItHides) {
  std::unique_ptr<Target> target = makeX86Target("znver4", features(kAvx2));
  EXPECT_EQ(target->name.substr(0, 8), "znver4+-");
  EXPECT_EQ(target->tune, "znver4");
  EXPECT_EQ(target->cpu, "x86-64-v3");
  EXPECT_EQ(textOf(*target), textOf(*llvm::cantFail(parseTarget(target->name))));
}

TEST(Target, NameOfAMachineSaysWhatItHasBeyond) {
  std::unique_ptr<Target> target = makeX86Target("a CPU of tomorrow", features(kAvx2));
  EXPECT_EQ(target->cpu, "x86-64-v3");
  EXPECT_EQ(textOf(*target), textOf(*llvm::cantFail(parseTarget(target->name))));
}

TEST(Target, ArmCpusAreKnownByWhatTheyHave) {
  auto featuresOf = [](const char *name) { return llvm::cantFail(parseTarget(name))->features; };
  EXPECT_EQ(featuresOf("cortex-a72"), "");
  EXPECT_EQ(featuresOf("cortex-a76"), "lse,dotprod");
  EXPECT_EQ(featuresOf("neoverse-n1"), "lse,dotprod");
  EXPECT_EQ(featuresOf("apple-m1"), "lse,dotprod");
  EXPECT_EQ(featuresOf("apple-m2"), "lse,dotprod,i8mm");
  EXPECT_EQ(featuresOf("neoverse-v2"), "lse,dotprod,i8mm");
  EXPECT_EQ(featuresOf("neoverse-v2+-i8mm"), "lse,dotprod");
  EXPECT_EQ(featuresOf("neoverse-v2+-dotprod"), "");
  EXPECT_EQ(featuresOf("aarch64-linux-gnu"), "");
  EXPECT_EQ(featuresOf("armv8.6-a"), "lse,dotprod,i8mm");
}

// LLVM schedules cores without a table of their own by an older one's.
TEST(Target, ArmCpusAreScheduledByATableThatFits) {
  auto tuneOf = [](const char *name) { return llvm::cantFail(parseTarget(name))->tune; };
  EXPECT_EQ(tuneOf("cortex-a72"), "cortex-a72");
  EXPECT_EQ(tuneOf("cortex-a76"), "neoverse-n1");
  EXPECT_EQ(tuneOf("cortex-x1"), "neoverse-v1");
  EXPECT_EQ(tuneOf("neoverse-v2"), "neoverse-v2");
  EXPECT_EQ(tuneOf("armv8.2-a"), "neoverse-n1");
}

TEST(Target, NameOfAnArmMachineSaysWhatItHides) {
  std::unique_ptr<Target> target = makeArmTarget("neoverse-v1", features({"lse", "dotprod"}));
  EXPECT_EQ(target->name, "neoverse-v1+-i8mm");
  EXPECT_EQ(target->tune, "neoverse-v1");
  EXPECT_EQ(textOf(*target), textOf(*llvm::cantFail(parseTarget(target->name))));
  target = makeArmTarget("a CPU of tomorrow", features({"lse", "dotprod"}));
  EXPECT_EQ(target->name, "armv8-a++lse,+dotprod"); // as x86's names are, which are stored
  EXPECT_EQ(target->features, "lse,dotprod");
}

TEST(Target, OneFileHasOneArchitecture) {
  auto targets = parseTargets("znver4,cortex-a76");
  ASSERT_FALSE(static_cast<bool>(targets));
  EXPECT_NE(llvm::toString(targets.takeError()).find("in one file"), std::string::npos);
}

TEST(Target, DevicesComeBeforeCpusAndTheNewestFirst) {
  auto targets = llvm::cantFail(parseTargets("znver4,sm_80,sm_120a"));
  ASSERT_EQ(targets.size(), 3u);
  EXPECT_EQ(targets[0]->name, "sm_120a");
  EXPECT_EQ(targets[1]->name, "sm_80");
  EXPECT_EQ(targets[2]->name, "znver4");
  EXPECT_EQ(targets[0]->device, "cuda");
  EXPECT_EQ(targets[0]->asCpu(), nullptr);
  EXPECT_TRUE(targets[2]->device.empty());
}

TEST(Target, DeviceIsNamedOnce) {
  auto targets = parseTargets("sm_89,sm_89");
  ASSERT_FALSE(static_cast<bool>(targets));
  EXPECT_NE(llvm::toString(targets.takeError()).find("the same kernels"), std::string::npos);
}

} // namespace
