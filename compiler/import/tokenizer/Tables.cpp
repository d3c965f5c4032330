// Where tokens lie in the tables, and which added tokens a text can reach.
#include "compiler/import/tokenizer/Tables.h"

#include "compiler/import/json/Json.h"
#include "compiler/import/tokenizer/BytePieces.h"
#include "compiler/import/tokenizer/SplitPattern.h"
#include "compiler/import/tokenizer/UnicodeSets.h"
#include "runtime/bundle/TokenizerHash.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/ConvertUTF.h"

using namespace llvm;

namespace osscc {
namespace {

using bundle::AddedFlags;
using bundle::kNoEntry;

class TableLayer {
public:
  TableLayer(const TokenizerSpec &spec, uint64_t rows, Notes *notes)
      : spec(spec), notes(notes), pieces(spec.file, rows),
        out(std::make_unique<bundle::TokenizerT>()) {}

  Expected<std::unique_ptr<bundle::TokenizerT>> lay() {
    out->nfc = spec.frame.nfc;
    out->space_prefix = spec.frame.spacePrefix;
    out->strips_space = spec.frame.stripsSpace;
    out->longest_first = spec.longestFirst;
    if (Error error =
            pieces.readVocabulary(spec.vocabulary, spec.frame.spelling, spec.vocabularyPlace))
      return error;
    for (Error (TableLayer::*part)() : {&TableLayer::layBytes, &TableLayer::layMerges})
      if (Error error = (this->*part)())
        return error;
    layAdded();
    if (Error error = checkAround())
      return error;
    layPieces();
    SmallVector<StringRef> patterns(spec.splits.begin(), spec.splits.end());
    out->pretokenizer = buildPretokenizer(patterns);
    return std::move(out);
  }

private:
  bool isOfCharacters() const { return spec.frame.spelling == Spelling::kCharacters; }
  Error fail(const Twine &place, const Twine &message, const Twine &help = {}) {
    return inputError(spec.file + ": " + place, message, help);
  }

  /// The ids of single bytes. One that the vocabulary lacks gives the unknown token, or if there is
  /// none disappears.
  Error layBytes() {
    int32_t missing = -1;
    if (!spec.unknown.empty()) {
      std::optional<uint32_t> id = pieces.id(spec.unknown);
      if (!id)
        return fail("model.unk_token", "is not in " + spec.vocabularyPlace);
      missing = int32_t(*id);
    }
    for (unsigned byte = 0; byte < 256; ++byte) {
      std::string spelling = spellingOfByte(uint8_t(byte), spec.frame.spelling);
      std::optional<uint32_t> id = pieces.id(spelling);
      if (!id && isOfCharacters())
        return fail(spec.vocabularyPlace, "lacks the byte " + describe(json::Value(spelling)));
      if (!id && missing >= 0 && spec.fusesUnknown)
        return fail("model.fuse_unk", "true is not implemented for a vocabulary without all bytes");
      out->byte_ids.push_back(id ? int32_t(*id) : missing);
    }
    return Error::success();
  }

  Error layMerges() {
    StringSet<> gone;
    for (const std::string &text : spec.unreachable)
      gone.insert(text);
    std::string joined;
    for (auto [i, merge] : enumerate(spec.merges)) {
      joined = merge.first + merge.second;
      StringRef texts[] = {merge.first, merge.second, joined};
      uint32_t ids[3];
      bool isKnown = true;
      for (auto [id, text] : zip(ids, texts)) {
        std::optional<uint32_t> known = pieces.id(text);
        if (!known && !gone.contains(text))
          return fail(spec.mergesPlace + "[" + Twine(i) + "]",
                      describe(json::Value(text)) + " is not in " + spec.vocabularyPlace);
        isKnown &= known.has_value();
        id = known.value_or(0);
      }
      if (isKnown)
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

  Error checkAround();
  void layAdded();
  void layWords();
  StringRef whyUnreachable(AddedTokenSpec &token);
  std::string shownText(const AddedTokenSpec &token) const;
  std::string soughtText(const AddedTokenSpec &token) const;
  std::unique_ptr<bundle::AddedTokensT> tableOf(ArrayRef<const AddedTokenSpec *> tokens) const;
  void note(const AddedTokenSpec &token, const Twine &message);

  /// Lays texts end to end, and hashes those that are looked up by their text.
  void layPieces() {
    for (const std::string &bytes : pieces.bytes()) {
      out->pieces.insert(out->pieces.end(), bytes.begin(), bytes.end());
      out->ends.push_back(uint32_t(out->pieces.size()));
    }
    if (spec.wholePieces)
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

  const TokenizerSpec &spec;
  Notes *notes;
  BytePieces pieces;
  std::unique_ptr<bundle::TokenizerT> out;
  StringSet<> sought; ///< Texts of the added tokens so far.
};

/// The text of an added token in an answer. A spelling whose bytes are no text is shown as it is.
std::string TableLayer::shownText(const AddedTokenSpec &token) const {
  if (!spec.decodesAdded)
    return token.text;
  if (token.normalized && spec.frame.normalizesSpaces)
    return soughtText(token);
  std::string bytes = bytesOf(token.text, spec.frame.spelling).first;
  return json::isUTF8(bytes) ? bytes : token.text;
}

/// What is sought in a text. The runtime composes both, where the normalizer does.
std::string TableLayer::soughtText(const AddedTokenSpec &token) const {
  if (!token.normalized || !spec.frame.normalizesSpaces)
    return token.text;
  std::string text = spacesOfCharacters(token.text);
  return spec.frame.spacePrefix == bundle::SpacePrefix::Each ? " " + text : text;
}

/// Why no text gets this token; empty if one does. A text that the vocabulary has keeps the
/// vocabulary's id, as in the reference.
StringRef TableLayer::whyUnreachable(AddedTokenSpec &token) {
  if (token.text.empty())
    return "it has no text";
  if (!sought.insert(token.text).second)
    return "its text stands there twice";
  if (std::optional<uint32_t> known = pieces.id(token.text)) {
    if (token.id != *known)
      note(token, "gets the id " + Twine(*known) + " that " + spec.vocabularyPlace +
                      " gives its text, not " + Twine(token.id));
    token.id = *known;
    return "";
  }
  if (!pieces.isBelowLimit(token.id))
    return "its id is beyond the rows of the embedding table";
  return pieces.isFree(token.id) ? "" : "its id is that of another token";
}

void TableLayer::note(const AddedTokenSpec &token, const Twine &message) {
  if (notes)
    notes->add(spec.file + ": " + token.place,
               "the added token " + describe(json::Value(token.text)) + " " + message);
}

void TableLayer::layAdded() {
  std::vector<const AddedTokenSpec *> verbatim, normalized;
  std::vector<AddedTokenSpec> added = spec.added; // some get other ids
  for (AddedTokenSpec &token : added) {
    if (StringRef why = whyUnreachable(token); !why.empty()) {
      note(token, "is left out, no text reaches it: " + why);
      continue;
    }
    auto id = uint32_t(token.id);
    if (!pieces.id(token.text))
      pieces.add(token.text, shownText(token), id);
    else if (token.special || !spec.decodesAdded)
      pieces.spell(id, shownText(token)); // other pieces are also found by their bytes
    if (token.special)
      pieces.hide(id);
    (token.normalized ? normalized : verbatim).push_back(&token);
  }
  out->verbatim = tableOf(verbatim);
  out->normalized = tableOf(normalized);
  out->spaces_first = out->normalized && spec.frame.normalizesSpaces;
  if (llvm::any_of(spec.added, [](const AddedTokenSpec &token) { return token.singleWord; }))
    layWords();
  out->hidden.assign(spec.hidden.begin(), spec.hidden.end());
}

void TableLayer::layWords() {
  for (CodePointRange range : unicodeSet("Word")) {
    out->word_ranges.push_back(range.first);
    out->word_ranges.push_back(range.last);
  }
}

/// Tokens ordered by what is sought; of equals the first counts. Null if there are none.
std::unique_ptr<bundle::AddedTokensT>
TableLayer::tableOf(ArrayRef<const AddedTokenSpec *> tokens) const {
  if (tokens.empty())
    return nullptr;
  std::vector<std::pair<std::string, const AddedTokenSpec *>> order;
  for (const AddedTokenSpec *token : tokens)
    order.emplace_back(soughtText(*token), token);
  llvm::sort(order); // of one text by their place in the file
  order.erase(llvm::unique(order, [](auto &a, auto &b) { return a.first == b.first; }),
              order.end());
  auto table = std::make_unique<bundle::AddedTokensT>();
  bool isPlain = true, isPiece = true;
  for (const auto &[text, token] : order) {
    AddedFlags flags{};
    for (auto [has, flag] : {std::pair(token->special, AddedFlags::Special),
                             {token->stripsLeft, AddedFlags::StripsLeft},
                             {token->stripsRight, AddedFlags::StripsRight},
                             {token->singleWord, AddedFlags::SingleWord}})
      if (has)
        flags = AddedFlags(uint8_t(flags) | uint8_t(flag));
    isPlain &= flags == AddedFlags::Special;
    isPiece &= text == pieces.bytes()[size_t(token->id)];
    table->ids.push_back(uint32_t(token->id));
    table->flags.push_back(uint8_t(flags));
    table->texts.insert(table->texts.end(), text.begin(), text.end());
    table->ends.push_back(uint32_t(table->texts.size()));
  }
  if (isPlain)
    table->flags.clear();
  if (isPiece) {
    table->texts.clear();
    table->ends.clear();
  }
  return table;
}

/// The ids around a text have texts of their own.
Error TableLayer::checkAround() {
  for (const std::vector<int64_t> &ids : {spec.prefix, spec.suffix})
    for (int64_t id : ids)
      if (!pieces.isBelowLimit(id) || pieces.isFree(id))
        return fail(spec.vocabularyPlace,
                    "has no token " + Twine(id) + ", which is to be put around every text");
  out->prefix.assign(spec.prefix.begin(), spec.prefix.end());
  out->suffix.assign(spec.suffix.begin(), spec.suffix.end());
  return Error::success();
}

} // namespace

Expected<std::unique_ptr<bundle::TokenizerT>> layTokenizer(const TokenizerSpec &spec, uint64_t rows,
                                                           Notes *notes) {
  return TableLayer(spec, rows, notes).lay();
}

} // namespace osscc
