// A thread with a stack of a size that is ours to say: `ulimit -s` decides otherwise, and kernels
// keep their scratch there.
#pragma once

#include <pthread.h>

#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <utility>

namespace osscc::rt {

class Thread {
public:
  /// Starts `body`, which must let no exception out.
  ///
  /// \param stackBytes  address space; memory is taken as it is used.
  /// \errors  the system's number, where it gives no thread: a sandbox forbids them (EPERM), a
  /// limit of processes is reached (EAGAIN), or memory is (EAGAIN, ENOMEM).
  static std::expected<Thread, int> start(size_t stackBytes, std::function<void()> body);

  Thread(Thread &&other) noexcept : handle(std::exchange(other.handle, std::nullopt)) {}
  Thread &operator=(Thread &&) = delete;
  /// Waits for the body's end.
  ~Thread();

private:
  explicit Thread(pthread_t handle) : handle(handle) {}
  std::optional<pthread_t> handle;
};

} // namespace osscc::rt
