// Copies that a thread starts and waits for later, and the barriers in shared memory that count
// them. Meanings: PTX ISA, "Data Movement and Conversion Instructions: Asynchronous copy" and
// "mbarrier".
#include "test/cuda/machine/Block.h"
#include "test/cuda/machine/Entries.h"

#include <algorithm>
#include <cstring>

namespace osscc::standin {
namespace {

/// Device memory that an instruction reads as a whole.
const uint8_t *readable(Thread *thread, int line, uint64_t address, uint32_t bytes, uint32_t align);

void perform(Thread &thread, const PendingCopy &copy) {
  thread.block->touch(thread, copy.to, copy.bytes + copy.zeros, true, copy.line);
  std::memcpy(thread.shared + copy.to, copy.from, copy.bytes);
  std::memset(thread.shared + copy.to + copy.bytes, 0, copy.zeros);
}

void standin_cp_async(Thread *thread, int line, uint32_t to, uint64_t from, uint32_t size,
                      uint32_t sourceSize) {
  uint32_t bytes = std::min(size, sourceSize);
  thread->block->shared(*thread, to, size, size, line);
  // The address counts where nothing is read as well: it has to be aligned.
  const uint8_t *source = readable(thread, line, from, bytes, size);
  PendingCopy copy{to, source, bytes, size - bytes, thread->groups, line};
  if (thread->block->copiesEarly())
    perform(*thread, copy);
  else
    thread->copies.push_back(copy);
}

void standin_cp_commit(Thread *thread) {
  ++thread->groups;
}

/// Waits until at most `pending` of the latest groups are under way; all: also for what is in no
/// group yet.
void standin_cp_wait(Thread *thread, uint32_t pending, uint32_t all) {
  int64_t before = all ? INT64_MAX : thread->groups - int64_t(pending);
  auto rest = std::find_if(thread->copies.begin(), thread->copies.end(),
                           [&](const PendingCopy &copy) { return copy.group >= before; });
  for (auto copy = thread->copies.begin(); copy != rest; ++copy)
    perform(*thread, *copy);
  thread->copies.erase(thread->copies.begin(), rest);
}

/// An mbarrier as it lies in shared memory.
struct Barrier {
  uint64_t expected : 20, missing : 20, phase : 1;
  int64_t bytes : 23; // still to come in this phase
};
static_assert(sizeof(Barrier) == 8);

/// Changes an mbarrier, and begins its next phase when all have come.
template <typename Fn> uint64_t change(Thread *thread, int line, uint32_t address, Fn fn) {
  uint8_t *at = thread->block->shared(*thread, address, 8, 8, line);
  Barrier barrier;
  std::memcpy(&barrier, at, 8);
  uint64_t before;
  std::memcpy(&before, at, 8);
  fn(barrier);
  if (!barrier.missing && !barrier.bytes) {
    barrier.phase ^= 1;
    barrier.missing = barrier.expected;
  }
  std::memcpy(at, &barrier, 8);
  thread->block->progress();
  return before;
}

void standin_mbarrier_init(Thread *thread, int line, uint32_t address, uint32_t count) {
  uint8_t *at = thread->block->shared(*thread, address, 8, 8, line);
  Barrier barrier{};
  barrier.expected = barrier.missing = count;
  std::memcpy(at, &barrier, 8);
}

/// Arrives `count` times after so many bytes more are expected; the state before.
uint64_t standin_mbarrier_arrive(Thread *thread, int line, uint32_t address, uint32_t count,
                                 uint32_t bytes) {
  bool tooMany = false;
  uint64_t before = change(thread, line, address, [&](Barrier &barrier) {
    barrier.bytes += bytes;
    tooMany = barrier.missing < count;
    barrier.missing -= tooMany ? 0 : count;
  });
  if (tooMany)
    thread->block->fail(*thread, Fault::kLaunchFailed, line,
                        "more arrivals than the mbarrier expects");
  return before;
}

void standin_mbarrier_expect(Thread *thread, int line, uint32_t address, uint32_t bytes) {
  change(thread, line, address, [&](Barrier &barrier) { barrier.bytes += bytes; });
}

/// Arrives once, when all copies that the thread started are done.
void standin_cp_arrive(Thread *thread, int line, uint32_t address, uint32_t isCounted) {
  standin_cp_wait(thread, 0, 1);
  change(thread, line, address, [&](Barrier &barrier) {
    barrier.missing += isCounted ? 0 : 1; // without .noinc the phase expects one more first
    --barrier.missing;
  });
}

void perform(Thread *thread, int line, const BulkCopy &copy) {
  thread->block->copied(copy.to, copy.bytes);
  std::memcpy(thread->shared + copy.to, copy.from, copy.bytes);
  change(thread, line, copy.barrier, [&](Barrier &barrier) { barrier.bytes -= copy.bytes; });
}

void standin_bulk_copy(Thread *thread, int line, uint32_t to, uint64_t from, uint32_t bytes,
                       uint32_t barrier) {
  constexpr uint32_t kAlign = 16;
  if (bytes % kAlign)
    thread->block->fail(*thread, Fault::kMisaligned, line,
                        std::to_string(bytes) + " bytes are no multiple of 16");
  thread->block->shared(*thread, to, bytes, kAlign, line);
  BulkCopy copy{to, barrier, readable(thread, line, from, bytes, kAlign), bytes};
  if (thread->block->copiesEarly())
    perform(thread, line, copy);
  else
    thread->block->bulkCopies.push_back(copy);
}

/// Whether a phase is over: the one of that parity, or the one of a state that an arrival gave. If
/// not, the copies that the mbarrier counts are done, and the others run first.
uint32_t standin_mbarrier_test(Thread *thread, int line, uint32_t address, uint64_t what,
                               uint32_t isParity) {
  uint8_t *at = thread->block->shared(*thread, address, 8, 8, line);
  auto isOver = [&] {
    Barrier barrier, before;
    std::memcpy(&barrier, at, 8);
    std::memcpy(&before, &what, 8);
    return barrier.phase != (isParity ? what & 1 : before.phase);
  };
  if (isOver()) {
    thread->block->passed(*thread);
    return 1;
  }
  std::vector<BulkCopy> &copies = thread->block->bulkCopies;
  for (size_t i = 0; i < copies.size();) {
    if (copies[i].barrier != address) {
      ++i;
      continue;
    }
    BulkCopy copy = copies[i];
    copies.erase(copies.begin() + std::ptrdiff_t(i));
    perform(thread, line, copy);
  }
  if (!isOver())
    thread->block->poll(*thread, line);
  if (!isOver())
    return 0;
  thread->block->passed(*thread);
  return 1;
}

const uint8_t *readable(Thread *thread, int line, uint64_t address, uint32_t bytes,
                        uint32_t align) {
  if (address % align)
    thread->block->fail(*thread, Fault::kMisaligned, line,
                        "address is no multiple of " + std::to_string(align));
  auto *at = reinterpret_cast<const uint8_t *>(address);
  uint64_t first = address - reinterpret_cast<uint64_t>(thread->arena);
  for (uint64_t i = 0; i < bytes; i += DeviceMemory::kGranule) {
    uint64_t place = first + i, size = std::min<uint64_t>(bytes - i, DeviceMemory::kGranule);
    if (place >= thread->capacity ||
        place % DeviceMemory::kGranule + size >
            (thread->valid[place / DeviceMemory::kGranule] & ~DeviceMemory::kWritten))
      thread->block->fail(*thread, Fault::kIllegalAddress, line,
                          "a copy of " + std::to_string(bytes) +
                              " bytes from outside of an allocation");
  }
  return at;
}

} // namespace

std::vector<Entry> asyncEntries() {
  return {{"standin_cp_async", addressOf(standin_cp_async)},
          {"standin_cp_commit", addressOf(standin_cp_commit)},
          {"standin_cp_wait", addressOf(standin_cp_wait)},
          {"standin_cp_arrive", addressOf(standin_cp_arrive)},
          {"standin_mbarrier_init", addressOf(standin_mbarrier_init)},
          {"standin_mbarrier_arrive", addressOf(standin_mbarrier_arrive)},
          {"standin_mbarrier_expect", addressOf(standin_mbarrier_expect)},
          {"standin_mbarrier_test", addressOf(standin_mbarrier_test)},
          {"standin_bulk_copy", addressOf(standin_bulk_copy)}};
}

} // namespace osscc::standin
