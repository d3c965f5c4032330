#include "runtime/base/File.h"

#include "runtime/base/Descriptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace osscc::rt {
namespace {

/// A descriptor that is closed with its owner.
class OwnedDescriptor {
public:
  explicit OwnedDescriptor(int number) : number(number) {}
  OwnedDescriptor(const OwnedDescriptor &) = delete;
  OwnedDescriptor &operator=(const OwnedDescriptor &) = delete;
  ~OwnedDescriptor() { close(); }

  int get() const { return number; }
  bool close() { return number < 0 || ::close(std::exchange(number, -1)) == 0; }

private:
  int number;
};

std::unexpected<Error> unwritable(const std::string &path) {
  return fail(Code::kInvalidArgument,
              fmt::format("{}: cannot be written: {}", path, std::strerror(errno)),
              "check the folder's permissions and the space left");
}

/// Where a path leads behind symbolic links; the path itself where nothing is there.
std::string resolved(const std::string &path) {
  std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr), &std::free);
  return real ? real.get() : path;
}

/// Creates a file in the folder of `path` whose name no other has. \returns its descriptor, or -1
/// with errno.
int createBeside(const std::string &path, std::string &name) {
  constexpr int kTries = 100;
  size_t slash = path.rfind('/'), base = slash == std::string::npos ? 0 : slash + 1;
  // A name may have NAME_MAX bytes: of a long one the begin says enough.
  std::string begin = path.substr(0, base) + "." + path.substr(base, NAME_MAX / 2);
  for (int i = 0; i < kTries; ++i) {
    uint64_t random = 0;
    if (getentropy(&random, sizeof random) != 0)
      return -1;
    name = fmt::format("{}.{:016x}.tmp", begin, random);
    int created = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (created >= 0 || errno != EEXIST)
      return created;
  }
  return -1;
}

/// Whether what was written is on the disk, as far as its file system can tell.
bool flushToDisk(int descriptor) {
  return fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EROFS;
}

bool renameTo(const std::string &from, const std::string &to, Existing existing) {
  if (existing == Existing::kReplace)
    return std::rename(from.c_str(), to.c_str()) == 0;
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
    return true;
  // Some file systems and emulators know no such rename; a link does the same in two steps.
  if ((errno != EINVAL && errno != ENOSYS) || link(from.c_str(), to.c_str()) != 0)
    return false;
  unlink(from.c_str());
  return true;
}

/// Keeps the rename too over a loss of power; where the folder cannot be opened, the file is there
/// all the same.
void flushFolder(const std::string &path) {
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  OwnedDescriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() >= 0)
    fsync(opened.get());
}

} // namespace

Result<std::string> readAll(const std::string &path, const ReadLimit &limit) {
  std::string name = path == "-" ? "standard input" : path;
  auto failed = [&] {
    return fail(errno == EINTR ? Code::kCancelled : Code::kInvalidArgument,
                fmt::format("{}: cannot be read: {}", name, std::strerror(errno)),
                "check the name and its permissions");
  };
  OwnedDescriptor opened(path == "-" ? -1 : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (path != "-" && opened.get() < 0)
    return failed();
  std::string text;
  char buffer[65536];
  for (;;) {
    ssize_t got = readSome(path == "-" ? STDIN_FILENO : opened.get(), buffer, sizeof buffer);
    if (got < 0)
      return failed();
    if (got == 0)
      return text;
    if (uint64_t(got) > limit.bytes - text.size())
      return fail(Code::kInvalidArgument,
                  fmt::format("{}: longer than {} bytes, {}", name, limit.bytes, limit.reason),
                  "give a shorter text");
    text.append(buffer, size_t(got));
  }
}

Status writeOutput(std::string_view text) {
  if (!writeAll(STDOUT_FILENO, text))
    return fail(errno == EINTR ? Code::kCancelled : Code::kRuntime,
                fmt::format("standard output: cannot be written: {}", std::strerror(errno)));
  return {};
}

Status writeFile(const std::string &path, std::string_view bytes, Existing existing) {
  std::string target = resolved(path), beside;
  OwnedDescriptor file(createBeside(target, beside));
  if (file.get() < 0)
    return unwritable(path);
  struct stat before{};
  if (stat(target.c_str(), &before) == 0)
    fchmod(file.get(), before.st_mode & 07777);
  if (writeAll(file.get(), bytes) && flushToDisk(file.get()) && file.close() &&
      renameTo(beside, target, existing)) {
    flushFolder(target);
    return {};
  }
  Status status = unwritable(path);
  unlink(beside.c_str());
  return status;
}

Result<OutputFile> OutputFile::create(const std::string &path) {
  OutputFile out;
  out.path = path;
  out.file.reset(std::fopen(path.c_str(), "wb"));
  if (!out.file)
    return unwritable(path);
  return out;
}

Status OutputFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size())
    return unwritable(path);
  return {};
}

Status OutputFile::close() {
  if (std::fclose(file.release()) != 0)
    return unwritable(path);
  return {};
}

} // namespace osscc::rt
