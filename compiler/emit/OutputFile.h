// A file that appears under its name only when it is complete. Stage: emit.
#pragma once

#include "compiler/emit/TemporaryFile.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>

namespace osscc {

/// Written beside its final place and renamed at the end; without commit() nothing stays, also when
/// a signal ends the process.
class OutputFile {
public:
  enum class Kind { Program, Data };

  /// Creates the file, a program executable as far as the umask lets it be, with space for `bytes`
  /// bytes where the file system can tell.
  /// \errors  InputError naming `path`: no folder, no permission, no space, or something there that
  /// is no regular file.
  static llvm::Expected<OutputFile> create(llvm::StringRef path, uint64_t bytes,
                                           Kind kind = Kind::Program);

  /// Appends. \errors  InputError naming the path and the system's reason.
  llvm::Error append(llvm::ArrayRef<char> bytes);
  /// Writes over bytes that were appended before.
  llvm::Error overwrite(uint64_t offset, llvm::ArrayRef<char> bytes);
  /// Bytes appended so far.
  uint64_t size() const { return end; }
  /// Gives the file its name.
  llvm::Error commit();

private:
  OutputFile(llvm::StringRef path, TemporaryFile file) : path(path), file(std::move(file)) {}

  std::string path;
  TemporaryFile file;
  uint64_t end = 0;
};

/// Writes all bytes to the standard output.
/// \errors  InputError with the system's reason.
llvm::Error writeStandardOutput(llvm::StringRef bytes);

} // namespace osscc
