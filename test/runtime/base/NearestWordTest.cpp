#include "runtime/base/NearestWord.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace osscc::rt {
namespace {

TEST(NearestWord, IsWithinTwoEdits) {
  std::vector<std::string_view> words = {"/help", "/clear", "/save", "/set"};
  EXPECT_EQ(nearestWord("/hepl", words), "/help");
  EXPECT_EQ(nearestWord("/sav", words), "/save");
  EXPECT_EQ(nearestWord("/se", words), "/set");
  EXPECT_EQ(nearestWord("/frobnicate", words), "");
  EXPECT_EQ(nearestWord("", words), "");
  EXPECT_EQ(nearestWord("/help", {}), "");
  EXPECT_EQ(nearestWord(std::string(1 << 20, 'x'), words), ""); // is not compared letter by letter
}

} // namespace
} // namespace osscc::rt
