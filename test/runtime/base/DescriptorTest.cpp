// Pipes in non-blocking mode, as a parent may hand them over.
#include "runtime/base/Descriptor.h"

#include "runtime/base/Interrupt.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <thread>
#include <unistd.h>

namespace osscc::rt {
namespace {

struct Descriptor : testing::Test {
  int in = -1, out = -1;

  Descriptor() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    in = ends[0];
    out = ends[1];
  }
  ~Descriptor() override {
    close(in);
    close(out);
    clearInterrupt();
  }
};

TEST_F(Descriptor, AFullPipeIsWaitedFor) {
  std::string sent(3 << 20, 'x'), got;
  for (size_t i = 0; i < sent.size(); ++i)
    sent[i] = char('a' + i % 23);
  std::thread writer([&] {
    EXPECT_TRUE(writeAll(out, sent));
    close(out);
    out = -1;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50)); // the pipe is full, then empty
  char bytes[4096];
  for (ssize_t count = 1; count > 0; got.append(bytes, size_t(std::max<ssize_t>(count, 0))))
    count = readSome(in, bytes, sizeof bytes);
  writer.join();
  EXPECT_EQ(got, sent);
}

TEST_F(Descriptor, AReaderThatTakesNothingIsWaitedForSoLong) {
  EXPECT_FALSE(writeAll(out, std::string(1 << 20, 'x'), 20));
}

TEST_F(Descriptor, WaitsForTheFirstByteOrTheEnd) {
  EXPECT_FALSE(waitFor(in, POLLIN, 20));
  ASSERT_TRUE(writeAll(out, "x"));
  EXPECT_TRUE(waitFor(in, POLLIN, 20));
  char byte = 0;
  EXPECT_EQ(readSome(in, &byte, 1), 1);
  close(out);
  out = -1;
  EXPECT_TRUE(waitFor(in, POLLIN, 20));
  EXPECT_EQ(readSome(in, &byte, 1), 0);
}

TEST_F(Descriptor, OnlyAnInterruptEndsTheWait) {
  struct sigaction action{}, before{};
  action.sa_handler = [](int) {};
  sigaction(SIGUSR1, &action, &before);
  pthread_t self = pthread_self();
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    pthread_kill(self, SIGUSR1); // any other signal
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    raiseInterrupt();
    pthread_kill(self, SIGUSR1);
  });
  char byte = 0;
  EXPECT_EQ(readSome(in, &byte, 1), -1);
  EXPECT_EQ(errno, EINTR);
  other.join();
  EXPECT_TRUE(isInterrupted());
  sigaction(SIGUSR1, &before, nullptr);
}

TEST_F(Descriptor, AClosedOneIsAnError) {
  char byte = 0;
  EXPECT_EQ(readSome(-1, &byte, 1), -1);
  EXPECT_FALSE(writeAll(-1, "x"));
}

} // namespace
} // namespace osscc::rt
