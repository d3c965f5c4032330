// tokenizer.json, as the `tokenizers` package writes it.
#pragma once

#include "compiler/import/tokenizer/Spec.h"
#include "llvm/Support/JSON.h"

namespace osscc {

/// Reads the object of a tokenizer.json: a byte-level BPE, or SentencePiece's. Its `post_processor`
/// alone says what is put around a text.
///
/// \param file  names the object in errors.
/// \errors  InputError naming file and field for anything that would change ids and is not
///          implemented (a normalizer, another model, another pre-tokenizer, ...), and for values
///          of another type.
llvm::Expected<TokenizerSpec> readTokenizerJson(llvm::StringRef file,
                                                const llvm::json::Object &root);

} // namespace osscc
