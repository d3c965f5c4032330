// Encoding, decoding and streaming over a tokenizer made by hand; test/compiler/import compares
// with the reference.
#include "runtime/tokenizer/Tokenizer.h"
#include "test/runtime/tokenizer/TinyTokenizer.h"

#include <gtest/gtest.h>

#include <random>

using namespace osscc;
using namespace osscc::rt;
using Ids = std::vector<int32_t>;

namespace {

// 256 "aa", 257 "aaaa", 258 "bc", 259 "bcd"; special texts in order of their bytes.
const std::vector<std::pair<uint32_t, uint32_t>> kMerges{
    {'a', 'a'}, {256, 256}, {'b', 'c'}, {258, 'd'}};
const std::vector<std::string> kSpecial{"<s", "<s>", "<sx>>", "\u00e9!"};
constexpr int32_t kS = 260, kClosed = 261, kLonger = 262, kAccent = 263;

struct Loaded {
  explicit Loaded(const bundle::TokenizerT &tables = test::tinyTokenizer(kMerges, kSpecial)) {
    builder.Finish(bundle::Tokenizer::Pack(builder, &tables));
    tokenizer =
        Tokenizer::load(*flatbuffers::GetRoot<bundle::Tokenizer>(builder.GetBufferPointer()));
  }
  Ids encode(std::string_view text, SpecialTokens special = SpecialTokens::kText) {
    return *tokenizer->encode(text, special);
  }
  flatbuffers::FlatBufferBuilder builder;
  Result<Tokenizer> tokenizer;
};

TEST(Tokenizer, LowestRankFirstLeftmostFirst) {
  Loaded t;
  EXPECT_EQ(t.encode("aaaaaaa"), (Ids{257, 256, 'a'}));
  EXPECT_EQ(t.encode("bcdc"), (Ids{259, 'c'}));
  EXPECT_EQ(t.encode(""), Ids{});
  // "a" and "bc" are pieces of their own.
  EXPECT_EQ(t.encode("abcaa"), (Ids{'a', 258, 256}));
}

TEST(Tokenizer, SpecialTokensAreTheLongestAtTheLeftmost) {
  Loaded t;
  EXPECT_EQ(t.encode("<s><s<sx>>\u00e9!<", SpecialTokens::kMatch),
            (Ids{kClosed, kS, kLonger, kAccent, '<'}));
  EXPECT_EQ(t.encode("<sx>", SpecialTokens::kMatch), (Ids{kS, 'x', '>'}));
  EXPECT_EQ(t.encode("<s>"), (Ids{'<', 's', '>'}));
  EXPECT_TRUE(t.tokenizer->isSpecial(kLonger));
  EXPECT_FALSE(t.tokenizer->isSpecial('a'));
  EXPECT_FALSE(t.tokenizer->isSpecial(-1));
}

TEST(Tokenizer, SpansBoundSpecialTokensButNotWords) {
  Loaded t;
  std::vector<TokenSpan> spans{{0, 2, true}, {2, 7, false}, {7, 11, true}};
  EXPECT_EQ(*t.tokenizer->encode("<s>aaaaaa<s", spans), (Ids{kS, '>', 257, 256, kS}));
  spans[1].begin = 1;
  EXPECT_EQ(t.tokenizer->encode("<s>aaaaaa<s", spans).error().code, Code::kRuntime);
}

TEST(Tokenizer, RefusesTextThatIsNotUtf8) {
  Loaded t;
  for (std::string_view text :
       {"a\xff", "a\xc0\x80", "a\xed\xa0\x80", "a\xf4\x90\x80\x80", "a\xe2\x82"}) {
    auto ids = t.tokenizer->encode(text, SpecialTokens::kText);
    ASSERT_FALSE(ids);
    EXPECT_TRUE(ids.error().message.starts_with("the text is not UTF-8: byte 1 is 0x"));
  }
}

TEST(Tokenizer, LongPiecesMergeAsShortOnes) {
  // A random vocabulary over "a", and the definition of byte-pair merging, step by step.
  std::mt19937 random(1);
  std::vector<std::pair<uint32_t, uint32_t>> merges{{'a', 'a'}};
  for (uint32_t next = 257; next < 300; ++next)
    merges.push_back(
        {random() % 4 ? 256 + random() % (next - 256) : 'a', 256 + random() % (next - 256)});
  Loaded t(test::tinyTokenizer(merges, {}));
  for (size_t length : {2, 40, 47, 48, 49, 50, 200, 1000}) {
    Ids expected(length, 'a');
    for (bool merged = true; merged;) {
      merged = false;
      for (uint32_t rank = 0; rank < merges.size() && !merged; ++rank)
        for (size_t i = 0; i + 1 < expected.size() && !merged; ++i)
          if (expected[i] == int32_t(merges[rank].first) &&
              expected[i + 1] == int32_t(merges[rank].second)) {
            expected[i] = 256 + int32_t(rank);
            expected.erase(expected.begin() + int64_t(i) + 1);
            merged = true;
          }
    }
    EXPECT_EQ(t.encode(std::string(length, 'a')), expected) << length;
  }
}

TEST(Detokenizer, HoldsBackHalfCharacters) {
  Loaded t;
  Detokenizer stream(*t.tokenizer);
  EXPECT_EQ(stream.feed(0xE2), "");
  EXPECT_EQ(stream.feed(0x82), "");
  EXPECT_EQ(stream.feed(0xAC), "\u20ac");
  EXPECT_EQ(stream.feed(0xF0), "");
  EXPECT_EQ(stream.feed('a'), "\uFFFD"
                              "a");
  EXPECT_EQ(stream.feed(0xFF), "\uFFFD");
  EXPECT_EQ(stream.feed(9999), "");
  EXPECT_EQ(stream.feed(0xE2), "");
  EXPECT_EQ(stream.finish(), "\uFFFD");
  EXPECT_EQ(stream.finish(), "");
}

TEST(Tokenizer, RefusesTablesThatLeadOutside) {
  auto isRefused = [](auto damage) {
    auto tables = test::tinyTokenizer(kMerges, kSpecial);
    damage(tables);
    Loaded t(tables);
    return !t.tokenizer && t.tokenizer.error().code == Code::kDataDamaged;
  };
  using T = bundle::TokenizerT;
  EXPECT_FALSE(isRefused([](T &) {}));
  EXPECT_TRUE(isRefused([](T &t) { t.pieces.pop_back(); }));
  EXPECT_TRUE(isRefused([](T &t) { t.ends[3] = 0; }));
  EXPECT_TRUE(isRefused([](T &t) { t.ends.clear(); }));
  EXPECT_TRUE(isRefused([](T &t) { t.byte_ids.pop_back(); }));
  EXPECT_TRUE(isRefused([](T &t) { t.byte_ids[9] = 264; }));
  EXPECT_TRUE(isRefused([](T &t) { t.merges[1] = {0, 264, 1}; }));
  EXPECT_TRUE(isRefused([](T &t) { t.merge_slots.assign(8, 0); }));
  EXPECT_TRUE(isRefused([](T &t) { t.merge_slots[0] = 4; }));
  EXPECT_TRUE(isRefused([](T &t) { t.whole_slots = {264, ~0u}; }));
  EXPECT_TRUE(isRefused([](T &t) { t.verbatim->ids[0] = 264; }));
  EXPECT_TRUE(isRefused([](T &t) { std::swap(t.verbatim->ids[0], t.verbatim->ids[1]); }));
  EXPECT_TRUE(isRefused([](T &t) { t.verbatim->flags = {0}; }));
  EXPECT_TRUE(isRefused([](T &t) { t.verbatim->ends = {1, 2, 3, 4}; }));
  EXPECT_TRUE(isRefused([](T &t) {
    t.verbatim->texts = {'a', 'b', 'c'};
    t.verbatim->ends = {1, 2, 3, 3};
  }));
  EXPECT_TRUE(isRefused([](T &t) {
    t.verbatim->ids = {260};
    t.verbatim->texts = {0xC3};
    t.verbatim->ends = {1};
  }));
  EXPECT_TRUE(isRefused([](T &t) { t.word_ranges = {1}; }));
  EXPECT_TRUE(isRefused([](T &t) { t.word_ranges = {2, 1}; }));
  EXPECT_TRUE(isRefused([](T &t) { t.hidden = {264}; }));
  EXPECT_TRUE(isRefused([](T &t) { t.prefix = {264}; }));
  EXPECT_TRUE(isRefused([](T &t) { t.suffix = {264}; }));
  EXPECT_TRUE(isRefused([](T &t) { t.pretokenizer.reset(); }));
}

} // namespace
