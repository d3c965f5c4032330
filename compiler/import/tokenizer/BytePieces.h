// The texts of a vocabulary while it is read: each in its spelling of tokenizer.json, and in bytes.
#pragma once

#include "compiler/import/tokenizer/Frame.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>
#include <vector>

namespace osscc {

/// The bytes that a byte-level spelling stands for: "Ġhi" is " hi". Nothing if it has a character
/// that stands for none. Source: GPT-2's bytes_to_unicode.
std::optional<std::string> bytesOfSpelling(llvm::StringRef spelling);
/// The spelling of one byte: "Ċ" or "<0x0A>".
std::string spellingOfByte(uint8_t byte, Spelling spelling);

class BytePieces {
public:
  /// \param file   names the file in errors.
  /// \param limit  ids are below it.
  BytePieces(llvm::StringRef file, uint64_t limit) : file(file), limit(limit) {}

  /// Adds the tokens of a vocabulary. \errors  an id that is taken or not below the limit, an empty
  /// text, one of more than 64 KiB.
  llvm::Error readVocabulary(llvm::ArrayRef<std::pair<std::string, int64_t>> vocabulary,
                             Spelling spelling, llvm::StringRef place);
  /// Gives an id that is free and below the limit to a text, which stands for `bytes`.
  void add(llvm::StringRef text, std::string bytes, uint32_t id);
  /// Changes the bytes that an id stands for.
  void spell(uint32_t id, std::string bytes) { texts[id] = std::move(bytes); }
  /// Keeps a text from becoming this id.
  void hide(uint32_t id) { plain[id] = false; }

  std::optional<uint32_t> id(llvm::StringRef spelling) const;
  bool isFree(int64_t id) const { return uint64_t(id) >= texts.size() || texts[id].empty(); }
  bool isBelowLimit(int64_t id) const { return id >= 0 && uint64_t(id) < limit; }
  /// Bytes by id; empty where there is none.
  const std::vector<std::string> &bytes() const { return texts; }
  /// Whether text can become this id whole: its spelling stands for text, and it is no special
  /// token.
  bool isPlain(uint32_t id) const { return plain[id]; }

private:
  std::string file;
  uint64_t limit;
  llvm::StringMap<uint32_t> ids;
  std::vector<std::string> texts;
  std::vector<bool> plain;
};

/// A spelling with spaces for U+2581.
std::string spacesOfCharacters(llvm::StringRef spelling);
/// The bytes that a decoder makes of a token's spelling, and whether a text can be spelt so.
std::pair<std::string, bool> bytesOf(llvm::StringRef spelt, Spelling spelling);

} // namespace osscc
