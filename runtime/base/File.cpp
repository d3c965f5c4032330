#include "runtime/base/File.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace osscc::rt {
namespace {

struct CloseFile {
  void operator()(std::FILE *f) const {
    if (f != stdin)
      std::fclose(f);
  }
};

} // namespace

Result<std::string> readAll(const std::string &path) {
  auto failed = [&] {
    return fail(errno == EINTR ? Code::kCancelled : Code::kInvalidArgument,
                fmt::format("{}: cannot be read: {}", path == "-" ? "standard input" : path,
                            std::strerror(errno)),
                "check the name and its permissions");
  };
  std::unique_ptr<std::FILE, CloseFile> file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
  if (!file)
    return failed();
  std::string text;
  char buffer[65536];
  while (size_t n = std::fread(buffer, 1, sizeof buffer, file.get()))
    text.append(buffer, n);
  if (std::ferror(file.get()))
    return failed();
  return text;
}

Status writeOutput(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    return fail(Code::kRuntime,
                fmt::format("standard output: cannot be written: {}", std::strerror(errno)));
  return {};
}

Result<OutputFile> OutputFile::create(const std::string &path) {
  OutputFile out;
  out.path = path;
  out.file.reset(std::fopen(path.c_str(), "wb"));
  if (!out.file)
    return std::unexpected(std::move(out.failed()).error());
  return out;
}

Status OutputFile::failed() const {
  return fail(Code::kInvalidArgument,
              fmt::format("{}: cannot be written: {}", path, std::strerror(errno)),
              "check the folder's permissions and the space left");
}

Status OutputFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size())
    return failed();
  return {};
}

Status OutputFile::close() {
  if (std::fclose(file.release()) != 0)
    return failed();
  return {};
}

} // namespace osscc::rt
