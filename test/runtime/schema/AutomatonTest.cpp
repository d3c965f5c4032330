#include "runtime/schema/Automaton.h"

#include <gtest/gtest.h>

namespace osscc::rt::schema {
namespace {

TEST(Automaton, JoinsAsItsNamesSay) {
  Budget budget;
  DfaPtr ab = join(*oneText(U"ab"), *oneText(U"ac"), Join::kEither, budget);
  EXPECT_TRUE(ab->matches(U"ab"));
  EXPECT_TRUE(ab->matches(U"ac"));
  EXPECT_FALSE(ab->matches(U"a"));
  DfaPtr only = join(*ab, *oneText(U"ab"), Join::kFirstOnly, budget);
  EXPECT_FALSE(only->matches(U"ab"));
  EXPECT_TRUE(only->matches(U"ac"));
  EXPECT_TRUE(join(*oneText(U"x"), *oneText(U"y"), Join::kBoth, budget)->empty());
}

TEST(Automaton, CountsTexts) {
  Budget budget;
  EXPECT_EQ(oneText(U"abc")->texts[0], 1);
  EXPECT_EQ(everyText()->texts[0], Dfa::kMany);
  DfaPtr upToOne = textsOfLength(0, 1, budget);
  EXPECT_EQ(upToOne->texts[0], 1 + 0x110000 - 0x800);
}

TEST(Automaton, TakesLengths) {
  Budget budget;
  DfaPtr some = textsOfLength(2, 3, budget);
  EXPECT_FALSE(some->matches(U"a"));
  EXPECT_TRUE(some->matches(U"\U0001F600\u00e9"));
  EXPECT_TRUE(some->matches(U"abc"));
  EXPECT_FALSE(some->matches(U"abcd"));
  EXPECT_TRUE(textsOfLength(2, INT64_MAX, budget)->matches(U"abcdefgh"));
}

TEST(Automaton, ComplementsLeaveOutSurrogates) {
  CharacterSet rest = complementOf({{'a', 'z'}});
  EXPECT_EQ(rest, (CharacterSet{{0, 'a' - 1}, {'z' + 1, 0xD7FF}, {0xE000, 0x10FFFF}}));
  EXPECT_EQ(complementOf(rest), (CharacterSet{{'a', 'z'}}));
}

TEST(Automaton, EdgesLeadWhereTheySay) {
  DfaPtr one = oneText(U"m");
  EXPECT_EQ(one->next(0, 'l'), Dfa::kNowhere);
  EXPECT_EQ(one->next(0, 'm'), 1u);
  EXPECT_TRUE(one->leaves(0, {'a', 'z'}));
  EXPECT_FALSE(one->leaves(0, {'n', 'z'}));
}

} // namespace
} // namespace osscc::rt::schema
