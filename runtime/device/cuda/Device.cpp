#include "runtime/device/cuda/Device.h"

#include <fmt/format.h>

namespace osscc::rt::cuda {

Result<std::unique_ptr<Device>> Device::open(const Driver &driver, int64_t number) {
  int count = 0, handle = 0;
  OSSCC_RETURN_IF_ERROR(checked(driver, driver.cuDeviceGetCount(&count), "cuDeviceGetCount"));
  if (number >= count)
    return fail(
        rt::Code::kInvalidArgument,
        fmt::format("cuda:{}: the driver finds {} device{}", number, count, count == 1 ? "" : "s"),
        "count from cuda:0; CUDA_VISIBLE_DEVICES may hide some");
  OSSCC_RETURN_IF_ERROR(checked(driver, driver.cuDeviceGet(&handle, int(number)), "cuDeviceGet"));
  std::unique_ptr<Device> device(new Device(driver, handle));
  OSSCC_RETURN_IF_ERROR(device->start(number));
  return device;
}

Status Device::start(int64_t number) {
  constexpr int kNameBytes = 256;
  char text[kNameBytes] = {};
  OSSCC_RETURN_IF_ERROR(
      checked(table, table.cuDeviceGetName(text, kNameBytes - 1, device), "cuDeviceGetName"));
  label = fmt::format("{} (cuda:{})", text, number);
  auto major = attribute(kCapabilityMajor), minor = attribute(kCapabilityMinor);
  if (!major || !minor)
    return fail(rt::Code::kUnsupportedDevice,
                fmt::format("{}: the driver does not say its compute capability", label),
                "update NVIDIA's driver");
  computeCapability = *major * 10 + *minor;
  OSSCC_RETURN_IF_ERROR(checked(table, table.cuDevicePrimaryCtxRetain(&context, device),
                                fmt::format("{}: cuDevicePrimaryCtxRetain", label)));
  OSSCC_RETURN_IF_ERROR(enter());
  return checked(table, table.cuStreamCreate(&mainStream, kStreamNonBlocking), "cuStreamCreate");
}

Device::~Device() {
  if (!context)
    return;
  table.cuCtxSetCurrent(context);
  if (mainStream)
    table.cuStreamDestroy_v2(mainStream);
  table.cuDevicePrimaryCtxRelease_v2(device);
}

std::optional<int> Device::attribute(Attribute which) const {
  int value = 0;
  if (table.cuDeviceGetAttribute(&value, which, device) != kSuccess)
    return std::nullopt;
  return value;
}

std::optional<int64_t> Device::freeMemory() const {
  size_t free = 0, total = 0;
  if (!enter() || table.cuMemGetInfo_v2(&free, &total) != kSuccess)
    return std::nullopt;
  return int64_t(free);
}

Status Device::enter() const {
  return checked(table, table.cuCtxSetCurrent(context), "cuCtxSetCurrent");
}

void Device::note(int code, std::string_view call) {
  if (code != kSuccess && firstError)
    firstError = checked(table, code, fmt::format("{}: {}", label, call));
}

Status Device::synchronize() {
  note(table.cuStreamSynchronize(mainStream), "cuStreamSynchronize");
  return firstError;
}

} // namespace osscc::rt::cuda
