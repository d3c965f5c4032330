// Files that a user names or a checkpoint holds. What a file is, and how long, is asked before it
// is read: a link to a device never ends, a pipe waits for ever. Nothing is mapped: a mapped file
// that is cut while it is read ends the process.
#pragma once

#include "support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <string>
#include <utility>

namespace osscc {

/// A regular file, open for reading.
class InputFile {
public:
  /// Opens a file; links are followed.
  ///
  /// \param help  the remedy where there is no such file.
  /// \errors  InputError: no such file, not readable, or no regular file.
  static llvm::Expected<InputFile> open(llvm::StringRef path, const llvm::Twine &help = {}) {
    llvm::sys::fs::file_status status;
    if (std::error_code error = llvm::sys::fs::status(path, status))
      return inputError(path, error.message(), help);
    if (status.type() != llvm::sys::fs::file_type::regular_file)
      return inputError(path, std::string("is ") + kindOf(status.type()) + ", not a regular file",
                        "put the file itself in its place");
    llvm::Expected<llvm::sys::fs::file_t> handle = llvm::sys::fs::openNativeFileForRead(path);
    if (!handle)
      return inputError(path, llvm::toString(handle.takeError()));
    InputFile file(path, *handle);
    if (std::error_code error = llvm::sys::fs::status(*handle, status))
      return inputError(path, error.message());
    file.bytes = status.getSize();
    return file;
  }

  InputFile(InputFile &&other)
      : path(std::move(other.path)), bytes(other.bytes),
        handle(std::exchange(other.handle, llvm::sys::fs::kInvalidFile)) {}
  ~InputFile() {
    if (handle != llvm::sys::fs::kInvalidFile)
      llvm::sys::fs::closeFile(handle);
  }

  /// Its length when it was opened.
  uint64_t size() const { return bytes; }

  /// `count` bytes from byte `offset` on. \errors  InputError: not readable, or it ends before.
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> read(uint64_t offset, uint64_t count) const {
    auto buffer = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(count, path);
    if (!buffer)
      return inputError(path, "there is no memory for " + llvm::Twine(count) + " bytes of it");
    llvm::MutableArrayRef<char> rest = buffer->getBuffer();
    while (!rest.empty()) {
      llvm::Expected<size_t> got = llvm::sys::fs::readNativeFileSlice(handle, rest, offset);
      if (!got)
        return inputError(path, "cannot be read: " + llvm::toString(got.takeError()));
      if (*got == 0)
        return inputError(path, "became shorter while it was read",
                          "the file changed while it was compiled; fetch it again");
      rest = rest.drop_front(*got);
      offset += *got;
    }
    return std::move(buffer);
  }

private:
  InputFile(llvm::StringRef path, llvm::sys::fs::file_t handle) : path(path), handle(handle) {}

  static const char *kindOf(llvm::sys::fs::file_type type) {
    switch (type) {
    case llvm::sys::fs::file_type::directory_file:
      return "a folder";
    case llvm::sys::fs::file_type::fifo_file:
      return "a pipe";
    case llvm::sys::fs::file_type::character_file:
    case llvm::sys::fs::file_type::block_file:
      return "a device";
    case llvm::sys::fs::file_type::socket_file:
      return "a socket";
    default:
      return "of another kind";
    }
  }

  std::string path;
  uint64_t bytes = 0;
  llvm::sys::fs::file_t handle;
};

/// All of a file that has at most `largest` bytes.
///
/// \errors  those of InputFile::open and read, and more bytes than that.
inline llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
readInputFile(llvm::StringRef path, uint64_t largest, const llvm::Twine &help = {}) {
  llvm::Expected<InputFile> file = InputFile::open(path, help);
  if (!file)
    return file.takeError();
  if (file->size() > largest)
    return inputError(path, "has " + llvm::Twine(file->size()) + " bytes, expected at most " +
                                llvm::Twine(largest));
  return file->read(0, file->size());
}

} // namespace osscc
