// Room for the first thread's calls, whatever `ulimit -s` says.
#pragma once

#include <cstddef>
#include <functional>

namespace osscc::rt {

/// What kernels' scratch, about 1 MiB at most, and the runtime's own calls need.
constexpr size_t kStackBytes = size_t(4) << 20;

/// The most that the calling thread's stack may grow to, as `ulimit -s` says; SIZE_MAX: unlimited.
size_t stackLimit();

/// Runs `body`, which lets no exception out, and returns what it returns: on the caller's stack,
/// or, if that may not grow to kStackBytes, on one made for it. For the first thread, one at a
/// time.
///
/// \returns nothing of the body but 75, after a sentence, where such a stack cannot be had.
int withEnoughStack(const std::function<int()> &body);

} // namespace osscc::rt
