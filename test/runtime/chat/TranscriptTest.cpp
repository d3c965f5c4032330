#include "runtime/chat/Transcript.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osscc::rt::cli {
namespace {

using testing::HasSubstr;

/// The contents that the model sees, in a row.
std::string seen(const Transcript &transcript, size_t fewer = 0) {
  std::string all;
  for (const boost::json::value &message : transcript.seen(fewer))
    all += std::string_view(message.at("content").as_string());
  return all;
}

Transcript threeTurns() {
  Transcript transcript;
  transcript.setSystem("S");
  for (const char *turn : {"1", "2", "3"}) {
    transcript.addQuestion(std::string("q") + turn);
    transcript.addAnswer(std::string("a") + turn);
  }
  return transcript;
}

TEST(Transcript, HidesTheOldestTurnsAndNeverTheSystem) {
  Transcript transcript = threeTurns();
  EXPECT_EQ(transcript.turns(), 3u);
  EXPECT_EQ(seen(transcript), "Sq1a1q2a2q3a3");
  EXPECT_EQ(seen(transcript, 1), "Sq2a2q3a3");
  EXPECT_EQ(seen(transcript, 9), "S");
  transcript.hide(1);
  EXPECT_EQ(transcript.turns(), 2u);
  EXPECT_EQ(seen(transcript), "Sq2a2q3a3");
  EXPECT_EQ(seen(transcript, 1), "Sq3a3");
  transcript.setSystem("");
  EXPECT_EQ(seen(transcript), "q2a2q3a3");
  transcript.setSystem("T");
  EXPECT_EQ(seen(transcript), "Tq2a2q3a3");
  transcript.hide(2);
  EXPECT_FALSE(transcript.endsWithAnswer());
  transcript.addQuestion("q4");
  EXPECT_EQ(seen(transcript), "Tq4");
  EXPECT_EQ(transcript.turns(), 1u);
}

TEST(Transcript, ItsFileKeepsWhatIsHidden) {
  Transcript transcript = threeTurns();
  std::string all = transcript.save();
  transcript.hide(2);
  EXPECT_EQ(transcript.save(), all);
  Transcript other;
  ASSERT_TRUE(other.load(all));
  EXPECT_EQ(seen(other), "Sq1a1q2a2q3a3");
  transcript.clear();
  EXPECT_EQ(seen(transcript), "S");
}

TEST(Transcript, TurnsOfOtherRolesGoWithTheirQuestion) {
  Transcript transcript;
  ASSERT_TRUE(transcript.load(R"({"messages": [{"role": "system", "content": "S"},
    {"role": "developer", "content": "D"}, {"role": "assistant", "content": "a0"},
    {"role": "user", "content": "q1"}, {"role": "assistant", "content": "c"},
    {"role": "tool", "content": "t"}, {"role": "assistant", "content": "a1"},
    {"role": "user", "content": "q2"}]})"));
  EXPECT_EQ(transcript.turns(), 2u);
  EXPECT_EQ(seen(transcript, 1), "SDq2");
  ASSERT_TRUE(transcript.load(R"({"messages": [{"role": "assistant", "content": "a"}]})"));
  EXPECT_EQ(transcript.turns(), 1u);
  EXPECT_EQ(seen(transcript, 1), "");
}

TEST(Transcript, KeepsWhatTheModelThought) {
  Transcript transcript;
  transcript.addQuestion("q");
  transcript.addAnswer("a", "hm");
  transcript.addQuestion("r");
  transcript.addAnswer("b");
  EXPECT_EQ(transcript.seen()[1].at("reasoning_content").as_string(), "hm");
  EXPECT_FALSE(transcript.seen()[3].as_object().contains("reasoning_content"));
  Transcript other;
  ASSERT_TRUE(other.load(transcript.save()));
  EXPECT_EQ(other.seen(), transcript.seen());
  EXPECT_FALSE(other.load(
      R"({"messages": [{"role": "assistant", "content": "a", "reasoning_content": 1}]})"));
}

TEST(Transcript, AWrongFileChangesNothing) {
  Transcript transcript = threeTurns();
  for (const char *wrong : {"", "[]", "{}", R"({"messages": 1})", R"({"messages": [1]})",
                            R"({"messages": [{"role": "user"}]})",
                            "{\"messages\": [{\"role\": \"user\", \"content\": \"\xff\"}]}",
                            R"({"messages": [{"role": 1, "content": "x"}]})"}) {
    auto status = transcript.load(wrong);
    ASSERT_FALSE(status) << wrong;
    EXPECT_THAT(status.error().message, HasSubstr("expected"));
  }
  EXPECT_EQ(seen(transcript), "Sq1a1q2a2q3a3");
}

} // namespace
} // namespace osscc::rt::cli
