#include "test/cuda/machine/DeviceMemory.h"

#include <algorithm>
#include <cstring>
#include <new>

#include <sys/mman.h>

namespace osscc::standin {
namespace {

constexpr uint64_t kAlign = 512;                 // as the driver's
constexpr uint64_t kFilled = uint64_t(64) << 20; // bytes at most: larger ones are left as they are
constexpr int kOnes = 0xff; // a float of ones is no number, an index of ones no index

uint8_t *reserve(uint64_t bytes) {
  void *found = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (found == MAP_FAILED)
    throw std::bad_alloc();
  return static_cast<uint8_t *>(found);
}

uint64_t rounded(uint64_t bytes) {
  return (bytes + kAlign - 1) / kAlign * kAlign;
}

} // namespace

DeviceMemory::DeviceMemory(uint64_t bytes)
    : size(rounded(bytes)), arena(reserve(2 * size)), map(reserve(2 * size / kGranule + 1)) {}

DeviceMemory::~DeviceMemory() {
  munmap(arena, 2 * size);
  munmap(map, 2 * size / kGranule + 1);
}

uint8_t *DeviceMemory::allocate(uint64_t bytes, bool isPinned) {
  if (bytes > size)
    return nullptr;
  std::lock_guard lock(mutex);
  if (!isPinned && used + rounded(bytes) > size)
    return nullptr;
  // The first gap that is large enough; between two allocations some bytes stay that belong to
  // none.
  uint64_t at = isPinned ? size : 0, end = isPinned ? 2 * size : size;
  for (auto next = allocations.lower_bound(at); next != allocations.end() && next->first < end;
       ++next) {
    if (next->first >= at + bytes + kAlign)
      break;
    at = rounded(next->first + next->second + kAlign);
  }
  if (at + bytes > end)
    return nullptr;
  allocations[at] = bytes;
  used += isPinned ? 0 : rounded(bytes);
  mark(at, bytes, true);
  if (bytes <= kFilled)
    std::memset(arena + at, kOnes, bytes);
  return arena + at;
}

bool DeviceMemory::release(const void *address) {
  std::lock_guard lock(mutex);
  auto found = allocations.find(uint64_t(static_cast<const uint8_t *>(address) - arena));
  if (found == allocations.end())
    return false;
  auto [offset, bytes] = *found;
  mark(offset, bytes, false);
  madvise(arena + offset, bytes / 4096 * 4096, MADV_DONTNEED);
  used -= offset < size ? rounded(bytes) : 0;
  allocations.erase(found);
  return true;
}

void DeviceMemory::mark(uint64_t offset, uint64_t bytes, bool isValid) {
  std::memset(map + offset / kGranule, isValid ? int(kGranule) : 0, bytes / kGranule);
  if (bytes % kGranule)
    map[(offset + bytes) / kGranule] = isValid ? uint8_t(bytes % kGranule) : 0;
}

uint64_t DeviceMemory::freeBytes() const {
  std::lock_guard lock(mutex);
  return size - used;
}

bool DeviceMemory::contains(const void *address, uint64_t bytes) const {
  std::lock_guard lock(mutex);
  auto place = uint64_t(static_cast<const uint8_t *>(address) - arena);
  auto next = allocations.upper_bound(place);
  if (place >= 2 * size || next == allocations.begin())
    return false;
  auto [offset, length] = *std::prev(next);
  return place - offset <= length && bytes <= length - (place - offset);
}

} // namespace osscc::standin
