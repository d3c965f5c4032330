// Normalization form C of Unicode 9, as the tokenizers package has it.
#include "runtime/tokenizer/Normalize.h"
#include <gtest/gtest.h>

using osscc::rt::isAscii;
using osscc::rt::normalizationFormC;

namespace {

TEST(Normalize, AsciiIsInEveryForm) {
  EXPECT_TRUE(isAscii("plain\x7f"));
  EXPECT_FALSE(isAscii("na\u00EFve"));
}

TEST(Normalize, ComposesAndSortsMarks) {
  EXPECT_EQ(normalizationFormC("e\u0301a"), "\u00E9a");
  EXPECT_EQ(normalizationFormC("\u1100\u1161\u11A8"), "\uAC01"); // Hangul jamo
  EXPECT_EQ(normalizationFormC("q\u0307\u0323"), "q\u0323\u0307");
  EXPECT_EQ(normalizationFormC("\u212B\u2126"), "\u00C5\u03A9"); // singletons
  EXPECT_EQ(normalizationFormC("\u0958"), "\u0915\u093C");       // excluded from composition
  EXPECT_EQ(normalizationFormC("\u09C7\u09BE"), "\u09CB");       // a starter that composes
  EXPECT_EQ(normalizationFormC(""), "");
}

TEST(Normalize, WhatUnicode9LacksStaysWhereItIs) {
  EXPECT_EQ(normalizationFormC("\u0345\u0898"), "\u0345\u0898");
  EXPECT_EQ(normalizationFormC("e\u0898\u0301"), "e\u0898\u0301");
  EXPECT_EQ(normalizationFormC("\U00011935\U00011930"), "\U00011935\U00011930");
}

TEST(Normalize, AMillionMarksAreSortedInTime) {
  std::string marks = "a";
  for (int i = 0; i < 500'000; ++i)
    marks += "\u0301\u0316"; // each pair is out of order
  std::string sorted = normalizationFormC(marks);
  // One of the upper marks joins the letter.
  EXPECT_EQ(sorted.size(), marks.size() - 1);
  EXPECT_EQ(sorted.substr(0, 4), "\u00E1\u0316");
}

} // namespace
