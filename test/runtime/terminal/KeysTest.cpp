#include "runtime/terminal/Keys.h"

#include <gtest/gtest.h>

#include <vector>

namespace osscc::rt::terminal {
namespace {

/// The keys that `bytes` are, up to the end of the input.
std::vector<Key> keysOf(std::string_view bytes) {
  size_t at = 0;
  auto source = [&](bool) { return at < bytes.size() ? std::optional(bytes[at++]) : std::nullopt; };
  std::vector<Key> keys;
  do
    keys.push_back(readKey(source));
  while (keys.back().kind != Key::kEndOfInput);
  keys.pop_back();
  return keys;
}

Key::Kind kindOf(std::string_view bytes) {
  std::vector<Key> keys = keysOf(bytes);
  EXPECT_EQ(keys.size(), 1u) << bytes;
  return keys.empty() ? Key::kNone : keys.front().kind;
}

TEST(Keys, SequencesOfXterm) {
  EXPECT_EQ(kindOf("\x1b[A"), Key::kUp);
  EXPECT_EQ(kindOf("\x1bOB"), Key::kDown);
  EXPECT_EQ(kindOf("\x1b[3~"), Key::kDelete);
  EXPECT_EQ(kindOf("\x1b[1;5D"), Key::kWordLeft);
  EXPECT_EQ(kindOf("\x1bOH"), Key::kHome);
  EXPECT_EQ(kindOf("\x1b[4~"), Key::kEnd);
  EXPECT_EQ(kindOf("\x1b"
                   "f"),
            Key::kWordRight);
  EXPECT_EQ(kindOf("\x1b[99;99X"), Key::kNone);
  EXPECT_EQ(kindOf("\x1b"), Key::kNone);
}

TEST(Keys, ControlCharactersAreThoseOfEmacs) {
  EXPECT_EQ(kindOf("\x01"), Key::kHome);
  EXPECT_EQ(kindOf("\x02"), Key::kLeft);
  EXPECT_EQ(kindOf("\x03"), Key::kInterrupt);
  EXPECT_EQ(kindOf("\x04"), Key::kDeleteOrEnd);
  EXPECT_EQ(kindOf("\x05"), Key::kEnd);
  EXPECT_EQ(kindOf("\x06"), Key::kRight);
  EXPECT_EQ(kindOf("\x08"), Key::kBackspace);
  EXPECT_EQ(kindOf("\t"), Key::kTab);
  EXPECT_EQ(kindOf("\n"), Key::kEnter);
  EXPECT_EQ(kindOf("\x0b"), Key::kDeleteToEnd);
  EXPECT_EQ(kindOf("\x0c"), Key::kRedraw);
  EXPECT_EQ(kindOf("\r"), Key::kEnter);
  EXPECT_EQ(kindOf("\x0e"), Key::kDown);
  EXPECT_EQ(kindOf("\x10"), Key::kUp);
  EXPECT_EQ(kindOf("\x15"), Key::kDeleteToBegin);
  EXPECT_EQ(kindOf("\x17"), Key::kDeleteWord);
  EXPECT_EQ(kindOf("\x19"), Key::kYank);
  EXPECT_EQ(kindOf("\x1a"), Key::kSuspend);
  EXPECT_EQ(kindOf("\x7f"), Key::kBackspace);
  EXPECT_EQ(kindOf("\x07"), Key::kNone);
}

TEST(Keys, CharactersAreUtf8) {
  std::vector<Key> keys = keysOf("\u00E9\u4E2D\xff"
                                 "a\xe4");
  ASSERT_EQ(keys.size(), 5u);
  EXPECT_EQ(keys[0].text, "\u00E9");
  EXPECT_EQ(keys[1].text, "\u4E2D");
  EXPECT_EQ(keys[2].text, "\uFFFD");
  EXPECT_EQ(keys[3].text, "a");
  EXPECT_EQ(keys[4].text, "\uFFFD");
}

TEST(Keys, APasteIsOneText) {
  std::vector<Key> keys = keysOf("\x1b[200~one\r\ntwo\rthree\t\x1b[31m\x03\xff\x1b[201~x");
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].kind, Key::kText);
  EXPECT_EQ(keys[0].text, "one\ntwo\nthree    [31m\uFFFD");
  EXPECT_EQ(keys[1].text, "x");
}

} // namespace
} // namespace osscc::rt::terminal
