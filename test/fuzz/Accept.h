// What the compiler side's readers give, or nothing.
#pragma once

#include "test/fuzz/Readers.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace osscc::fuzz {

/// Whether a reader took the input. If not, it must have said why.
template <class T> bool accepted(llvm::Expected<T> &result) {
  if (result)
    return true;
  require(!llvm::toString(result.takeError()).empty(), "an error has a message");
  return false;
}

inline llvm::StringRef toRef(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

} // namespace osscc::fuzz
