// tokenizer.json to tables: what the runtime makes of them equals the reference, and what is not
// implemented is refused.
#include "compiler/import/tokenizer/Tokenizer.h"
#include "support/Error.h"
#include "test/compiler/import/tokenizer/EncodeWith.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <gtest/gtest.h>

using namespace llvm;
using osscc::test::LaidTokenizer;

namespace {

constexpr const char *kData = OSSCC_TEST_DATA "/tokenizer";

json::Value readData(StringRef name) {
  auto buffer = MemoryBuffer::getFile(std::string(kData) + "/" + name.str());
  return cantFail(json::parse((*buffer)->getBuffer()));
}

std::vector<int32_t> idsOf(const json::Value &value) {
  std::vector<int32_t> ids;
  for (const json::Value &id : *value.getAsArray())
    ids.push_back(int32_t(*id.getAsInteger()));
  return ids;
}

/// A folder with one tokenizer.json, gone at the end.
class Folder {
public:
  explicit Folder(const json::Value &tokenizer) {
    EXPECT_FALSE(sys::fs::createUniqueDirectory("osscc-tokenizer", path));
    std::error_code error;
    raw_fd_ostream((Twine(path) + "/tokenizer.json").str(), error) << tokenizer;
  }
  ~Folder() { sys::fs::remove_directories(path); }

  Expected<osscc::ImportedTokenizer> import(uint64_t rows = 1200) const {
    osscc::FolderJson folder(path);
    return osscc::importTokenizer(folder, rows);
  }

  SmallString<64> path;
};

/// The message and the place of the error that this tokenizer is refused with.
std::string refusal(const json::Value &tokenizer, uint64_t rows = 1200) {
  Folder folder(tokenizer);
  auto tables = folder.import(rows);
  if (tables)
    return "accepted";
  std::string text;
  handleAllErrors(tables.takeError(), [&](const osscc::InputError &error) {
    text = StringRef(error.where).split(".json: ").second.str() + ": " + error.message;
  });
  return text;
}

struct TokenizerImport : testing::Test {
  json::Value file = readData("tokenizer.json");

  json::Object &root() { return *file.getAsObject(); }
  json::Object &model() { return *root().getObject("model"); }
  json::Object &vocabulary() { return *model().getObject("vocab"); }
  json::Array &merges() { return *model().getArray("merges"); }
  json::Object &added(size_t i) { return *(*root().getArray("added_tokens"))[i].getAsObject(); }
  LaidTokenizer laid() { return LaidTokenizer(*cantFail(Folder(file).import()).tables); }
};

TEST_F(TokenizerImport, GivesTheIdsOfTheReference) {
  LaidTokenizer tokenizer = laid();
  json::Value golden = readData("golden.json");
  const json::Array &strings = *golden.getAsObject()->getArray("strings");
  ASSERT_EQ(strings.size(), 300u);
  for (const json::Value &value : strings) {
    const json::Array &row = *value.getAsArray();
    StringRef text = *row[0].getAsString();
    EXPECT_EQ(tokenizer.encode(text, false), idsOf(row[1])) << text.str();
    EXPECT_EQ(tokenizer.encode(text, true), idsOf(row[2].getAsNull() ? row[1] : row[2]))
        << text.str();
  }
}

TEST_F(TokenizerImport, DecodesAsTheReference) {
  LaidTokenizer tokenizer = laid();
  json::Value golden = readData("golden.json");
  for (const json::Value &value : *golden.getAsObject()->getArray("decoded")) {
    const json::Array &row = *value.getAsArray();
    EXPECT_EQ(tokenizer.decode(idsOf(row[0])), *row[1].getAsString());
  }
}

TEST_F(TokenizerImport, SpecialTokensMatchInTemplateSpansOnly) {
  LaidTokenizer tokenizer = laid();
  std::string start = "<|im_start|>", text = "hi<|im_end|>";
  std::vector<int32_t> expected = tokenizer.encode(start, true);
  for (int32_t id : tokenizer.encode(text, false))
    expected.push_back(id);
  EXPECT_EQ(tokenizer.encodeParts({{start, true}, {text, false}}), expected);
  // Half a token in each: neither side has one.
  EXPECT_EQ(tokenizer.encodeParts({{"<|im_st", true}, {"art|>", false}}),
            tokenizer.encodeParts({{"<|im_", true}, {"start|>", false}}));
}

TEST_F(TokenizerImport, WordsRunAcrossSpans) {
  LaidTokenizer tokenizer = laid();
  EXPECT_EQ(tokenizer.encodeParts({{"a \n", true}, {"\n\nthe", false}, {"re  ", true}}),
            tokenizer.encode("a \n\n\nthere  ", false));
}

TEST_F(TokenizerImport, MergesAreGivenInTwoSpellings) {
  std::vector<int32_t> expected = laid().encode("there is a thing", false);
  for (json::Value &merge : merges()) {
    auto [left, right] = merge.getAsString()->split(' ');
    merge = json::Array{left.str(), right.str()};
  }
  EXPECT_EQ(laid().encode("there is a thing", false), expected);
}

TEST_F(TokenizerImport, WholePiecesGoBeforeMerging) {
  // Without its merges only the hash of whole pieces finds a longer token.
  merges().clear();
  ASSERT_TRUE(vocabulary().get("the"));
  std::vector<int32_t> the{int32_t(*vocabulary().getInteger("the"))};
  EXPECT_EQ(laid().encode("the", false).size(), 3u);
  model()["ignore_merges"] = true;
  EXPECT_EQ(laid().encode("the", false), the);
  // A special token's text stays text all the same.
  EXPECT_EQ(laid().encode("<|im_start|>", false).size(), 12u);
}

TEST_F(TokenizerImport, BytesOutsideTheVocabularyVanishOrAreUnknown) {
  EXPECT_EQ(laid().encode("\x04", false), std::vector<int32_t>{});
  model()["unk_token"] = "<|endoftext|>";
  EXPECT_EQ(laid().encode("\x04", false), std::vector<int32_t>{0});
}

TEST_F(TokenizerImport, ComposesTextButNotSpecialTokens) {
  std::vector<int32_t> composed = laid().encode("caf\u00E9", false);
  EXPECT_NE(laid().encode("cafe\u0301", false), composed);
  root()["normalizer"] = json::Object{{"type", "NFC"}};
  EXPECT_EQ(laid().encode("cafe\u0301", false), composed);
  root()["normalizer"] = json::Object{{"type", "Sequence"}, {"normalizers", json::Array()}};
  EXPECT_NE(laid().encode("cafe\u0301", false), composed);
}

/// \param removes  the pattern is given as what is left where the rest is removed.
void splitAsTheReference(TokenizerImport &import, bool removes) {
  json::Value splits = readData("splits.json");
  EXPECT_EQ(splits.getAsObject()->size(), 5u);
  for (const auto &[name, entry] : *splits.getAsObject()) {
    const json::Object &pattern = *entry.getAsObject();
    json::Object split{{"type", "Split"},
                       {"pattern", json::Object{{"Regex", *pattern.getString("regex")}}},
                       {"behavior", removes ? "Removed" : "Isolated"},
                       {"invert", removes}};
    json::Object bytes{{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
    import.root()["pre_tokenizer"] = json::Object{
        {"type", "Sequence"}, {"pretokenizers", json::Array{std::move(split), std::move(bytes)}}};
    LaidTokenizer tokenizer = import.laid();
    const json::Array &rows = *pattern.getArray("rows");
    ASSERT_GE(rows.size(), 100u);
    for (const json::Value &row : rows) {
      std::vector<std::string> pieces;
      for (const json::Value &piece : *(*row.getAsArray())[1].getAsArray())
        pieces.push_back(piece.getAsString()->str());
      std::string text = (*row.getAsArray())[0].getAsString()->str();
      EXPECT_EQ(tokenizer.split(text), pieces) << StringRef(name).str() << ": " << text;
    }
  }
}

TEST_F(TokenizerImport, SplitsAsTheReference) {
  splitAsTheReference(*this, /*removes=*/false);
}

/// As tokenizers that were converted from tiktoken have it: Reka Flash 3, Phi 4, OLMo 2.
TEST_F(TokenizerImport, RemovesTheRestAsTheReference) {
  splitAsTheReference(*this, /*removes=*/true);
}

TEST_F(TokenizerImport, PostProcessorPutsIdsAroundATextButNotAroundAConversation) {
  root()["post_processor"] = cantFail(json::parse(R"({"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "<|im_start|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
      "special_tokens": {"<|im_start|>": {"id": "<|im_start|>", "ids": [1], "tokens": ["<|im_start|>"]}}})"));
  std::vector<int32_t> plain = laid().encodeParts({{"hi", false}});
  std::vector<int32_t> expected{1};
  expected.insert(expected.end(), plain.begin(), plain.end());
  EXPECT_EQ(laid().encode("hi", false), expected);
}

TEST_F(TokenizerImport, RefusesWhatItDoesNotImplement) {
  auto refusedWith = [&](StringRef key, json::Value value) {
    json::Value changed = file;
    json::Object *object = changed.getAsObject();
    auto [first, rest] = key.split('.');
    (*(rest.empty() ? object : object->getObject(first)))[rest.empty() ? first : rest] =
        std::move(value);
    return refusal(changed);
  };
  EXPECT_EQ(refusedWith("normalizer", json::Object{{"type", "NFKC"}}),
            "normalizer: expected null or one of type 'NFC'");
  EXPECT_EQ(refusedWith("model.type", "Unigram"),
            "model.type: the model 'Unigram' is not implemented");
  EXPECT_EQ(refusedWith("model.byte_fallback", true),
            "model.byte_fallback: does not fit the decoder");
  EXPECT_EQ(refusedWith("model.dropout", 0.1),
            "model.dropout: a number other than 0 is not implemented");
  EXPECT_EQ(refusedWith("model.end_of_word_suffix", "</w>"),
            "model.end_of_word_suffix: a text other than \"\" is not implemented");
  EXPECT_EQ(
      refusedWith("decoder", json::Object{{"type", "Metaspace"}}),
      "decoder: expected one of type 'ByteLevel', or Replace, ByteFallback, Fuse and Strip of "
      "one space");
  EXPECT_EQ(refusedWith("pre_tokenizer", json::Object{{"type", "Whitespace"}}),
            "pre_tokenizer.type: pre-tokenizer 'Whitespace' is not implemented");
  EXPECT_EQ(refusedWith("pre_tokenizer", nullptr), "pre_tokenizer: expected an object, found null");
  EXPECT_EQ(refusedWith("pre_tokenizer", json::Object{{"type", "Digits"}}),
            "pre_tokenizer: expected ByteLevel at its end");
  EXPECT_EQ(refusedWith("post_processor", json::Object{{"type", "BertProcessing"}}),
            "post_processor: expected null, ByteLevel, TemplateProcessing or a Sequence");
}

TEST_F(TokenizerImport, RefusesAPatternThatItDoesNotKnow) {
  root()["pre_tokenizer"] = cantFail(json::parse(R"({"type": "Sequence", "pretokenizers": [
      {"type": "Split", "pattern": {"Regex": "(a+)+b"}, "behavior": "Isolated", "invert": false},
      {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]})"));
  EXPECT_EQ(refusal(file),
            "pre_tokenizer.pretokenizers[0].pattern: the pattern \"(a+)+b\" is not known");
}

TEST_F(TokenizerImport, RefusesAPatternThatWouldRemoveLetters) {
  auto splitBy = [&](const char *regex, const char *behavior, bool inverts) {
    json::Object split{{"type", "Split"},
                       {"pattern", json::Object{{"Regex", regex}}},
                       {"behavior", behavior},
                       {"invert", inverts}};
    root()["pre_tokenizer"] = std::move(split);
    return refusal(file);
  };
  EXPECT_EQ(splitBy("\\p{N}", "Removed", true),
            "pre_tokenizer.behavior: 'Removed' is not implemented");
  EXPECT_EQ(splitBy("\\p{N}", "Removed", false),
            "pre_tokenizer.behavior: 'Removed' is not implemented");
  EXPECT_EQ(splitBy("\\p{N}", "Isolated", true), "pre_tokenizer.invert: true is not implemented");
}

TEST_F(TokenizerImport, RefusesIdsThatDoNotFit) {
  EXPECT_TRUE(
      StringRef(refusal(file, 1000)).ends_with(": expected an id from 0 to 999, found 1000"));
  vocabulary()["new"] = 7;
  EXPECT_TRUE(StringRef(refusal(file)).contains("two tokens have the id 7"));
  vocabulary()["new"] = -7;
  EXPECT_EQ(refusal(file), "model.vocab: \"new\": expected an id from 0 to 1199, found -7");
  vocabulary()["new"] = 1.5;
  EXPECT_EQ(refusal(file), "model.vocab: expected integers, found 1.5");
  vocabulary().erase("new");
  vocabulary()[""] = 1190;
  EXPECT_EQ(refusal(file), "model.vocab: \"\": a token has no text");
  vocabulary().erase("");
}

TEST_F(TokenizerImport, RefusesMergesOfUnknownParts) {
  merges()[3] = "h \u4e00";
  EXPECT_EQ(refusal(file), "model.merges[3]: \"\u4e00\" is not in model.vocab");
  merges()[3] = "one";
  EXPECT_EQ(refusal(file),
            "model.merges[3]: expected \"left right\" or [\"left\", \"right\"], found \"one\"");
  merges()[3] = json::Array{"a", 1};
  EXPECT_TRUE(StringRef(refusal(file)).starts_with("model.merges[3]: expected"));
}

} // namespace
