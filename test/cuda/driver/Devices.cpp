// Devices, contexts and errors.
#include "test/cuda/driver/Driver.h"

#include <cstring>
#include <map>

#include <dlfcn.h>

namespace osscc::standin {
namespace {

struct Described {
  const char *name, *text;
};

const std::map<int, Described> kResults = {
    {kSuccess, {"CUDA_SUCCESS", "no error"}},
    {kInvalidValue, {"CUDA_ERROR_INVALID_VALUE", "invalid argument"}},
    {kOutOfMemory, {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}},
    {kNotInitialized, {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"}},
    {kNoDevice, {"CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}},
    {kInvalidDevice, {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"}},
    {kInvalidImage, {"CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"}},
    {kInvalidContext, {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"}},
    {kNoBinary,
     {"CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"}},
    {kInvalidPtx, {"CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"}},
    {kUnsupportedPtx,
     {"CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
      "the provided PTX was compiled with an unsupported toolchain."}},
    {kInvalidHandle, {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}},
    {kNotFound, {"CUDA_ERROR_NOT_FOUND", "named symbol not found"}},
    {kNotReady, {"CUDA_ERROR_NOT_READY", "device not ready"}},
    {kIllegalAddress, {"CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"}},
    {kLaunchOutOfResources,
     {"CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"}},
    {kMisalignedAddress, {"CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"}},
    {kLaunchFailed, {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}},
    {kCaptureUnsupported,
     {"CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"}},
    {kCaptureInvalidated,
     {"CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
      "operation failed due to a previous error during capture"}},
    {kUnknown, {"CUDA_ERROR_UNKNOWN", "unknown error"}},
};

/// A number of the device; -1 of an attribute that is not known.
int64_t attribute(int number) {
  const Settings &settings = driver().settings;
  bool isHopper = settings.sm == 90, isAmpere = settings.sm == 80;
  switch (number) {
  case 1: // threads of a block
  case 2:
  case 3:
    return 1024;
  case 4:
    return 64;
  case 5: // blocks of a grid
    return 0x7fffffff;
  case 6:
  case 7:
    return 65535;
  case 8: // shared memory of a block that does not ask for more
    return 48 << 10;
  case 10: // lanes of a warp
    return kLanes;
  case 12: // registers of a block
  case 82: // and of a multiprocessor
    return 65536;
  case 13: // clock, kHz
    return 1500000;
  case 16: // multiprocessors
    return isHopper ? 132 : isAmpere ? 108 : 128;
  case 31: // kernels run side by side
  case 40: // copies too
  case 41: // one space of addresses
    return 1;
  case 36: // memory's clock, kHz
    return isHopper ? 3201000 : 10501000;
  case 37: // memory's bus, bits
    return isHopper ? 6144 : 384;
  case 38: // second cache, bytes
    return 50 << 20;
  case 39: // threads of a multiprocessor
    return isHopper || isAmpere ? 2048 : 1536;
  case 75:
    return settings.sm / 10;
  case 76:
    return settings.sm % 10;
  case 81: // shared memory of a multiprocessor
    return settings.sharedPerBlock() + 1024;
  case 97: // shared memory of a block that asks for it
    return settings.sharedPerBlock();
  case 106: // blocks of a multiprocessor
    return isHopper || isAmpere ? 32 : 24;
  default:
    return -1;
  }
}

int device; // its address is the context

} // namespace

const char *nameOf(int result) {
  auto found = kResults.find(result);
  return found == kResults.end() ? "unknown" : found->second.name;
}

OSSCC_CUDA_API int cuInit(unsigned flags) {
  if (flags)
    return kInvalidValue;
  if (!driver().settings.devices)
    return kNoDevice;
  driver().isInitialized = true;
  return kSuccess;
}

OSSCC_CUDA_API int cuDriverGetVersion(int *version) {
  *version = driver().settings.driver;
  return kSuccess;
}

OSSCC_CUDA_API int cuGetErrorName(int result, const char **name) {
  auto found = kResults.find(result);
  *name = found == kResults.end() ? nullptr : found->second.name;
  return *name ? kSuccess : kInvalidValue;
}

OSSCC_CUDA_API int cuGetErrorString(int result, const char **text) {
  auto found = kResults.find(result);
  *text = found == kResults.end() ? nullptr : found->second.text;
  return *text ? kSuccess : kInvalidValue;
}

OSSCC_CUDA_API int cuDeviceGetCount(int *count) {
  return checked([&] {
    *count = driver().settings.devices;
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuDeviceGet(int *found, int number) {
  return checked([&] {
    *found = number;
    return number >= 0 && number < driver().settings.devices ? kSuccess : kInvalidDevice;
  });
}

OSSCC_CUDA_API int cuDeviceGetName(char *name, int length, int) {
  return checked([&] {
    std::string own = "Stand-in sm_" + std::to_string(driver().settings.sm);
    std::strncpy(name, own.c_str(), size_t(length));
    name[length - 1] = '\0';
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuDeviceGetAttribute(int *value, int number, int) {
  return checked([&] {
    int64_t found = attribute(number);
    *value = int(found);
    return found < 0 ? kInvalidValue : kSuccess;
  });
}

OSSCC_CUDA_API int cuDeviceComputeCapability(int *major, int *minor, int) {
  return checked([&] {
    *major = driver().settings.sm / 10, *minor = driver().settings.sm % 10;
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuDeviceTotalMem_v2(size_t *bytes, int) {
  return checked([&] {
    *bytes = driver().memory.totalBytes();
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuDevicePrimaryCtxRetain(void **context, int) {
  return checked([&] {
    *context = &device;
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuDevicePrimaryCtxRelease_v2(int) {
  return kSuccess;
}

OSSCC_CUDA_API int cuCtxSetCurrent(void *context) {
  return checked([&] { return !context || context == &device ? kSuccess : kInvalidContext; });
}

OSSCC_CUDA_API int cuCtxGetCurrent(void **context) {
  *context = &device;
  return kSuccess;
}

OSSCC_CUDA_API int cuCtxSynchronize() {
  return checked([] { return driver().finish(false); });
}

/// `status` tells what was found: 0 all is well, 1 no such name.
OSSCC_CUDA_API int cuGetProcAddress_v2(const char *name, void **found, int, uint64_t, int *status) {
  Dl_info self{};
  dladdr(reinterpret_cast<void *>(&cuInit), &self);
  void *library = dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD);
  std::string plain = name;
  *found = dlsym(library, (plain + "_v2").c_str());
  if (!*found)
    *found = dlsym(library, plain.c_str());
  if (status)
    *status = *found ? 0 : 1;
  return *found ? kSuccess : kNotFound;
}

OSSCC_CUDA_API int cuGetProcAddress(const char *name, void **found, int version, uint64_t flags) {
  return cuGetProcAddress_v2(name, found, version, flags, nullptr);
}

} // namespace osscc::standin
