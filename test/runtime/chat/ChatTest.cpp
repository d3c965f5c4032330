// The parts of the chat that need no model: settings, completion.
#include "runtime/chat/Commands.h"
#include "runtime/chat/Settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  EXPECT_EQ(completeChatCommand("/s"), "/s");      // set, save, stats, system
  EXPECT_EQ(completeChatCommand("/sa"), "/save "); // what replaces files is typed
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

TEST(ChatSettings, BlanksAroundNameSignAndValueMeanNothing) {
  GenerateOptions options;
  for (const char *text : {"temperature  0.25", "temperature = 0.25", "temperature=0.25 ",
                           "temperature\t0.25", "--temperature= 0.25"}) {
    options.sampler.temperature = 1;
    EXPECT_TRUE(changeSetting(options, text)) << text;
    EXPECT_EQ(options.sampler.temperature, 0.25) << text;
  }
}

TEST(ChatSettings, AWrongOneChangesNothing) {
  GenerateOptions options;
  for (const char *wrong : {"", "warmth 1", "temperature", "temperature hot", "temperature -1",
                            "top-p 1.5", "max-tokens -1", "seed 1x", "seed -1", "top-k 1 2",
                            "temperature == 1", "temperature nan"}) {
    Status status = changeSetting(options, wrong);
    EXPECT_FALSE(status) << wrong;
  }
  EXPECT_EQ(options.sampler.temperature, GenerateOptions().sampler.temperature);
  EXPECT_FALSE(options.maxTokens);
}

} // namespace
} // namespace osscc::rt::cli
