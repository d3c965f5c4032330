#include "compiler/emit/StripQueue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace osscc {
namespace {

Strip stripOf(char byte) {
  Strip strip;
  strip.push_back(byte);
  return strip;
}

TEST(StripQueue, GivesResultsInTheOrderOfTheWork) {
  llvm::DefaultThreadPool threads(llvm::hardware_concurrency(4));
  StripQueue queue(threads);
  std::string taken;
  for (char c = 'a'; c <= 'z' || !queue.isEmpty();) {
    for (; c <= 'z' && !queue.isFull(); ++c)
      queue.add([c]() -> llvm::Expected<Strip> {
        if (c % 3 == 0) // some work is late
          std::this_thread::sleep_for(std::chrono::milliseconds(2));
        return stripOf(c);
      });
    llvm::Expected<Strip> strip = queue.next();
    ASSERT_TRUE(bool(strip));
    taken += strip->front();
  }
  EXPECT_EQ(taken, "abcdefghijklmnopqrstuvwxyz");
}

TEST(StripQueue, HoldsNoMoreThanTwiceTheThreads) {
  llvm::DefaultThreadPool threads(llvm::hardware_concurrency(1));
  StripQueue queue(threads);
  size_t added = 0;
  for (; !queue.isFull(); ++added)
    queue.add([]() -> llvm::Expected<Strip> { return stripOf('x'); });
  EXPECT_EQ(added, 2u);
}

TEST(StripQueue, GivesTheFirstErrorAndWaitsForTheRest) {
  llvm::DefaultThreadPool threads(llvm::hardware_concurrency(2));
  std::atomic<int> done = 0;
  {
    StripQueue queue(threads);
    queue.add([&]() -> llvm::Expected<Strip> {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      ++done;
      return llvm::createStringError("first");
    });
    queue.add([&]() -> llvm::Expected<Strip> {
      ++done;
      return llvm::createStringError("second");
    });
    queue.add([&]() -> llvm::Expected<Strip> {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      ++done;
      return stripOf('x');
    });
    llvm::Expected<Strip> strip = queue.next();
    EXPECT_EQ(llvm::toString(strip.takeError()), "first");
  }
  EXPECT_EQ(done, 3);
}

} // namespace
} // namespace osscc
