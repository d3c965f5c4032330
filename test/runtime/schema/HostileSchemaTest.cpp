// Schemas that would take all time or memory end in an error, soon.
#include "test/runtime/schema/Texts.h"

#include <fmt/format.h>

#include <chrono>

namespace osscc::rt {
namespace {

/// Compiles and expects an error within seconds.
std::string refusedSoon(const std::string &schema) {
  auto begin = std::chrono::steady_clock::now();
  std::string message = test::refusal(schema);
  EXPECT_NE(message, "taken");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
  return message;
}

std::string repeated(const std::string &text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += (i ? "," : "") + text;
  return all;
}

TEST(HostileSchema, NestedTooDeep) {
  std::string schema = "true";
  for (int i = 0; i < 65; ++i)
    schema = R"({"items":)" + schema + "}";
  EXPECT_NE(refusedSoon(schema).find("the schema is nested deeper than 64"), std::string::npos);
  refusedSoon(std::string(100'000, '['));
}

TEST(HostileSchema, TooLarge) {
  EXPECT_EQ(refusedSoon(std::string(2 << 20, ' ')),
            "schema #: 2097152 bytes are more than the 1048576 that are read");
}

TEST(HostileSchema, ReferencesThatLeadOn) {
  std::string defs;
  for (int i = 0; i < 5000; ++i)
    defs += fmt::format(R"("d{}":{{"$ref":"#/$defs/d{}"}},)", i, i + 1);
  EXPECT_NE(refusedSoon(R"({"$ref":"#/$defs/d0","$defs":{)" + defs + R"("d5000":{}}})")
                .find("more than 200 times"),
            std::string::npos);
}

TEST(HostileSchema, AlternativesThatMultiply) {
  std::string any =
      R"({"anyOf":[{"properties":{"a":{"minimum":1}}},{"properties":{"b":{"minimum":2}}},{"required":["c"]}]})";
  refusedSoon(R"({"allOf":[)" + repeated(any, 40) + "]}");
  std::string branch = R"({"properties":{"a":{"minimum":1},"b":{"minimum":2},"c":{"minimum":3}}})";
  refusedSoon(R"({"oneOf":[)" + repeated(branch, 30) + "]}");
}

TEST(HostileSchema, ConjunctionsThatMultiply) {
  // Each level asks for both of two schemas in a new combination.
  std::string defs, all;
  for (int i = 0; i < 18; ++i)
    defs += fmt::format(
        R"("d{0}":{{"properties":{{"x":{{"$ref":"#/$defs/d{1}"}},"y":{{"allOf":[{{"$ref":"#/$defs/d{1}"}},
      {{"$ref":"#/$defs/d{2}"}}]}}}}}},)",
        i, (i + 1) % 18, (i * 5 + 2) % 18);
  refusedSoon(R"({"$ref":"#/$defs/d0","$defs":{)" + defs + R"("z":{}}})");
}

TEST(HostileSchema, CountsThatAreHuge) {
  EXPECT_TRUE(test::takes(R"({"type":"array","maxItems":1000000000})", "[1]"));
  EXPECT_TRUE(test::takes(R"({"type":"string","maxLength":1e300})", "\"a\""));
  refusedSoon(R"({"type":"string","pattern":"a","maxLength":1000000000})");
  refusedSoon(R"({"type":"array","contains":{"type":"null"},"maxItems":1000000000})");
  refusedSoon(R"({"maximum":1e999})");
  refusedSoon(R"({"minimum":1e30})");
}

TEST(HostileSchema, PatternsThatMultiply) {
  std::string patterns;
  for (int i = 0; i < 20; ++i)
    patterns += fmt::format(R"({}"{}":{{"minimum":{}}})", i ? "," : "", char('a' + i), i);
  refusedSoon(R"({"patternProperties":{)" + patterns + "}}");
}

TEST(HostileSchema, ManyMembersAreFine) {
  std::string members;
  for (int i = 0; i < 2000; ++i)
    members += fmt::format(R"({}"m{}":{{"type":"integer"}})", i ? "," : "", i);
  EXPECT_TRUE(test::takes(R"({"type":"object","properties":{)" + members +
                              R"(},"additionalProperties":false})",
                          R"({"m7":1,"m1999":2})"));
}

} // namespace
} // namespace osscc::rt
