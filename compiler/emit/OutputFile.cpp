// The temporary file lies in the folder of the final one: only within a file system is a rename one
// step.
#include "compiler/emit/OutputFile.h"

#include "support/Error.h"
#include "llvm/Support/FileSystem.h"
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace osscc {

namespace fs = llvm::sys::fs;

static llvm::Error cannotWrite(llvm::StringRef path, std::error_code code) {
  bool full = code == std::errc::no_space_on_device || code == std::errc::file_too_large ||
              code.value() == EDQUOT;
  return inputError(path, "cannot be written: " + code.message(),
                    full ? "free space there, or choose another place with -o"
                         : "choose a folder that exists and may be written with -o");
}

static std::error_code lastError() {
  return {errno, std::generic_category()};
}

llvm::Expected<OutputFile> OutputFile::create(llvm::StringRef path, uint64_t bytes, Kind kind) {
  fs::file_status status;
  if (!fs::status(path, status) && status.type() != fs::file_type::regular_file)
    return inputError(path, "exists and is no regular file", "choose another name with -o");
  // A file size limit is an error of write() like a full disk, not the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  // What a kill leaves says whose it is.
  llvm::ErrorOr<TemporaryFile> temporary = TemporaryFile::create(
      path + ".osscc-", ".tmp",
      fs::all_read | fs::all_write | (kind == Kind::Program ? fs::all_exe : 0));
  if (!temporary)
    return cannotWrite(path, temporary.getError());
  OutputFile file(path, std::move(*temporary));
  int told;
  while ((told = ::fallocate(file.file.descriptor(), FALLOC_FL_KEEP_SIZE, 0,
                             static_cast<off_t>(bytes))) != 0 &&
         errno == EINTR)
    ;
  if (told != 0 && errno != EOPNOTSUPP && errno != ENOSYS)
    return cannotWrite(path, lastError());
  return file;
}

llvm::Error OutputFile::overwrite(uint64_t offset, llvm::ArrayRef<char> bytes) {
  while (!bytes.empty()) {
    ssize_t put =
        ::pwrite(file.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return cannotWrite(path, lastError());
    offset += put;
    bytes = bytes.drop_front(put);
  }
  return llvm::Error::success();
}

llvm::Error OutputFile::append(llvm::ArrayRef<char> bytes) {
  uint64_t at = end;
  end += bytes.size();
  return overwrite(at, bytes);
}

llvm::Error OutputFile::commit() {
  if (std::error_code failed = file.rename(path))
    return cannotWrite(path, failed);
  return llvm::Error::success();
}

llvm::Error writeStandardOutput(llvm::StringRef bytes) {
  while (!bytes.empty()) {
    ssize_t put = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return cannotWrite("standard output", lastError());
    bytes = bytes.drop_front(put);
  }
  return llvm::Error::success();
}

} // namespace osscc
