#include "runtime/device/ThreadPool.h"

#include "runtime/device/Cpus.h"
#include "runtime/device/Stack.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <stdexcept>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace osscc::rt {
namespace {

/// A grid as emitted code has it: every range, the worker's own first.
template <class Body>
void grid(const OssccCall *call, int64_t worker, int64_t blocks, const Body &body) {
  const OssccServices *services = call->services;
  services->barrier(call, worker);
  for (int64_t turn = 0; turn < call->workers; ++turn) {
    int64_t owner = (worker + turn) % call->workers, begin = owner * blocks / call->workers,
            count = (owner + 1) * blocks / call->workers - begin, block;
    while (count > 0 && (block = services->next_block(call, worker, owner, count)) < count)
      body(begin + block);
  }
  services->finish(call, worker, blocks);
}

// Stages that need each other's results: squares into the arena, then their sum by several blocks.
struct Frame {
  std::vector<int64_t> squares = std::vector<int64_t>(100);
  std::vector<int64_t> sums = std::vector<int64_t>(64);
};

Frame &frameOf(const OssccCall *call) {
  return *reinterpret_cast<Frame *>(call->arena);
}

void square(const OssccCall *call, int64_t worker) {
  grid(call, worker, 100, [&](int64_t i) { frameOf(call).squares[i] += i * i; });
}

void sum(const OssccCall *call, int64_t worker) {
  auto &[squares, sums] = frameOf(call);
  grid(call, worker, 64,
       [&](int64_t i) { sums[i] += std::accumulate(squares.begin(), squares.end(), int64_t(0)); });
}

void clear(const OssccCall *call, int64_t worker) {
  auto &squares = frameOf(call).squares;
  grid(call, worker, 0, [](int64_t) { FAIL() << "a block of none"; });
  grid(call, worker, 1, [&](int64_t) { std::fill(squares.begin(), squares.end(), 0); });
}

const OssccSegment kSegments[] = {{"square", OSSCC_SEGMENT_EMBED, square},
                                  {"sum", OSSCC_SEGMENT_LAYER, sum},
                                  {"clear", OSSCC_SEGMENT_HEAD, clear}};
constexpr int64_t kSumOfSquares = 328350; // 0^2 + ... + 99^2

TEST(ThreadPool, EveryBlockIsDoneOnceAndSeenByTheNextGrid) {
  // More workers than this machine has CPUs too: they must sleep, not hold up one another.
  for (int64_t workers : {1, 2, 3, 4, 7, 16, 64}) {
    auto pool = *ThreadPool::create(workers);
    Frame frame;
    OssccCall call{};
    call.arena = reinterpret_cast<uint8_t *>(&frame);
    int64_t rounds = workers > 4 ? 50 : 2000;
    for (int64_t round = 0; round < rounds; ++round)
      ASSERT_TRUE(pool->run(call, kSegments));
    for (int64_t sum : frame.sums)
      ASSERT_EQ(sum, rounds * kSumOfSquares) << workers << " workers";
  }
}

TEST(ThreadPool, CountsProgress) {
  auto pool = *ThreadPool::create(3);
  Frame frame;
  int64_t progress = 0;
  OssccCall call{};
  call.arena = reinterpret_cast<uint8_t *>(&frame);
  call.progress = &progress;
  ASSERT_TRUE(pool->run(call, kSegments));
  EXPECT_EQ(progress, 3);
}

int64_t cancelled;
void cancelHere(const OssccCall *call, int64_t worker) {
  grid(call, worker, 10, [](int64_t block) {
    if (block == 9)
      __atomic_store_n(&cancelled, 1, __ATOMIC_RELAXED);
  });
}

// What has begun is finished, so that the pool is as new: the same calls work afterwards.
TEST(ThreadPool, CancelLeavesNoGridHalfDone) {
  const OssccSegment segments[] = {
      {"cancel", OSSCC_SEGMENT_EMBED, cancelHere}, kSegments[0], kSegments[1], kSegments[2]};
  for (int64_t workers : {1, 2, 5}) {
    auto pool = *ThreadPool::create(workers);
    for (int round = 0; round < 200; ++round) {
      Frame frame;
      cancelled = 0;
      OssccCall call{};
      call.arena = reinterpret_cast<uint8_t *>(&frame);
      call.cancel = &cancelled;
      auto status = pool->run(call, segments);
      ASSERT_FALSE(status);
      EXPECT_EQ(exitCode(status.error().code), 130);
      EXPECT_TRUE(frame.squares[99] == 0 || frame.squares[99] == 99 * 99);
      frame = {};
      call.cancel = nullptr;
      ASSERT_TRUE(pool->run(call, kSegments));
      ASSERT_EQ(frame.sums[63], kSumOfSquares);
    }
  }
}

TEST(ThreadPool, RunsABodyOnceOnEveryWorker) {
  auto pool = *ThreadPool::create(5);
  std::vector<std::atomic<int>> ran(5);
  for (int round = 0; round < 100; ++round)
    pool->forEachWorker([&](int64_t worker) { ++ran[worker]; });
  for (auto &count : ran)
    EXPECT_EQ(count, 100);
}

// It would end the process if it left a thread.
TEST(ThreadPool, AnExceptionReachesTheCaller) {
  for (int64_t thrower : {0, 1, 2}) {
    auto pool = *ThreadPool::create(3);
    std::atomic<int> ran = 0;
    EXPECT_THROW(pool->forEachWorker([&](int64_t worker) {
      ++ran;
      if (worker == thrower)
        throw std::runtime_error("no memory");
    }),
                 std::runtime_error);
    EXPECT_EQ(ran, 3);
    pool->forEachWorker([&](int64_t) { ++ran; });
    EXPECT_EQ(ran, 6);
  }
}

/// The exit status of `body` in a process of its own, in which this user may have `threads`.
int withThreads(rlim_t threads, const std::function<int()> &body) {
  pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65533; // root may have as many as it wants
    rlimit limit{threads, threads};
    bool limited = setrlimit(RLIMIT_NPROC, &limit) == 0 && (geteuid() != 0 || setuid(kNobody) == 0);
    _exit(limited ? body() : 99);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ThreadPool, IsContentWithTheThreadsThatTheSystemGives) {
  if (geteuid() != 0)
    GTEST_SKIP() << "this user's other processes count too";
  for (int64_t given : {1, 3}) {
    int status = withThreads(rlim_t(given), [&] {
      auto pool = ThreadPool::create(5);
      if (!pool || (*pool)->workers() != given ||
          !(*pool)->shortage().starts_with(std::to_string(given) + " of 5 threads"))
        return 1;
      Frame frame;
      OssccCall call{};
      call.arena = reinterpret_cast<uint8_t *>(&frame);
      for (int round = 0; round < 100; ++round)
        if (!(*pool)->run(call, kSegments))
          return 2;
      std::atomic<int64_t> ran = 0;
      (*pool)->forEachWorker([&](int64_t) { ++ran; });
      return ran == given && frame.sums[63] == 100 * kSumOfSquares ? 0 : 3;
    });
    EXPECT_EQ(status, 0) << given;
  }
  EXPECT_EQ((*ThreadPool::create(2))->shortage(), "");
}

// Kernels' scratch lies there, whatever `ulimit -s` says.
TEST(ThreadPool, WorkersHaveStacksOfOurSize) {
  rlimit before{}, small{};
  ASSERT_EQ(getrlimit(RLIMIT_STACK, &before), 0);
  small = {64 << 10, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_STACK, &small), 0);
  auto pool = *ThreadPool::create(3);
  ASSERT_EQ(setrlimit(RLIMIT_STACK, &before), 0);
  std::vector<size_t> found(3, SIZE_MAX);
  pool->forEachWorker([&](int64_t worker) {
    pthread_attr_t attributes;
    void *begin = nullptr;
    if (worker > 0 && pthread_getattr_np(pthread_self(), &attributes) == 0) {
      pthread_attr_getstack(&attributes, &begin, &found[worker]);
      pthread_attr_destroy(&attributes);
    }
  });
  for (size_t bytes : found)
    EXPECT_GE(bytes, kStackBytes);
}

TEST(ThreadPool, RefusesACountOutOfRange) {
  EXPECT_FALSE(ThreadPool::create(-1));
  EXPECT_FALSE(ThreadPool::create(ThreadPool::kMaxWorkers + 1));
  EXPECT_EQ((*ThreadPool::create(0))->workers(), availableCpus());
}

} // namespace
} // namespace osscc::rt
