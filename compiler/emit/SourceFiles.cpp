#include "compiler/emit/SourceFiles.h"

#include "support/Error.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace osscc {

SourceFiles::~SourceFiles() {
  for (auto &entry : descriptors)
    ::close(entry.second);
}

llvm::Expected<int> SourceFiles::open(llvm::StringRef file, llvm::StringRef path) {
  std::lock_guard<std::mutex> guard(lock);
  auto found = descriptors.find(file);
  if (found != descriptors.end())
    return found->second;
  int descriptor = ::open(path.str().c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return inputError(path, "cannot be read: " + std::generic_category().message(errno));
  descriptors[file] = descriptor;
  return descriptor;
}

void SourceFiles::addLoss(llvm::StringRef blocks, const Loss &loss) {
  std::lock_guard<std::mutex> guard(lock);
  Loss &all = lossOf[blocks.str()];
  all.stored = loss.stored;
  all.values += loss.values;
  all.squares += loss.squares;
  all.errors += loss.errors;
}

llvm::Error SourceFiles::read(llvm::StringRef file, uint64_t offset,
                              llvm::MutableArrayRef<char> to) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, file);
  llvm::Expected<int> descriptor = open(file, path);
  if (!descriptor)
    return descriptor.takeError();
  while (!to.empty()) {
    ssize_t got = ::pread(*descriptor, to.data(), to.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return inputError(path, "cannot be read: " + std::generic_category().message(errno));
    if (got == 0)
      return inputError(path,
                        "ends at byte " + llvm::Twine(offset) + ", but a tensor has " +
                            llvm::Twine(to.size()) + " more",
                        "the file changed while it was compiled; fetch it again");
    offset += got;
    to = to.drop_front(got);
  }
  return llvm::Error::success();
}

} // namespace osscc
