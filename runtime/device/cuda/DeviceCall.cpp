#include "runtime/device/cuda/DeviceCall.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace osscc::rt::cuda {

void stageCall(uint8_t *staging, const OssccCall &call, const void *const *weights) {
  OssccCall copy = call;
  auto *device = reinterpret_cast<const uint8_t *>(call.device_call);
  int64_t at = sizeof copy;
  auto put = [&](const int64_t *&array, int64_t count) {
    int64_t bytes = count * int64_t(sizeof *array);
    if (count > 0)
      std::memcpy(staging + at, array, size_t(bytes));
    array = reinterpret_cast<const int64_t *>(device + at);
    at += bytes;
  };
  put(copy.tokens, call.rows);
  put(copy.positions, call.rows);
  put(copy.sequences, call.rows);
  put(copy.outputs, call.output_rows);
  copy.weights = weights;
  // Of the host, and of no use on the card.
  copy.services = nullptr;
  copy.cancel = nullptr;
  copy.progress = nullptr;
  std::memcpy(staging, &copy, sizeof copy);
}

int64_t extentFor(int64_t positions, int64_t context) {
  constexpr int64_t kLeast = 256;
  return std::min(int64_t(std::bit_ceil(uint64_t(std::max(positions, kLeast)))), context);
}

} // namespace osscc::rt::cuda
