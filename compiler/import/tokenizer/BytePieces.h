// The texts of a vocabulary while it is read: each in its spelling of tokenizer.json, and in bytes.
#pragma once

#include "compiler/import/tokenizer/Frame.h"
#include "runtime/bundle/Tokenizer_generated.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
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

  /// Reads `model.vocab`, an object of spellings with their ids.
  llvm::Error readVocabulary(const llvm::json::Object *vocabulary, Spelling spelling);
  /// Adds a token whose bytes are its text, or takes the vocabulary's of this spelling, which must
  /// have the same id.
  llvm::Error add(llvm::StringRef text, int64_t id, const std::string &key);

  std::optional<uint32_t> id(llvm::StringRef spelling) const;
  /// Bytes by id; empty where there is none.
  const std::vector<std::string> &bytes() const { return texts; }
  /// Whether text can become this id whole: its spelling stands for text, and it is not an added
  /// token.
  bool isPlain(uint32_t id) const { return plain[id]; }

private:
  llvm::Error place(llvm::StringRef spelling, std::string bytes, int64_t id,
                    const std::string &key);

  std::string file;
  uint64_t limit;
  llvm::StringMap<uint32_t> ids;
  std::vector<std::string> texts;
  std::vector<bool> plain;
};

} // namespace osscc
