// Which added tokens a text holds: the rules by hand, and on random texts the definitions.
#include "runtime/tokenizer/AddedTokens.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace osscc::rt {
namespace {

using Flags = bundle::AddedFlags;
constexpr Flags kWord = Flags(0);

struct Tokens {
  std::map<std::string, Flags> texts;
  AddedTokens::Rules rules = {};

  /// The text with what was found in brackets, markers in angle ones; a user wrote what follows
  /// "|".
  std::string mark(std::string text) {
    std::vector<AddedTokens::Entry> entries;
    for (const auto &[sought, flags] : texts)
      entries.push_back({sought, int32_t(entries.size()), flags});
    AddedTokens tokens(entries, rules);
    size_t users = text.find('|');
    std::vector<TokenSpan> spans{{0, text.size(), true}};
    if (users != std::string::npos) {
      text.erase(users, 1);
      spans = {{0, users, true}, {users, text.size(), false}};
    }
    std::string out;
    size_t done = 0;
    for (const AddedTokens::Found &found : tokens.find(text, spans)) {
      out += text.substr(done, found.begin - done);
      bool isSpecial = entries[size_t(found.id)].has(Flags::Special);
      out += (isSpecial ? "<" : "[") + text.substr(found.begin, found.end - found.begin) +
             (isSpecial ? ">" : "]");
      done = found.end;
    }
    return out + text.substr(done);
  }
};

TEST(AddedTokens, MarkersAreFoundInTheTemplateAndWordsEverywhere) {
  Tokens t{{{"END", Flags::Special}, {"think", kWord}}};
  EXPECT_EQ(t.mark("thinkEND"), "[think]<END>");
  EXPECT_EQ(t.mark("|thinkEND"), "[think]END");
  EXPECT_EQ(t.mark("END|ENDthink"), "<END>END[think]");
}

TEST(AddedTokens, WordsRunAcrossTheBordersOfSpans) {
  Tokens t{{{"--", kWord}, {"---", kWord}, {"END", Flags::Special}}};
  EXPECT_EQ(t.mark("a-|--b"), "a[---]b");
  EXPECT_EQ(t.mark("EN|D"), "END"); // half a marker is none
}

TEST(AddedTokens, AUsersWordTakesNoLetterOfAMarker) {
  for (bool longestFirst : {false, true}) {
    Tokens t{{{"xEN", kWord}, {"END", Flags::Special}, {"Dyy", kWord}},
             {.longestFirst = longestFirst, .words = {}}};
    std::vector<AddedTokens::Entry> entries;
    for (const auto &[sought, flags] : t.texts)
      entries.push_back({sought, int32_t(entries.size()), flags});
    AddedTokens tokens(entries, t.rules);
    std::vector<TokenSpan> spans{{0, 1, false}, {1, 4, true}, {4, 6, false}};
    auto found = tokens.find("xENDyy", spans);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].begin, 1u);
    EXPECT_EQ(found[0].end, 4u);
  }
}

TEST(AddedTokens, WhatIsSpecialHidesWordsInItFromLeftToRightOnly) {
  Tokens t{{{"<END>", Flags::Special}, {"END", kWord}}};
  EXPECT_EQ(t.mark("|<END>"), "<END>"); // as the tokenizers package with encode_special_tokens
  t.rules.longestFirst = true;
  EXPECT_EQ(t.mark("|<END>"), "<[END]>"); // as llama.cpp without parse_special
}

TEST(AddedTokens, TheLeftmostOrTheLongestIsFoundFirst) {
  Tokens t{{{"ab", kWord}, {"bcd", kWord}}};
  EXPECT_EQ(t.mark("abcd"), "[ab]cd");
  t.rules.longestFirst = true;
  EXPECT_EQ(t.mark("abcd"), "a[bcd]");
}

TEST(AddedTokens, TakesWhiteSpaceAwayAtEitherSide) {
  Tokens t{{{"L", Flags::StripsLeft}, {"R", Flags::StripsRight}}};
  EXPECT_EQ(t.mark("a \u3000\nL b"), "a[ \u3000\nL] b");
  EXPECT_EQ(t.mark("a R\t\u00a0 b"), "a [R\t\u00a0 ]b");
  EXPECT_EQ(t.mark("R L"), "[R ][L]");
  EXPECT_EQ(t.mark("  R  |  L  "), "  [R    ][L]  ");
  t.rules.spacesAreLetters = true;
  EXPECT_EQ(t.mark("a \nL"), "a [\nL]");
}

TEST(AddedTokens, ASingleWordStandsApart) {
  const uint32_t words[] = {'a', 'z', 0xE9, 0xE9};
  Tokens t{{{"hi", Flags::SingleWord}}, {.words = words}};
  EXPECT_EQ(t.mark("hi hi, shi his \u00e9hi hi\u00e9 hi"),
            "[hi] [hi], shi his \u00e9hi hi\u00e9 [hi]");
  EXPECT_EQ(t.mark("hi|s"), "his");
}

TEST(AddedTokens, LongestFirstEqualsItsDefinitionOnRandomTexts) {
  std::mt19937 random(1);
  auto letters = [&](size_t most) {
    std::string out;
    for (size_t i = 1 + random() % most; i > 0; --i)
      out += char('a' + random() % 3);
    return out;
  };
  for (int round = 0; round < 1000; ++round) {
    Tokens t{{}, {.longestFirst = true, .words = {}}};
    for (int i = 0; i < 8; ++i)
      t.texts[letters(5)] = kWord;
    std::string text = letters(60);
    // The definition: all places of each length, the longest first, from left to right.
    std::vector<size_t> lengthAt(text.size()), taken(text.size());
    for (size_t length = 5; length > 0; --length)
      for (size_t at = 0; at + length <= text.size(); ++at)
        if (t.texts.contains(text.substr(at, length)) &&
            std::all_of(taken.begin() + long(at), taken.begin() + long(at + length),
                        [](size_t is) { return is == 0; })) {
          lengthAt[at] = length;
          std::fill_n(taken.begin() + long(at), length, 1);
        }
    std::string expected;
    for (size_t at = 0; at < text.size(); at += std::max<size_t>(lengthAt[at], 1))
      expected += lengthAt[at] ? "[" + text.substr(at, lengthAt[at]) + "]" : text.substr(at, 1);
    EXPECT_EQ(t.mark(text), expected);
  }
}

TEST(AddedTokens, ManyStripsTakeLinearTime) {
  Tokens t{{{" ", Flags(uint8_t(Flags::StripsLeft) | uint8_t(Flags::StripsRight))}, {"x", kWord}}};
  EXPECT_EQ(t.mark("x" + std::string(300'000, ' ')).substr(0, 4), "[x][");
}

} // namespace
} // namespace osscc::rt
