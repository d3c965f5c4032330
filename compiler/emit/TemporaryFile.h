// A file that stays only if it gets another name. Stage: emit.
#pragma once

#include "compiler/emit/OpenFile.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/ErrorOr.h"
#include <string>
#include <utility>

namespace osscc {

/// A new file, gone at the end and when a signal ends the process. Unlike llvm::sys::fs::TempFile
/// and createTemporaryFile, it is known to the signal handlers before it exists: no signal comes
/// too early.
class TemporaryFile {
public:
  /// Creates the file under the name `begin`, random digits, `end`, open for reading and writing.
  /// `mode` is open(2)'s.
  /// \errors  the system's.
  static llvm::ErrorOr<TemporaryFile> create(const llvm::Twine &begin, const llvm::Twine &end,
                                             unsigned mode);

  TemporaryFile(TemporaryFile &&other) noexcept
      : name(std::exchange(other.name, {})), file(std::move(other.file)) {}
  ~TemporaryFile();

  llvm::StringRef path() const { return name; }
  int descriptor() const { return file.descriptor(); }

  /// Brings the bytes to the disk and closes the file; its name stays.
  /// \errors  the system's; a network file system may say only now that there was no space.
  std::error_code close();
  /// Closes it and lets it stay under the name `path`, in the same file system. After a power loss
  /// either file has the name, and the new one is complete.
  /// \errors  as close().
  std::error_code rename(llvm::StringRef path);

private:
  TemporaryFile(llvm::StringRef name, int file) : name(name), file(file) {}

  std::string name; ///< Empty: another name, or another's.
  OpenFile file;
};

} // namespace osscc
