// The temporary file lies in the folder of the final one: only within a file system is a rename one
// step.
#include "compiler/emit/OutputFile.h"

#include "support/Error.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
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

/// Where a path leads once its last part is no symbolic link any more; it need not exist.
static llvm::ErrorOr<std::string> followLinks(llvm::StringRef path) {
  constexpr int kMostLinks = 40; // the kernel's
  llvm::SmallString<256> place(path);
  for (int i = 0; i < kMostLinks; ++i) {
    std::array<char, PATH_MAX> target;
    ssize_t length = ::readlink(place.c_str(), target.data(), target.size());
    if (length < 0)
      return place.str().str();
    llvm::StringRef next(target.data(), static_cast<size_t>(length));
    if (llvm::sys::path::is_absolute(next))
      place.clear();
    else
      llvm::sys::path::remove_filename(place);
    llvm::sys::path::append(place, next);
  }
  return std::make_error_code(std::errc::too_many_symbolic_link_levels);
}

/// Asks the file system for space ahead; one that cannot tell is no error.
static std::error_code reserve(int file, uint64_t bytes) {
  while (bytes != 0 && ::fallocate(file, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) != 0)
    if (errno != EINTR)
      return errno == EOPNOTSUPP || errno == ENOSYS ? std::error_code() : lastError();
  return {};
}

llvm::Expected<OutputFile> OutputFile::create(llvm::StringRef path, uint64_t bytes, Kind kind) {
  // A file size limit is an error of write() like a full disk, not the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  fs::file_status status;
  if (!fs::status(path, status) && status.type() == fs::file_type::character_file) {
    int device = ::open(path.str().c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return device < 0 ? cannotWrite(path, lastError())
                      : llvm::Expected<OutputFile>(OutputFile(path, device));
  }
  if (fs::exists(status) && status.type() != fs::file_type::regular_file)
    return inputError(path,
                      status.type() == fs::file_type::directory_file
                          ? "is a folder"
                          : "exists and is no regular file",
                      "choose another name with -o");
  llvm::ErrorOr<std::string> place = followLinks(path);
  if (!place)
    return cannotWrite(path, place.getError());
  // What a kill leaves says whose it is.
  llvm::ErrorOr<TemporaryFile> temporary = TemporaryFile::create(
      *place + ".osscc-", ".tmp",
      fs::all_read | fs::all_write | (kind == Kind::Program ? fs::all_exe : 0));
  if (!temporary)
    return cannotWrite(path, temporary.getError());
  OutputFile file(path, std::move(*place), std::move(*temporary));
  if (std::error_code failed = reserve(file.file->descriptor(), bytes))
    return cannotWrite(path, failed);
  return file;
}

llvm::Error OutputFile::overwrite(uint64_t offset, llvm::ArrayRef<char> bytes) {
  while (!bytes.empty()) {
    // A terminal has no offsets: what is appended to a device goes there in order.
    ssize_t put = device.isOpen() && offset == end
                      ? ::write(device.descriptor(), bytes.data(), bytes.size())
                      : ::pwrite(device.isOpen() ? device.descriptor() : file->descriptor(),
                                 bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return cannotWrite(path, lastError());
    offset += put;
    end = std::max(end, offset);
    bytes = bytes.drop_front(put);
  }
  return llvm::Error::success();
}

llvm::Error OutputFile::append(llvm::ArrayRef<char> bytes) {
  return overwrite(end, bytes);
}

llvm::Error OutputFile::commit(const std::function<llvm::Error(llvm::StringRef)> &check) {
  if (device.isOpen())
    return llvm::Error::success();
  if (std::error_code failed = file->close())
    return cannotWrite(path, failed);
  if (check)
    if (llvm::Error refused = check(file->path()))
      return refused;
  if (std::error_code failed = file->rename(place))
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
