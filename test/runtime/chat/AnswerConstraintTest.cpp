// Answers in each format, held to a schema: what is allowed, token by token.
#include "runtime/chat/AnswerConstraint.h"

#include "test/runtime/chat/AnswerTokenizer.h"

#include <gtest/gtest.h>

namespace osscc::rt {
namespace {

using Style = AnswerFormat::Style;
using Start = AnswerFormat::Start;

struct AnswerConstraintTest : testing::Test {
  const Tokenizer &tokenizer = *test::answerTokenizer();
  std::unique_ptr<AnswerParser> parser;
  std::optional<AnswerConstraint> constraint;

  void begin(const AnswerFormat &format, std::string_view schema, const char *end = "<|return|>") {
    parser = *AnswerParser::create(format, tokenizer);
    constraint.emplace(*compileSchema(schema), TokenTrie::of(tokenizer, int64_t(tokenizer.size())),
                       tokenizer, ids(end));
    constraint->begin(*parser);
  }

  static std::vector<int32_t> ids(std::string_view text) {
    return test::answerTokenizer().ids(text);
  }

  bool isAllowed(std::string_view token) {
    int32_t id = ids(token).at(0);
    return constraint->allowed(*parser)[size_t(id) / 64] >> (id % 64) & 1;
  }

  /// Takes tokens as long as they are allowed; returns how many.
  size_t take(std::string_view text) {
    size_t taken = 0;
    for (int32_t id : ids(text)) {
      if (!(constraint->allowed(*parser)[size_t(id) / 64] >> (id % 64) & 1))
        break;
      parser->feed(id);
      constraint->take(id, *parser);
      ++taken;
    }
    return taken;
  }
};

TEST_F(AnswerConstraintTest, HoldsAPlainAnswerFromItsBeginning) {
  begin({}, R"({"type":"integer"})");
  EXPECT_FALSE(isAllowed("x"));
  EXPECT_FALSE(isAllowed("<think>"));
  EXPECT_FALSE(isAllowed("<|return|>"));
  EXPECT_EQ(take("12"), 2u);
  EXPECT_TRUE(constraint->isWhole());
  EXPECT_TRUE(isAllowed("<|return|>"));
  EXPECT_FALSE(isAllowed("<|end|>")); // a marker is no text
  EXPECT_FALSE(isAllowed("x"));
}

TEST_F(AnswerConstraintTest, LeavesThoughtsFreeButForAnEnd) {
  begin({.style = Style::kTags, .open = "<think>", .close = "</think>"}, R"({"const":1})");
  EXPECT_TRUE(isAllowed("<think>"));
  EXPECT_TRUE(isAllowed("1")); // an answer without thoughts
  EXPECT_FALSE(isAllowed("x"));
  EXPECT_EQ(take("<think>free {"), 7u);
  EXPECT_TRUE(isAllowed("x"));
  EXPECT_FALSE(isAllowed("<|return|>"));
  EXPECT_FALSE(constraint->isWhole());
  EXPECT_EQ(take("</think>"), 1u);
  EXPECT_FALSE(isAllowed("x"));
  EXPECT_EQ(take("\n\n1"), 3u);
  EXPECT_TRUE(constraint->isWhole());
  EXPECT_TRUE(isAllowed("<|return|>"));
}

TEST_F(AnswerConstraintTest, SpellsTagsThatAreNoTokens) {
  begin({.style = Style::kTags, .open = "(t", .close = "t)"}, R"({"const":"t"})");
  EXPECT_TRUE(isAllowed("("));
  EXPECT_EQ(take("("), 1u);
  EXPECT_FALSE(isAllowed("\"")); // half a tag is no beginning of an answer
  EXPECT_TRUE(isAllowed("t"));
  EXPECT_EQ(take("tany\"t)"), 7u);
  EXPECT_FALSE(isAllowed("a"));
  EXPECT_EQ(take("\"t\""), 3u);
  EXPECT_TRUE(constraint->isWhole());
}

TEST_F(AnswerConstraintTest, BeginsWhereThePromptLeavesOff) {
  AnswerFormat format{.style = Style::kTags, .open = "<think>", .close = "</think>"};
  format.start = Start::kAnswer;
  begin(format, "true");
  EXPECT_FALSE(isAllowed("x"));
  format.start = Start::kReasoning;
  begin(format, "true");
  EXPECT_TRUE(isAllowed("x"));
}

TEST_F(AnswerConstraintTest, HoldsTheFinalChannelOfHarmony) {
  begin({.style = Style::kHarmony}, R"({"type":"boolean"})");
  EXPECT_FALSE(isAllowed("<|return|>"));
  std::string thought = "<|channel|>analysis<|message|>free<|end|><|start|>assistant";
  EXPECT_EQ(take(thought), ids(thought).size());
  EXPECT_FALSE(isAllowed("<|return|>"));
  EXPECT_EQ(take("<|channel|>final<|message|>"), 7u);
  EXPECT_FALSE(isAllowed("x"));
  EXPECT_FALSE(isAllowed("<|end|>"));
  EXPECT_EQ(take("true"), 4u);
  EXPECT_TRUE(isAllowed("<|return|>"));
  EXPECT_FALSE(isAllowed("<|start|>"));
}

TEST_F(AnswerConstraintTest, BeginsAnewWithEachAnswer) {
  begin({}, R"({"const":1})");
  EXPECT_EQ(take("1"), 1u);
  parser = *AnswerParser::create({}, tokenizer);
  constraint->begin(*parser);
  EXPECT_FALSE(constraint->isWhole());
  EXPECT_EQ(take("1"), 1u);
}

} // namespace
} // namespace osscc::rt
