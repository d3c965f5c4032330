// Memory that kernels read and write: aligned as they ask, and an error instead of an exception
// when there is none.
#pragma once

#include "runtime/base/Status.h"

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace osscc::rt {

class AlignedBuffer {
public:
  /// The bytes of a huge page: an alignment of as many asks the kernel for huge pages.
  static constexpr int64_t kHugePage = int64_t(2) << 20;

  AlignedBuffer() = default;

  /// \param bytes  not negative; 0 gives an empty buffer whose data() is null.
  /// \param align  a power of two.
  /// \param zeroed whether the bytes are set to 0.
  /// \errors  kInvalidArgument for a size or an alignment that is not allowed, kOutOfMemory naming
  /// the bytes asked for.
  static Result<AlignedBuffer> allocate(int64_t bytes, int64_t align, bool zeroed);

  uint8_t *data() const { return memory.get(); }

  /// Gives the bytes to the caller, who frees them with std::free.
  uint8_t *release() { return memory.release(); }

private:
  struct Free {
    void operator()(uint8_t *p) const { std::free(p); }
  };
  std::unique_ptr<uint8_t, Free> memory;
};

} // namespace osscc::rt
