#include "compiler/emit/TemporaryFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace osscc {

namespace fs = llvm::sys::fs;

llvm::ErrorOr<TemporaryFile> TemporaryFile::create(const llvm::Twine &begin, const llvm::Twine &end,
                                                   unsigned mode) {
  constexpr int kNames = 128;
  std::error_code failed;
  for (int i = 0; i < kNames; ++i) {
    llvm::SmallString<8> digits;
    fs::createUniquePath("%%%%%%%%", digits, /*MakeAbsolute=*/false);
    std::string name = (begin + digits + end).str();
    llvm::sys::RemoveFileOnSignal(name);
    int file;
    failed =
        fs::openFile(name, file, fs::CD_CreateNew, fs::FA_Read | fs::FA_Write, fs::OF_None, mode);
    if (!failed)
      return TemporaryFile(name, file);
    llvm::sys::DontRemoveFileOnSignal(name);
    if (failed != std::errc::file_exists)
      break;
  }
  return failed;
}

TemporaryFile::~TemporaryFile() {
  if (name.empty())
    return;
  fs::remove(name);
  llvm::sys::DontRemoveFileOnSignal(name);
}

static std::error_code lastError() {
  return {errno, std::generic_category()};
}

/// File systems that cannot synchronise say EINVAL or EROFS; there is nothing to wait for then.
static bool synchronise(int file) {
  return ::fsync(file) == 0 || errno == EINVAL || errno == EROFS || errno == ENOSYS;
}

/// Brings a folder's names to the disk, as far as the system lets us: the rename has succeeded.
static void synchroniseFolderOf(llvm::StringRef path) {
  llvm::StringRef folder = llvm::sys::path::parent_path(path);
  int opened =
      ::open(folder.empty() ? "." : folder.str().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0)
    return;
  (void)::fsync(opened);
  ::close(opened);
}

std::error_code TemporaryFile::close() {
  if (!file.isOpen())
    return {};
  if (!synchronise(file.descriptor()))
    return lastError();
  return ::close(file.release()) == 0 ? std::error_code() : lastError();
}

std::error_code TemporaryFile::rename(llvm::StringRef path) {
  if (std::error_code failed = close())
    return failed;
  if (std::error_code failed = fs::rename(name, path))
    return failed;
  synchroniseFolderOf(path);
  llvm::sys::DontRemoveFileOnSignal(name);
  name.clear();
  return {};
}

} // namespace osscc
