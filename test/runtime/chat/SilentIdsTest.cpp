#include "runtime/chat/SilentIds.h"

#include "test/runtime/chat/AnswerTexts.h"

using namespace osscc;
using namespace osscc::rt;

namespace {

TEST(SilentIds, AreThoseWithoutAText) {
  const Tokenizer &tokenizer = *test::answerTokenizer();
  auto size = int32_t(tokenizer.size());
  int32_t reserved = test::answerTokenizer().ids("<|reserved_1|>")[0];
  std::vector<IdRange> expected{{reserved, reserved + 1}};
  EXPECT_EQ(silentIds(tokenizer, size, {}), expected);
  expected.push_back({size, size + 10});
  EXPECT_EQ(silentIds(tokenizer, size + 10, {}), expected);
  // What ends an answer stays.
  EXPECT_EQ(silentIds(tokenizer, size + 10, std::vector{reserved, size + 3}),
            (std::vector<IdRange>{{size, size + 3}, {size + 4, size + 10}}));
}

TEST(SilentIds, AreTheHolesToo) {
  auto tables = test::tinyTokenizer({{'a', 'a'}}, {"<s>"});
  tables.ends.insert(tables.ends.end() - 1, 3, tables.ends.end()[-2]);
  tables.verbatim->ids[0] += 3;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(bundle::Tokenizer::Pack(builder, &tables));
  auto tokenizer =
      Tokenizer::load(*flatbuffers::GetRoot<bundle::Tokenizer>(builder.GetBufferPointer()));
  EXPECT_EQ(silentIds(*tokenizer, 261, {}), (std::vector<IdRange>{{257, 260}}));
}

} // namespace
