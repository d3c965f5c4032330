// Whole files in, and output that says when it could not be written.
#pragma once

#include "runtime/base/Status.h"

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace osscc::rt {

/// Reads a file to its end; "-" is standard input.
/// \errors  kInvalidArgument naming the file and the system's reason; kCancelled when a signal
/// came.
Result<std::string> readAll(const std::string &path);

/// Writes to standard output and flushes, so that a reader sees it now.
/// \errors  kRuntime with the system's reason, as for a full disk.
Status writeOutput(std::string_view text);

/// A file that is written from beginning to end.
class OutputFile {
public:
  /// Creates or empties `path`. \errors  kInvalidArgument naming the file and the system's reason.
  static Result<OutputFile> create(const std::string &path);

  Status write(std::string_view bytes);

  /// Flushes and closes; a full disk may only show here.
  Status close();

private:
  Status failed() const;

  struct Close {
    void operator()(std::FILE *f) const { std::fclose(f); }
  };
  std::string path;
  std::unique_ptr<std::FILE, Close> file;
};

} // namespace osscc::rt
