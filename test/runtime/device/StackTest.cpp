#include "runtime/device/Stack.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include <sys/resource.h>

namespace osscc::rt {
namespace {

/// Limits this thread's stack while it lives.
class StackLimit {
public:
  explicit StackLimit(rlim_t bytes) {
    getrlimit(RLIMIT_STACK, &before);
    rlimit limit{bytes, before.rlim_max};
    setrlimit(RLIMIT_STACK, &limit);
  }
  ~StackLimit() { setrlimit(RLIMIT_STACK, &before); }

private:
  rlimit before{};
};

/// Touches so many bytes of stack.
int use(size_t bytes) {
  volatile char block[1 << 12];
  block[0] = 1;
  return bytes <= sizeof block ? block[0] : use(bytes - sizeof block) + block[0] - 1;
}

TEST(Stack, IsTheCallersWhereItMayGrow) {
  StackLimit limit(kStackBytes * 2);
  EXPECT_EQ(stackLimit(), kStackBytes * 2);
  int here = 0;
  const volatile int *inside = nullptr;
  EXPECT_EQ(withEnoughStack([&] {
              int local = 0;
              inside = &local;
              return 7;
            }),
            7);
  EXPECT_LT(
      std::abs(reinterpret_cast<const volatile char *>(inside) - reinterpret_cast<char *>(&here)),
      ptrdiff_t(1 << 20));
}

TEST(Stack, IsMadeWhereTheLimitIsSmall) {
  for (rlim_t bytes : {size_t(64) << 10, kStackBytes - 1}) {
    StackLimit limit(bytes);
    EXPECT_EQ(withEnoughStack([] { return use(kStackBytes * 9 / 10); }), 1);
    EXPECT_EQ(withEnoughStack([] {
                try {
                  throw std::runtime_error("caught inside");
                } catch (const std::runtime_error &) {
                  return 3;
                }
              }),
              3);
  }
}

} // namespace
} // namespace osscc::rt
