// What runs a model's calls: the workers of a thread pool, or a device. Sessions do not know which.
#pragma once

#include "runtime/abi/Abi.h"
#include "runtime/device/Storage.h"

#include <span>

namespace osscc::rt {

class Runner {
public:
  virtual ~Runner() = default;

  /// Runs `segments` in order and returns when call.output is written, which is the host's. Sets
  /// what is its own of the call: workers, services, and on a device the weights' addresses.
  /// `call.progress`, where given, counts the segments that were run.
  ///
  /// \errors  kCancelled when *call.cancel was found not 0: segments may have run then, wholly.
  virtual Status run(OssccCall call, std::span<const OssccSegment> segments) = 0;

  /// Where the arena and the caches of its calls must lie.
  virtual Storage &storage() = 0;
};

} // namespace osscc::rt
