// The workers that run a call. One parallel region a token: every worker walks all segments of the
// model and waits only for blocks of work (docs/design/runtime.md says what that saves over a fork
// and join a kernel).
#pragma once

#include "runtime/device/Runner.h"

#include <functional>
#include <memory>
#include <span>
#include <string>

namespace osscc::rt {

class ThreadPool : public Runner {
public:
  /// Starts `workers` - 1 threads; the thread that calls run() is worker 0. Where the system gives
  /// fewer (a sandbox, a limit of processes), those that it gave are all; shortage() says so.
  ///
  /// \param workers  1 .. kMaxWorkers; 0 takes availableCpus().
  /// \errors  kInvalidArgument outside that range.
  static Result<std::unique_ptr<ThreadPool>> create(int64_t workers);
  ~ThreadPool() override;
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  int64_t workers() const;

  /// One line: how many threads there are of those asked for, and why; empty if all.
  const std::string &shortage() const;

  /// Runs `segments` in order and returns when all their blocks are done; a worker that does not
  /// come in time is not waited for. Sets the call's workers and services. `call.progress`, where
  /// given, counts the segments that worker 0 has left.
  ///
  /// \errors  kCancelled when *call.cancel was found not 0 behind a segment; segments behind that
  /// one may have run, wholly.
  Status run(OssccCall call, std::span<const OssccSegment> segments) override;

  /// The host's memory.
  Storage &storage() override { return hostStorage(); }

  /// Runs `body(worker)` once on every worker and returns when all are done. Throws what one of
  /// them has thrown.
  void forEachWorker(const std::function<void(int64_t)> &body);

  static constexpr int64_t kMaxWorkers = 1024;

private:
  struct State;
  explicit ThreadPool(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

} // namespace osscc::rt
