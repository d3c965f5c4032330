#include "runtime/terminal/EditLine.h"
#include "runtime/terminal/Graphemes.h"
#include "runtime/terminal/Printable.h"

#include <gtest/gtest.h>

namespace osscc::rt::terminal {
namespace {

constexpr std::string_view kFamily = "\U0001F469\u200D\U0001F469\u200D\U0001F467"; // joined

struct EditLineTest : testing::Test {
  History history;
  EditLine line{history};

  void type(std::string_view text) { line.apply({Key::kText, std::string(text)}); }
  void press(std::initializer_list<Key::Kind> kinds) {
    for (Key::Kind kind : kinds)
      line.apply({kind, {}});
  }
};

TEST(Graphemes, AreWhatAPersonSees) {
  std::string text = "ae\u0301" + std::string(kFamily) + "\u4E2D";
  EXPECT_EQ(nextGrapheme(text, 0), 1u);
  EXPECT_EQ(nextGrapheme(text, 1), 4u); // with its accent
  EXPECT_EQ(nextGrapheme(text, 4), 4 + kFamily.size());
  EXPECT_EQ(previousGrapheme(text, 4 + kFamily.size()), 4u);
  EXPECT_EQ(previousGrapheme(text, 0), 0u);
  EXPECT_EQ(nextGrapheme(text, text.size()), text.size());
}

TEST(Graphemes, WidthsAreThoseOfTheTerminal) {
  EXPECT_EQ(graphemeWidth("a"), 1);
  EXPECT_EQ(graphemeWidth("e\u0301"), 1);
  EXPECT_EQ(graphemeWidth("\u4E2D"), 2);
  EXPECT_EQ(graphemeWidth(kFamily), 2);
}

TEST(Printable, TakesEscapesOutOfAnAnswer) {
  EXPECT_EQ(printable("a\tb\n\x1b[2J\x07\x7f\u009B\u00E9"),
            "a\tb\n\uFFFD[2J\uFFFD\uFFFD\uFFFD\u00E9");
}

TEST_F(EditLineTest, InsertsAndDeletesAtTheCursor) {
  type("helo");
  press({Key::kLeft});
  type("l");
  EXPECT_EQ(line.text(), "hello");
  press({Key::kHome, Key::kDelete, Key::kEnd, Key::kBackspace});
  EXPECT_EQ(line.text(), "ell");
  press({Key::kHome, Key::kBackspace, Key::kEnd, Key::kDelete, Key::kRight});
  EXPECT_EQ(line.text(), "ell");
}

TEST_F(EditLineTest, MovesAndDeletesByGrapheme) {
  type("x" + std::string(kFamily) + "e\u0301");
  press({Key::kLeft});
  EXPECT_EQ(line.cursor(), 1 + kFamily.size());
  press({Key::kBackspace});
  EXPECT_EQ(line.text(), "xe\u0301");
}

TEST_F(EditLineTest, AMarkJoinsTheLetterBeforeIt) {
  type("ae");
  press({Key::kLeft});
  type("\u0301");
  EXPECT_EQ(line.text(), "a\u0301e");
  EXPECT_EQ(line.cursor(), 3u);
}

TEST_F(EditLineTest, WordsAndTheirReturn) {
  type("one two  three");
  press({Key::kWordLeft});
  EXPECT_EQ(line.cursor(), 9u);
  press({Key::kDeleteWord});
  EXPECT_EQ(line.text(), "one three");
  press({Key::kHome, Key::kWordRight});
  EXPECT_EQ(line.cursor(), 3u);
  press({Key::kEnd, Key::kYank});
  EXPECT_EQ(line.text(), "one threetwo  ");
  press({Key::kHome, Key::kWordRight, Key::kDeleteToEnd});
  EXPECT_EQ(line.text(), "one");
  press({Key::kDeleteToBegin, Key::kYank, Key::kYank});
  EXPECT_EQ(line.text(), "oneone");
}

TEST_F(EditLineTest, HistoryKeepsTheDraft) {
  history.add("first");
  history.add("second");
  history.add("second");
  history.add("");
  EXPECT_EQ(history.size(), 2u);
  line = EditLine(history);
  type("draft");
  press({Key::kUp});
  EXPECT_EQ(line.text(), "second");
  press({Key::kUp, Key::kUp});
  EXPECT_EQ(line.text(), "first");
  press({Key::kDown, Key::kDown, Key::kDown});
  EXPECT_EQ(line.text(), "draft");
  EXPECT_EQ(line.cursor(), 5u);
}

TEST(History, ForgetsTheOldest) {
  History history;
  for (int i = 0; i < 1005; ++i)
    history.add(std::to_string(i));
  EXPECT_EQ(history.size(), 1000u);
  EXPECT_EQ(history[0], "5");
}

} // namespace
} // namespace osscc::rt::terminal
