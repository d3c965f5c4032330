// Reads mapped weights from the disk ahead of the kernels that want them.
#pragma once

#include "runtime/device/Thread.h"

#include <atomic>
#include <cstddef>
#include <optional>
#include <span>

namespace osscc::rt {

/// The share of `bytes` that lies in memory already, by a sample of their pages: 0 to 1. Where the
/// system does not say it truly, pages are touched: up to the first that has to be read.
double residentShare(std::span<const std::byte> bytes);

/// While it lives, a thread of its own asks the system for the whole of a mapping, from its begin
/// on: one long read at the disk's speed instead of short ones where a kernel waits. It starts only
/// if part of the bytes is missing, and only if they fit into the memory that is available, so that
/// what is read is not thrown out again. Without a thread to be had, it does nothing.
class WarmUp {
public:
  WarmUp() = default;
  /// \param bytes  of a mapping; must stay mapped while this lives.
  explicit WarmUp(std::span<const std::byte> bytes);

  ~WarmUp();
  WarmUp(const WarmUp &) = delete;
  WarmUp &operator=(const WarmUp &) = delete;

  bool started() const { return thread.has_value(); }

private:
  std::atomic<bool> stopped = false;
  std::optional<Thread> thread; ///< ends before the flag goes
};

} // namespace osscc::rt
