// The tokenizer of a .gguf file: what its metadata say of texts, tokens and ends.
#include "compiler/import/tokenizer/GgufTokenizer.h"

#include "compiler/import/tokenizer/Tokenizer.h"
#include "test/compiler/import/checkpoint/gguf/TinyGguf.h"
#include "test/compiler/import/tokenizer/EncodeWith.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

GgufFile fileOf(const TinyGguf &tiny) {
  return llvm::cantFail(GgufFile::read(tiny.write()));
}

/// The error that the file is refused with, or "accepted".
std::string refusal(const TinyGguf &tiny) {
  GgufFile file = fileOf(tiny);
  auto spec = readGgufTokenizer(file);
  return spec ? "accepted" : llvm::toString(spec.takeError());
}

TokenizerSpec specOf(const TinyGguf &tiny, Notes *notes = nullptr) {
  return llvm::cantFail(readGgufTokenizer(fileOf(tiny), notes));
}

std::vector<int32_t> encode(const TinyGguf &tiny, llvm::StringRef text, bool special = true) {
  auto imported = llvm::cantFail(importGgufTokenizer(fileOf(tiny), 12));
  return test::LaidTokenizer(*imported.tables).encode(text.str(), special);
}

TEST(GgufTokenizer, EncodesAsItsPreSays) {
  TinyGguf tiny;
  EXPECT_THAT(encode(tiny, "ab c12"), ElementsAre(5, 6, 4, 7, 8));
  EXPECT_THAT(encode(tiny, "a<s>b<t>"), ElementsAre(2, 0, 3, 9));
  EXPECT_THAT(encode(tiny, "a?!x", false), ElementsAre(2, 10)); // "!" is unused, "x" is no token
  tiny.set("tokenizer.ggml.add_bos_token", boolValue(true));
  EXPECT_THAT(encode(tiny, "ab"), ElementsAre(0, 5));
  EXPECT_THAT(specOf(tiny).prefix, ElementsAre(0));
  tiny.set("tokenizer.ggml.add_eos_token", boolValue(true));
  EXPECT_THAT(specOf(tiny).suffix, ElementsAre(1));
}

TEST(GgufTokenizer, SplitsAsItsPreSays) {
  TinyGguf tiny;
  EXPECT_THAT(specOf(tiny).splits, ElementsAre("\\p{Digits}", HasSubstr("'s|'t|'re")));
  TokenizerSpec llama = specOf(tiny.set("tokenizer.ggml.pre", textValue("llama-bpe")));
  EXPECT_THAT(llama.splits, ElementsAre(HasSubstr("\\p{N}{1,3}|")));
  EXPECT_TRUE(llama.wholePieces);
  EXPECT_THAT(llama.prefix, ElementsAre(0));
  EXPECT_TRUE(specOf(tiny.set("tokenizer.ggml.pre", textValue("qwen2"))).frame.nfc);
  TokenizerSpec o200k = specOf(tiny.set("tokenizer.ggml.pre", textValue("gpt-4o")));
  EXPECT_THAT(o200k.splits, ElementsAre(HasSubstr("[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*")));
  EXPECT_TRUE(o200k.wholePieces);
  EXPECT_TRUE(o200k.prefix.empty());
  EXPECT_THAT(specOf(tiny.set("tokenizer.ggml.pre", textValue("gpt-2"))).splits,
              ElementsAre(HasSubstr("'s|'t|'re")));
}

TEST(GgufTokenizer, TypesAreNatures) {
  TinyGguf tiny; // "<s>" and "</s>" are control tokens, "<t>" is user-defined
  EXPECT_THAT(encode(tiny, "<s>b<t>", false), ElementsAre(3, 9)); // "<" and "s" are no tokens
  test::LaidTokenizer tokenizer(*llvm::cantFail(importGgufTokenizer(fileOf(tiny), 12)).tables);
  EXPECT_EQ(tokenizer.decode({0, 2, 9, 3}, false), "a<t>b");
  EXPECT_TRUE(tokenizer.isSpecial(0));
  EXPECT_FALSE(tokenizer.isSpecial(9));
}

/// A value of the metadata as a .gguf file has it.
std::string valueOf(const llvm::json::Value &value) {
  if (auto text = value.getAsString())
    return textValue(*text);
  if (auto truth = value.getAsBoolean())
    return boolValue(*truth);
  const llvm::json::Array &list = *value.getAsArray();
  bool isText = list.front().getAsString().has_value();
  bool isWhole =
      llvm::all_of(list, [](const auto &item) { return item.getAsInteger().has_value(); });
  std::string out = u32(9) + u32(isText ? 8 : isWhole ? 5 : 6) + u64(list.size());
  for (const llvm::json::Value &item : list)
    out += isText    ? text(*item.getAsString())
           : isWhole ? u32(uint32_t(*item.getAsInteger()))
                     : f32(float(*item.getAsNumber()));
  return out;
}

std::vector<int32_t> idsOf(const llvm::json::Value &value) {
  std::vector<int32_t> ids;
  for (const llvm::json::Value &id : *value.getAsArray())
    ids.push_back(int32_t(*id.getAsInteger()));
  return ids;
}

TEST(GgufTokenizer, AllTypesGiveTheIdsOfLlamaCpp) {
  auto buffer = llvm::MemoryBuffer::getFile(OSSCC_TEST_DATA "/tokenizer/gguf-added-tokens.json");
  llvm::json::Value golden = llvm::cantFail(llvm::json::parse((*buffer)->getBuffer()));
  size_t strings = 0;
  for (const llvm::json::Value &each : *golden.getAsArray()) {
    const llvm::json::Object &fields = *each.getAsObject();
    TinyGguf tiny;
    for (const auto &[key, value] : *fields.getObject("metadata"))
      tiny.set(llvm::StringRef(key), valueOf(value));
    test::LaidTokenizer tokenizer(*llvm::cantFail(importGgufTokenizer(fileOf(tiny), 1000)).tables);
    for (const llvm::json::Value &value : *fields.getArray("rows")) {
      const llvm::json::Array &row = *value.getAsArray();
      llvm::StringRef text = *row[0].getAsString();
      EXPECT_EQ(tokenizer.encode(text, false), idsOf(row[1])) << text.str();
      EXPECT_EQ(tokenizer.encode(text, true), idsOf(row[2])) << text.str();
      ++strings;
    }
    for (const llvm::json::Value &value : *fields.getArray("decoded")) {
      const llvm::json::Array &row = *value.getAsArray();
      EXPECT_EQ(tokenizer.decode(idsOf(row[0]), false), *row[1].getAsString());
    }
  }
  EXPECT_EQ(strings, 288u);
}

TEST(GgufTokenizer, WhatNoTextReachesIsLeftOutAndSaid) {
  TinyGguf tiny;
  tiny.set("tokenizer.ggml.tokens",
           textsValue({"<s>", "</s>", "a", "b", "", "ab", "<s>", "1", "b", "<t>", "?", "!"}))
      .set("tokenizer.ggml.token_type", i32sValue({3, 3, 1, 1, 3, 0, 3, 1, 1, 9, 1, 5}));
  Notes found;
  specOf(tiny, &found);
  std::vector<std::string> notes;
  for (const Note &note : found.all())
    notes.push_back(note.message);
  EXPECT_THAT(notes,
              ElementsAre(HasSubstr("token 0 \"<s>\" is reached by no text: token 6 has the same"),
                          HasSubstr("token 3 \"b\" is reached by no text: token 8 has the same"),
                          HasSubstr("token 4 \"\" is left out: it has no text"),
                          HasSubstr("token 5 \"ab\" is left out: its type is 0, expected 1 to 6"),
                          HasSubstr("token 9 \"<t>\" is left out: its type is 9")));
  // The merge of "ab" is left out with it.
  EXPECT_THAT(encode(tiny, "ab<s><t>1"), ElementsAre(2, 8, 6, 7));
  test::LaidTokenizer tokenizer(*llvm::cantFail(importGgufTokenizer(fileOf(tiny), 12)).tables);
  EXPECT_EQ(tokenizer.decode({0, 3, 9, 5}), "<s>b");
  EXPECT_TRUE(tokenizer.isSpecial(0));
}

TEST(GgufTokenizer, MergesByScore) {
  TinyGguf tiny;
  tiny.set("tokenizer.ggml.model", textValue("llama"))
      .set("tokenizer.ggml.tokens", textsValue({"<unk>", "<s>", "a", "b", "ab", "aba", "ba"}))
      .set("tokenizer.ggml.token_type", i32sValue({2, 3, 1, 1, 1, 1, 1}))
      .set("tokenizer.ggml.bos_token_id", u32Value(1));
  std::string scores = u32(9) + u32(6) + u64(7);
  for (float score : {0.f, 0.f, -1.f, -2.f, -4.f, -5.f, -3.f})
    scores += f32(score);
  tiny.set("tokenizer.ggml.scores", scores);
  TokenizerSpec spec = specOf(tiny);
  EXPECT_THAT(spec.merges, ElementsAre(testing::Pair("b", "a"), testing::Pair("a", "b"),
                                       testing::Pair("a", "ba"), testing::Pair("ab", "a")));
  EXPECT_EQ(spec.frame.spelling, Spelling::kCharacters);
  EXPECT_EQ(spec.unknown, "<unk>");
  EXPECT_EQ(spec.frame.spacePrefix, bundle::SpacePrefix::Each);
  EXPECT_THAT(spec.prefix, ElementsAre(1)); // begins unless the file says no
  EXPECT_THAT(refusal(tiny.set("tokenizer.ggml.scores", i32sValue({1}))),
              HasSubstr("has 1 elements, expected 7"));
}

TEST(GgufTokenizer, NamesWhatIsWrong) {
  auto with = [](llvm::StringRef key, std::string value = {}) {
    TinyGguf tiny;
    return refusal(tiny.set(key, std::move(value)));
  };
  EXPECT_THAT(with("tokenizer.ggml.model"),
              HasSubstr("tokenizer.ggml.model: error: the key is missing"));
  EXPECT_THAT(with("tokenizer.ggml.model", textValue("bert")),
              HasSubstr("\"bert\" is not supported"));
  EXPECT_THAT(with("tokenizer.ggml.pre"),
              HasSubstr("the key is missing, osscc knows smollm, starcoder"));
  EXPECT_THAT(with("tokenizer.ggml.pre", textValue("mystery")),
              HasSubstr("\"mystery\" is not known, osscc knows"));
  EXPECT_THAT(with("tokenizer.ggml.tokens"), HasSubstr("tokenizer.ggml.tokens: error"));
  EXPECT_THAT(with("tokenizer.ggml.tokens", textsValue({})), HasSubstr("has no elements"));
  EXPECT_THAT(with("tokenizer.ggml.token_type", i32sValue({1})),
              HasSubstr("has 1 elements, expected 12"));
  EXPECT_THAT(with("tokenizer.ggml.token_type", i32sValue(std::vector<int32_t>(12, 9))),
              HasSubstr("gives no token with a text a type"));
  EXPECT_THAT(with("tokenizer.ggml.merges"), HasSubstr("tokenizer.ggml.merges: error"));
  EXPECT_THAT(with("tokenizer.ggml.merges", u32Value(1)),
              HasSubstr("expected an array of strings"));
  EXPECT_THAT(with("tokenizer.ggml.merges", textsValue({"ab"})),
              HasSubstr("element 0 is \"ab\", expected \"left right\""));
  EXPECT_EQ(with("tokenizer.ggml.bos_token_id", u32Value(12)), "accepted");
  TinyGguf tiny;
  tiny.set("tokenizer.ggml.add_bos_token", boolValue(true));
  EXPECT_THAT(refusal(tiny.set("tokenizer.ggml.bos_token_id", u32Value(12))),
              HasSubstr("from 0 to 11, found 12"));
  for (std::string none : {u32Value(4294967295u), std::string()})
    EXPECT_THAT(refusal(tiny.set("tokenizer.ggml.bos_token_id", none)),
                HasSubstr("names no token, but"));
  EXPECT_THAT(with("tokenizer.ggml.eos_token_id", f32Value(1)),
              HasSubstr("expected an integer from 0 to 11, found 1"));
}

TEST(GgufTokenizer, FindsWhatEndsAnAnswer) {
  TinyGguf tiny;
  auto ends = [&] { return llvm::cantFail(readGgufEndTokens(fileOf(tiny))); };
  EXPECT_THAT(ends(), ElementsAre(1));
  tiny.set("tokenizer.ggml.eot_token_id", u32Value(9))
      .set("tokenizer.ggml.eom_token_id", u32Value(4294967295u))
      .set("tokenizer.ggml.fim_pad_token_id", u32Value(10));
  EXPECT_THAT(ends(), ElementsAre(1, 9, 10));
  tiny.set("tokenizer.ggml.eos_token_id", u32Value(12));
  EXPECT_THAT(llvm::toString(readGgufEndTokens(fileOf(tiny)).takeError()),
              HasSubstr("eos_token_id: error: expected an integer from 0 to 11, found 12"));
  tiny.set("tokenizer.ggml.eos_token_id").set("tokenizer.ggml.eot_token_id");
  tiny.set("tokenizer.ggml.tokens",
           textsValue({"<|eot_id|>", "x", "<|im_end|>", "<|fim_repo|>", "<reponame>"}));
  tiny.set("tokenizer.ggml.token_type", i32sValue({3, 3, 1, 4, 3}))
      .set("tokenizer.ggml.fim_pad_token_id");
  EXPECT_THAT(ends(), ElementsAre(3, 0, 2)); // of each role of code models one, of chat models all
  tiny.set("tokenizer.ggml.tokens", textsValue({"<|return|>", "<|call|>", "<|end|>"}));
  EXPECT_THAT(ends(),
              ElementsAre(0, 1)); // there a message ends with <|end|>, and answers have many
}

TEST(GgufTokenizer, AnEndIsAMarkerWhateverItsType) {
  TinyGguf tiny;
  tiny.set("tokenizer.ggml.token_type", i32sValue({3, 4, 1, 1, 1, 1, 1, 1, 1, 4, 1, 5}));
  EXPECT_THAT(encode(tiny, "</s>a", false), ElementsAre(2));
  EXPECT_THAT(encode(tiny, "</s>a"), ElementsAre(1, 2));
}

} // namespace
