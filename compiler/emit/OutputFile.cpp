// The temporary file lies in the folder of the final one: only within a file system is a rename one
// step.
#include "compiler/emit/OutputFile.h"

#include "compiler/Error.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Signals.h"
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace osscc {

namespace fs = llvm::sys::fs;

static constexpr int kClosed = -1;

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

/// Unlike llvm::sys::fs::TempFile, says the name to the signal handlers before the file exists: no
/// signal comes too early.
llvm::Expected<OutputFile::Temporary> OutputFile::createBeside(llvm::StringRef path,
                                                               unsigned mode) {
  constexpr int kNames = 128;
  std::error_code failed;
  for (int name = 0; name < kNames; ++name) {
    // What a kill leaves says whose it is.
    llvm::SmallString<128> beside;
    fs::createUniquePath(path + ".osscc-%%%%%%%%.tmp", beside, /*MakeAbsolute=*/false);
    llvm::sys::RemoveFileOnSignal(beside);
    int descriptor;
    failed = fs::openFile(beside, descriptor, fs::CD_CreateNew, fs::FA_Read | fs::FA_Write,
                          fs::OF_None, mode);
    if (!failed)
      return Temporary{beside.str().str(), descriptor};
    llvm::sys::DontRemoveFileOnSignal(beside);
    if (failed != std::errc::file_exists)
      break;
  }
  return cannotWrite(path, failed);
}

llvm::Expected<OutputFile> OutputFile::create(llvm::StringRef path, uint64_t bytes, Kind kind) {
  fs::file_status status;
  if (!fs::status(path, status) && status.type() != fs::file_type::regular_file)
    return inputError(path, "exists and is no regular file", "choose another name with -o");
  // A file size limit is an error of write() like a full disk, not the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  llvm::Expected<Temporary> temporary =
      createBeside(path, fs::all_read | fs::all_write | (kind == Kind::Program ? fs::all_exe : 0));
  if (!temporary)
    return temporary.takeError();
  OutputFile file(path, std::move(*temporary));
  int told;
  while ((told = ::fallocate(file.file->descriptor, FALLOC_FL_KEEP_SIZE, 0,
                             static_cast<off_t>(bytes))) != 0 &&
         errno == EINTR)
    ;
  if (told != 0 && errno != EOPNOTSUPP && errno != ENOSYS)
    return cannotWrite(path, lastError());
  return file;
}

OutputFile::~OutputFile() {
  if (!file)
    return;
  if (file->descriptor != kClosed)
    ::close(file->descriptor);
  fs::remove(file->path);
  llvm::sys::DontRemoveFileOnSignal(file->path);
}

llvm::Error OutputFile::overwrite(uint64_t offset, llvm::ArrayRef<char> bytes) {
  while (!bytes.empty()) {
    ssize_t put =
        ::pwrite(file->descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
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
  // A network file system may say only on closing that there was no space.
  bool closed = ::close(std::exchange(file->descriptor, kClosed)) == 0;
  if (std::error_code failed = closed ? fs::rename(file->path, path) : lastError())
    return cannotWrite(path, failed);
  llvm::sys::DontRemoveFileOnSignal(file->path);
  file.reset();
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
