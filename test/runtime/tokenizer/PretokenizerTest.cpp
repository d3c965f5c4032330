// The walk through a split automaton, on one written by hand: a+ over the symbols "other" and "a".
#include "runtime/tokenizer/Pretokenizer.h"
#include "runtime/bundle/TokenizerHash.h"
#include "test/runtime/tokenizer/TinyTokenizer.h"

#include <gtest/gtest.h>

using namespace osscc;
using namespace osscc::rt;
using Pieces = std::vector<std::string>;

namespace {

Result<Pretokenizer> load(const bundle::PretokenizerT &tables,
                          flatbuffers::FlatBufferBuilder &builder) {
  builder.Finish(bundle::Pretokenizer::Pack(builder, &tables));
  return Pretokenizer::load(
      *flatbuffers::GetRoot<bundle::Pretokenizer>(builder.GetBufferPointer()));
}

Pieces split(std::string_view text) {
  flatbuffers::FlatBufferBuilder builder;
  Pieces pieces;
  auto pretokenizer = load(*test::runsOfA(), builder);
  pretokenizer->split(text, [&](std::string_view piece) { pieces.emplace_back(piece); });
  return pieces;
}

TEST(Pretokenizer, MatchesAndGapsArePieces) {
  EXPECT_EQ(split("aab\u00e9ba"), (Pieces{"aa", "b\u00e9b", "a"}));
  EXPECT_EQ(split("aaa"), (Pieces{"aaa"}));
  EXPECT_EQ(split("\U0001F642"), (Pieces{"\U0001F642"}));
  EXPECT_EQ(split(""), Pieces{});
}

TEST(Pretokenizer, RefusesTablesThatLeadOutside) {
  auto isRefused = [](auto damage) {
    flatbuffers::FlatBufferBuilder builder;
    auto tables = test::runsOfA();
    damage(*tables);
    auto loaded = load(*tables, builder);
    return !loaded && loaded.error().code == Code::kDataDamaged;
  };
  using T = bundle::PretokenizerT;
  EXPECT_FALSE(isRefused([](T &) {}));
  EXPECT_TRUE(isRefused([](T &t) { t.blocks.pop_back(); }));
  EXPECT_TRUE(isRefused([](T &t) { t.blocks[5] = 2; }));
  EXPECT_TRUE(isRefused([](T &t) { t.symbols.resize(100); }));
  EXPECT_TRUE(isRefused([](T &t) { t.symbols[7] = 2; }));
  EXPECT_TRUE(isRefused([](T &t) { t.symbol_count = 300; }));
  EXPECT_TRUE(isRefused([](T &t) { t.stages[0]->cells[4] = 3; }));
  EXPECT_TRUE(isRefused([](T &t) { t.stages[0]->cells.pop_back(); }));
  EXPECT_TRUE(isRefused([](T &t) { t.stages[0]->cells.clear(); }));
  // From the end of the text on there is nothing to read.
  EXPECT_TRUE(isRefused([](T &t) { t.stages[0]->cells[5] = 2; }));
}

} // namespace
