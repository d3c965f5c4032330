#include "runtime/device/Cpus.h"

#include "runtime/device/ControlGroups.h"

#include <algorithm>
#include <cerrno>
#include <vector>

namespace osscc::rt {

int64_t countCpus(const std::function<int(size_t bytes, cpu_set_t *mask)> &ask) {
  // Each double as long as the one before: a cpu_set_t has 1024 bits, a large machine more.
  constexpr size_t kMostSets = 1 << 10;
  for (size_t sets = 1; sets <= kMostSets; sets *= 2) {
    std::vector<cpu_set_t> mask(sets);
    size_t bytes = sets * sizeof(cpu_set_t);
    if (ask(bytes, mask.data()) == 0)
      return std::max(1, CPU_COUNT_S(bytes, mask.data()));
    if (errno != EINVAL)
      break;
  }
  return 1;
}

int64_t availableCpus() {
  int64_t cpus =
      countCpus([](size_t bytes, cpu_set_t *mask) { return sched_getaffinity(0, bytes, mask); });
  return std::min(cpus, groupCpus().value_or(cpus));
}

} // namespace osscc::rt
