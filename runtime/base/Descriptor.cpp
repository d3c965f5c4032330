#include "runtime/base/Descriptor.h"

#include "runtime/base/Interrupt.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace osscc::rt {
namespace {

/// Whether a call that has failed is to be made again: another signal than an interrupt came.
bool wasDisturbed() {
  return errno == EINTR && !isInterrupted();
}

bool isNotReady() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

} // namespace

bool waitFor(int descriptor, short events, int milliseconds) {
  namespace chrono = std::chrono;
  auto end = chrono::steady_clock::now() + chrono::milliseconds(milliseconds);
  for (int left = milliseconds;;) {
    pollfd watched{descriptor, events, 0};
    int ready = poll(&watched, 1, left);
    if (ready >= 0 || !wasDisturbed())
      return ready > 0;
    if (milliseconds >= 0) {
      auto rest = chrono::ceil<chrono::milliseconds>(end - chrono::steady_clock::now()).count();
      left = rest > 0 ? int(rest) : 0;
    }
  }
}

ssize_t readSome(int descriptor, char *bytes, size_t count) {
  for (;;) {
    ssize_t got = read(descriptor, bytes, count);
    if (got >= 0)
      return got;
    bool goesOn = isNotReady() ? waitFor(descriptor, POLLIN) : wasDisturbed();
    if (!goesOn)
      return -1;
  }
}

bool writeAll(int descriptor, std::string_view bytes, int milliseconds) {
  while (!bytes.empty()) {
    ssize_t put = write(descriptor, bytes.data(), bytes.size());
    if (put >= 0) {
      bytes.remove_prefix(size_t(put));
      continue;
    }
    bool goesOn = isNotReady() ? waitFor(descriptor, POLLOUT, milliseconds) : wasDisturbed();
    if (!goesOn)
      return false;
  }
  return true;
}

void holdStandardStreams() {
  // A root that is empty has no /dev/null, but it has itself; O_PATH refuses reads and writes.
  for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(stream, F_GETFD) == -1 && errno == EBADF)
      if (int held = open("/", O_PATH | O_CLOEXEC); held > STDERR_FILENO)
        close(held); // cannot be: the lowest free number is taken
}

} // namespace osscc::rt
