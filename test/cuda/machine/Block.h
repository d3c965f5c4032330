/// One block of a grid: its threads are fibers that run until they have to wait for each other.
#ifndef OSSCC_TEST_CUDA_MACHINE_BLOCK_H
#define OSSCC_TEST_CUDA_MACHINE_BLOCK_H

#include "test/cuda/machine/DeviceMemory.h"
#include "test/cuda/machine/Fiber.h"
#include "test/cuda/machine/Thread.h"
#include "test/cuda/machine/Watch.h"

#include <memory>
#include <string>
#include <vector>

namespace osscc::standin {

/// What goes wrong in a kernel, as the driver's codes have it.
enum class Fault { kNone, kIllegalAddress, kMisaligned, kLaunchFailed };

/// A kernel with all that a launch says.
struct Launch {
  std::string name;
  KernelFn function = nullptr;
  const uint8_t *parameters = nullptr;
  uint32_t grid[3] = {1, 1, 1}, block[3] = {1, 1, 1};
  uint32_t staticShared = 0, dynamicShared = 0; // bytes
  uint64_t stackBytes = 0;                      // of a thread, for its local memory
  bool needsFibers = true;                      // threads wait for each other
  bool isWatched = false;                       // races in shared memory are looked for
  DeviceMemory *memory = nullptr;
  uint64_t order = 0; // a seed of the order in which threads run, 0: rising

  uint32_t threads() const { return block[0] * block[1] * block[2]; }
  uint64_t blocks() const { return uint64_t(grid[0]) * grid[1] * grid[2]; }
};

/// What the lanes of a warp do together. `perform` is called with what each lane came with, null
/// for lanes outside of the mask.
struct Operation {
  void (*perform)(Thread *const *threads, Operation *const *lanes);
  uint32_t mask;
  const char *name;
  bool isBarrier = false; // memory is seen by the others behind it
};

/// A copy to shared memory that an mbarrier counts; its bytes are copied when somebody asks that
/// mbarrier.
struct BulkCopy {
  uint32_t to, barrier; // in shared memory
  const uint8_t *from;
  uint32_t bytes;
};

class Block {
public:
  explicit Block(const Launch &launch);
  ~Block();

  /// Runs a block to its end; false after a fault, which `fault` and `message` then tell.
  bool run(uint64_t number);
  Fault fault() const { return failure; }
  const std::string &message() const { return failureText; }

  // What the threads call.
  /// Waits until all lanes of the mask have come, the last of which performs the operation.
  void operate(Thread &thread, Operation &operation, int line);
  /// Waits at a barrier until `count` threads have come; 0: all of the block.
  void barrier(Thread &thread, uint32_t id, uint32_t count, bool isWaiting, int line);
  /// Lets the others run.
  void poll(Thread &thread, int line);
  /// Ends the block.
  [[noreturn]] void fail(Thread &thread, Fault fault, int line, const std::string &what);
  /// The bytes of shared memory from `address` on; fails where they are none or not aligned to
  /// `align`.
  uint8_t *shared(Thread &thread, uint32_t address, uint32_t bytes, uint32_t align, int line);
  /// Whether an address lies on the threads' stacks, where their local memory is.
  bool isLocal(const uint8_t *address) const { return stacks->contains(address); }
  const DeviceMemory &memory() const { return *launch.memory; }
  /// Tells the watch of an access, if there is one; fails where it finds something.
  void touch(Thread &thread, uint32_t address, uint32_t bytes, bool isStore, int line);
  /// The same of a copy that belongs to no thread.
  void copied(uint32_t address, uint32_t bytes);
  /// The thread has passed a barrier of its own: a phase of an mbarrier.
  void passed(Thread &thread);
  void progress() { fruitlessRounds = 0; }
  /// Whether copies are done at once instead of as late as they may.
  bool copiesEarly() const { return order & 1; }

  std::vector<BulkCopy> bulkCopies;

private:
  struct Warp {
    uint32_t ready = 0, waiting = 0, done = 0, polling = 0, present = 0;
  };
  struct Barrier {
    uint32_t arrived = 0, needed = 0;
  };

  static void runThread(void *thread);
  static void runAll(void *block);
  void prepare(uint64_t number);
  void schedule();
  Thread &pick(Warp &warp);
  void leave(Thread &thread);
  bool isComplete(const Warp &warp, uint32_t first, const Operation &operation) const;
  void releasePollers();
  void tellDeadlock();
  uint32_t random();

  Launch launch;
  std::unique_ptr<Stacks> stacks;
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  std::vector<uint8_t> sharedMemory;
  SharedWatch watch;
  Barrier barriers[16];
  uint32_t done = 0;
  int fruitlessRounds = 0;
  uint64_t order, state = 0;
  void *main = nullptr; // the stack of the scheduler
  Fault failure = Fault::kNone;
  std::string failureText;
};

/// Runs all blocks of a launch, on up to so many threads of the host. The first fault and its
/// message.
std::pair<Fault, std::string> runGrid(const Launch &launch, int workers);

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_MACHINE_BLOCK_H
