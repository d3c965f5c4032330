// Workers, the barrier they meet at, and the walk over a model's segments.
//
// A wait spins for about 20 us and then sleeps in the kernel. A decode step meets at a barrier
// every few microseconds, so it is never woken by the kernel; on a machine with other work, or with
// more workers than CPUs, the sleep gives the CPU to whoever can use it.
//
// Who sleeps needs some 50 us to come back. Meanwhile the others do the work and would fall asleep
// at the next barrier, to be woken in turn, and so on through the whole token. So they spin on
// while a worker that was woken has not come back yet, for a bounded time.
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

using Duration = std::chrono::steady_clock::duration;
constexpr Duration kSpin = std::chrono::microseconds(20);  // in a barrier
constexpr Duration kNext = std::chrono::microseconds(200); // for the next call: a token is chosen
constexpr Duration kWake = std::chrono::microseconds(500); // for who was woken, at most
constexpr int kPausesPerClockRead = 64;
constexpr size_t kCacheLine = 64;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// A word that workers wait for a change of, and who of them sleeps.
struct Signal {
  alignas(kCacheLine) std::atomic<uint32_t> word = 0;
  alignas(kCacheLine) std::atomic<int> asleep = 0;
};

/// How many workers were woken and have not come back.
using Waking = std::atomic<int>;

void change(Signal &signal, Waking &waking) {
  waking.fetch_add(signal.asleep.exchange(0));
  signal.word.fetch_add(1);
  signal.word.notify_all();
}

/// Waits until `signal` differs from `old`. Spins for `spin`; 0 sleeps at once.
void waitWhile(Signal &signal, uint32_t old, Duration spin, Waking &waking) {
  auto changed = [&] { return signal.word.load(std::memory_order_acquire) != old; };
  if (spin > Duration::zero()) {
    auto start = std::chrono::steady_clock::now(), now = start;
    do {
      for (int i = 0; i < kPausesPerClockRead; ++i) {
        if (changed())
          return;
        pause();
      }
      now = std::chrono::steady_clock::now();
    } while (now < start + spin || (waking.load() > 0 && now < start + kWake));
  }
  // Counted before the last look: either change() sees the count, or this sees the change.
  signal.asleep.fetch_add(1);
  while (!changed())
    signal.word.wait(old, std::memory_order_acquire);
  waking.fetch_sub(1);
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
  bool stop[2] = {}; // worker 0's decisions on cancelling, after segments of even and odd number

  Signal epoch;      // a new one starts a job
  Signal generation; // a new one ends a barrier
  alignas(kCacheLine) Waking waking = 0;
  alignas(kCacheLine) std::atomic<int64_t> arrived = 0;
  std::vector<Counter> nextBlock; // one for each worker's range

  void beginAnew() {
    for (Counter &counter : nextBlock)
      __atomic_store_n(&counter.value, 0, __ATOMIC_RELAXED);
  }

  void barrier() {
    // Read before arriving: the last to arrive may change it at once.
    uint32_t old = generation.word.load(std::memory_order_acquire);
    if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 < workers)
      return waitWhile(generation, old, spin ? kSpin : Duration::zero(), waking);
    arrived.store(0, std::memory_order_relaxed);
    beginAnew();
    change(generation, waking);
  }

  void work(int64_t worker) {
    for (uint32_t seen = 0;; ++seen) {
      waitWhile(epoch, seen, spin ? kNext : Duration::zero(), waking);
      if (quit)
        return;
      (*job)(worker);
      barrier();
    }
  }

  void start() { change(epoch, waking); }

  void runJob(const std::function<void(int64_t)> &body) {
    job = &body;
    start();
    body(0);
    barrier();
  }

  /// Whether the workers of `call` stop after segment `number`; the same answer for all of them:
  /// what worker 0 decided one segment ago, which the barriers of this one have made known. Its
  /// next decision of the same place waits for barriers too, behind everybody's look at this one.
  bool stopsHere(const OssccCall &call, int64_t worker, size_t number) {
    if (!call.cancel)
      return false;
    if (worker == 0)
      stop[number % 2] = __atomic_load_n(call.cancel, __ATOMIC_RELAXED) != 0;
    return number > 0 && stop[(number - 1) % 2];
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
  bool stopped = false;
  state->runJob([&](int64_t worker) {
    for (size_t number = 0; number < segments.size(); ++number) {
      segments[number].run(&call, worker);
      if (worker == 0 && call.progress)
        __atomic_fetch_add(call.progress, 1, __ATOMIC_RELAXED);
      if (state->stopsHere(call, worker, number)) {
        if (worker == 0)
          stopped = true;
        return;
      }
    }
  });
  if (stopped)
    return fail(Code::kCancelled, "interrupted");
  return {};
}

void ThreadPool::forEachWorker(const std::function<void(int64_t)> &body) {
  state->runJob(body);
}

} // namespace osscc::rt
