// The file of --system.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace osscc {

/// Reads a system message, as it is to the last byte.
/// \errors  InputError naming the file: exit status 2 where it cannot be read, 1 where it is no
/// text in UTF-8, holds a zero byte (which ends strings) or is longer than a context could hold.
llvm::Expected<std::string> readSystemMessage(llvm::StringRef path);

} // namespace osscc
