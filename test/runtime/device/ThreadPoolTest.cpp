#include "runtime/device/ThreadPool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>

namespace osscc::rt {
namespace {

// Two stages that need each other's results: squares into the arena, then the sum of all of them by
// every worker.
struct Frame {
  std::vector<int64_t> squares = std::vector<int64_t>(100);
  std::vector<int64_t> sums = std::vector<int64_t>(64);
};

void square(const OssccCall *call, int64_t worker) {
  auto *frame = reinterpret_cast<Frame *>(call->arena);
  int64_t i;
  for (int64_t turn = 0; turn < call->workers; ++turn) { // every range, the worker's own first
    int64_t owner = (worker + turn) % call->workers, begin = owner * 100 / call->workers,
            end = (owner + 1) * 100 / call->workers;
    int64_t *counter = call->next_block + owner * OSSCC_COUNTER_BYTES / sizeof(int64_t);
    while ((i = begin + __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED)) < end)
      frame->squares[i] += i * i;
  }
  call->services->barrier(call, worker);
}

void sum(const OssccCall *call, int64_t worker) {
  auto *frame = reinterpret_cast<Frame *>(call->arena);
  frame->sums[worker] += std::accumulate(frame->squares.begin(), frame->squares.end(), int64_t(0));
  call->services->barrier(call, worker);
}

void clear(const OssccCall *call, int64_t worker) {
  auto *frame = reinterpret_cast<Frame *>(call->arena);
  if (worker == 0)
    std::fill(frame->squares.begin(), frame->squares.end(), 0);
  call->services->barrier(call, worker);
}

const OssccSegment kSegments[] = {{"square", OSSCC_SEGMENT_EMBED, square},
                                  {"sum", OSSCC_SEGMENT_LAYER, sum},
                                  {"clear", OSSCC_SEGMENT_HEAD, clear}};
constexpr int64_t kSumOfSquares = 328350; // 0^2 + ... + 99^2

TEST(ThreadPool, EveryWorkerSeesWhatAllOthersDid) {
  // More workers than this machine has CPUs too: they must sleep, not hold up one another.
  for (int64_t workers : {1, 2, 3, 4, 7, 16, 64}) {
    auto pool = *ThreadPool::create(workers);
    Frame frame;
    OssccCall call{};
    call.arena = reinterpret_cast<uint8_t *>(&frame);
    int64_t rounds = workers > 4 ? 20 : 1000;
    for (int64_t round = 0; round < rounds; ++round)
      ASSERT_TRUE(pool->run(call, kSegments));
    for (int64_t worker = 0; worker < workers; ++worker)
      EXPECT_EQ(frame.sums[worker], rounds * kSumOfSquares) << workers << " workers";
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
  if (worker == call->workers - 1)
    __atomic_store_n(&cancelled, 1, __ATOMIC_RELAXED);
  call->services->barrier(call, worker);
}

// The segment that runs when it happens is finished, and the next one.
TEST(ThreadPool, CancelStopsAllWorkersAtOneSegment) {
  const OssccSegment segments[] = {
      {"cancel", OSSCC_SEGMENT_EMBED, cancelHere}, kSegments[1], kSegments[0]};
  for (int64_t workers : {1, 2, 5}) {
    auto pool = *ThreadPool::create(workers);
    for (int round = 0; round < 50; ++round) {
      Frame frame;
      cancelled = 0;
      OssccCall call{};
      call.arena = reinterpret_cast<uint8_t *>(&frame);
      call.cancel = &cancelled;
      auto status = pool->run(call, segments);
      ASSERT_FALSE(status);
      EXPECT_EQ(exitCode(status.error().code), 130);
      EXPECT_EQ(frame.squares[99], 0);
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

TEST(ThreadPool, RefusesACountOutOfRange) {
  EXPECT_FALSE(ThreadPool::create(-1));
  EXPECT_FALSE(ThreadPool::create(ThreadPool::kMaxWorkers + 1));
  EXPECT_EQ((*ThreadPool::create(0))->workers(), availableCpus());
}

} // namespace
} // namespace osscc::rt
