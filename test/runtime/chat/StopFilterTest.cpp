#include "runtime/chat/StopFilter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace osscc::rt {
namespace {

TEST(StopFilter, NeverShowsPartOfAStopString) {
  StopFilter filter({"<end>", "STOP"});
  EXPECT_EQ(filter.feed("one <"), "one ");
  EXPECT_EQ(filter.feed("b> <en"), "<b> ");
  EXPECT_EQ(filter.feed("d> two"), "");
  EXPECT_TRUE(filter.stopped());
  EXPECT_EQ(filter.feed("three"), "");
  EXPECT_EQ(filter.finish(), "");
}

TEST(StopFilter, ShowsWhatWasHeldWhenTheTextEnds) {
  StopFilter filter({"aab"});
  EXPECT_EQ(filter.feed("aaa"), "a"); // the last two may begin "aab"
  EXPECT_EQ(filter.feed("a"), "a");
  EXPECT_EQ(filter.finish(), "aa");
  EXPECT_FALSE(filter.stopped());
}

TEST(StopFilter, StopsAtTextThatIsNotShown) {
  StopFilter filter({"<|stop|>"});
  EXPECT_EQ(filter.feed("a"), "a");
  EXPECT_EQ(filter.feedHidden("<|start|>"), "");
  EXPECT_EQ(filter.feed("b"), "b");
  EXPECT_EQ(filter.feedHidden("<|stop|>"), "");
  EXPECT_TRUE(filter.stopped());
}

TEST(StopFilter, AStopStringSpansShownAndHiddenText) {
  StopFilter filter({"b<|stop|>c"});
  EXPECT_EQ(filter.feed("ab"), "a");
  EXPECT_EQ(filter.feedHidden("<|stop|>"), "");
  EXPECT_EQ(filter.feed("xb"), "bx");
  EXPECT_EQ(filter.feedHidden("<|stop|>"), "");
  EXPECT_EQ(filter.feed("cd"), "");
  EXPECT_TRUE(filter.stopped());
  EXPECT_EQ(filter.finish(), "");
}

TEST(StopFilter, WhatIsShownStopsWhateverHidesBetween) {
  StopFilter filter({"ab"});
  EXPECT_EQ(filter.feed("xa"), "x");
  EXPECT_EQ(filter.feedHidden("<|hidden|>"), "");
  EXPECT_EQ(filter.feed("bc"), "");
  EXPECT_TRUE(filter.stopped());
}

TEST(StopFilter, OfStringsThatEndTogetherTheLongestCounts) {
  StopFilter filter({"c", "bc", "xbc", ""});
  EXPECT_EQ(filter.feed("abc"), "a");
  EXPECT_TRUE(filter.stopped());
}

/// What the definition shows of a text: all before the stop string that ends first.
std::string shownByDefinition(const std::vector<std::pair<char, bool>> &text,
                              const std::vector<std::string> &stops) {
  std::string all, shown;
  std::vector<size_t> shownBefore; // of each byte of `all`
  for (auto [byte, isShown] : text) {
    shownBefore.push_back(shown.size());
    all += byte;
    if (isShown)
      shown += byte;
    size_t keep = std::string::npos;
    for (const std::string &stop : stops) {
      if (all.ends_with(stop))
        keep = std::min(keep, shownBefore[all.size() - stop.size()]);
      if (isShown && shown.ends_with(stop))
        keep = std::min(keep, shown.size() - stop.size());
    }
    if (keep != std::string::npos)
      return shown.substr(0, keep);
  }
  return shown;
}

TEST(StopFilter, EqualsItsDefinitionOnRandomTexts) {
  std::mt19937 random(1);
  auto letters = [&](size_t most) {
    std::string out;
    for (size_t i = 1 + random() % most; i > 0; --i)
      out += char('a' + random() % 2);
    return out;
  };
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> stops{letters(6), letters(8)};
    StopFilter filter(stops);
    std::vector<std::pair<char, bool>> text;
    std::string shown;
    for (int piece = 0; piece < 12; ++piece) {
      std::string bytes = letters(4);
      bool isShown = random() % 3 != 0;
      for (char byte : bytes)
        text.emplace_back(byte, isShown);
      shown += isShown ? filter.feed(bytes) : filter.feedHidden(bytes);
    }
    shown += filter.finish();
    EXPECT_EQ(shown, shownByDefinition(text, stops)) << stops[0] << ' ' << stops[1];
  }
}

} // namespace
} // namespace osscc::rt
