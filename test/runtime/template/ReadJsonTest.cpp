// JSON as values: what json.loads() of Python reads, with its numbers.
#include "runtime/template/ReadJson.h"
#include <gmock/gmock.h>
#include <limits>

namespace osscc::rt {
namespace {

using testing::HasSubstr;

/// The value as json.dumps() writes it, or the error.
std::string read(std::string_view text) {
  Result<Value> value = readJson(text, false);
  std::string_view culprit;
  return value ? toJson(*value, {}, culprit).value_or("no JSON") : value.error().message;
}

TEST(ReadJson, KeepsWhatItReads) {
  for (const char *text :
       {"null", "true", "[]", "{}", R"([1, -2, "a\n\"b", {"c": [null, false]}])",
        R"({"z": 1, "a": {"": "Grüße 🦙"}})", "-7", "9223372036854775807", "-9223372036854775808"})
    EXPECT_EQ(read(text), text);
  EXPECT_EQ(read(" [ 1 ,\n2 ] \n"), "[1, 2]");
  EXPECT_EQ(read(R"("\ud83e\udd99\u00e9")"), "\"🦙é\"");
  EXPECT_EQ(read("-0"), "0");
}

TEST(ReadJson, KeepsIntegersOfAnyLength) {
  for (const char *text : {"9223372036854775808", "-9223372036854775809", "18446744073709551616",
                           "123456789012345678901234567890"})
    EXPECT_EQ(read(text), text);
  EXPECT_THAT(read(std::string(kMaxIntegerDigits + 1, '7')),
              HasSubstr("an integer has 4301 digits"));
}

TEST(ReadJson, FloatsAreTheNearest) {
  EXPECT_EQ(read("[0.1, 1e-7, 1e22, 5e-324, 1.7976931348623157e308, -0.0, 1E2]"),
            "[0.1, 1e-07, 1e+22, 5e-324, 1.7976931348623157e+308, -0.0, 100.0]");
  EXPECT_EQ(read("[0.3e-6, 7.038531e-26, 9007199254740993.0, 123456789.12345678901]"),
            "[3e-07, 7.038531e-26, 9007199254740992.0, 123456789.12345679]");
  EXPECT_EQ(read("[1e400, -1e400, 1e-400]"), "[Infinity, -Infinity, 0.0]");
}

TEST(ReadJson, OfEqualKeysTheLastCounts) {
  EXPECT_EQ(read(R"({"a": 1, "b": 2, "\u0061": 3})"), R"({"a": 3, "b": 2})");
  EXPECT_EQ(read(R"({"a": {"x": 1, "x": 2}, "a": []})"), R"({"a": []})");
}

TEST(ReadJson, NamesTheByte) {
  EXPECT_THAT(read("{\"a\": }"), HasSubstr("byte 7: "));
  for (const char *text : {"", " ", "[", "[1,]", "{\"a\" 1}", "nul", "01", "1 2", "[1] x",
                           "\"\xff\"", "\"\\ud800\"", "'a'", "NaN", "{1: 2}"})
    EXPECT_THAT(read(text), HasSubstr("byte ")) << text;
  EXPECT_EQ(read(std::string(100, '[') + std::string(100, ']')),
            std::string(100, '[') + std::string(100, ']'));
  EXPECT_THAT(read(std::string(101, '[') + std::string(101, ']')), HasSubstr("byte 101: "));
}

TEST(ReadJson, MarksTheOrigin) {
  auto isTemplate = [](bool given) {
    Result<Value> value = readJson(R"({"a": "b"})", given);
    return asText(*asDict(*value)->find("a"))->spans().front().isTemplate;
  };
  EXPECT_TRUE(isTemplate(true));
  EXPECT_FALSE(isTemplate(false));
}

} // namespace
} // namespace osscc::rt
