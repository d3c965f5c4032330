// How many CPUs there are for this process.
#pragma once

#include <sched.h>

#include <cstddef>
#include <cstdint>
#include <functional>

namespace osscc::rt {

/// How many CPUs this process may keep busy: the bits of its affinity mask, but not more than its
/// control groups' quota; at least 1.
int64_t availableCpus();

/// The bits of an affinity mask of any length; at least 1.
/// \param ask  as sched_getaffinity(2) of this process: fills `bytes` of a mask; fails with EINVAL
/// if that is too short for the machine's CPUs.
int64_t countCpus(const std::function<int(size_t bytes, cpu_set_t *mask)> &ask);

} // namespace osscc::rt
