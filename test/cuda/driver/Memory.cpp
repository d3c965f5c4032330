// Memory: taking, giving back, copying, filling.
#include "test/cuda/driver/Driver.h"

#include <cstring>

namespace osscc::standin {
namespace {

using Address = unsigned long long; // CUdeviceptr

void *pointer(Address address) {
  return reinterpret_cast<void *>(address);
}

bool isKnown(const void *address, size_t bytes) {
  return driver().memory.contains(address, bytes);
}

Result copied(void *to, const void *from, size_t bytes) {
  std::memmove(to, from, bytes);
  return kSuccess;
}

Result allocate(size_t bytes, bool isPinned, void **found) {
  if (!bytes)
    return kInvalidValue;
  *found = driver().memory.allocate(bytes, isPinned);
  return *found ? kSuccess : kOutOfMemory;
}

/// Copies in the order of a stream. Memory of the host that is not pinned is read, or written,
/// before the call returns, as the driver promises; pinned memory when the stream comes to it.
Result copyAsync(void *to, const void *from, size_t bytes, const void *ofHost, void *handle) {
  Stream &stream = driver().stream(handle);
  for (const void *side : {static_cast<const void *>(to), from})
    if (side != ofHost && !isKnown(side, bytes))
      return kInvalidValue;
  stream.add([=] { return copied(to, from, bytes); });
  bool isStaged = ofHost && !isKnown(ofHost, bytes) && !stream.capture;
  return isStaged ? stream.run() : kSuccess;
}

Result copyNow(void *to, const void *from, size_t bytes, const void *ofHost) {
  for (const void *side : {static_cast<const void *>(to), from})
    if (side != ofHost && !isKnown(side, bytes))
      return kInvalidValue;
  if (Result found = driver().finish(true))
    return found;
  return copied(to, from, bytes);
}

template <typename T> Result fillAsync(Address to, T value, size_t count, void *stream) {
  if (!isKnown(pointer(to), count * sizeof(T)))
    return kInvalidValue;
  driver().stream(stream).add([=] {
    for (size_t i = 0; i < count; ++i)
      std::memcpy(static_cast<uint8_t *>(pointer(to)) + i * sizeof(T), &value, sizeof(T));
    return kSuccess;
  });
  return kSuccess;
}

Result release(void *address) {
  Result found = driver().finish(false);
  if (found)
    return found;
  return !address || driver().memory.release(address) ? kSuccess : kInvalidValue;
}

} // namespace

OSSCC_CUDA_API int cuMemGetInfo_v2(size_t *free, size_t *total) {
  return checked([&] {
    *free = driver().memory.freeBytes(), *total = driver().memory.totalBytes();
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuMemAlloc_v2(Address *found, size_t bytes) {
  return checked([&] {
    void *address = nullptr;
    Result result = allocate(bytes, false, &address);
    *found = reinterpret_cast<Address>(address);
    return result;
  });
}

OSSCC_CUDA_API int cuMemFree_v2(Address address) {
  return checked([&] { return release(pointer(address)); });
}

OSSCC_CUDA_API int cuMemHostAlloc(void **found, size_t bytes, unsigned) {
  return checked([&] { return allocate(bytes, true, found); });
}

OSSCC_CUDA_API int cuMemAllocHost_v2(void **found, size_t bytes) {
  return checked([&] { return allocate(bytes, true, found); });
}

OSSCC_CUDA_API int cuMemFreeHost(void *address) {
  return checked([&] { return release(address); });
}

OSSCC_CUDA_API int cuMemHostGetDevicePointer_v2(Address *found, void *address, unsigned) {
  return checked([&] {
    *found = reinterpret_cast<Address>(address);
    return isKnown(address, 1) ? kSuccess : kInvalidValue;
  });
}

OSSCC_CUDA_API int cuMemcpyHtoD_v2(Address to, const void *from, size_t bytes) {
  return checked([&] { return copyNow(pointer(to), from, bytes, from); });
}

OSSCC_CUDA_API int cuMemcpyDtoH_v2(void *to, Address from, size_t bytes) {
  return checked([&] { return copyNow(to, pointer(from), bytes, to); });
}

OSSCC_CUDA_API int cuMemcpyDtoD_v2(Address to, Address from, size_t bytes) {
  return checked([&] { return copyNow(pointer(to), pointer(from), bytes, nullptr); });
}

OSSCC_CUDA_API int cuMemcpyHtoDAsync_v2(Address to, const void *from, size_t bytes, void *stream) {
  return checked([&] { return copyAsync(pointer(to), from, bytes, from, stream); });
}

OSSCC_CUDA_API int cuMemcpyDtoHAsync_v2(void *to, Address from, size_t bytes, void *stream) {
  return checked([&] { return copyAsync(to, pointer(from), bytes, to, stream); });
}

OSSCC_CUDA_API int cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, void *stream) {
  return checked([&] { return copyAsync(pointer(to), pointer(from), bytes, nullptr, stream); });
}

OSSCC_CUDA_API int cuMemsetD8Async(Address to, unsigned char value, size_t count, void *stream) {
  return checked([&] { return fillAsync(to, value, count, stream); });
}

OSSCC_CUDA_API int cuMemsetD32Async(Address to, unsigned value, size_t count, void *stream) {
  return checked([&] { return fillAsync(to, value, count, stream); });
}

OSSCC_CUDA_API int cuMemsetD8_v2(Address to, unsigned char value, size_t count) {
  return checked([&] {
    Result found = fillAsync(to, value, count, nullptr);
    return found ? found : driver().finish(true);
  });
}

OSSCC_CUDA_API int cuMemsetD32_v2(Address to, unsigned value, size_t count) {
  return checked([&] {
    Result found = fillAsync(to, value, count, nullptr);
    return found ? found : driver().finish(true);
  });
}

} // namespace osscc::standin
