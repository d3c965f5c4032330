#include "runtime/schema/Pattern.h"

#include "runtime/schema/Formats.h"
#include "runtime/schema/Forms.h"

#include <gtest/gtest.h>

namespace osscc::rt::schema {
namespace {

bool finds(std::string_view pattern, std::string_view text) {
  Budget budget;
  return compilePattern(pattern, budget)->matches(charactersOf(text));
}

std::string refusal(std::string_view pattern) {
  Budget budget;
  try {
    compilePattern(pattern, budget);
  } catch (const Refusal &refusal) {
    return refusal.what();
  }
  return "taken";
}

TEST(Pattern, IsFoundAnywhereUnlessItSaysWhere) {
  EXPECT_TRUE(finds("b+", "abba"));
  EXPECT_FALSE(finds("^b+", "abba"));
  EXPECT_TRUE(finds("^a|b$", "xb"));
  EXPECT_FALSE(finds("^a$", "aa"));
  EXPECT_TRUE(finds("", ""));
  EXPECT_TRUE(finds("^$", ""));
  EXPECT_FALSE(finds("^$", "x"));
  EXPECT_TRUE(finds("(^|-)a", "x-a"));
}

TEST(Pattern, Repeats) {
  EXPECT_TRUE(finds("^a{2,3}$", "aaa"));
  EXPECT_FALSE(finds("^a{2,3}$", "aaaa"));
  EXPECT_TRUE(finds("^(ab){2,}$", "ababab"));
  EXPECT_FALSE(finds("^(ab){2,}$", "ab"));
  EXPECT_TRUE(finds("^(a|b)*?c$", "abac"));
  EXPECT_TRUE(finds("^a{0}b$", "b"));
  EXPECT_TRUE(finds("^(a*)*$", "aa"));
}

TEST(Pattern, HasSetsOfCharacters) {
  EXPECT_TRUE(finds("^[a-c\\d_-]+$", "b7_-"));
  EXPECT_FALSE(finds("^[^a-c]$", "b"));
  EXPECT_TRUE(finds("^[^a-c]$", "\u00e9"));
  EXPECT_TRUE(finds("^.$", "\U0001F600"));
  EXPECT_FALSE(finds("^.$", "\n"));
  EXPECT_TRUE(finds("^\\p{Lu}\\P{L}$", "\u00c9-"));
  EXPECT_FALSE(finds("^\\w$", "\u00e9")); // ASCII, as in ECMA-262
  EXPECT_TRUE(finds("^\\s$", "\u00a0"));
  EXPECT_TRUE(finds("^\\u00e9\\x41\\cA$", "\u00e9A\x01"));
}

TEST(Pattern, RefusesByName) {
  EXPECT_EQ(refusal("a(?=b)"),
            "the expression 'a(?=b)' looks ahead or behind, which is not supported");
  EXPECT_EQ(refusal("(a)\\1"), "the expression '(a)\\1' has \\1, which is not supported");
  EXPECT_EQ(refusal("\\bx"), "the expression '\\bx' has \\b, which is not supported");
  EXPECT_EQ(refusal("(a"), "the expression '(a' has a ( without a )");
  EXPECT_EQ(refusal("a)"), "the expression 'a)' has a ) without a (");
  EXPECT_EQ(refusal("[z-a]"), "the expression '[z-a]' has a range of characters that is none");
  EXPECT_EQ(refusal("*a"), "the expression '*a' has a quantifier that follows nothing");
  EXPECT_EQ(refusal("\\p{Thai}"),
            "the expression '\\p{Thai}' has \\p{Thai}, which is not supported");
}

TEST(Pattern, EndsWhereItExplodes) {
  EXPECT_NE(refusal("((a{100}){100}){100}"), "taken");
  EXPECT_NE(refusal("(a|b)*a(a|b){20}$"), "taken");
  EXPECT_NE(refusal(std::string(5000, '(') + std::string(5000, ')')), "taken");
}

struct Case {
  const char *format;
  std::vector<const char *> right, wrong;
};

TEST(Format, TakesWhatItsStandardDoes) {
  const Case kCases[] = {
      {"date",
       {"2024-02-29", "1999-12-31", "2000-02-29"},
       {"2023-02-29", "1900-02-29", "2024-13-01", "2024-1-1"}},
      {"time", {"23:59:59Z", "08:30:06.283185+00:20"}, {"24:00:00Z", "08:30:06", "8:30:06Z"}},
      {"date-time",
       {"1985-04-12T23:20:50.52Z"},
       {"1985-04-12 23:20:50Z", "1990-02-31T15:59:59.123-08:00"}},
      {"duration", {"P4DT12H30M5S", "P4Y", "PT36H", "P2W"}, {"P", "P1YT", "P2D1Y", "PT1D"}},
      {"email", {"joe.bloggs@example.com", "a+b@x"}, {"2962", ".a@b.c", "a..b@c"}},
      {"hostname", {"www.example.com", "a-b"}, {"-bad", "a_b", ""}},
      {"ipv4", {"192.168.0.1", "0.0.0.0"}, {"256.1.1.1", "1.2.3", "01.2.3.4"}},
      {"ipv6",
       {"::1", "::", "1:2:3:4:5:6:7:8", "fe80::a:b", "::ffff:192.168.0.1",
        "1::", "1:2:3:4:5:6:7::"},
       {"12345::", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7", "fe80::a%en1"}},
      {"uri",
       {"http://foo.bar/?baz=qux#quux", "mailto:a@b.c", "urn:x:y"},
       {"//foo.bar", "abc", "http:// x"}},
      {"uri-reference", {"/abc", "abc/d?e#f", "", "http://x/y", "//h/p"}, {"\\\\W\\x", "a b"}},
      {"iri", {"http://\u0192\u00f8\u00f8.\u00df\u00e5r/?\u2202"}, {"/abc", "http:// x"}},
      {"iri-reference", {"/\u00e2\u03c0\u03c0"}, {"\\\\WINDOWS"}},
      {"idn-email", {"\uc2e4\ub840@example.com"}, {"2962"}},
      {"uri-template", {"http://x.y/dictionary/{term:1}/{term}", "{?a,b*}", ""}, {"{term", "a b"}},
      {"relative-json-pointer", {"1", "0/foo/bar", "0#"}, {"-1/foo", "01/a", "/foo"}},
      {"uuid", {"2EB8AA08-AA98-11EA-B4AA-73B441D16380"}, {"2eb8aa08-aa98-11ea-b4aa-73b441d1638"}},
      {"json-pointer", {"", "/a~1b/0"}, {"a", "/a~2"}}};
  for (const Case &each : kCases) {
    for (const char *text : each.right)
      EXPECT_TRUE(finds(expressionOfFormat(each.format), text)) << each.format << ": " << text;
    for (const char *text : each.wrong)
      EXPECT_FALSE(finds(expressionOfFormat(each.format), text)) << each.format << ": " << text;
  }
  EXPECT_TRUE(expressionOfFormat("colour").empty());
}

} // namespace
} // namespace osscc::rt::schema
