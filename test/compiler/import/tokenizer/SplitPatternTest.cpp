// Split patterns as automata: the same matches as a backtracking engine finds.
#include "compiler/import/tokenizer/SplitPattern.h"
#include "test/compiler/import/tokenizer/EncodeWith.h"
#include "llvm/ADT/STLExtras.h"
#include <gtest/gtest.h>

using namespace osscc;
using Pieces = std::vector<std::string>;

namespace {

constexpr llvm::StringLiteral kGpt2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

Pieces split(llvm::ArrayRef<llvm::StringRef> patterns, std::string_view text) {
  bundle::TokenizerT tokenizer;
  tokenizer.pretokenizer = buildPretokenizer(patterns);
  return test::LaidTokenizer(tokenizer).split(text);
}

TEST(SplitPattern, Gpt2Splits) {
  EXPECT_EQ(
      split({kGpt2}, "I'll go  there, 123x!?\n\n ok's"),
      (Pieces{"I", "'ll", " go", " ", " there", ",", " 123", "x", "!?", "\n\n", " ok", "'s"}));
}

constexpr llvm::StringLiteral kLlama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";

TEST(SplitPattern, Llama3Splits) {
  EXPECT_EQ(split({kLlama3}, "WE'LL go  there, 12345x!?\n\n ok(a"),
            (Pieces{"WE", "'LL", " go", " ", " there", ",", " ", "123", "45", "x", "!?\n\n", " ok",
                    "(a"}));
  EXPECT_EQ(split({kLlama3}, "a \n \n  b"), (Pieces{"a", " \n \n", " ", " b"}));
}

constexpr llvm::StringLiteral kO200k =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"(\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

TEST(SplitPattern, O200kSplitsAtCapitals) {
  EXPECT_EQ(split({kO200k}, "helloWorld HTTPServer WE'LL don't  it's 1234x ://\n\n ok"),
            (Pieces{"hello", "World", " HTTPServer", " WE'LL", " don't", " ", " it's", " ", "123",
                    "4", "x", " ://\n\n", " ok"}));
  // Title case begins a word; modifiers, marks and letters without case are in it on either side.
  EXPECT_EQ(split({kO200k}, "a\u01C5b\u02B0B\u0301\u4F60cD"),
            (Pieces{"a", "\u01C5b\u02B0", "B\u0301\u4F60c", "D"}));
}

// Punctuation takes letters along, marks belong to words, symbols stand apart from digits.
TEST(SplitPattern, DeepSeekSplits) {
  constexpr llvm::StringLiteral kWords =
      R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|)"
      R"( ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  EXPECT_EQ(split({R"(\p{N}{1,3})", "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+", kWords},
                  "don't ]ok 12345 \u4F60\u597Da e\u0301 +=\n\n ~"),
            (Pieces{"don", "'t", " ]", "ok", " ", "123", "45", " ", "\u4F60\u597D", "a", " e\u0301",
                    " +=\n\n", " ~"}));
  EXPECT_EQ(split({R"(\s+$)"}, "a  b  "), (Pieces{"a  b", "  "}));
  EXPECT_EQ(split({R"([\-\]]+)"}, "a-]\\b"), (Pieces{"a", "-]", "\\b"}));
}

TEST(SplitPattern, IgnoringCaseFoldsAsUnicodeDoes) {
  EXPECT_EQ(split({"(?i:sk1)"}, "aSK1\u017F\u212A1S\u212A1").size(), 4u);
  EXPECT_EQ(split({"(?i:t)x"}, "aTx"), (Pieces{"a", "Tx"}));
  EXPECT_EQ(split({"(?i:t)x"}, "aTX"), (Pieces{"aTX"})); // the case counts again after the group
}

TEST(SplitPattern, SpacesBeforeAWordLeaveItOne) {
  EXPECT_EQ(split({kGpt2}, "a   b"), (Pieces{"a", "  ", " b"}));
  EXPECT_EQ(split({kGpt2}, "a \t\nb"), (Pieces{"a", " \t", "\n", "b"}));
  EXPECT_EQ(split({kGpt2}, "a   "), (Pieces{"a", "   "}));
}

TEST(SplitPattern, StagesSplitWithinPieces) {
  // The space before a digit is no longer followed by it: the digit is a piece of the first stage.
  EXPECT_EQ(split({R"(\p{Digits})", kGpt2}, "a  12 b"), (Pieces{"a", "  ", "1", "2", " b"}));
}

TEST(SplitPattern, WhatNoMatchCoversIsAPiece) {
  EXPECT_EQ(split({"b+"}, "aabbcb"), (Pieces{"aa", "bb", "c", "b"}));
  EXPECT_EQ(split({"b+"}, "aa"), (Pieces{"aa"}));
  EXPECT_EQ(split({}, "aa"), (Pieces{"aa"}));
  EXPECT_EQ(split({"b+"}, ""), (Pieces{}));
}

TEST(SplitPattern, TheFirstAlternativeWinsNotTheLongest) {
  EXPECT_EQ(split({"a|ab"}, "ab"), (Pieces{"a", "b"}));
  EXPECT_EQ(split({"ab|a"}, "aab"), (Pieces{"a", "ab"}));
}

TEST(SplitPattern, RepetitionsGiveBackWhatTheRestNeeds) {
  EXPECT_EQ(split({R"(\s*[\r\n]+)"}, "a \n \r  b"), (Pieces{"a", " \n \r", "  b"}));
  EXPECT_EQ(split({"(?:ab)*a"}, "ababc"), (Pieces{"aba", "bc"}));
  EXPECT_EQ(split({R"(\p{N}{1,3})"}, "1234567"), (Pieces{"123", "456", "7"}));
}

TEST(SplitPattern, DigitsKnowsANewerUnicodeThanPatterns) {
  EXPECT_EQ(split({R"(\p{Digits})"}, "\U00011DE3\U00011DE3").size(), 2u);
  EXPECT_EQ(split({R"(\p{N})"}, "\U00011DE3\U00011DE3").size(), 1u);
}

TEST(SplitPattern, ClassesAreThoseOfUnicode16) {
  // A letter, a digit and a space of each length in UTF-8; U+180E is no space, U+0085 is one.
  EXPECT_EQ(split({R"(\p{L}+)"}, "aé你𠀀1").front(), "aé你𠀀");
  EXPECT_EQ(split({R"(\s+)"}, " \u0085\u2003\u180e").front(), " \u0085\u2003");
  EXPECT_EQ(split({R"(\p{Lo}+)"}, "\u4F60\u00AAa").front(), "\u4F60\u00AA");
  EXPECT_EQ(unicodeSet("Other").size(), 0u);
}

TEST(SplitPattern, TenMillionCharactersTakeNoStackAndLinearTime) {
  for (const char *unit : {"a", " ", "\U0001F642", "A", "\u4F60"}) {
    std::string text;
    while (text.size() < 10'000'000)
      text += unit;
    size_t bytes = 0;
    for (const std::string &piece : split({R"(\p{Digits})", kGpt2}, text))
      bytes += piece.size();
    EXPECT_EQ(bytes, text.size());
    bytes = 0;
    for (const std::string &piece : split({kO200k}, text))
      bytes += piece.size();
    EXPECT_EQ(bytes, text.size());
  }
}

} // namespace
