// SentencePiece's BPE, as Llama 2 and Mistral have it: ids equal to those of the tokenizers package
// 0.23 on the same vocabulary, and what does not fit together is refused.
#include "compiler/import/tokenizer/HuggingFace.h"
#include "compiler/import/tokenizer/Tables.h"
#include "support/Error.h"
#include "test/compiler/import/tokenizer/EncodeWith.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"
#include <gtest/gtest.h>

using namespace llvm;
using Ids = std::vector<int32_t>;

namespace {

/// Ids 0 to 2 special, 3 + byte the bytes, from 259: ▁ a b c é ▁a ab ▁ab ▁▁ \n.
json::Value tinyVocabulary() {
  json::Object vocabulary{{"<unk>", 0}, {"<s>", 1}, {"</s>", 2}};
  for (unsigned byte = 0; byte < 256; ++byte) {
    constexpr StringLiteral kDigits = "0123456789ABCDEF";
    std::string spelling = {'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'};
    vocabulary[spelling] = 3 + byte;
  }
  for (auto [i, piece] : enumerate(ArrayRef<StringRef>{"\u2581", "a", "b", "c", "\u00E9", "\u2581a",
                                                       "ab", "\u2581ab", "\u2581\u2581", "\n"}))
    vocabulary[piece] = int64_t(259 + i);
  return vocabulary;
}

struct CharacterTokenizer : testing::Test {
  json::Value file = cantFail(json::parse(R"({
    "added_tokens": [{"id": 0, "content": "<unk>", "normalized": false, "special": true},
                     {"id": 1, "content": "<s>", "normalized": false, "special": true},
                     {"id": 2, "content": "</s>", "normalized": false, "special": true}],
    "normalizer": {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "▁"},
        {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
    "pre_tokenizer": null,
    "decoder": {"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
        {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
    "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
              "merges": ["▁ ▁", "a b", "▁ ab", "▁ a"]}})"));

  CharacterTokenizer() { model()["vocab"] = tinyVocabulary(); }

  json::Object &root() { return *file.getAsObject(); }
  json::Object &model() { return *root().getObject("model"); }
  Expected<std::unique_ptr<osscc::bundle::TokenizerT>> import() {
    auto spec = osscc::readTokenizerJson("t.json", root());
    if (!spec)
      return spec.takeError();
    return osscc::layTokenizer(*spec, 300);
  }
  Ids encode(std::string_view text) {
    return osscc::test::LaidTokenizer(*cantFail(import())).encode(text, true);
  }
  std::string decode(const Ids &ids) {
    return osscc::test::LaidTokenizer(*cantFail(import())).decode(ids);
  }
  std::string refusal() {
    auto tables = import();
    std::string text = "accepted";
    if (!tables)
      handleAllErrors(tables.takeError(), [&](const osscc::InputError &error) {
        text = StringRef(error.where).split(": ").second.str() + ": " + error.message;
      });
    return text;
  }
  void setMetaspace(StringRef scheme) {
    root()["normalizer"] = nullptr;
    root()["pre_tokenizer"] = json::Object{{"type", "Metaspace"},
                                           {"replacement", "\u2581"},
                                           {"prepend_scheme", scheme},
                                           {"split", false}};
  }
};

TEST_F(CharacterTokenizer, ASpaceIsALetterAndBytesStandForTheRest) {
  EXPECT_EQ(encode("ab a"), (Ids{266, 264}));
  EXPECT_EQ(encode(""), Ids{});
  EXPECT_EQ(encode("  ab"), (Ids{267, 266}));
  EXPECT_EQ(encode("\u00E9\u00F1\n"), (Ids{259, 263, 198, 180, 268}));
  EXPECT_EQ(encode("a\u2581b"), (Ids{264, 259, 261})); // U+2581 is a space as well
}

TEST_F(CharacterTokenizer, PrependPutsASpaceBeforeEveryText) {
  EXPECT_EQ(encode("<s>a</s>"), (Ids{1, 264, 2}));
  EXPECT_EQ(encode(" </s>a"), (Ids{267, 2, 264}));
}

TEST_F(CharacterTokenizer, MetaspaceAddsNoneToATextThatHasOne) {
  setMetaspace("first");
  EXPECT_EQ(encode("a"), Ids{264});
  EXPECT_EQ(encode(" a"), Ids{264});
  EXPECT_EQ(encode("<s>a"), (Ids{1, 260}));
  EXPECT_EQ(encode("a</s>a"), (Ids{264, 2, 260}));
  setMetaspace("always");
  EXPECT_EQ(encode("<s>a"), (Ids{1, 264}));
  EXPECT_EQ(encode("a</s> a"), (Ids{264, 2, 264}));
  setMetaspace("never");
  EXPECT_EQ(encode("a"), Ids{260});
}

TEST_F(CharacterTokenizer, DecodingDropsTheFirstSpace) {
  EXPECT_EQ(decode({266, 264}), "ab a");
  EXPECT_EQ(decode({1, 264}), "<s> a");
  EXPECT_EQ(decode({198, 172, 259}), "\u00E9 "); // bytes that make up one character
  EXPECT_EQ(decode({267}), " ");
}

TEST_F(CharacterTokenizer, AMillionLettersMerge) {
  EXPECT_EQ(encode(std::string(1'000'000, ' ')).size(), 500'001u);
}

TEST_F(CharacterTokenizer, RefusesWhatDoesNotFitTogether) {
  json::Value whole = file;
  model()["byte_fallback"] = false;
  EXPECT_EQ(refusal(), "model.byte_fallback: does not fit the decoder");
  file = whole;
  model().getObject("vocab")->erase("<0x0A>");
  EXPECT_EQ(refusal(), "model.vocab: lacks the byte \"<0x0A>\"");
  file = whole;
  root()["normalizer"] = nullptr;
  EXPECT_EQ(refusal(),
            "normalizer: expected a Replace of spaces by U+2581, after a Prepend or none");
  file = whole;
  root()
      .getObject("decoder")
      ->getArray("decoders")
      ->erase(root().getObject("decoder")->getArray("decoders")->begin());
  EXPECT_EQ(refusal(), "decoder: expected one of type 'ByteLevel', or Replace, ByteFallback, Fuse "
                       "and Strip of one space");
  file = whole;
  setMetaspace("first");
  root().getObject("pre_tokenizer")->operator[]("split") = true;
  EXPECT_EQ(refusal(), "pre_tokenizer.split: true is not implemented");
  root().getObject("pre_tokenizer")->operator[]("split") = false;
  root().getObject("pre_tokenizer")->operator[]("prepend_scheme") = "last";
  EXPECT_EQ(refusal(), "pre_tokenizer.prepend_scheme: 'last' is not implemented");
}

} // namespace
