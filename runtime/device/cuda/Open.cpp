// Where the runtime finds this room, in executables that are linked with it.
#include "runtime/device/cuda/DeviceRunner.h"

namespace osscc::rt::cuda {

static Result<std::unique_ptr<Accelerator>> open(const AcceleratorRequest &request) {
  auto driver = openDriver(driverFile());
  if (!driver)
    return std::unexpected(std::move(driver).error());
  return DeviceRunner::open(*driver, request);
}

} // namespace osscc::rt::cuda

const osscc::rt::AcceleratorKind osscc_cuda = {osscc::rt::cuda::open};
