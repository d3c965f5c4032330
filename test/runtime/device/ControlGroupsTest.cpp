#include "runtime/device/ControlGroups.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace osscc::rt {
namespace {

struct ControlGroups : testing::Test {
  std::string root = testing::TempDir() + "osscc-groups";
  void TearDown() override { std::filesystem::remove_all(root); }
  void write(const std::string &path, const std::string &text) {
    std::filesystem::create_directories(std::filesystem::path(root + path).parent_path());
    std::ofstream(root + path) << text;
  }
};

TEST_F(ControlGroups, SetNoLimitWhereTheSystemDoesNotSay) {
  EXPECT_EQ(groupCpus(root), std::nullopt);
  EXPECT_EQ(groupMemory(root), std::nullopt);
}

TEST_F(ControlGroups, LimitAContainerAtTheMount) {
  write("/proc/self/cgroup", "0::/\n");
  write("/sys/fs/cgroup/cpu.max", "350000 100000\n");
  write("/sys/fs/cgroup/memory.max", "4096\n");
  EXPECT_EQ(groupCpus(root), 3);
  EXPECT_EQ(groupMemory(root), 4096);
}

TEST_F(ControlGroups, LeaveHalfACpuOne) {
  write("/sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(groupCpus(root), 1);
}

TEST_F(ControlGroups, MaxIsNoLimit) {
  write("/sys/fs/cgroup/cpu.max", "max 100000\n");
  write("/sys/fs/cgroup/memory.max", "max\n");
  EXPECT_EQ(groupCpus(root), std::nullopt);
  EXPECT_EQ(groupMemory(root), std::nullopt);
}

TEST_F(ControlGroups, LimitWhatIsBelowThem) {
  write("/proc/self/cgroup", "0::/user.slice/app.scope\n");
  write("/sys/fs/cgroup/user.slice/cpu.max", "200000 100000\n");
  write("/sys/fs/cgroup/user.slice/app.scope/cpu.max", "400000 100000\n");
  write("/sys/fs/cgroup/user.slice/memory.max", "max\n");
  write("/sys/fs/cgroup/user.slice/app.scope/memory.max", "8192\n");
  EXPECT_EQ(groupCpus(root), 2);
  EXPECT_EQ(groupMemory(root), 8192);
}

TEST_F(ControlGroups, LimitInVersionOneByTheirController) {
  write("/proc/self/cgroup", "5:memory:/job\n4:cpu,cpuacct:/host/only\n3:cpuset:/\n0::/\n");
  write("/sys/fs/cgroup/cpuset/cpu.cfs_quota_us", "100000\n");
  write("/sys/fs/cgroup/cpuset/cpu.cfs_period_us", "100000\n");
  write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "200000\n");
  write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "1048576\n");
  EXPECT_EQ(groupCpus(root), 2);
  EXPECT_EQ(groupMemory(root), 1048576);
}

// memory.current counts pages of files too; those that can be dropped are free.
TEST_F(ControlGroups, LeaveWhatIsNotUsed) {
  write("/sys/fs/cgroup/memory.max", "10000\n");
  write("/sys/fs/cgroup/memory.current", "7000\n");
  EXPECT_EQ(groupMemory(root), 3000);
  write("/sys/fs/cgroup/memory.stat",
        "anon 3000\nfile 4000\nactive_file 2500\ninactive_file 500\n");
  EXPECT_EQ(groupMemory(root), 6000);
  write("/sys/fs/cgroup/memory.high", "9000\n");
  EXPECT_EQ(groupMemory(root), 5000);
  write("/sys/fs/cgroup/memory.current", "20000\n");
  EXPECT_EQ(groupMemory(root), 0);
}

TEST_F(ControlGroups, LeaveTheLeastOfAllAround) {
  write("/proc/self/cgroup", "0::/outer/inner\n");
  write("/sys/fs/cgroup/outer/memory.max", "10000\n");
  write("/sys/fs/cgroup/outer/memory.current", "9000\n"); // its neighbours' too
  write("/sys/fs/cgroup/outer/inner/memory.max", "5000\n");
  write("/sys/fs/cgroup/outer/inner/memory.current", "100\n");
  EXPECT_EQ(groupMemory(root), 1000);
}

TEST_F(ControlGroups, LeaveWhatIsNotUsedInVersionOne) {
  write("/proc/self/cgroup", "5:memory:/job\n");
  write("/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "10000\n");
  write("/sys/fs/cgroup/memory/job/memory.usage_in_bytes", "7000\n");
  write("/sys/fs/cgroup/memory/job/memory.stat",
        "active_file 1\ntotal_active_file 1000\ntotal_inactive_file 2000\nunknown\n");
  EXPECT_EQ(groupMemory(root), 6000);
}

TEST_F(ControlGroups, AreNotMovedByNumbersThatOverflow) {
  write("/sys/fs/cgroup/memory.max", "10000\n");
  write("/sys/fs/cgroup/memory.current", "9223372036854775807\n");
  write("/sys/fs/cgroup/memory.stat",
        "active_file 9223372036854775807\ninactive_file 9223372036854775807\n");
  EXPECT_EQ(groupMemory(root), 10000);
}

TEST_F(ControlGroups, MinusOneIsNoLimit) {
  write("/proc/self/cgroup", "1:cpu:/\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(groupCpus(root), std::nullopt);
}

TEST_F(ControlGroups, SetNoLimitWithoutAPeriod) {
  write("/sys/fs/cgroup/cpu.max", "100000 0\n");
  EXPECT_EQ(groupCpus(root), std::nullopt);
  write("/sys/fs/cgroup/cpu.max", "100000\n");
  EXPECT_EQ(groupCpus(root), std::nullopt);
}

} // namespace
} // namespace osscc::rt
