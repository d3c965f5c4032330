// Reads mapped weights from the disk ahead of the kernels that want them.
#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <thread>

namespace osscc::rt {

/// The share of `bytes` that lies in memory already, by a sample of their pages: 0 to 1; 1 where
/// the system does not say.
double residentShare(std::span<const std::byte> bytes);

/// While it lives, a thread of its own asks the system for the whole of a mapping, from its begin
/// on: one long read at the disk's speed instead of short ones where a kernel waits. It starts only
/// if part of the bytes is missing, and only if they fit into the memory that is available, so that
/// what is read is not thrown out again.
class WarmUp {
public:
  WarmUp() = default;
  /// \param bytes  of a mapping; must stay mapped while this lives.
  explicit WarmUp(std::span<const std::byte> bytes);

  bool started() const { return thread.joinable(); }

private:
  std::jthread thread;
};

} // namespace osscc::rt
