/// The memory of the device, and of the host where the device reads it: one range of addresses in
/// which every byte is known to belong to an allocation or not.
#ifndef OSSCC_TEST_CUDA_MACHINE_DEVICEMEMORY_H
#define OSSCC_TEST_CUDA_MACHINE_DEVICEMEMORY_H

#include <cstdint>
#include <map>
#include <mutex>

namespace osscc::standin {

class DeviceMemory {
public:
  /// `bytes` of device memory, and as much again for pinned memory of the host.
  explicit DeviceMemory(uint64_t bytes);
  ~DeviceMemory();
  DeviceMemory(const DeviceMemory &) = delete;
  DeviceMemory &operator=(const DeviceMemory &) = delete;

  /// Memory at a multiple of 512, filled with ones, or null where it is used up.
  uint8_t *allocate(uint64_t bytes, bool isPinned);
  /// False where no allocation begins.
  bool release(const void *address);
  uint64_t freeBytes() const;
  uint64_t totalBytes() const { return size; }
  /// Whether `bytes` from an address on lie in one allocation.
  bool contains(const void *address, uint64_t bytes) const;

  uint8_t *base() const { return arena; }
  uint64_t capacity() const { return 2 * size; }
  /// For each 16 bytes of memory one: how many of them, from the first on, may be touched; the top
  /// bit says that a kernel wrote here. A byte 0 follows the last.
  uint8_t *valid() const { return map; }
  static constexpr uint8_t kWritten = 0x80;
  static constexpr uint64_t kGranule = 16;

private:
  void mark(uint64_t offset, uint64_t bytes, bool isValid);

  uint64_t size, used = 0;
  uint8_t *arena, *map;
  mutable std::mutex mutex;
  std::map<uint64_t, uint64_t> allocations; // offset -> bytes
};

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_MACHINE_DEVICEMEMORY_H
