#include "runtime/device/WarmUp.h"

#include <cstdio>
#include <fcntl.h>
#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace osscc::rt {
namespace {

constexpr size_t kBytes = size_t(40) << 20;

/// A file of its own, mapped.
class WarmUpTest : public testing::Test {
protected:
  void SetUp() override {
    path = testing::TempDir() + "/warm-up-" + std::to_string(getpid());
    file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    ASSERT_GE(file, 0);
    std::string piece(1 << 20, 'x');
    for (size_t written = 0; written < kBytes; written += piece.size())
      ASSERT_EQ(::write(file, piece.data(), piece.size()), ssize_t(piece.size()));
    ASSERT_EQ(::fsync(file), 0);
    void *address = ::mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, file, 0);
    ASSERT_NE(address, MAP_FAILED);
    bytes = {static_cast<std::byte *>(address), kBytes};
  }
  void TearDown() override {
    ::munmap(const_cast<std::byte *>(bytes.data()), bytes.size());
    ::close(file);
    ::unlink(path.c_str());
  }
  void forget() { ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED); }

  std::string path;
  int file = -1;
  std::span<const std::byte> bytes;
};

TEST_F(WarmUpTest, WhatLiesInMemoryIsLeftAlone) {
  EXPECT_EQ(residentShare(bytes), 1);
  EXPECT_FALSE(WarmUp(bytes).started());
  EXPECT_FALSE(WarmUp(std::span<const std::byte>()).started());
}

TEST_F(WarmUpTest, WhatIsMissingIsRead) {
  forget();
  if (residentShare(bytes) > 0.5)
    GTEST_SKIP() << "this file system keeps its files in memory";
  WarmUp warmUp(bytes.subspan(1000));
  EXPECT_TRUE(warmUp.started());
  for (int i = 0; i < 1000 && residentShare(bytes) < 1; ++i)
    ::usleep(10000);
  EXPECT_EQ(residentShare(bytes), 1);
}

/// Whether `body` holds in a process of its own, which is that of another user.
bool asAnotherUser(const std::function<bool()> &body) {
  pid_t child = ::fork();
  if (child == 0)
    ::_exit(::setuid(65533) == 0 && body() ? 0 : 1);
  int status = -1;
  ::waitpid(child, &status, 0);
  return status == 0;
}

// Of a file that this user may not write the kernel says that all of it is there: mincore(2).
TEST_F(WarmUpTest, WhatIsMissingOfAnotherUsersFileIsSeen) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root can be another user";
  EXPECT_TRUE(asAnotherUser([&] { return residentShare(bytes) == 1; }));
  forget();
  if (residentShare(bytes) > 0.5)
    GTEST_SKIP() << "this file system keeps its files in memory";
  forget();
  EXPECT_TRUE(asAnotherUser([&] { return residentShare(bytes) < 0.5; }));
  forget();
  EXPECT_TRUE(asAnotherUser([&] { return WarmUp(bytes).started(); }));
}

// Warming is a wish: a sandbox that forbids threads ends nothing.
TEST_F(WarmUpTest, DoesNothingWithoutAThread) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "root's limit is set, and another user's counts";
  forget();
  bool missing = residentShare(bytes) < 1;
  forget();
  EXPECT_TRUE(asAnotherUser([&] {
    rlimit one{1, 1};
    return ::setrlimit(RLIMIT_NPROC, &one) == 0 && !WarmUp(bytes).started();
  }));
  if (!missing)
    GTEST_SKIP() << "this file system keeps its files in memory";
}

} // namespace
} // namespace osscc::rt
