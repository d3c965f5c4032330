#include "compiler/pipeline/SystemMessage.h"

#include "support/Error.h"
#include "support/UsageError.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"

namespace osscc {

static constexpr size_t kMostBytes = size_t(16) << 20; // more than the largest contexts hold

/// Reads up to kMostBytes + 1 bytes: a pipe or a device may have no end.
static llvm::Expected<std::string> readSome(llvm::StringRef path) {
  llvm::Expected<llvm::sys::fs::file_t> file = llvm::sys::fs::openNativeFileForRead(path);
  if (!file)
    return file.takeError();
  std::string text;
  std::vector<char> buffer(size_t(1) << 16);
  llvm::Error error = llvm::Error::success();
  while (text.size() <= kMostBytes) {
    llvm::Expected<size_t> got = llvm::sys::fs::readNativeFile(*file, buffer);
    if (!got)
      error = got.takeError();
    if (error || *got == 0)
      break;
    text.append(buffer.data(), *got);
  }
  llvm::sys::fs::closeFile(*file);
  if (error)
    return std::move(error);
  return text;
}

llvm::Expected<std::string> readSystemMessage(llvm::StringRef path) {
  constexpr const char *kHelp = "--system names a text file in UTF-8";
  llvm::Expected<std::string> text = readSome(path);
  if (!text)
    return usageError(path, llvm::toString(text.takeError()), "--system names a text file");
  if (text->size() > kMostBytes)
    return inputError(path, "longer than " + llvm::Twine(kMostBytes) + " bytes", kHelp);
  size_t at = 0;
  if (!llvm::json::isUTF8(*text, &at))
    return inputError(path, "not UTF-8 at byte " + llvm::Twine(at), kHelp);
  if (size_t zero = text->find('\0'); zero != std::string::npos)
    return inputError(path, "byte " + llvm::Twine(zero) + " is zero", kHelp);
  return text;
}

} // namespace osscc
