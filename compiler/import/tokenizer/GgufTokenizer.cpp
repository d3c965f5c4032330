// Source of the values: the tokenizer.json files that the converted models come with, and the
// reference reader, llama.cpp.
#include "compiler/import/tokenizer/GgufTokenizer.h"

#include "compiler/import/json/Json.h"
#include "compiler/import/tokenizer/GgufEnds.h"
#include "compiler/import/tokenizer/GgufMerges.h"
#include "compiler/import/tokenizer/GgufPretokenizer.h"
#include "compiler/import/tokenizer/Pretokenizer.h"
#include "support/Error.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace llvm;

namespace osscc {

namespace {

constexpr StringLiteral kTokens = "tokenizer.ggml.tokens", kTypes = "tokenizer.ggml.token_type";

/// Of a token. Unused ones are rows of the table that no text has.
constexpr double kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6;

class TokenizerReader {
public:
  TokenizerReader(const GgufFile &file, Notes *notes) : file(file), notes(notes) {
    out.file = file.path().str();
    out.vocabularyPlace = kTokens.str();
    out.mergesPlace = "tokenizer.ggml.merges";
    out.longestFirst = true;
    out.decodesAdded = false;
  }

  Expected<TokenizerSpec> read() {
    Expected<std::string> model = file.string("tokenizer.ggml.model");
    if (!model)
      return model.takeError();
    if (*model != "gpt2" && *model != "llama" && *model != "gemma4")
      return file.error("tokenizer.ggml.model",
                        model->empty()
                            ? "the key is missing"
                            : describe(*model) + " is not supported, expected \"gpt2\", "
                                                 "byte-level BPE, \"llama\" or \"gemma4\"",
                        "the file must hold a tokenizer of one of these kinds");
    if (Error error = readTokens())
      return error;
    if (Error error = *model == "gpt2"    ? readByteLevel()
                      : *model == "llama" ? readScored()
                                          : readMergedLetters())
      return error;
    if (Error error = readAround(/*begins=*/*model != "gpt2" || beginsByDefault))
      return error;
    if (Error error = readGgufSpecialNames(file).moveInto(out.names))
      return error;
    return std::move(out);
  }

private:
  Error readTokens() {
    Expected<std::vector<StringRef>> texts = file.strings(kTokens);
    if (!texts)
      return texts.takeError();
    Expected<std::vector<double>> types = file.numbers(kTypes);
    if (!types)
      return types.takeError();
    tokens = std::move(*texts);
    kinds = std::move(*types);
    if (tokens.empty())
      return file.error(kTokens, "has no elements");
    if (!kinds.empty() && kinds.size() != tokens.size())
      return file.error(kTypes, "has " + Twine(kinds.size()) + " elements, expected " +
                                    Twine(tokens.size()) + ", one a token");
    for (auto [id, text] : enumerate(tokens))
      lastOf[text] = id;
    for (size_t id = 0; id < tokens.size(); ++id)
      readToken(id);
    if (out.vocabulary.empty())
      return file.error(kTypes, "gives no token with a text a type from 1 to 4 or 6");
    return Error::success();
  }

  /// A text that ends answers is a marker whatever its type says, as in the reference.
  double kindOf(size_t id) const {
    double kind = kinds.empty() ? kNormal : kinds[id];
    return (kind == kNormal || kind == kUserDefined) && isGgufEnd(tokens[id]) ? kControl : kind;
  }

  void readToken(size_t id) {
    StringRef text = tokens[id];
    double kind = kindOf(id);
    if (kind == kUnused)
      return out.unreachable.push_back(text.str());
    if (!(kind >= kNormal && kind <= kByte)) {
      note(id, "is left out: its type is " + describe(kind) + ", expected 1 to 6");
      return out.unreachable.push_back(text.str());
    }
    if (text.empty())
      return note(id, "is left out: it has no text");
    out.vocabulary.emplace_back(text.str(), static_cast<int64_t>(id));
    bool isSpecial = kind == kUnknown || kind == kControl;
    if (kind == kUnknown)
      out.unknown = text.str();
    if (size_t last = lastOf[text]; last != id) {
      note(id, "is reached by no text: token " + Twine(last) + " has the same one");
      if (isSpecial)
        out.hidden.push_back(static_cast<int64_t>(id));
    } else if (isSpecial || kind == kUserDefined) {
      out.added.push_back({.text = text.str(),
                           .id = static_cast<int64_t>(id),
                           .place = (kTokens + "[" + Twine(id) + "]").str(),
                           .special = isSpecial});
    }
  }

  void note(size_t id, const Twine &message) {
    if (notes)
      notes->add(file.path() + ": " + kTokens,
                 "token " + Twine(id) + " " + describe(json::Value(tokens[id])) + " " + message);
  }

  /// Bytes that the vocabulary lacks vanish, as in the reference: no unknown token stands for them.
  Error readByteLevel() {
    Expected<GgufPretokenizer> splits = readGgufPretokenizer(file);
    if (!splits)
      return splits.takeError();
    if (Error error = readMerges())
      return error;
    out.unknown.clear();
    out.wholePieces = splits->wholePieces;
    out.frame.nfc = splits->composes;
    beginsByDefault = splits->begins;
    if (splits->digits)
      out.splits.emplace_back(R"(\p{Digits})");
    out.splits.push_back((splits->pattern.empty() ? gpt2Pattern() : splits->pattern).str());
    return Error::success();
  }

  Error readMerges() {
    Expected<std::vector<StringRef>> lines = file.strings(out.mergesPlace);
    if (!lines)
      return lines.takeError();
    out.merges.reserve(lines->size());
    for (auto [i, line] : enumerate(*lines)) {
      auto [left, right] = line.split(' ');
      if (right.empty() || right.contains(' '))
        return file.error(out.mergesPlace, "element " + Twine(i) + " is " +
                                               describe(json::Value(line)) +
                                               ", expected \"left right\"");
      out.merges.emplace_back(left.str(), right.str());
    }
    return Error::success();
  }

  /// Gemma 4's: a space is a letter as in SentencePiece's, but the file has the merges.
  Error readMergedLetters() {
    if (Error error = readMerges())
      return error;
    return readLetters(/*prefixes=*/false);
  }

  /// How texts are spelt where a space is a letter.
  /// \param prefixes  whether a text begins with one where the file does not say.
  Error readLetters(bool prefixes) {
    Expected<bool> prefix = file.boolean("tokenizer.ggml.add_space_prefix", prefixes);
    if (!prefix)
      return prefix.takeError();
    out.fusesUnknown = true;
    out.frame.spelling = Spelling::kCharacters;
    out.frame.normalizesSpaces = true;
    out.frame.spacePrefix = *prefix ? bundle::SpacePrefix::Each : bundle::SpacePrefix::None;
    out.frame.stripsSpace = *prefix;
    return Error::success();
  }

  /// SentencePiece's BPE.
  Error readScored() {
    Expected<std::vector<double>> scores = file.numbers("tokenizer.ggml.scores");
    if (!scores)
      return scores.takeError();
    if (scores->size() != tokens.size())
      return file.error("tokenizer.ggml.scores", "has " + Twine(scores->size()) +
                                                     " elements, expected " + Twine(tokens.size()) +
                                                     ", one a token");
    if (Error error = readLetters(/*prefixes=*/true))
      return error;
    // No text merges to a marker.
    auto words = out.vocabulary;
    DenseSet<int64_t> markers(out.hidden.begin(), out.hidden.end());
    for (const AddedTokenSpec &token : out.added)
      if (token.special)
        markers.insert(token.id);
    erase_if(words, [&](const auto &word) { return markers.contains(word.second); });
    return mergesOfScores(file, words, *scores).moveInto(out.merges);
  }

  /// What goes around a text: the begin token if the file says so or the model's kind does.
  Error readAround(bool begins) {
    Error error = readAround("bos", begins, out.prefix);
    return error ? std::move(error) : readAround("eos", false, out.suffix);
  }

  Error readAround(StringRef role, bool byDefault, std::vector<int64_t> &ids) {
    std::string key = ("tokenizer.ggml.add_" + role + "_token").str();
    Expected<bool> adds = file.boolean(key, byDefault);
    if (!adds || !*adds)
      return adds.takeError();
    Expected<std::optional<int64_t>> id =
        readGgufTokenId(file, role, tokens.size(), /*isNeeded=*/true);
    if (!id)
      return id.takeError();
    if (!*id)
      return file.find(key) ? file.error(("tokenizer.ggml." + role + "_token_id").str(),
                                         "names no token, but " + key + " is true")
                            : Error::success();
    ids.push_back(**id);
    return Error::success();
  }

  const GgufFile &file;
  Notes *notes;
  std::vector<StringRef> tokens;
  std::vector<double> kinds;
  StringMap<size_t> lastOf; ///< Of each text, the last token that has it.
  TokenizerSpec out;
  bool beginsByDefault = false;
};

} // namespace

Expected<TokenizerSpec> readGgufTokenizer(const GgufFile &file, Notes *notes) {
  return TokenizerReader(file, notes).read();
}

Expected<std::optional<int64_t>> readGgufTokenId(const GgufFile &file, StringRef role,
                                                 size_t tokens, bool isNeeded) {
  std::string key = ("tokenizer.ggml." + role + "_token_id").str();
  Expected<json::Value> value = file.scalar(key);
  if (!value)
    return value.takeError();
  if (value->kind() == json::Value::Null)
    return std::nullopt;
  GgufType type = file.find(key)->type;
  bool isFloat = type == GgufType::F32 || type == GgufType::F64;
  std::optional<int64_t> id = isFloat ? std::nullopt : value->getAsInteger();
  if (id && (*id == -1 || *id == UINT32_MAX))
    return std::nullopt;
  bool isToken = id && *id >= 0 && static_cast<uint64_t>(*id) < tokens;
  if (!isToken && (isNeeded || !id))
    return file.error(key, "expected an integer from 0 to " + Twine(tokens - 1) + ", found " +
                               describe(*value));
  return isToken ? id : std::nullopt;
}

} // namespace osscc
