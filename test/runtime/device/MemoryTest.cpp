#include "runtime/device/Memory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace osscc::rt {
namespace {

struct Memory : testing::Test {
  std::string root = testing::TempDir() + "osscc-memory";
  void SetUp() override {
    std::filesystem::create_directories(root + "/proc");
    std::filesystem::create_directories(root + "/sys/fs/cgroup");
  }
  void TearDown() override { std::filesystem::remove_all(root); }
  void write(const std::string &path, const std::string &text) {
    std::ofstream(root + path) << text;
  }
};

TEST_F(Memory, IsUnknownWhereTheSystemDoesNotSay) {
  EXPECT_EQ(availableMemory(root), std::nullopt);
  write("/proc/meminfo", "MemTotal: 10 kB\nMemAvailable: lots\n");
  EXPECT_EQ(availableMemory(root), std::nullopt);
}

TEST_F(Memory, IsWhatIsAvailable) {
  write("/proc/meminfo", "MemTotal:       2000 kB\nMemFree:  1 kB\nMemAvailable:   1000 kB\n");
  EXPECT_EQ(availableMemory(root), 1000 * 1024);
}

TEST_F(Memory, IsNotMoreThanTheGroupMayHave) {
  write("/proc/meminfo", "MemAvailable:   1000 kB\n");
  write("/sys/fs/cgroup/memory.max", "max\n");
  EXPECT_EQ(availableMemory(root), 1000 * 1024);
  write("/sys/fs/cgroup/memory.max", "4096\n");
  EXPECT_EQ(availableMemory(root), 4096);
  write("/sys/fs/cgroup/memory.current", "1096\n");
  EXPECT_EQ(availableMemory(root), 3000);
}

TEST_F(Memory, TellsWhichWeightsDoNotFit) {
  EXPECT_EQ(noticeOfWeights(UINT64_MAX, availableMemory(root)), "") << "nothing is known";
  write("/proc/meminfo", "MemAvailable:   20000 kB\n");
  EXPECT_EQ(noticeOfWeights(20480000, availableMemory(root)), "");
  EXPECT_EQ(
      noticeOfWeights(20480001, availableMemory(root)),
      "the weights take 20.5 MB, 20.5 MB of memory are available: what does not fit is read from "
      "the disk whenever it is needed");
  write("/sys/fs/cgroup/memory.max", "8000000\n");
  EXPECT_EQ(
      noticeOfWeights(13000000000, availableMemory(root)),
      "the weights take 13000.0 MB, 8.0 MB of memory are available: what does not fit is read "
      "from the disk whenever it is needed");
}

TEST_F(Memory, RefusesNumbersThatOverflow) {
  write("/proc/meminfo", "MemAvailable: 9223372036854775807 kB\n");
  EXPECT_EQ(availableMemory(root), std::nullopt);
}

} // namespace
} // namespace osscc::rt
