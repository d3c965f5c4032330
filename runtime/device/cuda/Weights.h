// A model's weights on a card. They are copied from the mapped file by threads of their own, so
// that the prompt is tokenized meanwhile:
//
//   file ─ page faults ─▶ pinned buffer ─ asynchronous copy ─▶ device
#pragma once

#include "runtime/device/Thread.h"
#include "runtime/device/cuda/Memory.h"

#include <atomic>
#include <mutex>
#include <span>
#include <vector>

namespace osscc::rt::cuda {

/// One weight in the host's memory.
struct HostWeight {
  const void *data = nullptr;
  int64_t bytes = 0;
};

class Weights {
public:
  /// Bytes of a copy: large enough for the bus, small enough to overlap with the reading.
  static constexpr int64_t kChunkBytes = int64_t(16) << 20;
  /// Alignment of each weight on the device, at least.
  static constexpr int64_t kAlign = 256;

  /// Takes the memory and begins to copy.
  ///
  /// \param device, storage  must outlive this.
  /// \param weights  must stay mapped until wait() has returned.
  /// \param threads  that copy; 1 at least.
  /// \errors  kOutOfMemory naming both numbers; those of checked().
  static Result<std::unique_ptr<Weights>> upload(Device &device, DeviceStorage &storage,
                                                 std::span<const HostWeight> weights, int threads);
  ~Weights();

  /// Waits until all is there. \errors  the first of the copies.
  Status wait();

  /// [weight] device addresses, in the host's memory.
  const void *const *addresses() const { return onHost.data(); }
  /// The same in the device's memory.
  const void *const *deviceAddresses() const {
    return reinterpret_cast<const void *const *>(table.get());
  }

  /// Bytes of the device that the weights take.
  static int64_t bytesFor(std::span<const HostWeight> weights);

private:
  /// A part of a weight that is copied at a time.
  struct Chunk {
    Address to;
    const void *from;
    int64_t bytes;
  };

  explicit Weights(Device &device) : device(&device) {}
  Status place(DeviceStorage &storage, std::span<const HostWeight> weights);
  void copyChunks();
  void keepFirst(Status status);

  Device *device;
  Storage::Block memory, table;
  std::vector<const void *> onHost;
  std::vector<Chunk> chunks;
  std::atomic<size_t> next = 0;
  std::atomic<bool> stopped = false;
  std::mutex mutex; ///< of the status
  Status status;
  std::vector<Thread> threads; ///< end before the rest goes
};

} // namespace osscc::rt::cuda
