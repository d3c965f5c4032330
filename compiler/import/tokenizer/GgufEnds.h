// The tokens that end an answer, by their texts: files name one at most by a key.
#pragma once

#include "llvm/ADT/StringRef.h"

namespace osscc {

/// Whether llama.cpp ends an answer at a token of this text, whatever its type.
bool isGgufEnd(llvm::StringRef text);

} // namespace osscc
