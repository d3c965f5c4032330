// Reading of tokenizer.json. What the fields mean: the `tokenizers` package.
#include "compiler/import/tokenizer/HuggingFace.h"

#include "compiler/import/json/Json.h"
#include "compiler/import/tokenizer/Pretokenizer.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include <cmath>

using namespace llvm;

namespace osscc {
namespace {

constexpr const char *kHelp = "this version of osscc reads byte-level BPE and SentencePiece's BPE; "
                              "other tokenizers need a newer one";

class TokenizerReader {
public:
  TokenizerReader(StringRef file, const json::Object &root) : root(root) { out.file = file.str(); }

  Expected<TokenizerSpec> read() {
    for (Error (TokenizerReader::*part)() :
         {&TokenizerReader::readFrame, &TokenizerReader::readModel,
          &TokenizerReader::readVocabulary, &TokenizerReader::readAdded,
          &TokenizerReader::readMerges, &TokenizerReader::readPostProcessor,
          &TokenizerReader::readSplits})
      if (Error error = (this->*part)())
        return error;
    return std::move(out);
  }

private:
  Error fail(StringRef key, const Twine &message, const Twine &help = kHelp) {
    return inputError(out.file + ": " + key, message, help);
  }
  bool has(StringRef key) const { return JsonFields(out.file, root).has(key); }
  bool isOfCharacters() const { return out.frame.spelling == Spelling::kCharacters; }
  const json::Object *model() const { return root.getObject("model"); }

  Error readFrame() { return importTokenizerFrame(out.file, root).moveInto(out.frame); }

  /// A vocabulary of characters is not split: words are found by merging.
  Error readSplits() {
    if (isOfCharacters())
      return Error::success();
    return importPretokenizer(out.file, root).moveInto(out.splits);
  }

  Error readModel() {
    if (!model())
      return fail("model", "expected an object");
    JsonFields fields(out.file, *model(), "model.");
    std::string type = fields.string("type", "BPE");
    if (type != "BPE")
      fields.fail("type", "the model '" + type + "' is not implemented", kHelp);
    for (StringRef key : {"continuing_subword_prefix", "end_of_word_suffix"})
      if (!fields.string(key, "").empty())
        fields.fail(key, "a text other than \"\" is not implemented", kHelp);
    if (fields.number("dropout", 0, 1, 0) != 0)
      fields.fail("dropout", "a number other than 0 is not implemented", kHelp);
    if (fields.boolean("byte_fallback", false) != isOfCharacters())
      fields.fail("byte_fallback", "does not fit the decoder", kHelp);
    out.wholePieces = fields.boolean("ignore_merges", false);
    out.fusesUnknown = fields.boolean("fuse_unk", false);
    out.unknown = fields.string("unk_token", "");
    return fields.takeError();
  }

  Error readVocabulary() {
    const json::Object *vocabulary = model()->getObject("vocab");
    if (!vocabulary || vocabulary->empty())
      return fail("model.vocab", "expected an object of tokens and ids", "");
    for (const auto &[spelling, value] : *vocabulary) {
      std::optional<double> number = value.getAsNumber();
      // The range first: llvm's conversion of 2^63 is undefined.
      std::optional<int64_t> id =
          number && std::fabs(*number) < 0x1p53 ? value.getAsInteger() : std::nullopt;
      if (!id)
        return fail("model.vocab", "expected integers, found " + describe(value), "");
      out.vocabulary.emplace_back(StringRef(spelling).str(), *id);
    }
    // Ordered, so that the same file gives the same error.
    llvm::sort(out.vocabulary, [](const auto &a, const auto &b) {
      return std::tie(a.second, a.first) < std::tie(b.second, b.first);
    });
    return Error::success();
  }

  Error readAdded() {
    if (!has("added_tokens"))
      return Error::success();
    const json::Array *tokens = root.getArray("added_tokens");
    if (!tokens)
      return fail("added_tokens", "expected a list");
    for (auto [i, value] : enumerate(*tokens)) {
      std::string key = "added_tokens[" + std::to_string(i) + "]";
      const json::Object *object = value.getAsObject();
      if (!object)
        return fail(key, "expected an object, found " + describe(value));
      JsonFields fields(out.file, *object, key + ".");
      AddedTokenSpec token{.text = fields.string("content"),
                           .id = fields.integer("id", 0, UINT32_MAX),
                           .place = key,
                           .special = fields.boolean("special", false),
                           .normalized = fields.boolean("normalized", false),
                           .stripsLeft = fields.boolean("lstrip", false),
                           .stripsRight = fields.boolean("rstrip", false),
                           .singleWord = fields.boolean("single_word", false)};
      if (Error error = fields.takeError())
        return error;
      out.added.push_back(std::move(token));
    }
    return Error::success();
  }

  /// The two sides of a merge, in either spelling: "a b" or ["a", "b"].
  static std::optional<std::pair<StringRef, StringRef>> sidesOf(const json::Value &value) {
    if (std::optional<StringRef> text = value.getAsString()) {
      auto sides = text->split(' ');
      if (sides.second.empty() || sides.second.contains(' '))
        return std::nullopt;
      return sides;
    }
    const json::Array *pair = value.getAsArray();
    if (!pair || pair->size() != 2 || !(*pair)[0].getAsString() || !(*pair)[1].getAsString())
      return std::nullopt;
    return std::pair(*(*pair)[0].getAsString(), *(*pair)[1].getAsString());
  }

  Error readMerges() {
    const json::Array *merges = model()->getArray("merges");
    if (!merges)
      return fail("model.merges", "expected a list");
    out.merges.reserve(merges->size());
    for (auto [i, value] : enumerate(*merges)) {
      auto sides = sidesOf(value);
      if (!sides)
        return fail("model.merges[" + std::to_string(i) + "]",
                    "expected \"left right\" or [\"left\", \"right\"], found " + describe(value),
                    "");
      out.merges.emplace_back(sides->first.str(), sides->second.str());
    }
    return Error::success();
  }

  Error readPostProcessor();
  Error readTemplate(const json::Object &processor);

  const json::Object &root;
  TokenizerSpec out;
};

/// `TemplateProcessing` puts ids around a text; `ByteLevel` only moves offsets, which nobody asks
/// for here.
Error TokenizerReader::readPostProcessor() {
  if (!has("post_processor"))
    return Error::success();
  const json::Object *processor = root.getObject("post_processor");
  std::optional<StringRef> type = processor ? processor->getString("type") : std::nullopt;
  const json::Array *members = processor ? processor->getArray("processors") : nullptr;
  if (type == "TemplateProcessing")
    return readTemplate(*processor);
  if (type == "Sequence" && members) {
    for (const json::Value &member : *members) {
      const json::Object *object = member.getAsObject();
      std::optional<StringRef> name = object ? object->getString("type") : std::nullopt;
      if (name == "TemplateProcessing" && out.prefix.empty() && out.suffix.empty()) {
        if (Error error = readTemplate(*object))
          return error;
      } else if (name != "ByteLevel")
        return fail("post_processor.processors", "expected ByteLevel and one TemplateProcessing");
    }
    return Error::success();
  }
  if (type != "ByteLevel")
    return fail("post_processor", "expected null, ByteLevel, TemplateProcessing or a Sequence");
  return Error::success();
}

/// The `single` template: a list of {"SpecialToken": {"id": text}} around one {"Sequence": {"id":
/// "A"}}.
Error TokenizerReader::readTemplate(const json::Object &processor) {
  const json::Array *items = processor.getArray("single");
  if (!items)
    return fail("post_processor.single", "expected a list");
  StringMap<int64_t> ids;
  for (const auto &[text, id] : out.vocabulary)
    ids.try_emplace(text, id);
  for (const AddedTokenSpec &token : out.added)
    ids.try_emplace(token.text, token.id);
  bool afterText = false;
  for (const json::Value &value : *items) {
    const json::Object *item = value.getAsObject();
    const json::Object *token = item ? item->getObject("SpecialToken") : nullptr;
    if (!token) {
      if (!item || !item->getObject("Sequence") || afterText)
        return fail("post_processor.single", "expected special tokens around one Sequence");
      afterText = true;
      continue;
    }
    std::optional<StringRef> text = token->getString("id");
    auto id = text ? ids.find(*text) : ids.end();
    const json::Object *known = processor.getObject("special_tokens");
    const json::Object *entry = id != ids.end() && known ? known->getObject(*text) : nullptr;
    const json::Array *list = entry ? entry->getArray("ids") : nullptr;
    if (!list || list->size() != 1 || (*list)[0].getAsInteger() != id->second)
      return fail("post_processor.single",
                  "names a special token whose id in special_tokens is not "
                  "the vocabulary's");
    (afterText ? out.suffix : out.prefix).push_back(id->second);
  }
  if (!afterText)
    return fail("post_processor.single", "expected a Sequence, the text itself");
  return Error::success();
}

} // namespace

Expected<TokenizerSpec> readTokenizerJson(StringRef file, const json::Object &root) {
  return TokenizerReader(file, root).read();
}

} // namespace osscc
