#include "test/cuda/machine/Watch.h"

namespace osscc::standin {
namespace {

constexpr uint32_t kNobody = ~0u; // of a copy that belongs to no thread

} // namespace

void SharedWatch::begin(size_t size, size_t threads) {
  bytes.assign(size, {});
  passed.assign(threads, {});
  clock = 1;
}

bool SharedWatch::isOrdered(const Access &before, uint32_t thread, bool isRead) const {
  if (before.thread == 0 || before.thread == thread + 1)
    return true;
  bool isOfWarp = before.thread != kNobody && (before.thread - 1) / kLanes == thread / kLanes;
  const Passed &own = passed[thread];
  return own.block > before.clock ||
         (isOfWarp && (isRead ? own.together : own.warp) > before.clock);
}

std::string SharedWatch::race(const char *what, const Access &before, uint32_t address) const {
  std::string who = before.thread == kNobody ? "a bulk copy"
                                             : "thread " + std::to_string(before.thread - 1) +
                                                   ", line " + std::to_string(before.line);
  return std::string("race: ") + what + " byte " + std::to_string(address) +
         " of shared memory after " + who + ", with no barrier between";
}

std::string SharedWatch::read(const Thread &thread, uint32_t address, uint32_t size, int line) {
  uint32_t self = numberOf(thread);
  for (uint32_t i = address; i < address + size; ++i) {
    Byte &byte = bytes[i];
    if (!byte.write.thread)
      return "reads byte " + std::to_string(i) + " of shared memory, which nobody has written";
    if (!isOrdered(byte.write, self))
      return race("reads", byte.write, i);
    if (byte.read.thread != self + 1)
      byte.readBefore = byte.read;
    byte.read = {self + 1, clock, line};
  }
  return "";
}

std::string SharedWatch::write(const Thread &thread, uint32_t address, uint32_t size, int line) {
  uint32_t self = numberOf(thread);
  for (uint32_t i = address; i < address + size; ++i) {
    Byte &byte = bytes[i];
    // The lanes of a warp may write the same with one instruction.
    bool isTogether = byte.write.line == line && (byte.write.thread - 1) / kLanes == self / kLanes;
    if (!isTogether && !isOrdered(byte.write, self))
      return race("writes", byte.write, i);
    for (const Access &read : {byte.read, byte.readBefore})
      if (!isOrdered(read, self, true))
        return race("writes", read, i);
    byte.write = {self + 1, clock, line};
  }
  return "";
}

void SharedWatch::written(uint32_t address, uint32_t size) {
  for (uint32_t i = address; i < address + size; ++i)
    bytes[i].write = {kNobody, clock, 0};
}

} // namespace osscc::standin
