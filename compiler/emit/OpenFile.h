// A file descriptor with an owner. Stage: emit.
#pragma once

#include <unistd.h>
#include <utility>

namespace osscc {

/// Closes its descriptor at the end; errors of that are of no interest to who did not ask.
class OpenFile {
public:
  OpenFile() = default;
  explicit OpenFile(int descriptor) : file(descriptor) {}
  OpenFile(OpenFile &&other) noexcept : file(std::exchange(other.file, kClosed)) {}
  OpenFile(const OpenFile &) = delete;
  ~OpenFile() {
    if (isOpen())
      ::close(file);
  }

  bool isOpen() const { return file != kClosed; }
  int descriptor() const { return file; }
  /// Gives the descriptor away, closed from then on as far as this object knows.
  int release() { return std::exchange(file, kClosed); }

private:
  static constexpr int kClosed = -1;

  int file = kClosed;
};

} // namespace osscc
