/// Watches who touches which byte of a block's shared memory: reads of what nobody wrote, and
/// accesses of two threads that no barrier keeps apart.
#ifndef OSSCC_TEST_CUDA_MACHINE_WATCH_H
#define OSSCC_TEST_CUDA_MACHINE_WATCH_H

#include "test/cuda/machine/Thread.h"

#include <string>
#include <vector>

namespace osscc::standin {

/// Time counts the barriers that were completed. An access of one thread comes before that of
/// another if the other has passed a barrier since; a barrier of a warp alone counts among its
/// lanes. A shuffle or vote orders a read before a later write of another lane, which waits for
/// what the reader brought, but no write before a read. Barriers of some of the threads are taken
/// as if all had come: a race may be overlooked then, none is made up.
class SharedWatch {
public:
  void begin(size_t bytes, size_t threads);
  /// What is wrong with an access, or nothing.
  std::string read(const Thread &thread, uint32_t address, uint32_t bytes, int line);
  std::string write(const Thread &thread, uint32_t address, uint32_t bytes, int line);
  /// Written by a copy that belongs to no thread.
  void written(uint32_t address, uint32_t bytes);

  /// A barrier is complete; those that waited pass it.
  void complete() { ++clock; }
  void pass(const Thread &thread) { passed[numberOf(thread)].block = clock; }
  void passWarp(const Thread &thread, bool isBarrier) {
    Passed &own = passed[numberOf(thread)];
    own.together = clock;
    own.warp = isBarrier ? clock : own.warp;
  }

private:
  struct Access {
    uint32_t thread = 0; // its number and 1; 0: none
    uint32_t clock = 0;
    int line = 0;
  };
  struct Byte {
    Access write, read, readBefore; // the last reader and the last one that is another
  };
  struct Passed {
    uint32_t block = 0, warp = 0, together = 0;
  };

  static uint32_t numberOf(const Thread &thread) { return thread.warp * kLanes + thread.lane; }
  bool isOrdered(const Access &before, uint32_t thread, bool isRead = false) const;
  std::string race(const char *what, const Access &before, uint32_t address) const;

  uint32_t clock = 1;
  std::vector<Byte> bytes;
  std::vector<Passed> passed;
};

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_MACHINE_WATCH_H
