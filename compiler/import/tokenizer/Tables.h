// A TokenizerSpec laid out as the tables that the executable's tokenizer runs on.
#pragma once

#include "compiler/import/tokenizer/Spec.h"
#include "runtime/bundle/Tokenizer_generated.h"
#include "support/Notes.h"
#include <memory>

namespace osscc {

/// \param rows   of the embedding table. An added token beyond them is left out, and so is one that
///               is empty or stands twice: no text reaches it.
/// \param notes  takes what is left out, if it is not null.
/// \errors  InputError naming file and place for ids of the vocabulary that are not unique or
/// beyond
///          the rows, empty texts, merges of unknown parts, and bytes that a vocabulary of
///          characters lacks.
llvm::Expected<std::unique_ptr<bundle::TokenizerT>>
layTokenizer(const TokenizerSpec &spec, uint64_t rows, Notes *notes = nullptr);

} // namespace osscc
