// Whole files in, and output that says when it could not be written.
#pragma once

#include "runtime/base/Status.h"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace osscc::rt {

/// The most that is read of a file, which may have no end.
struct ReadLimit {
  uint64_t bytes = UINT64_MAX;
  std::string reason; ///< Ends the message: "..., which no context of 8192 tokens can hold".
};

/// Reads a file to its end; "-" is standard input.
/// \errors  kInvalidArgument naming the file and the system's reason, or the limit; kCancelled
/// after an interrupt.
Result<std::string> readAll(const std::string &path, const ReadLimit &limit = {});

/// Writes to standard output, so that a reader sees it now.
/// \errors  kRuntime with the system's reason, as for a full disk; kCancelled after an interrupt.
Status writeOutput(std::string_view text);

/// What happens to a file of the name that is to be written.
enum class Existing { kReplace, kKeep };

/// Writes a file complete or not at all: beside it, under a name that no file has, and then
/// renames. A symbolic link stays one; a file that is replaced keeps its permissions.
/// \errors  kInvalidArgument naming the file and the system's reason, as that it exists; nothing is
/// left behind.
Status writeFile(const std::string &path, std::string_view bytes, Existing existing);

/// A file that is written from beginning to end.
class OutputFile {
public:
  /// Creates or empties `path`. \errors  kInvalidArgument naming the file and the system's reason.
  static Result<OutputFile> create(const std::string &path);

  Status write(std::string_view bytes);

  /// Flushes and closes; a full disk may only show here.
  Status close();

private:
  struct Close {
    void operator()(std::FILE *f) const { std::fclose(f); }
  };
  std::string path;
  std::unique_ptr<std::FILE, Close> file;
};

} // namespace osscc::rt
