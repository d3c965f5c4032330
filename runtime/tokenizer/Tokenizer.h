// Text to token ids and back: byte-pair encoding of bytes or characters over tables in the
// executable (bundle::Tokenizer).
//
//   text ─ added tokens cut out ─ Pretokenizer ─▶ pieces ─ bytes or characters to ids ─ BytePairs
//   ─▶ ids
//
// The reference is the `tokenizers` package; ids are equal to its own.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/bundle/Tokenizer_generated.h"
#include "runtime/tokenizer/AddedTokens.h"
#include "runtime/tokenizer/BytePairs.h"
#include "runtime/tokenizer/Pretokenizer.h"
#include "runtime/tokenizer/Spans.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt {

/// What the texts of special tokens, such as "<|im_end|>", are where they stand in a text. Other
/// added tokens, such as "<think>", are words, which match in any text.
enum class SpecialTokens {
  kText,  ///< Text like any other.
  kMatch, ///< The special tokens.
};

class Tokenizer {
public:
  /// \param tables  must outlive the object, which keeps pointers into it.
  /// \errors  kDataDamaged if an entry leads outside its table.
  static Result<Tokenizer> load(const bundle::Tokenizer &tables);

  /// The ids of a text that is no rendered conversation, with what the tokenizer puts around it (a
  /// BOS id).
  ///
  /// \errors  kInvalidArgument if the text is not UTF-8, or larger than 2 GiB; kOutOfMemory.
  /// Cost: n log n at worst (one letter repeated), linear for text of bounded words.
  Result<std::vector<int32_t>> encode(std::string_view text, SpecialTokens special) const;

  /// The ids of a rendered conversation: special tokens match inside template spans only, while
  /// words, added tokens among them, run across the borders of spans. Nothing is put around it, the
  /// template writes its own BOS.
  ///
  /// \param spans  in order, within the text; what they leave out is the user's.
  /// \errors  as above, and kRuntime for spans that are out of order.
  Result<std::vector<int32_t>> encode(std::string_view text,
                                      std::span<const TokenSpan> spans) const;

  /// The text of `ids`, special tokens included; U+FFFD where their bytes are not UTF-8.
  std::string decode(std::span<const int32_t> ids) const;

  /// The bytes of a token, which may be a part of a character; empty for an id that has none.
  std::string_view piece(int32_t id) const;

  /// Whether a token is a marker, which answers do not show.
  bool isSpecial(int32_t id) const {
    return id >= 0 && size_t(id) < specials.size() && specials[size_t(id)];
  }

  /// Ids are below this. The model's own vocabulary may be larger: its last rows are then padding.
  size_t size() const { return ends.size(); }

  /// Whether a decoded text loses its first space, which encoding has put there.
  bool stripsFirstSpace() const { return stripsSpace; }

private:
  /// A stretch of a text after its normalization.
  struct Stretch {
    std::string text;
    std::vector<TokenSpan> spans;
  };

  Status checkTables() const;
  Status loadAdded(const bundle::Tokenizer &tables);
  Result<AddedTokens> added(const bundle::AddedTokens *table, AddedTokens::Rules rules,
                            bool composed);
  /// The bytes [begin, end) of `text`, between two added tokens.
  void appendBetween(std::string_view text, size_t begin, size_t end,
                     std::span<const TokenSpan> spans, std::vector<int32_t> &ids) const;
  Stretch normalized(std::string_view text, size_t begin, size_t end,
                     std::span<const TokenSpan> spans) const;
  /// A stretch that holds no added token. \param isFirst  whether nothing stands before it.
  void appendText(std::string_view text, bool isFirst, std::vector<int32_t> &ids) const;
  /// The text with the spaces that the vocabulary wants.
  std::string spaced(std::string_view text, bundle::SpacePrefix prefix, bool isFirst) const;
  /// The id of a piece in a hash of pieces.
  std::optional<int32_t> pieceIn(std::span<const uint32_t> slots, std::string_view text) const;
  void appendBytes(std::string_view text, std::vector<int32_t> &ids) const;
  void appendCharacters(std::string_view piece, std::vector<int32_t> &ids) const;
  void appendPiece(std::string_view piece, std::vector<int32_t> &ids) const;
  Status append(std::string_view text, std::span<const TokenSpan> spans,
                std::vector<int32_t> &ids) const;

  std::span<const uint8_t> pieces;
  std::span<const uint32_t> ends, wholeSlots, characterSlots, prefix, suffix;
  std::span<const int32_t> byteIds;
  bool composes = false, stripsSpace = false, spacesFirst = false;
  bundle::SpacePrefix spacePrefix = bundle::SpacePrefix::None;
  MergeTable merges;
  Pretokenizer pretokenizer;
  AddedTokens verbatim, normalizedTokens;
  std::shared_ptr<std::vector<std::string>> composedTexts; ///< Of normalizedTokens.
  std::vector<bool> specials; ///< By id; shorter than the vocabulary if none follow.
};

/// Turns ids into text as they come: holds back the bytes of a character that is not complete yet.
class Detokenizer {
public:
  /// \param tokenizer  must outlive the object.
  explicit Detokenizer(const Tokenizer &tokenizer)
      : tokenizer(&tokenizer), isFirst(tokenizer.stripsFirstSpace()) {}

  /// The characters that `id` completes; U+FFFD for bytes that can no longer become one. Always
  /// valid UTF-8.
  std::string feed(int32_t id);
  /// What is left at the end: U+FFFD for an incomplete character, else nothing. The object is then
  /// as new.
  std::string finish();

private:
  const Tokenizer *tokenizer;
  bool isFirst;     ///< Whether a space would be the first of the text, and dropped.
  std::string held; ///< The first bytes of a character, at most 3.
};

} // namespace osscc::rt
