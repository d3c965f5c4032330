#include "runtime/cli/Clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace osscc::rt::cli {
namespace {

using testing::HasSubstr;

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
