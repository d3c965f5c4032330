#include "runtime/terminal/LineView.h"

#include <gtest/gtest.h>

namespace osscc::rt::terminal {
namespace {

TEST(LineView, TheCursorStandsInTheText) {
  LineView view;
  EXPECT_EQ(view.draw("> ", "abc", 1, 80), "\r\x1b[J> abc\r\x1b[3C");
  EXPECT_EQ(view.draw("> ", "abc", 3, 80), "\r\x1b[J> abc\r\x1b[5C");
  EXPECT_EQ(view.draw("> ", "", 0, 80), "\r\x1b[J> \r\x1b[2C");
  EXPECT_EQ(view.leave(), "\r\n");
}

TEST(LineView, ALongLineWraps) {
  LineView view;
  // 10 columns: "> abcdefgh" fills the first row, "ij" stands in the second.
  EXPECT_EQ(view.draw("> ", "abcdefghij", 10, 10), "\r\x1b[J> abcdefghij\r\x1b[2C");
  // From the second row the next drawing goes up by one, and the cursor stays in the first.
  EXPECT_EQ(view.draw("> ", "abcdefghij", 0, 10), "\x1b[1A\r\x1b[J> abcdefghij\x1b[1A\r\x1b[2C");
  EXPECT_EQ(view.leave(), "\x1b[1B\r\n");
}

TEST(LineView, AFullRowEndsInTheNext) {
  LineView view;
  EXPECT_EQ(view.draw("> ", "abcdefgh", 8, 10), "\r\x1b[J> abcdefgh\r\n\r");
  EXPECT_EQ(view.draw("> ", "abcdefgh", 7, 10), "\x1b[1A\r\x1b[J> abcdefgh\r\n\x1b[1A\r\x1b[9C");
}

TEST(LineView, WideCharactersTakeTwoColumnsAndDoNotBreak) {
  LineView view;
  EXPECT_EQ(view.draw("> ", "\u4E2D", 3, 80), "\r\x1b[J> \u4E2D\r\x1b[4C");
  // 5 columns: after "> ab" one column is left, the wide one goes to the next row.
  EXPECT_EQ(view.draw("> ", "ab\u4E2D", 5, 5), "\r\x1b[J> ab\u4E2D\r\x1b[2C");
}

TEST(LineView, APasteHasRows) {
  LineView view;
  EXPECT_EQ(view.draw("> ", "a\nbc", 1, 80), "\r\x1b[J> a\r\nbc\x1b[1A\r\x1b[3C");
}

} // namespace
} // namespace osscc::rt::terminal
