// Workers, the grids of blocks that they share, and the walk over a model's segments.
//
// Workers do not wait for each other but for blocks: a grid is over when its last block is done,
// whoever did them. A worker that sleeps, or whose CPU is busy with another program, holds nobody
// up unless it has a block in hand; it finds the grids that went by finished, and joins at the one
// that is open.
//
//   epoch     the number of the grid that is open
//   ranges    of each worker's blocks the next one, under the number of their grid
//   done      how many blocks of that grid are done
//
// Who does the last block opens the next grid. A worker's states:
//
//   idle ─ start ─▶ invited ─▶ inside ◀─▶ waiting        inside ─ end of the call ─▶ idle
//                      └───── end() takes back ────┘ ──▶ idle
//
// end() takes back who has not come yet or waits for a grid: such a worker leaves the emitted code
// by longjmp, without another look at the call, which is gone.
//
// A wait spins for about 20 us and then sleeps in the kernel: on a machine with other work, or with
// more workers than CPUs, the sleep gives the CPU to whoever can use it.
#include "runtime/device/ThreadPool.h"

#include "runtime/device/Cpus.h"
#include "runtime/device/Stack.h"
#include "runtime/device/Thread.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csetjmp>
#include <cstring>
#include <exception>
#include <vector>

namespace osscc::rt {
namespace {

using Duration = std::chrono::steady_clock::duration;
constexpr Duration kSpin = std::chrono::microseconds(20);  // for a grid
constexpr Duration kNext = std::chrono::microseconds(200); // for the next call: a token is chosen
constexpr int kPausesPerClockRead = 64;
constexpr size_t kLines = 128; // two cache lines, since some CPUs fetch pairs

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Rings for those who sleep; who changes what they wait for rings afterwards.
class Bell {
public:
  void ring() {
    if (asleep.load() == 0 || asleep.exchange(0) == 0)
      return;
    rings.fetch_add(1);
    rings.notify_all();
  }

  /// Waits until `holds`; spins for `spin`, 0 sleeps at once.
  template <class Condition> void await(Duration spin, Condition holds) {
    if (spin > Duration::zero()) {
      auto end = std::chrono::steady_clock::now() + spin;
      do {
        for (int i = 0; i < kPausesPerClockRead; ++i) {
          if (holds())
            return;
          pause();
        }
      } while (std::chrono::steady_clock::now() < end);
    }
    while (true) {
      // All of this is in one order with what changes and with ring(). Counted before the last
      // look: either ring() sees the count, or this sees the change. Another ring may take the
      // count away in between; its number is then a later one than was heard before counting, so
      // this does not sleep on it. test/runtime/device/thread-pool-model.py tries it, and the two
      // lines in the other order, under which a sleeper may hold the number of the ring that it
      // missed.
      uint32_t heard = rings.load();
      asleep.fetch_add(1);
      if (holds())
        return;
      rings.wait(heard);
    }
  }

private:
  alignas(kLines) std::atomic<uint32_t> rings = 0;
  alignas(kLines) std::atomic<int> asleep = 0; ///< since the last ring
};

/// A number of blocks under the number of their grid.
constexpr uint64_t tagged(uint32_t grid, uint64_t blocks) {
  return uint64_t(grid) << 32 | blocks;
}

enum class Presence { kIdle, kInvited, kInside, kWaiting };

struct Worker {
  alignas(kLines) std::atomic<uint64_t> range = 0; ///< tagged: blocks taken of its range
  alignas(kLines) std::atomic<Presence> presence = Presence::kIdle;
  // Its own affair:
  uint32_t grid = 0;  ///< the number of the grid that it is in
  uint64_t taken = 0; ///< blocks of that grid that it has taken
  jmp_buf leave;
};

} // namespace

struct ThreadPool::State {
  /// Reached by emitted code through call->services, whose first member it is.
  struct Services {
    OssccServices table;
    State *state;
  };

  State(int64_t count, int64_t cpus)
      : places(count), workers(places), spin(count <= cpus ? kSpin : Duration::zero()),
        next(count <= cpus ? kNext : Duration::zero()) {
    open(1);
  }

  std::vector<Worker> places;
  std::span<Worker> workers; ///< those that have a thread; a thread looks here once it is invited
  Duration spin, next;       // waiting actively takes the CPU from the worker waited for, if they
                             // outnumber the CPUs
  std::vector<Thread> threads;
  std::string shortage;
  Services services{};
  const std::function<void(int64_t)> *job = nullptr;
  std::atomic<bool> quit = false;
  Bell bell;
  alignas(kLines) std::atomic<uint32_t> epoch = 0;
  alignas(kLines) std::atomic<uint64_t> done = 0; ///< tagged

  /// Starts a thread for each worker but the first. Where the system gives no more, those that have
  /// none are no workers.
  void startThreads() {
    threads.reserve(places.size());
    for (size_t number = 1; number < places.size(); ++number) {
      auto thread = Thread::start(kStackBytes, [this, number] { work(int64_t(number)); });
      if (!thread) {
        shortage = fmt::format("{} of {} threads: the system gives no more ({})", number,
                               places.size(), std::strerror(thread.error()));
        workers = workers.first(number);
        return;
      }
      threads.push_back(std::move(*thread));
    }
  }

  /// Opens a grid, whose blocks nobody has taken.
  void open(uint32_t grid) {
    for (Worker &worker : workers)
      worker.range.store(tagged(grid, 0), std::memory_order_relaxed);
    done.store(tagged(grid, 0), std::memory_order_relaxed);
    epoch.store(grid); // in one order with asleep
    bell.ring();
  }

  /// Whether grid `number` is open, or was: numbers go round.
  bool reached(uint32_t number) const { return int32_t(epoch.load() - number) >= 0; }

  void barrier(Worker &me) {
    uint32_t number = ++me.grid;
    me.taken = 0;
    if (reached(number))
      return;
    me.presence.store(Presence::kWaiting);
    bell.await(spin, [&] { return reached(number) || me.presence.load() != Presence::kWaiting; });
    Presence waiting = Presence::kWaiting;
    if (!me.presence.compare_exchange_strong(waiting, Presence::kInside))
      _longjmp(me.leave, 1);
  }

  /// The next block of `owner`'s range, `count` if there is none left, or its grid is over.
  int64_t nextBlock(Worker &me, int64_t owner, int64_t count) {
    std::atomic<uint64_t> &range = workers[owner].range;
    uint64_t now = range.load(std::memory_order_relaxed);
    while (now >= tagged(me.grid, 0) && now < tagged(me.grid, count))
      if (range.compare_exchange_weak(now, now + 1, std::memory_order_acq_rel)) {
        ++me.taken;
        return int64_t(now - tagged(me.grid, 0));
      }
    return count;
  }

  void finish(Worker &me, int64_t total) {
    uint64_t before = tagged(me.grid, 0);
    if (total == 0
            ? done.compare_exchange_strong(before, before + 1)
            : me.taken > 0 && done.fetch_add(me.taken, std::memory_order_acq_rel) + me.taken ==
                                  tagged(me.grid, total))
      open(me.grid + 1);
  }

  void work(int64_t number) {
    Worker &me = places[number];
    while (true) {
      bell.await(next, [&] { return quit.load() || me.presence.load() == Presence::kInvited; });
      Presence invited = Presence::kInvited;
      if (quit.load())
        return;
      if (me.presence.compare_exchange_strong(invited, Presence::kInside))
        runInside(number);
    }
  }

  /// The job's part of a worker that has come in.
  void runInside(int64_t number) {
    Worker &me = workers[number];
    if (_setjmp(me.leave) != 0)
      return; // taken back: end() has seen to its presence
    (*job)(number);
    me.presence.store(Presence::kIdle);
    bell.ring();
  }

  /// Invites everybody to `body`. All grids are over: who comes begins before the open one.
  void start(const std::function<void(int64_t)> &body) {
    job = &body;
    uint32_t before = epoch.load() - 1;
    for (Worker &worker : workers) {
      worker.grid = before;
      if (&worker != &workers.front())
        worker.presence.store(Presence::kInvited);
    }
    bell.ring();
  }

  /// Waits for who is inside. `all` waits for who was invited too; else they are taken back, and
  /// who waits for a grid is.
  void end(bool all) {
    for (size_t i = 1; i < workers.size(); ++i)
      bell.await(spin, [&, &presence = workers[i].presence] {
        Presence now = presence.load();
        bool outside = !all && (now == Presence::kInvited || now == Presence::kWaiting);
        return now == Presence::kIdle ||
               (outside && presence.compare_exchange_strong(now, Presence::kIdle));
      });
  }

  static State &of(const OssccCall *call) {
    return *reinterpret_cast<const Services *>(call->services)->state;
  }
};

ThreadPool::ThreadPool(std::unique_ptr<State> state) : state(std::move(state)) {}

ThreadPool::~ThreadPool() {
  state->quit = true;
  state->bell.ring();
  state->threads.clear(); // waits for them
}

Result<std::unique_ptr<ThreadPool>> ThreadPool::create(int64_t workers) {
  int64_t cpus = availableCpus();
  if (workers == 0)
    workers = cpus;
  if (workers < 1 || workers > kMaxWorkers)
    return fail(Code::kInvalidArgument,
                fmt::format("threads: expected 1 to {}, found {}", kMaxWorkers, workers));
  auto state = std::make_unique<State>(workers, cpus);
  OssccServices &table = state->services.table;
  state->services.state = state.get();
  table.struct_bytes = sizeof(OssccServices);
  table.barrier = [](const OssccCall *call, int64_t worker) {
    State::of(call).barrier(State::of(call).workers[worker]);
  };
  table.next_block = [](const OssccCall *call, int64_t worker, int64_t owner, int64_t count) {
    return State::of(call).nextBlock(State::of(call).workers[worker], owner, count);
  };
  table.finish = [](const OssccCall *call, int64_t worker, int64_t total) {
    State::of(call).finish(State::of(call).workers[worker], total);
  };
  std::unique_ptr<ThreadPool> pool(new ThreadPool(std::move(state)));
  pool->state->startThreads();
  return pool;
}

int64_t ThreadPool::workers() const {
  return int64_t(state->workers.size());
}

const std::string &ThreadPool::shortage() const {
  return state->shortage;
}

Status ThreadPool::run(OssccCall call, std::span<const OssccSegment> segments) {
  call.workers = workers();
  call.services = &state->services.table;
  std::atomic<bool> stopped = false;
  // A worker that is taken back leaves from within a segment by longjmp: neither this function nor
  // emitted code nor a service may hold a lock there, or an object that wants its destructor.
  std::function<void(int64_t)> walk = [&](int64_t worker) {
    for (const OssccSegment &segment : segments) {
      segment.run(&call, worker);
      if (worker == 0 && call.progress)
        __atomic_fetch_add(call.progress, 1, __ATOMIC_RELAXED);
      if (call.cancel && __atomic_load_n(call.cancel, __ATOMIC_RELAXED) != 0)
        stopped = true;
      if (stopped)
        return;
    }
  };
  state->start(walk);
  walk(0);
  if (!stopped)
    state->barrier(state->workers.front());
  state->end(/*all=*/false);
  if (stopped)
    return fail(Code::kCancelled, "interrupted");
  return {};
}

void ThreadPool::forEachWorker(const std::function<void(int64_t)> &body) {
  // An exception that leaves a thread would end the process.
  std::atomic_flag failed;
  std::exception_ptr problem;
  std::function<void(int64_t)> guarded = [&](int64_t worker) {
    try {
      body(worker);
    } catch (...) {
      if (!failed.test_and_set())
        problem = std::current_exception();
    }
  };
  state->start(guarded);
  guarded(0);
  state->end(/*all=*/true);
  if (problem)
    std::rethrow_exception(problem);
}

} // namespace osscc::rt
