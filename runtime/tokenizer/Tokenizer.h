// Text to token ids and back: byte-pair encoding of bytes or characters over tables in the
// executable (bundle::Tokenizer).
//
//   text ─ special tokens cut out ─ Pretokenizer ─▶ pieces ─ bytes or characters to ids ─ BytePairs
//   ─▶ ids
//
// The reference is the `tokenizers` package; ids are equal to its own.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/bundle/Tokenizer_generated.h"
#include "runtime/tokenizer/BytePairs.h"
#include "runtime/tokenizer/Pretokenizer.h"
#include "runtime/tokenizer/Spans.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt {

/// What the texts of special tokens, such as "<|im_end|>", are where they stand in a text.
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
  /// words run across the borders of spans. Nothing is put around it, the template writes its own
  /// BOS.
  ///
  /// \param spans  in order, within the text; what they leave out is the user's.
  /// \errors  as above, and kRuntime for spans that are out of order.
  Result<std::vector<int32_t>> encode(std::string_view text,
                                      std::span<const TokenSpan> spans) const;

  /// The text of `ids`, special tokens included; U+FFFD where their bytes are not UTF-8.
  std::string decode(std::span<const int32_t> ids) const;

  /// The bytes of a token, which may be a part of a character; empty for an id that has none.
  std::string_view piece(int32_t id) const;

  /// Ids are below this. The model's own vocabulary may be larger: its last rows are then padding.
  size_t size() const { return ends.size(); }

  /// The id of the special token with this text.
  std::optional<int32_t> special(std::string_view text) const;
  /// Whether a decoded text loses its first space, which encoding has put there.
  bool stripsFirstSpace() const { return stripsSpace; }
  bool isSpecial(int32_t id) const { return special(piece(id)) == id; }

private:
  struct Found {
    size_t begin, end; // bytes
    int32_t id;
  };

  Status checkTables() const;
  /// The longest special token that `text` starts with.
  std::optional<int32_t> specialAtStart(std::string_view text) const;
  Result<std::vector<Found>> findSpecial(std::string_view text,
                                         std::span<const TokenSpan> spans) const;
  /// \param isFirst  whether nothing stands before `text`, no special token either.
  void appendText(std::string_view text, bool isFirst, std::vector<int32_t> &ids) const;
  /// The text as the vocabulary spells it: composed, or with its spaces put in front.
  std::string normalized(std::string_view text, bool isFirst) const;
  /// The id of a piece in a hash of pieces.
  std::optional<int32_t> pieceIn(std::span<const uint32_t> slots, std::string_view text) const;
  void appendBytes(std::string_view text, std::vector<int32_t> &ids) const;
  void appendCharacters(std::string_view piece, std::vector<int32_t> &ids) const;
  void appendPiece(std::string_view piece, std::vector<int32_t> &ids) const;
  Status append(std::string_view text, std::span<const TokenSpan> spans,
                std::vector<int32_t> &ids) const;

  std::span<const uint8_t> pieces;
  std::span<const uint32_t> ends, wholeSlots, characterSlots, added, prefix, suffix;
  std::span<const int32_t> byteIds;
  bool composes = false, stripsSpace = false;
  bundle::SpacePrefix spacePrefix = bundle::SpacePrefix::None;
  MergeTable merges;
  Pretokenizer pretokenizer;
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
