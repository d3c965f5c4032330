// Who may ask: keys, hosts, origins.
#include "runtime/serve/Access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osscc::rt::serve {
namespace {

using testing::HasSubstr;

TEST(Keys, OneOfTheFileIsFoundByItsNumber) {
  Keys keys = *Keys::parse("# ours\n\nfirst\r\nsecond  \n", "keys");
  EXPECT_EQ(keys.find("Bearer first"), 1u);
  EXPECT_EQ(keys.find("bearer second"), 2u);
  for (const char *wrong : {"", "Bearer ", "Bearer", "first", "Basic first", "Bearer firs",
                            "Bearer firstfirst", "Bearer # ours", "Bearer first "})
    EXPECT_FALSE(keys.find(wrong)) << wrong;
}

TEST(Keys, WithoutAFileEverybodyMayAsk) {
  EXPECT_EQ(Keys().find(""), 0u);
}

TEST(Keys, AFileWithoutAKeyIsRefused) {
  auto none = Keys::parse("# nothing\n", "keys.txt");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("keys.txt"));
  EXPECT_FALSE(Keys::parse("two words\n", "keys.txt"));
}

TEST(Access, OnlyNumbersAreAddresses) {
  EXPECT_EQ(*numericAddress("localhost"), "127.0.0.1");
  EXPECT_EQ(*numericAddress("[::1]"), "::1");
  EXPECT_EQ(*numericAddress("0.0.0.0"), "0.0.0.0");
  EXPECT_FALSE(numericAddress("example.org"));
  EXPECT_FALSE(numericAddress(""));
}

TEST(Access, LoopbackIsAnAddressAndNoName) {
  EXPECT_TRUE(isLoopback("127.0.0.1"));
  EXPECT_TRUE(isLoopback("127.8.9.1"));
  EXPECT_TRUE(isLoopback("::1"));
  EXPECT_FALSE(isLoopback("127.evil.example"));
  EXPECT_FALSE(isLoopback("0.0.0.0"));
}

TEST(Access, AHostIsOneOfThisMachinesNames) {
  for (const char *own : {"localhost", "LocalHost:8080", "127.0.0.1:1", "[::1]:80", "[::1]", "::1"})
    EXPECT_TRUE(isOwnHost(own, "127.0.0.1")) << own;
  for (const char *other : {"", "evil.example", "localhost.evil.example", "127.evil.example:80",
                            "192.168.0.1", "[::1].evil.example"})
    EXPECT_FALSE(isOwnHost(other, "127.0.0.1")) << other;
}

TEST(Access, AnOriginIsItsOwnWithSchemeAndPort) {
  EXPECT_TRUE(isOwnOrigin("http://localhost:80", "localhost:80"));
  EXPECT_FALSE(isOwnOrigin("http://localhost:81", "localhost:80"));
  EXPECT_FALSE(isOwnOrigin("https://localhost:80", "localhost:80"));
  EXPECT_FALSE(isOwnOrigin("null", ""));
  EXPECT_FALSE(isOwnOrigin("http://", ""));
}

} // namespace
} // namespace osscc::rt::serve
