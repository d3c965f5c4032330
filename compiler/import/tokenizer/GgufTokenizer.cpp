// Source of the values: the tokenizer.json files that the converted models come with, and the
// reference reader's table of pre-tokenizers.
#include "compiler/import/tokenizer/GgufTokenizer.h"

#include "compiler/import/json/Cursor.h"
#include "compiler/import/json/Json.h"
#include "compiler/import/tokenizer/GgufMerges.h"
#include "compiler/import/tokenizer/GgufPretokenizer.h"
#include "compiler/import/tokenizer/Tokenizer.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;

namespace osscc {

namespace {

constexpr StringLiteral kTokens = "tokenizer.ggml.tokens", kTypes = "tokenizer.ggml.token_type";
constexpr int64_t kMostTokens = 1 << 24;

/// Of a token. Unused ones are rows of the table that no text has.
constexpr double kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6;

/// How chat models spell the end of a turn. Source: the reference reader, which looks for the same.
constexpr StringLiteral kEndsOfTurn[] = {"<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>"};

/// {"type": type, ...}.
json::Object step(StringRef type, std::initializer_list<json::Object::KV> fields = {}) {
  json::Object out(fields);
  out["type"] = type;
  return out;
}

json::Object byteLevel(bool splits) {
  return step("ByteLevel",
              {{"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", splits}});
}

json::Object replace(StringRef from, StringRef to) {
  return step("Replace", {{"pattern", json::Object{{"String", from}}}, {"content", to}});
}

constexpr StringLiteral kSpace = "\xE2\x96\x81"; // U+2581, which SentencePiece writes for a space

class TokenizerBuilder {
public:
  explicit TokenizerBuilder(const GgufFile &file) : file(file) {}

  Expected<json::Object> build() {
    Expected<std::string> model = file.string("tokenizer.ggml.model");
    if (!model)
      return model.takeError();
    if (*model != "gpt2" && *model != "llama")
      return file.error("tokenizer.ggml.model",
                        model->empty() ? "the key is missing"
                                       : describe(*model) + " is not supported, expected \"gpt2\", "
                                                            "byte-level BPE, or \"llama\"",
                        "the file must hold a tokenizer of one of these kinds");
    if (Error error = readTokens())
      return error;
    if (Error error = *model == "gpt2" ? addByteLevel() : addScored())
      return error;
    if (Error error = addFrame(/*begins=*/*model == "llama" || beginsByDefault))
      return error;
    return std::move(out);
  }

private:
  /// tokens and their types -> vocabulary, added_tokens
  Error readTokens() {
    Expected<std::vector<StringRef>> texts = file.strings(kTokens);
    if (!texts)
      return texts.takeError();
    Expected<std::vector<double>> kinds = file.numbers(kTypes);
    if (!kinds)
      return kinds.takeError();
    tokens = std::move(*texts);
    if (tokens.empty())
      return file.error(kTokens, "has no elements");
    if (!kinds->empty() && kinds->size() != tokens.size())
      return file.error(kTypes, "has " + Twine(kinds->size()) + " elements, expected " +
                                    Twine(tokens.size()) + ", one a token");
    json::Array added;
    StringSet<> seen;
    for (auto [id, text] : enumerate(tokens)) {
      double kind = kinds->empty() ? kNormal : (*kinds)[id];
      if (!(kind >= kNormal && kind <= kByte))
        return file.error(kTypes,
                          "element " + Twine(id) + " is " + describe(kind) + ", expected 1 to 6");
      if (kind == kUnused)
        continue;
      if (!seen.insert(text).second)
        return file.error(kTokens, describe(text) + " is given twice, the second time as element " +
                                       Twine(id));
      vocabulary[text] = static_cast<int64_t>(id);
      bool isAdded = kind == kUnknown || kind == kControl || kind == kUserDefined;
      if (isAdded && added.size() == JsonCursor::kMostObjects)
        return file.error(kTypes,
                          "names more than " + Twine(JsonCursor::kMostObjects) + " special tokens");
      if (isAdded)
        added.push_back(json::Object{{"id", static_cast<int64_t>(id)},
                                     {"content", text},
                                     {"single_word", false},
                                     {"lstrip", false},
                                     {"rstrip", false},
                                     {"normalized", false},
                                     {"special", kind != kUserDefined}});
      if (kind == kUnknown)
        unknown = text;
    }
    out["added_tokens"] = std::move(added);
    return Error::success();
  }

  void addModel(json::Array merges, bool wholePieces, bool byteFallback) {
    out["model"] =
        json::Object{{"type", "BPE"},
                     {"unk_token", byteFallback && !unknown.empty() ? json::Value(unknown)
                                                                    : json::Value(nullptr)},
                     {"fuse_unk", byteFallback},
                     {"byte_fallback", byteFallback},
                     {"ignore_merges", wholePieces},
                     {"vocab", std::move(vocabulary)},
                     {"merges", std::move(merges)}};
  }

  /// Bytes that the vocabulary lacks vanish, as in the reference: no unknown token stands for them.
  Error addByteLevel() {
    Expected<GgufPretokenizer> splits = readGgufPretokenizer(file);
    if (!splits)
      return splits.takeError();
    Expected<std::vector<StringRef>> lines = file.strings("tokenizer.ggml.merges");
    if (!lines)
      return lines.takeError();
    json::Array merges;
    merges.reserve(lines->size());
    for (StringRef line : *lines)
      merges.push_back(line);
    addModel(std::move(merges), splits->wholePieces, /*byteFallback=*/false);
    beginsByDefault = splits->begins;
    out["normalizer"] = splits->composes ? json::Value(step("NFC")) : json::Value(nullptr);
    json::Array steps;
    if (splits->digits)
      steps.push_back(step("Digits", {{"individual_digits", true}}));
    if (!splits->pattern.empty())
      steps.push_back(step("Split", {{"pattern", json::Object{{"Regex", splits->pattern}}},
                                     {"behavior", "Isolated"},
                                     {"invert", false}}));
    steps.push_back(byteLevel(splits->pattern.empty()));
    out["pre_tokenizer"] = step("Sequence", {{"pretokenizers", std::move(steps)}});
    out["decoder"] = byteLevel(true);
    return Error::success();
  }

  /// SentencePiece's BPE: a space is a letter, and the text begins with one.
  Error addScored() {
    Expected<std::vector<double>> scores = file.numbers("tokenizer.ggml.scores");
    if (!scores)
      return scores.takeError();
    if (scores->size() != tokens.size())
      return file.error("tokenizer.ggml.scores", "has " + Twine(scores->size()) +
                                                     " elements, expected " + Twine(tokens.size()) +
                                                     ", one a token");
    Expected<bool> prefix = file.boolean("tokenizer.ggml.add_space_prefix", true);
    if (!prefix)
      return prefix.takeError();
    Expected<json::Array> merges = mergesOfScores(file, vocabulary, *scores);
    if (!merges)
      return merges.takeError();
    addModel(std::move(*merges), /*wholePieces=*/false, /*byteFallback=*/true);
    json::Array normalizers, decoders;
    if (*prefix)
      normalizers.push_back(step("Prepend", {{"prepend", kSpace}}));
    normalizers.push_back(replace(" ", kSpace));
    decoders.push_back(replace(kSpace, " "));
    decoders.push_back(step("ByteFallback"));
    decoders.push_back(step("Fuse"));
    if (*prefix)
      decoders.push_back(step("Strip", {{"content", " "}, {"start", 1}, {"stop", 0}}));
    out["normalizer"] = step("Sequence", {{"normalizers", std::move(normalizers)}});
    out["decoder"] = step("Sequence", {{"decoders", std::move(decoders)}});
    out["pre_tokenizer"] = nullptr;
    return Error::success();
  }

  /// What goes around a text: the begin token if the file says so or the model's kind does.
  Error addFrame(bool begins) {
    json::Array items;
    json::Object known;
    Error error = addSpecial("bos", begins, items, known);
    items.push_back(json::Object{{"Sequence", json::Object{{"id", "A"}, {"type_id", 0}}}});
    if (!error)
      error = addSpecial("eos", false, items, known);
    if (!error)
      out["post_processor"] =
          known.empty() ? json::Value(nullptr)
                        : step("TemplateProcessing", {{"single", std::move(items)},
                                                      {"pair", json::Array()},
                                                      {"special_tokens", std::move(known)}});
    return error;
  }

  Error addSpecial(StringRef role, bool byDefault, json::Array &items, json::Object &known) {
    std::string key = ("tokenizer.ggml.add_" + role + "_token").str();
    Expected<bool> adds = file.boolean(key, byDefault);
    if (!adds || !*adds)
      return adds.takeError();
    std::string idKey = ("tokenizer.ggml." + role + "_token_id").str();
    auto id = file.integer(idKey, static_cast<int64_t>(tokens.size()) - 1);
    if (!id)
      return id.takeError();
    if (!*id)
      return file.find(key) ? file.error(idKey, "is missing, but " + key + " is true")
                            : Error::success();
    StringRef text = tokens[**id];
    items.push_back(json::Object{{"SpecialToken", json::Object{{"id", text}, {"type_id", 0}}}});
    known[text] =
        json::Object{{"id", text}, {"ids", json::Array{**id}}, {"tokens", json::Array{text}}};
    return Error::success();
  }

  const GgufFile &file;
  std::vector<StringRef> tokens;
  json::Object vocabulary, out;
  StringRef unknown;
  bool beginsByDefault = false;
};

} // namespace

Expected<json::Object> readGgufTokenizer(const GgufFile &file) {
  return TokenizerBuilder(file).build();
}

Expected<std::unique_ptr<bundle::TokenizerT>> importGgufTokenizer(const GgufFile &file,
                                                                  uint64_t vocabularyRows) {
  Expected<json::Object> value = readGgufTokenizer(file);
  if (!value)
    return value.takeError();
  return importTokenizer((file.path() + ": tokenizer").str(), *value, vocabularyRows);
}

Expected<SmallVector<int64_t>> readGgufEndTokens(const GgufFile &file) {
  SmallVector<int64_t> ends;
  bool hasTurn = false;
  for (StringRef role : {"eos", "eot", "eom"}) {
    auto id = file.integer(("tokenizer.ggml." + role + "_token_id").str(), kMostTokens);
    if (!id)
      return id.takeError();
    hasTurn |= role == "eot" && *id;
    if (*id && !is_contained(ends, **id))
      ends.push_back(**id);
  }
  if (hasTurn || !file.find(kTokens))
    return ends;
  Expected<std::vector<StringRef>> tokens = file.strings(kTokens);
  Expected<std::vector<double>> kinds = file.numbers(kTypes);
  if (!tokens || !kinds)
    return joinErrors(tokens.takeError(), kinds.takeError());
  for (auto [id, text] : enumerate(*tokens)) {
    bool isControl = id < kinds->size() && (*kinds)[id] == kControl;
    if (isControl && is_contained(kEndsOfTurn, text) && !is_contained(ends, int64_t(id)))
      ends.push_back(static_cast<int64_t>(id));
  }
  return ends;
}

} // namespace osscc
