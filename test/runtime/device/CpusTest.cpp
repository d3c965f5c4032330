#include "runtime/device/Cpus.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace osscc::rt {
namespace {

/// What sched_getaffinity(2) does on a machine of `cpus` CPUs, every second of which is allowed.
auto machineOf(size_t cpus) {
  return [cpus](size_t bytes, cpu_set_t *mask) {
    if (bytes * 8 < cpus) {
      errno = EINVAL;
      return -1;
    }
    for (size_t cpu = 0; cpu < cpus; cpu += 2)
      CPU_SET_S(cpu, bytes, mask);
    return 0;
  };
}

TEST(Cpus, AreCountedOnLargeMachinesToo) {
  for (size_t cpus : {1, 2, 64, 1024, 1026, 2048, 5000, 8192})
    EXPECT_EQ(countCpus(machineOf(cpus)), int64_t(cpus + 1) / 2) << cpus;
}

TEST(Cpus, AreOneWhereTheSystemDoesNotSay) {
  EXPECT_EQ(countCpus([](size_t, cpu_set_t *) {
              errno = ENOSYS;
              return -1;
            }),
            1);
  EXPECT_EQ(countCpus([](size_t, cpu_set_t *) {
              errno = EINVAL;
              return -1;
            }),
            1);
  EXPECT_GE(availableCpus(), 1);
}

} // namespace
} // namespace osscc::rt
