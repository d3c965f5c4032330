#include "test/cuda/machine/Entries.h"

#include "test/cuda/machine/Block.h"
#include "test/cuda/machine/Numbers.h"

#include <cmath>
#include <cstdio>
#include <cstring>

namespace osscc::standin {
namespace {

std::string hex(uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

/// Called for an access that the quick test in translated code did not let pass; returns where it
/// is right nevertheless.
void standin_check(Thread *thread, int line, uint64_t address, uint32_t bytes, uint32_t isGeneric) {
  auto *at = reinterpret_cast<const uint8_t *>(address);
  if (address % bytes)
    thread->block->fail(*thread, Fault::kMisaligned, line,
                        "address " + hex(address) + " is no multiple of " + std::to_string(bytes));
  if (isGeneric && at >= thread->shared && at + bytes <= thread->shared + thread->allShared)
    return;
  if (isGeneric && thread->block->isLocal(at))
    return;
  if (thread->block->memory().contains(at, bytes))
    return;
  thread->block->fail(*thread, Fault::kIllegalAddress, line,
                      std::to_string(bytes) + " bytes at " + hex(address) +
                          ", outside of any allocation");
}

void standin_check_shared(Thread *thread, int line, uint64_t address, uint32_t bytes) {
  if (address >> 32)
    thread->block->fail(*thread, Fault::kIllegalAddress, line,
                        hex(address) + " is no address in shared memory");
  thread->block->shared(*thread, uint32_t(address), bytes, bytes, line);
}

/// Called for every plain access to shared memory where races are looked for.
void standin_watch(Thread *thread, int line, uint64_t address, uint32_t bytes, uint32_t isStore) {
  standin_check_shared(thread, line, address, bytes);
  thread->block->touch(*thread, uint32_t(address), bytes, isStore != 0, line);
}

float standin_rsqrt(float value) {
  return float(1 / std::sqrt(double(value)));
}

uint32_t standin_e4m3x2(float high, float low) {
  return uint32_t(e4m3OfFloat(high)) << 8 | e4m3OfFloat(low);
}

uint32_t standin_e5m2x2(float high, float low) {
  return uint32_t(e5m2OfFloat(high)) << 8 | e5m2OfFloat(low);
}

float standin_of_e4m3(uint32_t bits) {
  return floatOfE4m3(uint8_t(bits));
}

float standin_of_e5m2(uint32_t bits) {
  return floatOfE5m2(uint8_t(bits));
}

} // namespace

std::vector<Entry> memoryEntries() {
  return {{"standin_check", addressOf(standin_check)},
          {"standin_check_shared", addressOf(standin_check_shared)},
          {"standin_watch", addressOf(standin_watch)},
          {"memcpy", addressOf(static_cast<void *(*)(void *, const void *, size_t)>(std::memcpy))},
          {"memset", addressOf(static_cast<void *(*)(void *, int, size_t)>(std::memset))}};
}

std::vector<Entry> mathEntries() {
  return {{"standin_rsqrt", addressOf(standin_rsqrt)},
          {"standin_e4m3x2", addressOf(standin_e4m3x2)},
          {"standin_e5m2x2", addressOf(standin_e5m2x2)},
          {"standin_of_e4m3", addressOf(standin_of_e4m3)},
          {"standin_of_e5m2", addressOf(standin_of_e5m2)},
          {"exp2f", addressOf(::exp2f)},
          {"log2f", addressOf(::log2f)},
          {"tanhf", addressOf(::tanhf)},
          {"sinf", addressOf(::sinf)},
          {"cosf", addressOf(::cosf)},
          {"fmaf", addressOf(::fmaf)},
          {"fma", addressOf(static_cast<double (*)(double, double, double)>(::fma))}};
}

std::vector<Entry> entries() {
  std::vector<Entry> all;
  for (auto part : {memoryEntries, warpEntries, matrixEntries, asyncEntries, mathEntries})
    for (const Entry &entry : part())
      all.push_back(entry);
  return all;
}

} // namespace osscc::standin
