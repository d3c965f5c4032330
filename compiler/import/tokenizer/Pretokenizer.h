// The `pre_tokenizer` of tokenizer.json: where a text is split before byte pairs merge.
#pragma once

#include "runtime/bundle/Tokenizer_generated.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <memory>

namespace osscc {

/// Reads the pre-tokenizer of a byte-level tokenizer: a `ByteLevel`, or a `Sequence` of splits with
/// one at its end.
///
/// \param file    names the file in errors.
/// \param fields  the whole object of tokenizer.json.
/// \errors  InputError for a split that is not known. A pattern of the checkpoint is compared with
/// the known ones, never
///          compiled: one made to be slow would stop every user of the executable.
llvm::Expected<std::unique_ptr<bundle::PretokenizerT>>
importPretokenizer(llvm::StringRef file, const llvm::json::Object &fields);

} // namespace osscc
