// What stands around the model in tokenizer.json: the normalizer, and the decoder that undoes it.
#pragma once

#include "runtime/bundle/Tokenizer_generated.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace osscc {

/// What a vocabulary is spelt in.
enum class Spelling {
  kBytes,      ///< Each byte is a printable character, as GPT-2 has it.
  kCharacters, ///< Characters, U+2581 for a space, "<0x0A>" for a byte: SentencePiece.
};

/// How a text becomes what the model splits, and back.
struct TokenizerFrame {
  Spelling spelling = Spelling::kBytes;
  bool nfc = false;
  bundle::SpacePrefix spacePrefix = bundle::SpacePrefix::None;
  bool stripsSpace = false; ///< Of a decoded text, the first space.
  /// Whether the normalizer spells spaces, not the pre-tokenizer: normalized added tokens are then
  /// sought in a text of such spaces.
  bool normalizesSpaces = false;
};

/// Reads `normalizer`, `decoder` and, where the vocabulary is spelt in characters,
/// `pre_tokenizer` (`Metaspace` or none).
///
/// \param file   names the file in errors.
/// \errors  InputError for a step that is not known, and for steps that do not undo each other.
llvm::Expected<TokenizerFrame> importTokenizerFrame(llvm::StringRef file,
                                                    const llvm::json::Object &root);

} // namespace osscc
