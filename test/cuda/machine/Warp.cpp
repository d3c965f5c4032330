// What the lanes of a warp tell each other, and barriers. Meanings: PTX ISA, "Parallel
// Synchronization and Communication Instructions".
#include "test/cuda/machine/Block.h"
#include "test/cuda/machine/Entries.h"

#include <algorithm>
#include <bit>

namespace osscc::standin {
namespace {

template <typename Fn> void forLanes(uint32_t mask, Fn fn) {
  for (; mask; mask &= mask - 1)
    fn(uint32_t(std::countr_zero(mask)));
}

uint32_t maskOf(Operation *const *lanes) {
  return (*std::find_if(lanes, lanes + kLanes, [](auto *lane) { return lane != nullptr; }))->mask;
}

struct Shuffle : Operation {
  uint32_t mode, value, b, c;
  uint32_t result = 0;
  bool isInRange = false, hasNoSource = false;
};

enum ShuffleMode { kUp, kDown, kButterfly, kIndex };

void shuffle(Thread *const *, Operation *const *lanes) {
  uint32_t mask = maskOf(lanes);
  forLanes(mask, [&](uint32_t lane) {
    auto &own = *static_cast<Shuffle *>(lanes[lane]);
    uint32_t b = own.b & 31, clamp = own.c & 31, segment = own.c >> 8 & 31;
    uint32_t last = (lane & segment) | (clamp & ~segment), first = lane & segment;
    int32_t from = 0;
    switch (own.mode) {
    case kUp:
      from = int32_t(lane) - int32_t(b);
      own.isInRange = from >= int32_t(last);
      break;
    case kDown:
      from = int32_t(lane + b);
      own.isInRange = from <= int32_t(last);
      break;
    case kButterfly:
      from = int32_t(lane ^ b);
      own.isInRange = from <= int32_t(last);
      break;
    default:
      from = int32_t(first | (b & ~segment));
      own.isInRange = from <= int32_t(last);
    }
    if (!own.isInRange)
      from = int32_t(lane);
    own.hasNoSource = !(mask >> from & 1);
    own.result = own.hasNoSource ? 0 : static_cast<Shuffle *>(lanes[from])->value;
  });
}

uint32_t standin_shfl(Thread *thread, int line, uint32_t mode, uint32_t value, uint32_t b,
                      uint32_t c, uint32_t mask, uint8_t *isInRange) {
  Shuffle own;
  own.perform = shuffle;
  own.mask = mask;
  own.name = "shfl";
  own.mode = mode, own.value = value, own.b = b, own.c = c;
  thread->block->operate(*thread, own, line);
  if (own.hasNoSource)
    thread->block->fail(*thread, Fault::kLaunchFailed, line,
                        "shfl reads a lane that the mask " + std::to_string(mask) + " lacks");
  *isInRange = own.isInRange;
  return own.result;
}

/// Every lane brings a word, and each takes one: votes, matches, sums.
struct Exchange : Operation {
  uint32_t value, result = 0;
  uint8_t flag = 0;
};

template <typename Fn> void reduced(Operation *const *lanes, Fn fn) {
  bool isFirst = true;
  uint32_t sum = 0;
  for (uint32_t lane = 0; lane < kLanes; ++lane)
    if (auto *own = static_cast<Exchange *>(lanes[lane])) {
      sum = isFirst ? own->value : fn(sum, own->value);
      isFirst = false;
    }
  forLanes(maskOf(lanes),
           [&](uint32_t lane) { static_cast<Exchange *>(lanes[lane])->result = sum; });
}

void sumOf(Thread *const *, Operation *const *lanes) {
  reduced(lanes, [](uint32_t a, uint32_t b) { return a + b; });
}
void andOf(Thread *const *, Operation *const *lanes) {
  reduced(lanes, [](uint32_t a, uint32_t b) { return a & b; });
}
void orOf(Thread *const *, Operation *const *lanes) {
  reduced(lanes, [](uint32_t a, uint32_t b) { return a | b; });
}
void xorOf(Thread *const *, Operation *const *lanes) {
  reduced(lanes, [](uint32_t a, uint32_t b) { return a ^ b; });
}
void smallestOf(Thread *const *, Operation *const *lanes) {
  reduced(lanes, [](uint32_t a, uint32_t b) { return std::min(a, b); });
}
void largestOf(Thread *const *, Operation *const *lanes) {
  reduced(lanes, [](uint32_t a, uint32_t b) { return std::max(a, b); });
}
void smallestSignedOf(Thread *const *, Operation *const *lanes) {
  reduced(lanes, [](uint32_t a, uint32_t b) { return uint32_t(std::min(int32_t(a), int32_t(b))); });
}
void largestSignedOf(Thread *const *, Operation *const *lanes) {
  reduced(lanes, [](uint32_t a, uint32_t b) { return uint32_t(std::max(int32_t(a), int32_t(b))); });
}

/// Which lanes came with something else than 0.
void ballotOf(Thread *const *, Operation *const *lanes) {
  uint32_t found = 0;
  for (uint32_t lane = 0; lane < kLanes; ++lane)
    if (lanes[lane] && static_cast<Exchange *>(lanes[lane])->value)
      found |= 1u << lane;
  for (uint32_t lane = 0; lane < kLanes; ++lane)
    if (lanes[lane])
      static_cast<Exchange *>(lanes[lane])->result = found;
}

/// Which lanes came with the same word; `flag`: all did.
void matchOf(Thread *const *, Operation *const *lanes) {
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    auto *own = static_cast<Exchange *>(lanes[lane]);
    if (!own)
      continue;
    for (uint32_t other = 0; other < kLanes; ++other)
      if (lanes[other] && static_cast<Exchange *>(lanes[other])->value == own->value)
        own->result |= 1u << other;
    own->flag = own->result == own->mask;
  }
}

void nothing(Thread *const *, Operation *const *) {}

/// The names are those of translated code: the instruction without its type where that does not
/// matter.
constexpr struct {
  const char *name;
  void (*perform)(Thread *const *, Operation *const *);
} kExchanges[] = {
    {"redux.add", sumOf},
    {"redux.and", andOf},
    {"redux.or", orOf},
    {"redux.xor", xorOf},
    {"redux.min.u32", smallestOf},
    {"redux.max.u32", largestOf},
    {"redux.min.s32", smallestSignedOf},
    {"redux.max.s32", largestSignedOf},
    {"vote", ballotOf},
    {"match", matchOf},
    {"bar.warp", nothing},
};

template <size_t I>
uint32_t exchange(Thread *thread, int line, uint32_t value, uint32_t mask, uint8_t *flag) {
  Exchange own;
  own.perform = kExchanges[I].perform;
  own.mask = mask;
  own.name = kExchanges[I].name;
  own.value = value;
  own.isBarrier = own.perform == nothing;
  thread->block->operate(*thread, own, line);
  *flag = own.flag;
  return own.result;
}

void standin_barrier(Thread *thread, int line, uint32_t id, uint32_t count, uint32_t isWaiting) {
  thread->block->barrier(*thread, id, count, isWaiting != 0, line);
}

void standin_yield(Thread *thread, int line) {
  thread->block->poll(*thread, line);
}

void standin_trap(Thread *thread, int line) {
  thread->block->fail(*thread, Fault::kLaunchFailed, line, "trap");
}

template <size_t... I> void addExchanges(std::vector<Entry> &to, std::index_sequence<I...>) {
  (to.push_back({kExchanges[I].name, addressOf(exchange<I>)}), ...);
}

} // namespace

std::vector<Entry> warpEntries() {
  std::vector<Entry> found{{"standin_shfl", addressOf(standin_shfl)},
                           {"standin_barrier", addressOf(standin_barrier)},
                           {"standin_yield", addressOf(standin_yield)},
                           {"standin_trap", addressOf(standin_trap)}};
  addExchanges(found, std::make_index_sequence<std::size(kExchanges)>());
  return found;
}

} // namespace osscc::standin
