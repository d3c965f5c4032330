// Work that is done on several threads and handed over in the order in which it was given. How much
// is in flight is bounded, and so is its memory, whatever the size of the model.
#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/ThreadPool.h"
#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace osscc {

/// Bytes as they go into the file.
using Strip = llvm::SmallVector<char, 0>;

class StripQueue {
public:
  explicit StripQueue(llvm::ThreadPoolInterface &threads)
      : threads(threads), most(2 * size_t(threads.getMaxConcurrency())) {}
  /// Waits for what is in flight.
  ~StripQueue() {
    while (!slots.empty())
      llvm::consumeError(next().takeError());
  }
  StripQueue(const StripQueue &) = delete;

  bool isEmpty() const { return slots.empty(); }
  bool isFull() const { return slots.size() >= most; }

  /// Starts `work` on a thread of the pool.
  void add(std::function<llvm::Expected<Strip>()> work) {
    auto slot = std::make_unique<Slot>();
    slot->done =
        threads.async([to = slot.get(), work = std::move(work)] { to->result.emplace(work()); });
    slots.push_back(std::move(slot));
  }

  /// Waits for the oldest piece of work and takes its result.
  llvm::Expected<Strip> next() {
    std::unique_ptr<Slot> slot = std::move(slots.front());
    slots.pop_front();
    slot->done.wait();
    return std::move(*slot->result);
  }

private:
  struct Slot {
    std::optional<llvm::Expected<Strip>> result;
    std::shared_future<void> done;
  };

  llvm::ThreadPoolInterface &threads;
  size_t most;
  std::deque<std::unique_ptr<Slot>> slots;
};

} // namespace osscc
