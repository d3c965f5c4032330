#include "runtime/schema/StringStep.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace osscc::rt::schema {
namespace {

/// The characters of a string's inside, or "wrong".
std::u32string read(std::string_view inside) {
  std::u32string out;
  std::string held;
  for (char byte : inside) {
    StringStep step = stringStep(held, uint8_t(byte));
    if (step.kind == StringStep::kWrong || step.kind == StringStep::kEnd)
      return U"wrong";
    held = step.kind == StringStep::kPart ? step.held : "";
    if (step.kind == StringStep::kCharacter)
      out += step.character;
  }
  return held.empty() ? out : U"cut";
}

TEST(StringStep, ReadsUtf8AndEscapes) {
  EXPECT_EQ(read("a\u00e9\u20ac\U0001F600"), U"a\u00e9\u20ac\U0001F600");
  EXPECT_EQ(read("\\\"\\\\\\/\\b\\f\\n\\r\\t"), U"\"\\/\b\f\n\r\t");
  EXPECT_EQ(read("\\u00E9\\ud83d\\ude00"), U"\u00e9\U0001F600");
  EXPECT_EQ(read("\\u0000"), std::u32string(1, U'\0'));
}

TEST(StringStep, RefusesWhatIsNoCharacter) {
  for (const char *text :
       {"\n", "\\x", "\\u00g0", "\\ude00", "\\ud83dx", "\\ud83d\\n", "\\ud83d\\ud83d", "\x80",
        "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC3x", "\""})
    EXPECT_EQ(read(text), U"wrong") << text;
}

/// Every code point, byte by byte; what is held may become it all the way.
TEST(StringStep, KnowsWhatItHolds) {
  for (Span all : allCharacters())
    for (char32_t c = all.first; c <= all.last; c += c < 0x3000 ? 1 : 97) {
      if (c < 0x80)
        continue;
      std::string bytes;
      if (c < 0x800)
        bytes = {char(0xC0 | c >> 6)};
      else if (c < 0x10000)
        bytes = {char(0xE0 | c >> 12), char(0x80 | (c >> 6 & 63))};
      else
        bytes = {char(0xF0 | c >> 18), char(0x80 | (c >> 12 & 63)), char(0x80 | (c >> 6 & 63))};
      bytes += char(0x80 | (c & 63));
      std::string held;
      for (size_t i = 0; i < bytes.size(); ++i) {
        StringStep step = stringStep(held, uint8_t(bytes[i]));
        if (i + 1 == bytes.size()) {
          ASSERT_EQ(step.kind, StringStep::kCharacter) << uint32_t(c);
          ASSERT_EQ(step.character, c);
          break;
        }
        ASSERT_EQ(step.kind, StringStep::kPart) << uint32_t(c);
        held = step.held;
        auto spans = mayBecome(held);
        ASSERT_TRUE(std::ranges::any_of(
            spans, [&](Span span) { return c >= span.first && c <= span.last; }));
      }
    }
}

TEST(StringStep, KnowsWhatEscapesMayBecome) {
  EXPECT_EQ(mayBecome("\\u00e").front(), (Span{0xE0, 0xEF}));
  EXPECT_EQ(mayBecome("\\ud83d\\ude0").front(), (Span{0x1F600, 0x1F60F}));
  EXPECT_EQ(mayBecome("\\ud83d").front(), (Span{0x1F400, 0x1F7FF}));
  EXPECT_TRUE(mayBecome("\\udc").empty());
}

} // namespace
} // namespace osscc::rt::schema
