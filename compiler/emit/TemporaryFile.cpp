#include "compiler/emit/TemporaryFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Signals.h"
#include <cerrno>
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
  if (file != kClosed)
    ::close(file);
  if (name.empty())
    return;
  fs::remove(name);
  llvm::sys::DontRemoveFileOnSignal(name);
}

std::error_code TemporaryFile::rename(llvm::StringRef path) {
  if (::close(std::exchange(file, kClosed)) != 0)
    return {errno, std::generic_category()};
  if (std::error_code failed = fs::rename(name, path))
    return failed;
  llvm::sys::DontRemoveFileOnSignal(name);
  name.clear();
  return {};
}

} // namespace osscc
