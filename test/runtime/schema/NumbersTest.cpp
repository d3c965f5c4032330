#include "runtime/schema/Numbers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace osscc::rt::schema {
namespace {

Decimal decimal(std::string_view text) {
  return *Decimal::read(text);
}

TEST(Numbers, ReadsDecimals) {
  EXPECT_EQ(decimal("1.50").digits, 15);
  EXPECT_EQ(decimal("1.50").scale, 1);
  EXPECT_EQ(decimal("1e3").digits, 1000);
  EXPECT_EQ(decimal("-2.5e-1").digits, -25);
  EXPECT_EQ(decimal("-2.5e-1").scale, 2);
  EXPECT_EQ(decimal("0").digits, 0);
  EXPECT_FALSE(Decimal::read("1e19"));
  EXPECT_FALSE(Decimal::read("1e-16"));
  EXPECT_FALSE(Decimal::read("1e"));
  EXPECT_FALSE(Decimal::read("1e999999999999999999999"));
}

TEST(Numbers, AnyNumberHasJsonsGrammar) {
  Numbers all = Numbers::all();
  for (const char *text : {"0", "-0", "10", "0.5", "-1.25e-7", "1E+10", "5e289"})
    EXPECT_TRUE(all.accepts(text)) << text;
  for (const char *text : {"", "-", "1.", "1e", "01", ".5", "+1", "1e290", "1.e5", "1e5.5", "--1"})
    EXPECT_FALSE(all.accepts(text)) << text;
  EXPECT_FALSE(all.mayBecome("1.e"));
  EXPECT_FALSE(all.mayBecome("1234567890123456789"));
}

TEST(Numbers, IntegersHaveNoPoint) {
  Numbers all = Numbers::integers();
  EXPECT_TRUE(all.accepts("-12"));
  EXPECT_FALSE(all.mayBecome("1."));
  EXPECT_FALSE(all.mayBecome("1e"));
  EXPECT_FALSE(all.accepts("-0"));
  EXPECT_FALSE(all.mayBecome("-0"));
}

/// Whether a beginning is live is what trying all numbers says.
void compareWithAll(const Numbers &set, int scale) {
  std::vector<std::string> texts;
  for (int z = -3000; z <= 3000; ++z) {
    std::string digits = std::to_string(std::abs(z));
    if (scale > 0) {
      digits.insert(0, size_t(std::max(0, scale + 1 - int(digits.size()))), '0');
      digits.insert(digits.size() - size_t(scale), ".");
    }
    if (set.accepts((z < 0 ? "-" : "") + digits))
      texts.push_back((z < 0 ? "-" : "") + digits);
  }
  EXPECT_FALSE(texts.empty());
  std::vector<std::string> open{""};
  for (size_t i = 0; i < open.size() && open.size() < 4000; ++i)
    for (char c : std::string("-0123456789.")) {
      std::string next = open[i] + c;
      bool isLive = std::ranges::any_of(texts, [&](const auto &t) { return t.starts_with(next); });
      EXPECT_EQ(set.mayBecome(next), isLive) << next;
      if (isLive)
        open.push_back(next);
    }
}

TEST(Numbers, BeginningsOfIntegersAreExact) {
  Numbers set = Numbers::integers();
  set.atLeast(decimal("-37"), true);
  set.atMost(decimal("1204"), false);
  set.multiplesOf(decimal("7"));
  set.without(decimal("14"));
  EXPECT_FALSE(set.accepts("14"));
  EXPECT_TRUE(set.accepts("1197"));
  EXPECT_FALSE(set.accepts("1204"));
  compareWithAll(set, 0);
}

TEST(Numbers, BeginningsOfFractionsAreExact) {
  Numbers set = Numbers::all();
  set.atLeast(decimal("0.95"), false);
  set.atMost(decimal("12.3"), true);
  EXPECT_TRUE(set.accepts("0.951"));
  EXPECT_FALSE(set.accepts("0.95"));
  EXPECT_FALSE(set.mayBecome("0.94"));
  EXPECT_TRUE(set.mayBecome("0."));
  EXPECT_FALSE(set.mayBecome("12.31"));
  EXPECT_FALSE(set.mayBecome("-"));
  EXPECT_FALSE(set.mayBecome("13"));
}

TEST(Numbers, Intersects) {
  Numbers halves = Numbers::all();
  halves.multiplesOf(decimal("0.5"));
  EXPECT_TRUE(halves.accepts("2.5"));
  EXPECT_FALSE(halves.accepts("2.4"));
  halves.intersect(Numbers::integers());
  EXPECT_TRUE(halves.accepts("3"));
  EXPECT_FALSE(halves.mayBecome("2."));
  Numbers none = Numbers::one(decimal("3"));
  none.multiplesOf(decimal("2"));
  EXPECT_TRUE(none.empty());
}

TEST(Numbers, Complements) {
  Numbers set = Numbers::integers();
  set.atLeast(decimal("3"), true);
  auto rest = set.complement();
  ASSERT_TRUE(rest);
  auto accepted = [&](std::string_view text) {
    return std::ranges::any_of(*rest, [&](const Numbers &part) { return part.accepts(text); });
  };
  EXPECT_TRUE(accepted("2"));
  EXPECT_TRUE(accepted("3.5"));
  EXPECT_FALSE(accepted("3"));
  EXPECT_FALSE(accepted("4.0"));
}

} // namespace
} // namespace osscc::rt::schema
