// Reading of tokenizer.json, and the laying out of its tables.
#include "compiler/import/tokenizer/Tokenizer.h"

#include "compiler/import/json/Json.h"
#include "compiler/import/tokenizer/BytePieces.h"
#include "compiler/import/tokenizer/Frame.h"
#include "compiler/import/tokenizer/Pretokenizer.h"
#include "compiler/import/tokenizer/SplitPattern.h"
#include "runtime/bundle/TokenizerHash.h"
#include "support/Error.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace osscc {
namespace {

using bundle::kNoEntry;

constexpr const char *kHelp = "this version of osscc reads byte-level BPE and SentencePiece's BPE; "
                              "other tokenizers need a newer one";

class TokenizerReader {
public:
  TokenizerReader(StringRef file, const json::Object &root, uint64_t rows)
      : file(file), root(root), pieces(file, rows), out(std::make_unique<bundle::TokenizerT>()) {}

  Expected<std::unique_ptr<bundle::TokenizerT>> read() {
    for (Error (TokenizerReader::*part)() :
         {&TokenizerReader::readFrame, &TokenizerReader::readModel, &TokenizerReader::readAdded,
          &TokenizerReader::readMerges, &TokenizerReader::readPostProcessor})
      if (Error error = (this->*part)())
        return error;
    if (Error error = readSplits())
      return error;
    layPieces();
    return std::move(out);
  }

private:
  Error fail(StringRef key, const Twine &message, const Twine &help = kHelp) {
    return inputError(file + ": " + key, message, help);
  }
  bool has(StringRef key) const { return JsonFields(file, root).has(key); }
  bool isOfCharacters() const { return frame.spelling == Spelling::kCharacters; }
  const json::Object *model() const { return root.getObject("model"); }

  Error readFrame() {
    Expected<TokenizerFrame> read = importTokenizerFrame(file, root);
    if (!read)
      return read.takeError();
    frame = *read;
    out->nfc = frame.nfc;
    out->space_prefix = frame.spacePrefix;
    out->strips_space = frame.stripsSpace;
    return Error::success();
  }

  /// A vocabulary of characters is not split: words are found by merging.
  Error readSplits() {
    if (isOfCharacters()) {
      out->pretokenizer = buildPretokenizer({});
      return Error::success();
    }
    Expected<std::unique_ptr<bundle::PretokenizerT>> splits = importPretokenizer(file, root);
    if (!splits)
      return splits.takeError();
    out->pretokenizer = std::move(*splits);
    return Error::success();
  }

  Error readModel() {
    if (!model())
      return fail("model", "expected an object");
    JsonFields fields(file, *model(), "model.");
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
    wholePieces = fields.boolean("ignore_merges", false);
    bool fuse = fields.boolean("fuse_unk", false);
    std::string unknown = fields.string("unk_token", "");
    if (Error error = fields.takeError())
      return error;
    if (Error error = pieces.readVocabulary(model()->getObject("vocab"), frame.spelling))
      return error;
    return readBytes(unknown, fuse);
  }

  /// The ids of single bytes. One that the vocabulary lacks gives the unknown token, or if there is
  /// none disappears.
  Error readBytes(StringRef unknown, bool fuse) {
    int32_t missing = -1;
    if (!unknown.empty()) {
      std::optional<uint32_t> id = pieces.id(unknown);
      if (!id)
        return fail("model.unk_token", "is not in model.vocab");
      missing = int32_t(*id);
    }
    for (unsigned byte = 0; byte < 256; ++byte) {
      std::string spelling = spellingOfByte(uint8_t(byte), frame.spelling);
      std::optional<uint32_t> id = pieces.id(spelling);
      if (!id && isOfCharacters())
        return fail("model.vocab", "lacks the byte " + describe(json::Value(spelling)));
      if (!id && missing >= 0 && fuse)
        return fail("model.fuse_unk", "true is not implemented for a vocabulary without all bytes");
      out->byte_ids.push_back(id ? int32_t(*id) : missing);
    }
    return Error::success();
  }

  Error readAdded() {
    if (!has("added_tokens"))
      return Error::success();
    const json::Array *tokens = root.getArray("added_tokens");
    if (!tokens)
      return fail("added_tokens", "expected a list");
    DenseSet<uint32_t> seen;
    for (auto [i, value] : enumerate(*tokens)) {
      std::string key = "added_tokens[" + std::to_string(i) + "]";
      const json::Object *token = value.getAsObject();
      if (!token)
        return fail(key, "expected an object, found " + describe(value));
      Expected<uint32_t> id = readAddedToken(*token, key);
      if (!id)
        return id.takeError();
      if (!seen.insert(*id).second)
        return fail(key, "repeats an earlier one");
      out->added.push_back(*id);
    }
    return Error::success();
  }

  Expected<uint32_t> readAddedToken(const json::Object &token, const std::string &key) {
    JsonFields fields(file, token, key + ".");
    std::string text = fields.string("content");
    int64_t id = fields.integer("id", 0, INT32_MAX);
    for (StringRef flag : {"single_word", "lstrip", "rstrip"})
      if (fields.boolean(flag, false))
        fields.fail(flag, "true is not implemented", kHelp);
    fields.boolean("special", false);
    // The reference looks for those that are not normalized first; one search is the same if all
    // are alike.
    bool isNormalized = fields.boolean("normalized", false);
    if (normalized && isNormalized != *normalized)
      fields.fail("normalized", "is not the same for all added tokens, which is not implemented",
                  kHelp);
    if (isNormalized && frame.normalizes())
      fields.fail("normalized", "true is not implemented beside a normalizer", kHelp);
    normalized = isNormalized;
    if (Error error = fields.takeError())
      return error;
    if (Error error = pieces.add(text, id, key))
      return error;
    return uint32_t(id);
  }

  /// The two sides of a merge, in either spelling: "a b" or ["a", "b"].
  std::optional<std::pair<StringRef, StringRef>> sidesOf(const json::Value &value) {
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
    std::string joined;
    for (auto [i, value] : enumerate(*merges)) {
      auto failAt = [&](const Twine &message) {
        return fail("model.merges[" + std::to_string(i) + "]", message, "");
      };
      auto sides = sidesOf(value);
      if (!sides)
        return failAt("expected \"left right\" or [\"left\", \"right\"], found " + describe(value));
      joined = (sides->first + sides->second).str();
      StringRef texts[] = {sides->first, sides->second, joined};
      uint32_t ids[3];
      for (auto [id, text] : zip(ids, texts)) {
        std::optional<uint32_t> known = pieces.id(text);
        if (!known)
          return failAt(describe(json::Value(text)) + " is not in model.vocab");
        id = *known;
      }
      out->merges.emplace_back(ids[0], ids[1], ids[2]);
    }
    hashMerges();
    return Error::success();
  }

  /// Half of the slots stay free, so that a search for a pair that does not merge ends after 2.5 of
  /// them on average.
  void hashMerges() {
    out->merge_slots.assign(2 * out->merges.size(), kNoEntry);
    for (auto [rank, merge] : enumerate(out->merges)) {
      uint32_t &slot = findSlot(out->merge_slots, bundle::mergeHash(merge.left(), merge.right()),
                                [&](uint32_t entry) {
                                  return out->merges[entry].left() == merge.left() &&
                                         out->merges[entry].right() == merge.right();
                                });
      slot = uint32_t(rank); // of a pair given twice the later rank counts, as in the reference
    }
  }

  /// The slot that holds an equal entry, or the free one where it belongs.
  uint32_t &findSlot(std::vector<uint32_t> &slots, uint64_t hash,
                     function_ref<bool(uint32_t)> isEqual) {
    size_t slot = bundle::firstSlot(hash, slots.size());
    while (slots[slot] != kNoEntry && !isEqual(slots[slot]))
      slot = slot + 1 == slots.size() ? 0 : slot + 1;
    return slots[slot];
  }

  Error readPostProcessor();
  Error readTemplate(const json::Object &processor);

  /// Lays texts end to end, and hashes those that are looked up by their text.
  void layPieces() {
    for (const std::string &bytes : pieces.bytes()) {
      out->pieces.insert(out->pieces.end(), bytes.begin(), bytes.end());
      out->ends.push_back(uint32_t(out->pieces.size()));
    }
    llvm::sort(out->added,
               [&](uint32_t a, uint32_t b) { return pieces.bytes()[a] < pieces.bytes()[b]; });
    if (wholePieces)
      out->whole_slots = hashPieces([](StringRef) { return true; });
    if (isOfCharacters())
      out->character_slots = hashPieces(
          [](StringRef bytes) { return bytes.size() == getNumBytesForUTF8(UTF8(bytes.front())); });
  }

  /// A hash of those pieces that a text can be spelt in and that `isIn`.
  std::vector<uint32_t> hashPieces(function_ref<bool(StringRef)> isIn) {
    std::vector<uint32_t> slots(2 * pieces.bytes().size(), kNoEntry);
    for (auto [id, bytes] : enumerate(pieces.bytes()))
      if (!bytes.empty() && pieces.isPlain(uint32_t(id)) && isIn(bytes))
        findSlot(slots, bundle::pieceHash(bytes), [](uint32_t) { return false; }) = uint32_t(id);
    return slots;
  }

  std::string file;
  const json::Object &root;
  TokenizerFrame frame;
  BytePieces pieces;
  std::unique_ptr<bundle::TokenizerT> out;
  std::optional<bool> normalized; ///< Of the added tokens read so far.
  bool wholePieces = false;
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
      if (name == "TemplateProcessing" && out->prefix.empty() && out->suffix.empty()) {
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
    std::optional<uint32_t> id = text ? pieces.id(*text) : std::nullopt;
    const json::Object *known = processor.getObject("special_tokens");
    const json::Object *entry = id && known ? known->getObject(*text) : nullptr;
    const json::Array *ids = entry ? entry->getArray("ids") : nullptr;
    if (!ids || ids->size() != 1 || (*ids)[0].getAsInteger() != int64_t(*id))
      return fail("post_processor.single",
                  "names a special token whose id in special_tokens is not "
                  "the vocabulary's");
    (afterText ? out->suffix : out->prefix).push_back(*id);
  }
  if (!afterText)
    return fail("post_processor.single", "expected a Sequence, the text itself");
  return Error::success();
}

} // namespace

/// Settings of batches for training: a text of any length is one of its own here.
static void noteBatches(StringRef file, const json::Object &root, Notes *notes) {
  for (StringRef key : {"truncation", "padding"})
    if (const json::Value *value = root.get(key);
        notes && value && value->kind() != json::Value::Null)
      notes->add(file + ": " + key, "is of batches; texts are read whole here");
}

Expected<std::unique_ptr<bundle::TokenizerT>>
importTokenizer(StringRef directory, uint64_t vocabularyRows, Notes *notes) {
  SmallString<128> path(directory);
  sys::path::append(path, "tokenizer.json");
  Expected<json::Value> value = readJsonFile(path, uint64_t(64) << 20, notes);
  if (!value)
    return value.takeError();
  const json::Object *root = value->getAsObject();
  if (!root)
    return inputError(path, "expected an object, found " + describe(*value), kHelp);
  noteBatches(path, *root, notes);
  return importTokenizer(path, *root, vocabularyRows);
}

Expected<std::unique_ptr<bundle::TokenizerT>>
importTokenizer(StringRef file, const json::Object &root, uint64_t vocabularyRows) {
  return TokenizerReader(file, root, vocabularyRows).read();
}

} // namespace osscc
