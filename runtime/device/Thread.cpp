#include "runtime/device/Thread.h"

#include <cerrno>
#include <memory>
#include <new>

namespace osscc::rt {

std::expected<Thread, int> Thread::start(size_t stackBytes, std::function<void()> body) {
  auto argument = std::unique_ptr<std::function<void()>>(
      new (std::nothrow) std::function<void()>(std::move(body)));
  pthread_attr_t attributes;
  if (!argument)
    return std::unexpected(ENOMEM);
  if (int error = pthread_attr_init(&attributes))
    return std::unexpected(error);
  pthread_t handle;
  int error = pthread_attr_setstacksize(&attributes, stackBytes);
  if (!error)
    error = pthread_create(
        &handle, &attributes,
        [](void *given) -> void * {
          std::unique_ptr<std::function<void()>> body(static_cast<std::function<void()> *>(given));
          (*body)();
          return nullptr;
        },
        argument.get());
  pthread_attr_destroy(&attributes);
  if (error)
    return std::unexpected(error);
  argument.release(); // the thread's now
  return Thread(handle);
}

Thread::~Thread() {
  if (handle)
    pthread_join(*handle, nullptr);
}

} // namespace osscc::rt
