// A card's memory as sessions take it, and memory of the host that the card reads by itself.
#pragma once

#include "runtime/device/Storage.h"
#include "runtime/device/cuda/Device.h"

#include <unordered_map>

namespace osscc::rt::cuda {

/// Blocks of a card's memory. All but allocate() and release() is in the order of the card's
/// stream.
class DeviceStorage : public Storage {
public:
  /// \param device  must outlive this.
  explicit DeviceStorage(Device &device) : device(&device) {}

  bool isHost() const override { return false; }
  std::string name() const override { return "memory of " + device->name(); }
  std::optional<int64_t> available() const override { return device->freeMemory(); }
  Result<Block> allocate(int64_t bytes, int64_t align) override;
  void zero(uint8_t *at, int64_t bytes) override;
  void copy(uint8_t *to, const uint8_t *from, int64_t bytes) override;
  void write(uint8_t *to, const void *from, int64_t bytes) override;

private:
  void release(uint8_t *address) override;

  Device *device;
  std::unordered_map<uint8_t *, Address> given; ///< what to free: blocks begin behind it
};

inline Address addressOf(const void *at) {
  return reinterpret_cast<Address>(at);
}

/// Memory of the host whose pages stay where they are: copies between it and a card run beside the
/// host's own work.
class PinnedBuffer {
public:
  PinnedBuffer() = default;
  /// \errors  kOutOfMemory naming the bytes, and others of checked().
  static Result<PinnedBuffer> allocate(const Device &device, int64_t bytes);
  PinnedBuffer(PinnedBuffer &&other) noexcept
      : device(other.device), address(std::exchange(other.address, nullptr)) {}
  PinnedBuffer &operator=(PinnedBuffer &&other) noexcept {
    std::swap(device, other.device);
    std::swap(address, other.address);
    return *this;
  }
  ~PinnedBuffer();

  uint8_t *data() const { return address; }

private:
  const Device *device = nullptr;
  uint8_t *address = nullptr;
};

} // namespace osscc::rt::cuda
