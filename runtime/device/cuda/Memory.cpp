#include "runtime/device/cuda/Memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace osscc::rt::cuda {

Result<Storage::Block> DeviceStorage::allocate(int64_t bytes, int64_t align) {
  constexpr int64_t kOwnAlign = 256; // of all that cuMemAlloc gives
  constexpr int64_t kMaxAlign = int64_t(1) << 30;
  align = std::max<int64_t>(align, 1);
  if (bytes < 0 || bytes > INT64_MAX - kMaxAlign || align > kMaxAlign ||
      !std::has_single_bit(uint64_t(align)))
    return fail(rt::Code::kInvalidArgument,
                fmt::format("{}: {} bytes aligned to {} cannot be had", name(), bytes, align));
  if (bytes == 0)
    return Block(nullptr, {this});
  OSSCC_RETURN_IF_ERROR(device->enter());
  int64_t more = align > kOwnAlign ? align - kOwnAlign : 0;
  Address address = 0;
  const Driver &driver = device->driver();
  int code = driver.cuMemAlloc_v2(&address, size_t(bytes + more));
  if (code == kOutOfMemory)
    return fail(rt::Code::kOutOfMemory,
                fmt::format("{}: {:.1f} MB are needed, {:.1f} MB are available", name(),
                            double(bytes) / 1e6, double(available().value_or(0)) / 1e6),
                "give a smaller --context, or end other programs that use the card (nvidia-smi "
                "lists them)");
  OSSCC_RETURN_IF_ERROR(checked(
      driver, code, fmt::format("{}: cuMemAlloc of {:.1f} MB", name(), double(bytes) / 1e6)));
  auto *block = reinterpret_cast<uint8_t *>((address + uint64_t(align) - 1) & -uint64_t(align));
  given[block] = address;
  return Block(block, {this});
}

void DeviceStorage::release(uint8_t *address) {
  auto at = given.find(address);
  if (at == given.end())
    return;
  if (device->enter())
    device->driver().cuMemFree_v2(at->second); // a card that is lost has lost it already
  given.erase(at);
}

void DeviceStorage::zero(uint8_t *at, int64_t bytes) {
  const Driver &driver = device->driver();
  device->note(driver.cuMemsetD8Async(addressOf(at), 0, size_t(bytes), device->stream()),
               "cuMemsetD8Async");
}

void DeviceStorage::copy(uint8_t *to, const uint8_t *from, int64_t bytes) {
  const Driver &driver = device->driver();
  device->note(
      driver.cuMemcpyDtoDAsync_v2(addressOf(to), addressOf(from), size_t(bytes), device->stream()),
      "cuMemcpyDtoDAsync");
}

/// From memory that is not pinned the driver copies before it returns, or into memory of its own.
void DeviceStorage::write(uint8_t *to, const void *from, int64_t bytes) {
  const Driver &driver = device->driver();
  device->note(driver.cuMemcpyHtoDAsync_v2(addressOf(to), from, size_t(bytes), device->stream()),
               "cuMemcpyHtoDAsync");
}

Result<PinnedBuffer> PinnedBuffer::allocate(const Device &device, int64_t bytes) {
  PinnedBuffer buffer;
  void *address = nullptr;
  OSSCC_RETURN_IF_ERROR(checked(
      device.driver(),
      device.driver().cuMemHostAlloc(&address, size_t(std::max<int64_t>(bytes, 1)),
                                     kHostAllocPortable),
      fmt::format("cuMemHostAlloc of {:.1f} MB of the host's memory", double(bytes) / 1e6)));
  buffer.device = &device;
  buffer.address = static_cast<uint8_t *>(address);
  return buffer;
}

PinnedBuffer::~PinnedBuffer() {
  if (address && device->enter())
    device->driver().cuMemFreeHost(address);
}

} // namespace osscc::rt::cuda
