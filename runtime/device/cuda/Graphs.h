// Calls that are launched again and again, as one launch: what a call puts on the stream is
// captured into a CUDA graph and replayed. Calls with the same key put the same there; what differs
// between them (tokens, positions, pages) is read from memory that the graph copies.
#pragma once

#include "runtime/device/cuda/Device.h"

#include <functional>
#include <map>

namespace osscc::rt::cuda {

/// All that the launches of a call depend on.
struct GraphKey {
  int64_t rows = 0, outputs = 0, extent = 0;
  const void *arena = nullptr, *caches = nullptr; ///< of the session
  auto operator<=>(const GraphKey &) const = default;
};

class Graphs {
public:
  /// Graphs kept at a time; the one that was not used for longest goes first.
  static constexpr size_t kMost = 64;

  /// \param device  must outlive this.
  explicit Graphs(Device &device) : device(&device) {}
  ~Graphs();
  Graphs(const Graphs &) = delete;
  Graphs &operator=(const Graphs &) = delete;

  /// Puts a call on the stream: the first time of a key by `enqueue` itself, since a call may come
  /// once only and a kernel's first launch may load it; the second time `enqueue` is captured; from
  /// then on its graph is launched and `enqueue` is not called. Errors are noted in the device.
  void run(const GraphKey &key, const std::function<void()> &enqueue);

  size_t size() const { return graphs.size(); }

private:
  struct Entry {
    GraphExec exec = nullptr; ///< null: seen once
    uint64_t used = 0;
  };
  GraphExec capture(const std::function<void()> &enqueue);
  void dropOldest();

  Device *device;
  uint64_t clock = 0;
  std::map<GraphKey, Entry> graphs;
};

} // namespace osscc::rt::cuda
