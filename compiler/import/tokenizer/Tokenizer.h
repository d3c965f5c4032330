// tokenizer.json to the tables that the executable's tokenizer runs on.
#pragma once

#include "runtime/bundle/Tokenizer_generated.h"
#include "support/Notes.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <memory>

namespace osscc {

/// Reads `tokenizer.json` of a Hugging Face directory: a byte-level BPE. Its `post_processor` alone
/// says what is put around a text; tokenizer_config.json is not read, as the `tokenizers` package
/// does not either.
///
/// \param vocabularyRows  rows of the embedding table; every id is below.
/// \param notes  takes what changes no id: slips of the JSON, truncation and padding.
/// \errors  InputError naming file and field for anything that would change ids and is not
/// implemented (a normalizer,
///          another model, byte fallback, another pre-tokenizer, added tokens that swallow spaces,
///          ...), ids that are not unique or beyond the vocabulary, empty tokens, merges of unknown
///          parts, and those of readJsonFile.
llvm::Expected<std::unique_ptr<bundle::TokenizerT>>
importTokenizer(llvm::StringRef directory, uint64_t vocabularyRows, Notes *notes = nullptr);
/// The same of a value in memory, which `file` names in errors.
llvm::Expected<std::unique_ptr<bundle::TokenizerT>>
importTokenizer(llvm::StringRef file, const llvm::json::Object &root, uint64_t vocabularyRows);

} // namespace osscc
