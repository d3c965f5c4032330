// The tokenizer of a .gguf file: the value that tokenizer.json would hold.
#include "compiler/import/tokenizer/GgufTokenizer.h"

#include "test/compiler/import/checkpoint/gguf/TinyGguf.h"
#include "test/compiler/import/tokenizer/EncodeWith.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

GgufFile fileOf(const TinyGguf &tiny) {
  return llvm::cantFail(GgufFile::read(tiny.write()));
}

/// The value as JSON, or its error.
std::string valueOf(const TinyGguf &tiny) {
  GgufFile file = fileOf(tiny);
  auto value = readGgufTokenizer(file);
  if (!value)
    return llvm::toString(value.takeError());
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(*value));
  return text;
}

std::vector<int32_t> encode(const TinyGguf &tiny, llvm::StringRef text, bool special = true) {
  auto tables = llvm::cantFail(importGgufTokenizer(fileOf(tiny), 12));
  return test::LaidTokenizer(*tables).encode(text.str(), special);
}

TEST(GgufTokenizer, EncodesAsItsPreSays) {
  TinyGguf tiny;
  EXPECT_THAT(encode(tiny, "ab c12"), ElementsAre(5, 6, 4, 7, 8));
  EXPECT_THAT(encode(tiny, "a<s>b<t>"), ElementsAre(2, 0, 3, 9));
  EXPECT_THAT(encode(tiny, "a?!x", false), ElementsAre(2, 10)); // "!" is unused, "x" is no token
  tiny.set("tokenizer.ggml.add_bos_token", boolValue(true));
  EXPECT_THAT(encode(tiny, "ab"), ElementsAre(0, 5));
  EXPECT_THAT(llvm::cantFail(importGgufTokenizer(fileOf(tiny), 12))->prefix, ElementsAre(0));
  tiny.set("tokenizer.ggml.add_eos_token", boolValue(true));
  EXPECT_THAT(llvm::cantFail(importGgufTokenizer(fileOf(tiny), 12))->suffix, ElementsAre(1));
}

TEST(GgufTokenizer, GivesTheValuesOfHuggingFace) {
  TinyGguf tiny;
  EXPECT_THAT(valueOf(tiny),
              HasSubstr(R"("pretokenizers":[{"individual_digits":true,"type":"Digits"},)"));
  EXPECT_THAT(valueOf(tiny), HasSubstr(R"("post_processor":null)"));
  EXPECT_THAT(
      valueOf(tiny),
      HasSubstr(
          R"("content":"<t>","id":9,"lstrip":false,"normalized":false,"rstrip":false,"single_word":false,"special":false)"));
  std::string llama = valueOf(tiny.set("tokenizer.ggml.pre", textValue("llama-bpe")));
  EXPECT_THAT(llama, HasSubstr(R"(\\p{N}{1,3}|)"));
  EXPECT_THAT(llama, HasSubstr(R"("ignore_merges":true)"));
  EXPECT_THAT(llama, HasSubstr(R"("single":[{"SpecialToken":{"id":"<s>","type_id":0}},)"));
  std::string qwen = valueOf(tiny.set("tokenizer.ggml.pre", textValue("qwen2")));
  EXPECT_THAT(qwen, HasSubstr(R"("normalizer":{"type":"NFC"})"));
  EXPECT_THAT(valueOf(tiny.set("tokenizer.ggml.pre", textValue("gpt-2"))),
              HasSubstr(R"("use_regex":true}],"type":"Sequence")"));
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
  std::string value = valueOf(tiny);
  EXPECT_THAT(value, HasSubstr(R"("merges":[["b","a"],["a","b"],["a","ba"],["ab","a"]])"));
  EXPECT_THAT(value, HasSubstr(R"("byte_fallback":true)"));
  EXPECT_THAT(value, HasSubstr(R"("unk_token":"<unk>")"));
  EXPECT_THAT(value, HasSubstr(R"({"prepend":"▁","type":"Prepend"})"));
  EXPECT_THAT(value, HasSubstr(R"("SpecialToken":{"id":"<s>")")); // begins unless the file says no
  EXPECT_THAT(valueOf(tiny.set("tokenizer.ggml.scores", i32sValue({1}))),
              HasSubstr("has 1 elements, expected 7"));
}

TEST(GgufTokenizer, NamesWhatIsWrong) {
  auto with = [](llvm::StringRef key, std::string value = {}) {
    TinyGguf tiny;
    return valueOf(tiny.set(key, std::move(value)));
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
  EXPECT_THAT(with("tokenizer.ggml.token_type", i32sValue({3, 3, 1, 1, 1, 1, 1, 1, 1, 4, 1, 7})),
              HasSubstr("element 11 is 7, expected 1 to 6"));
  EXPECT_THAT(with("tokenizer.ggml.merges"), HasSubstr("tokenizer.ggml.merges: error"));
  EXPECT_THAT(with("tokenizer.ggml.merges", u32Value(1)),
              HasSubstr("expected an array of strings"));
  EXPECT_THAT(with("tokenizer.ggml.bos_token_id", u32Value(12)), testing::Not(HasSubstr("error")));
  TinyGguf tiny;
  tiny.set("tokenizer.ggml.add_bos_token", boolValue(true));
  EXPECT_THAT(valueOf(tiny.set("tokenizer.ggml.bos_token_id", u32Value(12))),
              HasSubstr("from 0 to 11, found 12"));
  EXPECT_THAT(valueOf(tiny.set("tokenizer.ggml.bos_token_id")), HasSubstr("is missing, but"));
  EXPECT_THAT(with("tokenizer.ggml.tokens",
                   textsValue({"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "a", "k"})),
              HasSubstr("\"a\" is given twice, the second time as element 10"));
}

TEST(GgufTokenizer, BoundsSpecialTokens) {
  std::vector<std::string> texts;
  for (int i = 0; i < 65'537; ++i)
    texts.push_back("t" + std::to_string(i));
  TinyGguf tiny;
  tiny.set("tokenizer.ggml.tokens", textsValue(texts))
      .set("tokenizer.ggml.token_type", i32sValue(std::vector<int32_t>(texts.size(), 4)));
  EXPECT_THAT(valueOf(tiny), HasSubstr("names more than 65536 special tokens"));
}

TEST(GgufTokenizer, FindsWhatEndsATurn) {
  TinyGguf tiny;
  auto ends = [&] { return llvm::cantFail(readGgufEndTokens(fileOf(tiny))); };
  EXPECT_THAT(ends(), ElementsAre(1));
  tiny.set("tokenizer.ggml.eot_token_id", u32Value(9))
      .set("tokenizer.ggml.eom_token_id", u32Value(1));
  EXPECT_THAT(ends(), ElementsAre(1, 9));
  tiny.set("tokenizer.ggml.eot_token_id");
  tiny.set("tokenizer.ggml.tokens", textsValue({"<|eot_id|>", "x", "<|im_end|>", "y"}));
  tiny.set("tokenizer.ggml.token_type", i32sValue({3, 3, 1, 1}));
  EXPECT_THAT(ends(), ElementsAre(1, 0)); // a text of an ordinary token ends nothing
}

} // namespace
