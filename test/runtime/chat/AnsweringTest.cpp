// An answer with thoughts, drawn from the hand-written model. Its ids are bytes, and so is the tag
// that ends thoughts: one that the model does not come to by itself.
#include "runtime/chat/Answering.h"

#include "runtime/chat/AnswerDraft.h"
#include "runtime/device/ThreadPool.h"
#include "runtime/model/Session.h"
#include "test/runtime/chat/AnswerTokenizer.h"
#include "test/runtime/chat/ToolFormats.h"
#include "test/runtime/model/FakeModel.h"
#include "test/runtime/tokenizer/TinyTokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osscc::rt {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;
using Ids = std::vector<int32_t>;
using Start = AnswerFormat::Start;

const Ids kPrompt = {0, 8};

/// What greedy sampling continues a text with.
Ids greedy(Ids text, size_t count) {
  Ids answer;
  while (answer.size() < count) {
    answer.push_back(test::expectedNext(text));
    text.push_back(answer.back());
  }
  return answer;
}

Ids joined(std::initializer_list<Ids> parts) {
  Ids all;
  for (const Ids &part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::string bytesOf(const Ids &ids) {
  return {ids.begin(), ids.end()};
}

struct AnsweringTest : testing::Test {
  Model model = *Model::load(test::fakeModule(), test::fakeWeights(), "fake");
  std::unique_ptr<ThreadPool> pool = *ThreadPool::create(1);
  Session session = *Session::create(model, *pool, {});
  flatbuffers::FlatBufferBuilder builder;
  std::optional<Tokenizer> tokenizer;
  GenerateOptions options{.sampler = {.temperature = 0}, .maxTokens = 16, .eos = {}};
  Sampler sampler{SamplerOptions{}};
  AnswerRequest request{.prompt = kPrompt};
  std::string content, reasoning;
  std::vector<int64_t> thought;
  Answer answer;

  void SetUp() override {
    session.addSequence();
    bundle::TokenizerT tables = osscc::test::tinyTokenizer({{'q', 'q'}}, {});
    builder.Finish(bundle::Tokenizer::Pack(builder, &tables));
    tokenizer =
        *Tokenizer::load(*flatbuffers::GetRoot<bundle::Tokenizer>(builder.GetBufferPointer()));
    request.format.style = AnswerFormat::Style::kTags;
    request.format.open = "<think>"; // which this vocabulary cannot say
    request.format.start = Start::kReasoning;
  }

  /// Makes an id the tag that ends thoughts.
  void closeBy(int32_t id) {
    request.format.close = std::string(1, char(id));
    request.close = {id};
  }

  Status draw() {
    AnswerSink sink;
    sink.content = [&](std::string_view text) {
      content += text;
      return Status();
    };
    sink.reasoning = [&](std::string_view text) {
      reasoning += text;
      return Status();
    };
    sink.thought = [&](int64_t tokens, double) { thought.push_back(tokens); };
    return drawAnswer(session, *tokenizer, sampler, options, request, sink, answer);
  }
};

/// An id that the model does not draw among its first `count`.
int32_t unusedIn(const Ids &drawn) {
  for (int32_t id = 1; id < test::kVocabulary; ++id)
    if (id != '\n' && std::find(drawn.begin(), drawn.end(), id) == drawn.end())
      return id;
  return -1;
}

TEST_F(AnsweringTest, PlainTextIsAllContent) {
  request.format = {};
  ASSERT_TRUE(draw());
  EXPECT_EQ(content, bytesOf(greedy(kPrompt, 16)));
  EXPECT_EQ(answer.message.content, content);
  EXPECT_EQ(answer.tokens, 16);
  EXPECT_EQ(answer.finish, Finish::kLength);
  EXPECT_THAT(thought, IsEmpty());
}

TEST_F(AnsweringTest, AConstraintHoldsWhatFollowsTheThoughts) {
  closeBy(unusedIn(greedy(kPrompt, 2)));
  request.budget = 2;
  AnswerConstraint constraint(*compileSchema(R"({"const":7})"),
                              TokenTrie::of(*tokenizer, test::kVocabulary), *tokenizer, {});
  request.constraint = &constraint;
  ASSERT_TRUE(draw()); // of the model's ids, white space alone may stand before the value
  EXPECT_EQ(answer.thoughts, 2);
  EXPECT_EQ(answer.finish, Finish::kLength);
  EXPECT_TRUE(content.find_first_not_of("\n\t") == content.npos) << content;
  EXPECT_FALSE(answer.isHeld);
}

TEST_F(AnsweringTest, ABudgetClosesTheThoughtsAndAnAnswerFollows) {
  for (int64_t budget : {0, 1, 4}) {
    Ids thoughts = greedy(kPrompt, size_t(budget));
    int32_t tag = unusedIn(thoughts);
    ASSERT_GT(tag, 0);
    closeBy(tag);
    request.budget = budget;
    answer = {};
    content.clear(), thought.clear();
    ASSERT_TRUE(draw());
    Ids text = joined({kPrompt, thoughts, request.close});
    Ids follows = greedy(text, size_t(16 - budget));
    text.insert(text.end(), follows.begin(), follows.end() - 1); // the last is not fed
    EXPECT_THAT(session.tokens(0), ElementsAreArray(text)) << budget;
    EXPECT_EQ(answer.thoughts, budget);
    EXPECT_EQ(answer.tokens, 16);
    EXPECT_FALSE(content.empty()) << budget;
    EXPECT_EQ(answer.message.content, content);
    EXPECT_EQ(answer.finish, Finish::kLength);
    if (budget == 0)
      EXPECT_THAT(thought, IsEmpty()); // there were none
    else
      EXPECT_THAT(thought, testing::ElementsAre(budget));
  }
}

TEST_F(AnsweringTest, ABudgetBeyondTheRoomKeepsAQuarterForTheAnswer) {
  request.budget = 1000;
  options.maxTokens = 8;
  closeBy(unusedIn(greedy(kPrompt, 6)));
  ASSERT_TRUE(draw());
  EXPECT_EQ(answer.thoughts, 6);
  EXPECT_EQ(answer.tokens, 8);
  EXPECT_FALSE(content.empty());
}

TEST_F(AnsweringTest, ABudgetBeyondTheContextKeepsAQuarterForTheAnswer) {
  request.budget = 1000;
  options.maxTokens.reset();
  int64_t room = test::kContext - int64_t(kPrompt.size()) - 1, most = room - room / 4;
  Ids thoughts = greedy(kPrompt, size_t(most));
  int32_t tag = unusedIn(thoughts);
  ASSERT_GT(tag, 0) << "the model draws every id: choose another prompt";
  closeBy(tag);
  ASSERT_TRUE(draw());
  EXPECT_EQ(answer.thoughts, most);
  EXPECT_EQ(answer.finish, Finish::kContext);
  EXPECT_FALSE(content.empty());
}

TEST_F(AnsweringTest, ATokenOfTheRoomIsTheAnswers) {
  request.budget = 1000;
  options.maxTokens = 1;
  closeBy(unusedIn({}));
  ASSERT_TRUE(draw());
  EXPECT_EQ(answer.thoughts, 0);
  EXPECT_EQ(answer.tokens, 1);
}

TEST_F(AnsweringTest, WithoutABudgetThoughtsMayTakeAllOfTheRoom) {
  closeBy(unusedIn(greedy(kPrompt, 5)));
  options.maxTokens = 5;
  ASSERT_TRUE(draw());
  EXPECT_EQ(answer.thoughts, 5);
  EXPECT_EQ(content, "");
  EXPECT_EQ(answer.message.reasoning, reasoning);
  EXPECT_THAT(thought, testing::ElementsAre(5));
}

TEST_F(AnsweringTest, AnEndAmongTheThoughtsIsNoEndWithABudget) {
  Ids first = greedy(kPrompt, 3);
  options.eos = {first[2]};
  Ids before(first.begin(), std::find(first.begin(), first.end(), first[2]));
  closeBy(unusedIn(first));
  ASSERT_TRUE(draw());
  EXPECT_EQ(answer.finish, Finish::kEnd);
  EXPECT_EQ(answer.tokens, int64_t(before.size()));
  request.budget = 10;
  answer = {};
  ASSERT_TRUE(draw());
  Ids closed = joined({kPrompt, before, request.close});
  EXPECT_THAT(
      std::vector(session.tokens(0).begin(), session.tokens(0).begin() + ptrdiff_t(closed.size())),
      ElementsAreArray(closed));
}

TEST_F(AnsweringTest, ATokenThatEndsATurnIsReadAndEnds) {
  request.format = {};
  Ids drawn = greedy(kPrompt, 6);
  request.turnEnds = {drawn[4]};
  ASSERT_TRUE(draw());
  EXPECT_EQ(answer.finish, Finish::kEnd);
  EXPECT_EQ(answer.tokens, std::find(drawn.begin(), drawn.end(), drawn[4]) - drawn.begin() + 1);
}

TEST_F(AnsweringTest, AStopStringEndsTheAnswerNotTheThoughts) {
  Ids thoughts = greedy(kPrompt, 4);
  closeBy(unusedIn(thoughts));
  request.budget = 4;
  request.stops = {bytesOf({thoughts[1]})};
  ASSERT_TRUE(draw());
  EXPECT_EQ(answer.thoughts, 4);
  EXPECT_EQ(content.find(request.stops[0]), std::string::npos);
}

TEST_F(AnsweringTest, WhatTheSinkRefusesIsAnError) {
  request.format = {};
  AnswerSink sink;
  sink.content = [](std::string_view) { return Status(fail(Code::kRuntime, "full")); };
  Status status = drawAnswer(session, *tokenizer, sampler, options, request, sink, answer);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "full");
}

TEST(AnswerDraftTest, NamesEachCallOfAList) {
  AnswerFormat format;
  format.calls = osscc::test::jsonCalls();
  format.tools = {"f", "g"};
  const Tokenizer &tokenizer = *osscc::test::answerTokenizer();
  auto parser = *AnswerParser::create(format, tokenizer);
  std::vector<std::string> names;
  AnswerSink sink{.content = {}, .reasoning = {}};
  sink.call = [&](const ToolCall &call) { names.push_back(std::string(call.name())); };
  AnswerRequest request{.prompt = kPrompt};
  Answer answer;
  AnswerDraft draft(tokenizer, *parser, request, sink, answer);
  draft.begin(100, {});
  for (int32_t id : osscc::test::answerTokenizer().ids(
           R"(<tool_call>[{"name":"f"},{"name":"g"},{"name":"f"}]</tool_call>)"))
    draft.take(id);
  EXPECT_THAT(names, testing::ElementsAre("f", "g", "f"));
}

} // namespace
} // namespace osscc::rt
