// The natures of added tokens, from tokenizer.json to ids and back: as the tokenizers package has
// them, and what no text reaches is said.
#include "compiler/import/tokenizer/HuggingFace.h"
#include "compiler/import/tokenizer/Tables.h"
#include "test/compiler/import/tokenizer/EncodeWith.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace llvm;
using osscc::test::LaidTokenizer;
using testing::ElementsAre;
using testing::HasSubstr;
using Ids = std::vector<int32_t>;

namespace {

json::Value readGolden() {
  auto buffer = MemoryBuffer::getFile(OSSCC_TEST_DATA "/tokenizer/added-tokens.json");
  return cantFail(json::parse((*buffer)->getBuffer()));
}

Ids idsOf(const json::Value &value) {
  Ids ids;
  for (const json::Value &id : *value.getAsArray())
    ids.push_back(int32_t(*id.getAsInteger()));
  return ids;
}

struct AddedTokens : testing::Test {
  json::Value golden = readGolden();
  osscc::Notes found;
  std::vector<std::string> notes; ///< Of `found`, as they are printed.

  LaidTokenizer laid(StringRef base, json::Array added, uint64_t rows = 1000) {
    json::Object root = *golden.getAsObject()->getObject("bases")->getObject(base);
    root["added_tokens"] = std::move(added);
    auto spec = cantFail(osscc::readTokenizerJson("t.json", root));
    auto tables = cantFail(osscc::layTokenizer(spec, rows, &found));
    for (const osscc::Note &note : found.all())
      notes.push_back(note.where + ": " + note.message);
    return LaidTokenizer(*tables);
  }
  static json::Value token(StringRef text, int64_t id,
                           std::initializer_list<StringRef> flags = {}) {
    json::Object out{{"content", text}, {"id", id}};
    for (StringRef flag : flags)
      out[flag] = true;
    return out;
  }
};

TEST_F(AddedTokens, AllNaturesGiveTheIdsOfTheReference) {
  size_t strings = 0;
  for (const json::Value &value : *golden.getAsObject()->getArray("cases")) {
    const json::Object &each = *value.getAsObject();
    StringRef base = *each.getString("base");
    LaidTokenizer tokenizer = laid(base, *each.getArray("added"));
    std::string where = formatv("{0} {1}", base, *each.get("added")).str();
    for (const json::Value &row : *each.getArray("rows")) {
      const json::Array &fields = *row.getAsArray();
      StringRef text = *fields[0].getAsString();
      EXPECT_EQ(tokenizer.encode(text, false), idsOf(fields[1])) << text.str() << " in " << where;
      EXPECT_EQ(tokenizer.encode(text, true), idsOf(fields[2])) << text.str() << " in " << where;
      ++strings;
    }
    for (const json::Value &row : *each.getArray("decoded")) {
      const json::Array &fields = *row.getAsArray();
      EXPECT_EQ(tokenizer.decode(idsOf(fields[0]), false), *fields[1].getAsString()) << where;
    }
  }
  EXPECT_GE(strings, 700u);
}

TEST_F(AddedTokens, WordsAreShownAndMarkersAreNot) {
  LaidTokenizer tokenizer =
      laid("bytes", json::Array{token("<|stop|>", 300, {"special"}), token("<think>", 301)});
  EXPECT_EQ(tokenizer.encode("a<|stop|><think>b", true), (Ids{'a', 300, 301, 'b'}));
  EXPECT_EQ(tokenizer.decode({'a', 300, 301, 'b'}, false), "a<think>b");
  EXPECT_EQ(tokenizer.decode({'a', 300, 301, 'b'}), "a<|stop|><think>b");
  EXPECT_THAT(tokenizer.encode("<think>", false), ElementsAre(301));
  EXPECT_EQ(tokenizer.encode("<|stop|>", false).size(), 7u); // "<|" is a piece
  EXPECT_TRUE(notes.empty());
}

TEST_F(AddedTokens, AMarkerIsOneByItsIdNotByItsText) {
  LaidTokenizer tokenizer =
      laid("bytes", json::Array{token("<x>", 300, {"special"}), token("<y>", 301)});
  EXPECT_TRUE(tokenizer.isSpecial(300));
  EXPECT_FALSE(tokenizer.isSpecial(301));
  EXPECT_FALSE(tokenizer.isSpecial('x'));
  EXPECT_FALSE(tokenizer.isSpecial(-1));
  EXPECT_FALSE(tokenizer.isSpecial(100000));
}

TEST_F(AddedTokens, NormalizedMarkersOfTheTemplateStandInMixedText) {
  for (StringRef base : {"bytes", "composed", "prepended", "first"}) {
    LaidTokenizer tokenizer =
        laid(base, json::Array{token("<\u00e9>", 400, {"special", "normalized"})});
    auto count = [&](const std::vector<std::pair<std::string, bool>> &parts) {
      Ids ids = tokenizer.encodeParts(parts);
      return std::count(ids.begin(), ids.end(), 400);
    };
    EXPECT_EQ(count({{"hi <\u00e9>", true}, {"a <\u00e9> b", false}, {" <\u00e9>", true}}), 2)
        << base.str();
    EXPECT_EQ(count({{"<\u00e9>", true}, {"\u0301 a", false}}), 1) << base.str();
  }
}

TEST_F(AddedTokens, WhatNoTextReachesIsLeftOutAndSaid) {
  LaidTokenizer tokenizer =
      laid("bytes",
           json::Array{token("<far>", 1000), token("", 300), token("<x>", 301), token("<x>", 301),
                       token("<x>", 302, {"special"}), token("<y>", 301), token("a", 7),
                       token("b", 'b')},
           1000);
  EXPECT_THAT(tokenizer.encode("<x>", false), ElementsAre(301));
  EXPECT_EQ(tokenizer.encode("<far>", true).size(), 5u);
  EXPECT_EQ(tokenizer.encode("<y>", true).size(), 3u);
  ASSERT_EQ(notes.size(), 6u);
  EXPECT_EQ(notes[0], "t.json: added_tokens[0]: the added token \"<far>\" is left out, no text "
                      "reaches it: its id is beyond the rows of the embedding table");
  EXPECT_THAT(notes[1], HasSubstr("added_tokens[1]: the added token \"\""));
  EXPECT_THAT(notes[1], HasSubstr("it has no text"));
  EXPECT_THAT(notes[2], HasSubstr("its text stands there twice"));
  EXPECT_THAT(notes[3], HasSubstr("added_tokens[4]"));
  EXPECT_THAT(notes[4], HasSubstr("its id is that of another token"));
  EXPECT_THAT(notes[5], HasSubstr("gets the id "));
}

TEST_F(AddedTokens, ManyNotesAreCounted) {
  json::Array added;
  for (int i = 0; i < 100; ++i)
    added.push_back(token("<far" + std::to_string(i) + ">", 5000 + i));
  laid("bytes", std::move(added));
  EXPECT_EQ(notes.size(), osscc::Notes::kMost);
  EXPECT_EQ(found.more(), 100 - osscc::Notes::kMost);
}

} // namespace
