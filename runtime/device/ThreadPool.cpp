// Workers, the barrier they meet at, and the walk over a model's segments.
//
// A wait spins for about 20 us and then sleeps in the kernel. A decode step meets at a barrier
// every few microseconds, so it is never woken by the kernel; on a machine with other work, or with
// more workers than CPUs, the sleep gives the CPU to whoever can use it.
#include "runtime/device/ThreadPool.h"

#include <fmt/format.h>

#include <sched.h>

#include <atomic>
#include <chrono>
#include <system_error>
#include <thread>
#include <vector>

namespace osscc::rt {
namespace {

constexpr auto kSpin = std::chrono::microseconds(20);
constexpr int kPausesPerClockRead = 64;
constexpr size_t kCacheLine = 64;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Waits until `word` differs from `old`. With `spin` false it sleeps at once.
void waitWhile(std::atomic<uint32_t> &word, uint32_t old, bool spin) {
  if (spin) {
    auto end = std::chrono::steady_clock::now() + kSpin;
    do {
      for (int i = 0; i < kPausesPerClockRead; ++i) {
        if (word.load(std::memory_order_acquire) != old)
          return;
        pause();
      }
    } while (std::chrono::steady_clock::now() < end);
  }
  while (word.load(std::memory_order_acquire) == old)
    word.wait(old, std::memory_order_acquire);
}

} // namespace

int64_t availableCpus() {
  // The mask of a machine with more than 1024 CPUs does not fit in a cpu_set_t; such a machine has
  // at least one.
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof mask, &mask) != 0)
    return 1;
  return std::max(1, CPU_COUNT(&mask));
}

struct ThreadPool::State {
  /// Reached by emitted code through call->services, whose first member it is.
  struct Services {
    OssccServices table;
    State *state;
  };

  struct alignas(OSSCC_COUNTER_BYTES) Counter {
    int64_t value = 0;
  };

  int64_t workers = 1;
  bool spin =
      true; // waiting actively takes the CPU from the worker waited for, if they outnumber the CPUs
  std::vector<std::thread> threads;
  Services services{};
  const std::function<void(int64_t)> *job = nullptr;
  bool quit = false;
  bool stop = false; // worker 0's decision on cancelling, published by a barrier

  alignas(kCacheLine) std::atomic<uint32_t> epoch = 0; // a new one starts a job
  alignas(kCacheLine) std::atomic<uint32_t> generation = 0;
  alignas(kCacheLine) std::atomic<int64_t> arrived = 0;
  std::vector<Counter> nextBlock; // one for each worker's range

  void beginAnew() {
    for (Counter &counter : nextBlock)
      __atomic_store_n(&counter.value, 0, __ATOMIC_RELAXED);
  }

  void barrier() {
    // Read before arriving: the last to arrive may change it at once.
    uint32_t old = generation.load(std::memory_order_acquire);
    if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 < workers)
      return waitWhile(generation, old, spin);
    arrived.store(0, std::memory_order_relaxed);
    beginAnew();
    generation.fetch_add(1);
    generation.notify_all();
  }

  void work(int64_t worker) {
    for (uint32_t seen = 0;; ++seen) {
      waitWhile(epoch, seen, spin);
      if (quit)
        return;
      (*job)(worker);
      barrier();
    }
  }

  void start() {
    epoch.fetch_add(1);
    epoch.notify_all();
  }

  void runJob(const std::function<void(int64_t)> &body) {
    job = &body;
    start();
    body(0);
    barrier();
  }

  /// Whether the workers of `call` stop after this segment; the same answer for all of them.
  bool stopsHere(const OssccCall &call, int64_t worker) {
    if (!call.cancel)
      return false;
    if (worker == 0)
      stop = __atomic_load_n(call.cancel, __ATOMIC_RELAXED) != 0;
    barrier();
    return stop;
  }
};

ThreadPool::ThreadPool(std::unique_ptr<State> state) : state(std::move(state)) {}

ThreadPool::~ThreadPool() {
  state->quit = true;
  state->start();
  for (std::thread &thread : state->threads)
    thread.join();
}

Result<std::unique_ptr<ThreadPool>> ThreadPool::create(int64_t workers) {
  if (workers == 0)
    workers = availableCpus();
  if (workers < 1 || workers > kMaxWorkers)
    return fail(Code::kInvalidArgument,
                fmt::format("threads: expected 1 to {}, found {}", kMaxWorkers, workers));
  auto state = std::make_unique<State>();
  state->workers = workers;
  state->nextBlock.resize(workers);
  state->spin = workers <= availableCpus();
  state->services.state = state.get();
  state->services.table.struct_bytes = sizeof(OssccServices);
  state->services.table.barrier = [](const OssccCall *call, int64_t) {
    reinterpret_cast<const State::Services *>(call->services)->state->barrier();
  };
  std::unique_ptr<ThreadPool> pool(new ThreadPool(std::move(state)));
  try {
    for (int64_t worker = 1; worker < workers; ++worker)
      pool->state->threads.emplace_back(
          [state = pool->state.get(), worker] { state->work(worker); });
  } catch (const std::system_error &error) {
    return fail(Code::kOutOfMemory,
                fmt::format("cannot start {} threads: {}", workers, error.what()),
                "ask for fewer with --threads");
  }
  return pool;
}

int64_t ThreadPool::workers() const {
  return state->workers;
}

Status ThreadPool::run(OssccCall call, std::span<const OssccSegment> segments) {
  call.workers = state->workers;
  call.next_block = &state->nextBlock.front().value;
  call.services = &state->services.table;
  state->beginAnew();
  state->stop = false;
  state->runJob([&](int64_t worker) {
    for (const OssccSegment &segment : segments) {
      segment.run(&call, worker);
      if (worker == 0 && call.progress)
        __atomic_fetch_add(call.progress, 1, __ATOMIC_RELAXED);
      if (state->stopsHere(call, worker))
        return;
    }
  });
  if (state->stop)
    return fail(Code::kCancelled, "interrupted");
  return {};
}

void ThreadPool::forEachWorker(const std::function<void(int64_t)> &body) {
  state->runJob(body);
}

} // namespace osscc::rt
