// The `pre_tokenizer` of tokenizer.json: where a text is split before byte pairs merge.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <string>
#include <vector>

namespace osscc {

/// Reads the pre-tokenizer of a byte-level tokenizer: a `ByteLevel`, or a `Sequence` of splits with
/// one at its end.
///
/// \param file    names the file in errors.
/// \param fields  the whole object of tokenizer.json.
/// \returns the patterns, each of which splits the pieces of the one before.
/// \errors  InputError for a split that is not known. A pattern of the checkpoint is compared with
///          the known ones, never compiled: one made to be slow would stop every user of the
///          executable.
llvm::Expected<std::vector<std::string>> importPretokenizer(llvm::StringRef file,
                                                            const llvm::json::Object &fields);

/// The pattern of GPT-2, which `ByteLevel` splits by.
llvm::StringRef gpt2Pattern();

} // namespace osscc
