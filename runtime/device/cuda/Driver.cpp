#include "runtime/device/cuda/Driver.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>

namespace osscc::rt::cuda {
namespace {

constexpr const char *kInstall =
    "install NVIDIA's driver for this system; without a card, an executable that osscc made for a "
    "CPU too answers with --device=cpu";

/// CUDA 11.4: cuGraphInstantiateWithFlags.
constexpr const char *kOldest = "install NVIDIA's driver 470 or later";

std::unexpected<Error> unsupported(std::string message, const char *help) {
  return fail(rt::Code::kUnsupportedDevice, std::move(message), help);
}

/// The first entry point that `library` lacks, null if none; fills `driver`.
const char *findEntries(void *library, Driver &driver) {
  const char *missing = nullptr;
  auto find = [&](auto &entry, const char *name) {
    entry = reinterpret_cast<std::remove_reference_t<decltype(entry)>>(dlsym(library, name));
    if (!entry && !missing)
      missing = name;
  };
#define OSSCC_CUDA_FIND(name, ...) find(driver.name, #name);
  OSSCC_CUDA_ENTRIES(OSSCC_CUDA_FIND)
#undef OSSCC_CUDA_FIND
  return missing;
}

/// What to do about an error that a call has returned, by its number in cuda.h.
const char *remedy(int code) {
  switch (code) {
  case kOutOfMemory:
    return "give a smaller --context, or end other programs that use the card (nvidia-smi lists "
           "them)";
  case 46:  // DEVICE_UNAVAILABLE
  case 214: // ECC_UNCORRECTABLE
  case 700: // ILLEGAL_ADDRESS
  case 702: // LAUNCH_TIMEOUT
  case 710: // ASSERT
  case 714: // HARDWARE_STACK_ERROR
  case 715: // ILLEGAL_INSTRUCTION
  case 716: // MISALIGNED_ADDRESS
  case 717: // INVALID_ADDRESS_SPACE
  case 718: // INVALID_PC
  case 719: // LAUNCH_FAILED
  case 721: // CONTAINED
    return "the device was lost; start again, and if it happens again look at nvidia-smi and the "
           "system's log (Xid), or take --device=cpu if this file has code for a CPU";
  default:
    return "look at nvidia-smi and the system's log, or take --device=cpu if this file has code "
           "for a CPU";
  }
}

} // namespace

std::string driverFile() {
  const char *given = std::getenv("OSSCC_CUDA_DRIVER");
  return given && *given ? given : "libcuda.so.1";
}

std::string describe(const Driver &driver, int code) {
  const char *name = nullptr, *text = nullptr;
  if (!driver.cuGetErrorName || driver.cuGetErrorName(code, &name) != kSuccess || !name)
    return fmt::format("CUDA error {}", code);
  if (driver.cuGetErrorString(code, &text) != kSuccess || !text)
    return name;
  return fmt::format("{} ({})", name, text);
}

Status checked(const Driver &driver, int code, std::string_view call) {
  if (code == kSuccess)
    return {};
  return fail(code == kOutOfMemory ? rt::Code::kOutOfMemory : rt::Code::kRuntime,
              fmt::format("{}: {}", call, describe(driver, code)), remedy(code));
}

Result<Driver> openDriver(const std::string &file) {
  void *library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *why = dlerror();
    return unsupported(fmt::format("no CUDA driver: {}", why ? why : file), kInstall);
  }
  Driver driver;
  if (const char *missing = findEntries(library, driver))
    return unsupported(fmt::format("{}: the driver is too old, it has no {}", file, missing),
                       kOldest);
  if (int code = driver.cuInit(0); code == kNoDevice)
    return unsupported("no CUDA device: the driver finds none (CUDA_ERROR_NO_DEVICE)",
                       "see whether nvidia-smi lists a card, and CUDA_VISIBLE_DEVICES hides none");
  else if (code != kSuccess)
    return unsupported(
        fmt::format("the CUDA driver does not start: cuInit: {}", describe(driver, code)),
        "see whether nvidia-smi works; after an update of the driver, restart the "
        "system");
  OSSCC_RETURN_IF_ERROR(
      checked(driver, driver.cuDriverGetVersion(&driver.version), "cuDriverGetVersion"));
  return driver;
}

} // namespace osscc::rt::cuda
