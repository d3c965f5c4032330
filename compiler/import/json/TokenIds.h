// Fields that hold ids of tokens.
#pragma once

#include "compiler/import/json/Json.h"

namespace osscc {

/// One id or a list of them, each below `vocabulary`. -1 and 4294967295, which is -1 in 32 bits,
/// stand for no token; null and an absent field do, too.
llvm::SmallVector<int64_t> readTokenIds(JsonFields &fields, llvm::StringRef key,
                                        int64_t vocabulary);

/// The same of an id that no answer depends on: beyond the vocabulary, where some files put the
/// padding's, it is none.
void skipTokenId(JsonFields &fields, llvm::StringRef key);

} // namespace osscc
