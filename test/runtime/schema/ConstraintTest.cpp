// The masks: a token is in one exactly if its bytes can be taken.
#include "runtime/schema/Constraint.h"

#include "runtime/schema/Steps.h"
#include "test/runtime/schema/Texts.h"

#include <random>

namespace osscc::rt {
namespace {

using schema::kDead;
using test::byteVocabulary;
using test::compiled;

const char *const kSchemas[] = {
    "true",
    R"({"type":"object","properties":{"name":{"type":"string","maxLength":7},"foo":{"type":"array","maxItems":3,
      "items":{"type":"integer","minimum":-3,"maximum":120}}},"required":["foo"]})",
    R"({"type":"array","items":{"anyOf":[{"type":"string","pattern":"^(foo|bar)*\u00e9?$"},{"enum":["name",12,[[]]]},
      {"type":"object","additionalProperties":{"type":"boolean"},"maxProperties":3}]}})",
    R"({"$ref":"#/$defs/t","$defs":{"t":{"type":["object","null"],"patternProperties":{"^.{0,3}$":{"$ref":"#/$defs/t"}},
      "additionalProperties":false}}})",
    R"({"type":"string","minLength":3,"maxLength":60})"};

/// A token is allowed exactly if a walk along its bytes ends somewhere.
void expectExact(Constraint &constraint, schema::Steps &steps, schema::StackId at) {
  auto mask = constraint.allowed();
  auto trie = byteVocabulary();
  for (int32_t id = 0; id < trie->vocabulary(); ++id)
    ASSERT_EQ(mask[size_t(id) / 64] >> (id % 64) & 1, steps.step(at, trie->piece(id)) != kDead)
        << trie->piece(id);
}

class Masks : public testing::TestWithParam<const char *> {};

TEST_P(Masks, AreExactAlongRandomTexts) {
  Schema schema = compiled(GetParam());
  auto trie = byteVocabulary();
  std::mt19937 random(7);
  for (int text = 0; text < 12; ++text) {
    Constraint constraint(schema, trie);
    schema::Steps steps(schema);
    schema::StackId at = steps.start();
    for (int step = 0; step < 40; ++step) {
      ASSERT_NO_FATAL_FAILURE(expectExact(constraint, steps, at));
      std::vector<int32_t> ids;
      auto mask = constraint.allowed();
      for (int32_t id = 0; id < trie->vocabulary(); ++id)
        if (mask[size_t(id) / 64] >> (id % 64) & 1)
          ids.push_back(id);
      EXPECT_EQ(constraint.mayEnd(), steps.isDone(at));
      if (ids.empty()) {
        EXPECT_TRUE(constraint.mayEnd()); // never a dead end
        break;
      }
      int32_t id = ids[random() % ids.size()];
      EXPECT_TRUE(constraint.take(id));
      at = steps.step(at, trie->piece(id));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Constraint, Masks, testing::ValuesIn(kSchemas));

TEST(Constraint, TakesWhatIsAllowedOnly) {
  auto trie = byteVocabulary();
  Constraint constraint(compiled(R"({"type":"integer"})"), trie);
  EXPECT_FALSE(constraint.take('x'));
  EXPECT_TRUE(constraint.take('1'));
  EXPECT_TRUE(constraint.mayEnd());
  EXPECT_TRUE(constraint.take('2')); // a number may go on
  constraint.restart();
  EXPECT_FALSE(constraint.mayEnd());
}

TEST(Constraint, EndsByAnIdOfTheVocabulary) {
  std::vector<std::string_view> pieces{"1", "", "x"}; // 1 ends
  auto trie = std::make_shared<const TokenTrie>(pieces);
  Constraint constraint(compiled(R"({"const":1})"), trie, {1, 99, -1});
  EXPECT_EQ(constraint.allowed()[0], 0b001u);
  EXPECT_FALSE(constraint.take(1));
  EXPECT_TRUE(constraint.take(0));
  EXPECT_EQ(constraint.allowed()[0], 0b010u);
  EXPECT_TRUE(constraint.take(1));
}

TEST(Constraint, KeepsItsPlaceWhenItForgets) {
  // Each key is a state of its own, so that what is known is thrown away now and then.
  Constraint constraint(compiled(R"({"type":"object","additionalProperties":{"type":"integer"}})"),
                        byteVocabulary());
  ASSERT_TRUE(constraint.takeText("{"));
  for (int i = 0; i < 600; ++i)
    ASSERT_TRUE(constraint.takeText(std::string(i ? "," : "") + "\"k" + std::to_string(i) +
                                    "\":" + std::to_string(i * 7919)));
  EXPECT_FALSE(constraint.takeText(",\"k5\""));
  EXPECT_TRUE(constraint.takeText(",\"k600\":1}"));
  EXPECT_TRUE(constraint.mayEnd());
}

TEST(TokenTrie, HoldsTokensOfEqualBytes) {
  std::vector<std::string_view> pieces{"ab", "a", "ab", "", "b"};
  TokenTrie trie(pieces);
  ASSERT_EQ(trie.nodes().size(), 3u); // a, ab, b
  EXPECT_EQ(trie.tokensOf(0).size(), 1u);
  ASSERT_EQ(trie.tokensOf(1).size(), 2u);
  EXPECT_EQ(trie.tokensOf(1)[1], 2);
  EXPECT_EQ(trie.nodes()[0].end, 2u);
  EXPECT_EQ(trie.piece(4), "b");
  EXPECT_EQ(trie.piece(5), "");
  EXPECT_EQ(trie.longest(), 2u);
}

} // namespace
} // namespace osscc::rt
