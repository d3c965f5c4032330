// `tokenizer.ggml.pre`: a name for the way a byte-level tokenizer splits a text.
#pragma once

#include "compiler/import/checkpoint/gguf/File.h"

namespace osscc {

/// What a name stands for.
struct GgufPretokenizer {
  llvm::StringLiteral name;
  llvm::StringLiteral pattern; ///< As tokenizer.json has it; empty: GPT-2's.
  bool digits = false;         ///< Digits stand alone first.
  bool composes = false;       ///< Texts are normalized to NFC.
  bool wholePieces = false;    ///< A piece of the vocabulary is not merged.
  bool begins = false;         ///< Texts get a begin token, unless the file says otherwise.
};

/// \errors  InputError for a name that is not known, naming those that are, and for none.
llvm::Expected<GgufPretokenizer> readGgufPretokenizer(const GgufFile &file);

} // namespace osscc
