// The error of a flag.
#pragma once

#include "support/Error.h"

namespace osscc {

/// The command line is wrong: an InputError with exit status 2.
inline llvm::Error usageError(const llvm::Twine &where, const llvm::Twine &message,
                              const llvm::Twine &help = {}) {
  return inputError(where, message, help, 2);
}

} // namespace osscc
