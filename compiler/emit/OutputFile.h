// A file that appears under its name only when it is complete. Stage: emit.
#pragma once

#include "compiler/emit/OpenFile.h"
#include "compiler/emit/TemporaryFile.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace osscc {

/// Written beside its final place and renamed at the end; without commit() nothing stays, also when
/// a signal ends the process.
class OutputFile {
public:
  enum class Kind { Program, Data };

  /// Creates the file, a program executable as far as the umask lets it be, with space for `bytes`
  /// bytes where the file system can tell. Where `path` is a symbolic link, the file that it leads
  /// to is replaced and the link stays.
  /// \errors  InputError naming `path`: no folder, no permission, no space, a link that leads
  /// nowhere, or something there that is neither a regular file nor a device of characters.
  static llvm::Expected<OutputFile> create(llvm::StringRef path, uint64_t bytes,
                                           Kind kind = Kind::Program);

  /// Appends. \errors  InputError naming the path and the system's reason.
  llvm::Error append(llvm::ArrayRef<char> bytes);
  /// Writes over bytes that were appended before.
  llvm::Error overwrite(uint64_t offset, llvm::ArrayRef<char> bytes);
  /// Bytes appended so far.
  uint64_t size() const { return end; }
  /// Ends the writing and calls `check` with the name under which the file can be read and run
  /// now; only if it agrees, the file gets its final name. A device has its bytes already.
  llvm::Error commit(const std::function<llvm::Error(llvm::StringRef path)> &check = nullptr);

private:
  OutputFile(llvm::StringRef path, std::string place, TemporaryFile file)
      : path(path), place(std::move(place)), file(std::move(file)) {}
  OutputFile(llvm::StringRef path, int device) : path(path), device(device) {}

  std::string path;  ///< as the user calls it
  std::string place; ///< the same behind symbolic links
  std::optional<TemporaryFile> file;
  OpenFile device; ///< open in place of a temporary file
  uint64_t end = 0;
};

/// Writes all bytes to the standard output.
/// \errors  InputError with the system's reason.
llvm::Error writeStandardOutput(llvm::StringRef bytes);

} // namespace osscc
