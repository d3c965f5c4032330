#include "compiler/pipeline/RunExecutable.h"

#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

namespace osscc {

namespace fs = llvm::sys::fs;

llvm::Expected<ScratchFile> ScratchFile::create(llvm::StringRef ending) {
  llvm::SmallString<128> begin;
  llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, begin);
  llvm::sys::path::append(begin, "osscc-verify-");
  auto file = TemporaryFile::create(begin, "." + ending, fs::owner_read | fs::owner_write);
  if (!file)
    return inputError("--verify", "no temporary file can be written: " + file.getError().message(),
                      "set TMPDIR to a folder that has space");
  return ScratchFile(std::move(*file));
}

llvm::Error ScratchFile::write(llvm::StringRef text) const {
  std::error_code error;
  llvm::raw_fd_ostream stream(path(), error);
  stream << text;
  stream.close();
  if (!error)
    error = stream.error();
  stream.clear_error();
  return error ? inputError(path(), "cannot be written: " + error.message())
               : llvm::Error::success();
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> ScratchFile::read() const {
  auto file = llvm::MemoryBuffer::getFile(path(), /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false, /*IsVolatile=*/true);
  if (!file)
    return inputError(path(), "cannot be read: " + file.getError().message());
  return std::move(*file);
}

llvm::Expected<std::string> runExecutable(llvm::StringRef option, llvm::StringRef executable,
                                          llvm::ArrayRef<llvm::StringRef> words,
                                          llvm::StringRef input) {
  auto in = ScratchFile::create("in"), out = ScratchFile::create("out"),
       told = ScratchFile::create("err");
  if (!in || !out || !told)
    return llvm::joinErrors(llvm::joinErrors(in.takeError(), out.takeError()), told.takeError());
  if (llvm::Error error = in->write(input))
    return error;
  llvm::SmallVector<llvm::StringRef> command = {executable};
  llvm::append_range(command, words);
  std::string problem;
  int status = llvm::sys::ExecuteAndWait(executable, command, std::nullopt,
                                         {in->path(), out->path(), told->path()}, 0, 0, &problem);
  auto text = out->read(), said = told->read();
  if (!text || !said)
    return llvm::joinErrors(text.takeError(), said.takeError());
  if (status == 0)
    return (*text)->getBuffer().str();
  llvm::StringRef line = (*said)->getBuffer().split('\n').first;
  return inputError(option,
                    "the executable does not run here: " +
                        (line.empty() ? llvm::StringRef(problem) : line),
                    "leave " + option + " out to compile for another machine");
}

std::string programPath(llvm::StringRef file) {
  return (llvm::sys::path::has_parent_path(file) ? "" : "./") + file.str();
}

} // namespace osscc
