// The payload of the running executable, read where the kernel's loader put it: nothing is copied,
// hashed or built. Payload.h draws the bytes; docs/design/bundle.md tells how they became a load
// segment.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/bundle/Bundle_generated.h"
#include "runtime/bundle/Payload.h"

#include <cstddef>
#include <span>

namespace osscc::rt {

/// Whether `address` lies where this executable's file is mapped. Safe in a signal handler.
bool isOfThisExecutable(const void *address);

class Bundle {
public:
  /// Finds the load segment that begins with the payload's magic number, by the program headers
  /// that the kernel passed to this process: needs no /proc, no section headers, and not the
  /// executable's name.
  ///
  /// \errors  kDataDamaged when there is none, and those of open().
  static Result<Bundle> ofThisExecutable();

  /// Reads a payload at `segment`, which must outlive the bundle and start at a multiple of 8
  /// bytes. Checks the magic number, the version, that both parts lie inside and that the index is
  /// a sound FlatBuffer; not the sums (see verify()).
  ///
  /// \errors  kDataDamaged saying what is wrong.
  static Result<Bundle> open(std::span<const std::byte> segment);

  const bundle::Bundle &index() const { return *root; }
  std::span<const std::byte> weights() const;

  /// Bytes of the payload.
  uint64_t bytes() const { return header->payload_bytes; }

  /// Reads the whole payload and compares its sums with the header's. \errors  kDataDamaged naming
  /// the part.
  Status verify() const;

private:
  std::span<const std::byte> part(uint64_t offset, uint64_t bytes) const {
    return {reinterpret_cast<const std::byte *>(header) + offset, bytes};
  }

  const bundle::PayloadHeader *header = nullptr;
  const bundle::Bundle *root = nullptr;
};

} // namespace osscc::rt
