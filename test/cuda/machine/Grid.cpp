#include "test/cuda/machine/Block.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace osscc::standin {
namespace {

/// What the workers of a grid share.
struct Grid {
  const Launch &launch;
  std::atomic<uint64_t> next{0};
  std::atomic<bool> hasFailed{false};
  std::mutex mutex;
  Fault fault = Fault::kNone;
  std::string message;

  void work() {
    Block block(launch);
    uint64_t count = launch.blocks();
    for (uint64_t i; !hasFailed && (i = next++) < count;) {
      if (block.run(launch.order & 2 ? count - 1 - i : i))
        continue;
      std::lock_guard lock(mutex);
      if (!hasFailed.exchange(true)) {
        fault = block.fault();
        message = block.message();
      }
    }
  }
};

} // namespace

std::pair<Fault, std::string> runGrid(const Launch &launch, int workers) {
  Grid grid{.launch = launch, .mutex = {}, .message = {}};
  std::vector<std::thread> others;
  for (int i = 1; i < std::min<int64_t>(workers, int64_t(launch.blocks())); ++i)
    others.emplace_back([&grid] { grid.work(); });
  grid.work();
  for (std::thread &other : others)
    other.join();
  return {grid.fault, grid.message};
}

} // namespace osscc::standin
