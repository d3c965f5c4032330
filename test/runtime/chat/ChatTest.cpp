// The parts of the chat that need no model: settings, completion, the pinned date.
#include "runtime/chat/Commands.h"
#include "runtime/chat/Settings.h"
#include "runtime/cli/Clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace osscc::rt::cli {
namespace {

using testing::HasSubstr;

TEST(ChatCommands, ASlashNeverReachesTheModel) {
  EXPECT_TRUE(isChatCommand("/help"));
  EXPECT_TRUE(isChatCommand("/frobnicate now"));
  EXPECT_FALSE(isChatCommand("what is / ?"));
  EXPECT_FALSE(isChatCommand(""));
}

TEST(ChatCommands, CompletesWhatIsTheBeginOfOneWord) {
  EXPECT_EQ(completeChatCommand("/he"), "/help");
  EXPECT_EQ(completeChatCommand("/sy"), "/system ");
  EXPECT_EQ(completeChatCommand("/s"), "/s"); // set, save, stats, system
  EXPECT_EQ(completeChatCommand("/xyz"), "/xyz");
  EXPECT_EQ(completeChatCommand("he"), "he");
}

TEST(ChatSettings, ChangeOneAtATime) {
  GenerateOptions options;
  EXPECT_TRUE(changeSetting(options, "temperature 0.5"));
  EXPECT_TRUE(changeSetting(options, "--top-k=7"));
  EXPECT_TRUE(changeSetting(options, "max-tokens 9"));
  EXPECT_EQ(options.sampler.temperature, 0.5);
  EXPECT_EQ(options.sampler.topK, 7);
  EXPECT_EQ(options.maxTokens, 9);
  EXPECT_THAT(describeSettings(options), HasSubstr("temperature     0.5\n"));
}

TEST(ChatSettings, AWrongOneChangesNothing) {
  GenerateOptions options;
  for (const char *wrong : {"", "warmth 1", "temperature", "temperature hot", "temperature -1",
                            "top-p 1.5", "max-tokens -1", "seed 1x", "top-k 1 2"}) {
    Status status = changeSetting(options, wrong);
    EXPECT_FALSE(status) << wrong;
  }
  EXPECT_EQ(options.sampler.temperature, GenerateOptions().sampler.temperature);
  EXPECT_FALSE(options.maxTokens);
}

struct PinnedClock : testing::Test {
  PinnedClock() { unsetenv("SOURCE_DATE_EPOCH"); }
  ~PinnedClock() override { unsetenv("SOURCE_DATE_EPOCH"); }
};

TEST_F(PinnedClock, IsTheDayOrTheEnvironmentOrNone) {
  EXPECT_EQ(*pinnedClock(""), std::nullopt);
  EXPECT_EQ(*pinnedClock("2024-07-26"), 1721952000);
  EXPECT_EQ(*pinnedClock("1970-01-01"), 0);
  setenv("SOURCE_DATE_EPOCH", "86400", 1);
  EXPECT_EQ(*pinnedClock(""), 86400);
  EXPECT_EQ(*pinnedClock("2024-02-29"), 1709164800); // the option goes before
  setenv("SOURCE_DATE_EPOCH", "", 1);
  EXPECT_EQ(*pinnedClock(""), std::nullopt);
}

TEST_F(PinnedClock, RefusesWhatIsNoDate) {
  for (const char *wrong : {"2024-02-30", "2024-13-01", "2024-1-1", "24-01-01", "1969-12-31",
                            "2024/01/01", "2024-0a-01", "today", "2024-07-26 "}) {
    auto clock = pinnedClock(wrong);
    ASSERT_FALSE(clock) << wrong;
    EXPECT_EQ(exitCode(clock.error().code), 2);
    EXPECT_THAT(clock.error().message, HasSubstr("--date"));
  }
  for (const char *wrong : {"-1", "1e9", " 5", "99999999999999", "99999999999999999999"}) {
    setenv("SOURCE_DATE_EPOCH", wrong, 1);
    EXPECT_FALSE(pinnedClock("")) << wrong;
  }
}

} // namespace
} // namespace osscc::rt::cli
