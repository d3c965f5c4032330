// Token ids as JSON.
#include "runtime/cli/Commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osscc::rt::cli {
namespace {

using testing::ElementsAre;

TEST(Ids, AreCheckedAgainstTheVocabulary) {
  EXPECT_THAT(*parseIds(" [1, 2,\n0]", "x", 3), ElementsAre(1, 2, 0));
  EXPECT_EQ(formatIds(std::vector<int32_t>{1, 2}), "[1,2]");
  EXPECT_EQ(formatIds({}), "[]");
  for (const char *wrong : {"", "[3]", "[-1]", "[1.0]", "[\"1\"]", "{}", "[1] 2", "[1"}) {
    auto ids = parseIds(wrong, "ids.json", 3);
    ASSERT_FALSE(ids) << wrong;
    EXPECT_THAT(ids.error().message, testing::StartsWith("ids.json: "));
    EXPECT_EQ(exitCode(ids.error().code), 1);
  }
}

} // namespace
} // namespace osscc::rt::cli
