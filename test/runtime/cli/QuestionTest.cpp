#include "runtime/cli/Question.h"

#include <gtest/gtest.h>

namespace osscc::rt::cli {
namespace {

TEST(JoinParts, ABlankLineStandsBetween) {
  EXPECT_EQ(joinParts({"notes\n", "Summarize"}, false), "notes\n\nSummarize");
  EXPECT_EQ(joinParts({"a\r\n", "b\n", "c"}, false), "a\n\nb\n\nc");
  EXPECT_EQ(joinParts({"one\n\n"}, false), "one\n");
}

TEST(JoinParts, WhatIsEmptyIsNoPart) {
  EXPECT_EQ(joinParts({"", "Why?"}, false), "Why?");
  EXPECT_EQ(joinParts({"\n", "Why?"}, false), "Why?");
  EXPECT_EQ(joinParts({"a", "", "b"}, false), "a\n\nb");
  EXPECT_EQ(joinParts({"", ""}, false), "");
}

TEST(JoinParts, RawTextStaysAsItIs) {
  EXPECT_EQ(joinParts({"notes\n", "Summary:"}, true), "notes\nSummary:");
  EXPECT_EQ(joinParts({"a", "b\n"}, true), "ab\n");
}

} // namespace
} // namespace osscc::rt::cli
