// Runs the executable that was just written, for what it says of itself.
#pragma once

#include "compiler/emit/TemporaryFile.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <string>

namespace osscc {

/// A file of the system's temporary folder, gone at the end and on a signal.
class ScratchFile {
public:
  /// \errors  InputError: no temporary file can be written.
  static llvm::Expected<ScratchFile> create(llvm::StringRef ending);

  llvm::StringRef path() const { return file.path(); }
  llvm::Error write(llvm::StringRef text) const;
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> read() const;

private:
  explicit ScratchFile(TemporaryFile file) : file(std::move(file)) {}

  TemporaryFile file;
};

/// Runs `executable` with some words on `input`; \returns what it printed.
/// \param option  that asks for it, "--verify", for messages.
/// \errors  InputError: it does not run here.
llvm::Expected<std::string> runExecutable(llvm::StringRef option, llvm::StringRef executable,
                                          llvm::ArrayRef<llvm::StringRef> words,
                                          llvm::StringRef input);

/// A file's name as a program's path: with a slash.
std::string programPath(llvm::StringRef file);

} // namespace osscc
