/// What the functions of the driver's interface share: one device, as the environment describes it.
#ifndef OSSCC_TEST_CUDA_DRIVER_DRIVER_H
#define OSSCC_TEST_CUDA_DRIVER_DRIVER_H

#include "test/cuda/machine/Block.h"
#include "test/cuda/machine/DeviceMemory.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

// Every function of the interface is found by its name.
#define OSSCC_CUDA_API extern "C" __attribute__((visibility("default")))

namespace osscc::standin {

/// The driver's codes that are given here.
enum Result : int {
  kSuccess = 0,
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kNotInitialized = 3,
  kNoDevice = 100,
  kInvalidDevice = 101,
  kInvalidImage = 200,
  kInvalidContext = 201,
  kNoBinary = 209,
  kInvalidPtx = 218,
  kUnsupportedPtx = 222,
  kInvalidHandle = 400,
  kNotFound = 500,
  kNotReady = 600,
  kIllegalAddress = 700,
  kLaunchOutOfResources = 701,
  kMisalignedAddress = 716,
  kLaunchFailed = 719,
  kCaptureUnsupported = 900,
  kCaptureInvalidated = 901,
  kUnknown = 999,
};

const char *nameOf(int result);

/// Read once from the environment; docs/design/cuda-testing.md tells of each variable.
struct Settings {
  int sm, driver; // 89; 12040
  uint64_t memory, order;
  int workers, devices;
  int64_t launchesUntilLost; // -1: never lost
  int lostResult;
  bool isTraced, compilesAtOnce, isWatched;

  Settings();
  int64_t sharedPerBlock() const; // bytes, where a kernel asks for more than 48 KiB
  int ptxVersion() const;         // 84: PTX 8.4
};

/// Something that a stream does; a graph does it again and again.
using Work = std::function<Result()>;

struct Graph {
  std::vector<Work> nodes;
};

/// Work runs when somebody waits for it, and no sooner: who reads too early finds what was there
/// before.
class Stream {
public:
  explicit Stream(bool isBlocking) : isBlocking(isBlocking) {}

  /// Puts work behind what is there, or into the graph that is captured.
  void add(Work work);
  /// Runs all that was put there before, or up to the `until`-th piece since the stream was made.
  Result run(uint64_t until = UINT64_MAX);
  uint64_t added() const { return count; }
  bool isIdle();

  const bool isBlocking; // with respect to the default stream
  std::unique_ptr<Graph> capture;
  bool isCaptureBroken = false;

private:
  std::mutex mutex, running;
  std::deque<Work> waiting;
  uint64_t count = 0, finished = 0;
};

class Driver {
public:
  Driver();

  Settings settings;
  DeviceMemory memory;
  bool isInitialized = false;

  Stream &stream(void *handle) { return handle ? *static_cast<Stream *>(handle) : defaultStream; }
  Stream *make(bool isBlocking);
  Result destroy(Stream *stream);
  /// Waits for every stream, or only for those that the default stream waits for.
  Result finish(bool onlyBlocking);

  /// Every call fails with it from the first fault on, as with the real driver.
  Result lasting() const { return fault; }
  Result fail(Result result) { return fault = result; }
  Result launch(const Launch &launch);

private:
  std::mutex mutex;
  Stream defaultStream{true};
  std::set<Stream *> streams;
  int64_t launches = 0;
  Result fault = kSuccess;
};

Driver &driver();

/// What a call gives that does something: a lasting fault, or what is missing, or what `fn` gives.
template <typename Fn> int checked(Fn fn) {
  if (!driver().isInitialized)
    return kNotInitialized;
  if (driver().lasting())
    return driver().lasting();
  return fn();
}

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_DRIVER_DRIVER_H
