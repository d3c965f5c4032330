// The memory in which a model's kernels work: the host's, or a device's. Sessions take their
// scratch from it and caches their pages, and neither knows which it is.
#pragma once

#include "runtime/base/Status.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace osscc::rt {

class Storage {
public:
  virtual ~Storage() = default;

  /// Gives a block back to where it came from.
  struct Release {
    Storage *from = nullptr;
    void operator()(uint8_t *address) const { from->release(address); }
  };
  /// An address in this memory. The host may follow it only where isHost().
  using Block = std::unique_ptr<uint8_t, Release>;

  /// Whether addresses of this memory are the host's.
  virtual bool isHost() const = 0;

  /// How errors call it: "memory", "memory of NVIDIA H200".
  virtual std::string name() const = 0;

  /// Bytes that may still be taken; nothing where that is not known.
  virtual std::optional<int64_t> available() const = 0;

  /// \param bytes  0 gives a null block.
  /// \param align  a power of two.
  /// \errors  kInvalidArgument, kOutOfMemory naming the bytes; what the device says.
  virtual Result<Block> allocate(int64_t bytes, int64_t align) = 0;

  // What a device refuses of these is known when the next call ends: Runner::run returns it. They
  // are in one order with each other and with calls.

  virtual void zero(uint8_t *at, int64_t bytes) = 0;
  /// Both addresses are of this memory, and do not overlap.
  virtual void copy(uint8_t *to, const uint8_t *from, int64_t bytes) = 0;
  /// From the host's memory, which may be changed when this returns.
  virtual void write(uint8_t *to, const void *from, int64_t bytes) = 0;

protected:
  virtual void release(uint8_t *address) = 0;
};

/// The host's memory; large blocks lie on huge pages where the system gives them.
Storage &hostStorage();

} // namespace osscc::rt
