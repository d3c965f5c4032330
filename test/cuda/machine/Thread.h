/// What a translated kernel knows of the thread that runs it. The translator reads the fields by
/// their offsets.
#ifndef OSSCC_TEST_CUDA_MACHINE_THREAD_H
#define OSSCC_TEST_CUDA_MACHINE_THREAD_H

#include <cstdint>
#include <vector>

namespace osscc::standin {

class Block;
struct Operation;

inline constexpr uint32_t kLanes = 32; // of a warp

/// What a thread waits for.
enum class State : uint8_t { kReady, kAtOperation, kAtBarrier, kPolling, kDone };

/// A copy of cp.async that nobody has waited for. Its bytes are copied when somebody does.
struct PendingCopy {
  uint32_t to; // in shared memory
  const uint8_t *from;
  uint32_t bytes, zeros; // bytes to copy, zeros behind them
  int64_t group;         // committed groups before it
  int line;              // of the instruction
};

struct Thread {
  uint32_t tid[3], ntid[3], ctaid[3], nctaid[3];
  uint32_t lane, warp, warps;
  uint32_t dynamicShared, allShared; // bytes of the block
  uint8_t *shared;                   // where the window of shared memory begins
  uint8_t *arena;                    // device memory
  uint8_t *valid;                    // DeviceMemory's map of it
  uint64_t capacity;                 // bytes of device memory

  Block *block;
  void *stack; // where the fiber stopped
  State state;
  int line;             // of the instruction at which it waits
  uint32_t barrier;     // at which it waits
  Operation *operation; // of the warp, for which it waits
  int64_t groups;       // of cp.async, committed
  std::vector<PendingCopy> copies;
};

/// Of a kernel or a function: the thread, then the addresses of its parameters.
using KernelFn = void (*)(Thread *thread, const uint8_t *parameters);

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_MACHINE_THREAD_H
