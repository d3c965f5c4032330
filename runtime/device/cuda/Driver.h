// The entry points of NVIDIA's driver that this room calls. libcuda.so.1 comes with the driver and
// with nothing else, so it is opened at run time; the declarations below are the stable part of its
// binary interface (CUDA Driver API reference, modules 6.2 to 6.29), so that no header of NVIDIA's
// is needed to build.
#pragma once

#include "runtime/base/Status.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace osscc::rt::cuda {

using Address = uint64_t; ///< CUdeviceptr
using Context = struct CUctx_st *;
using Stream = struct CUstream_st *;
using Event = struct CUevent_st *;
using Module = struct CUmod_st *;
using Function = struct CUfunc_st *;
using Graph = struct CUgraph_st *;
using GraphExec = struct CUgraphExec_st *;

/// CUresult: 0 is success. Those that something here decides by.
enum DriverCode : int {
  kSuccess = 0,
  kOutOfMemory = 2,
  kNoDevice = 100,
  kInvalidImage = 200,
  kNoBinaryForGpu = 209,
  kInvalidPtx = 218,
  kJitCompilerNotFound = 221,
  kUnsupportedPtxVersion = 222,
};

/// CUdevice_attribute.
enum Attribute : int {
  kMemoryClockKilohertz = 36,
  kMemoryBusBits = 37,
  kCapabilityMajor = 75,
  kCapabilityMinor = 76,
  kSharedBytesOptIn = 97,
};

constexpr int kJitErrorLog = 5, kJitErrorLogBytes = 6; // CUjit_option
constexpr int kMaxDynamicSharedBytes = 8;              // CUfunction_attribute
constexpr unsigned kStreamNonBlocking = 1;             // CUstream_flags
constexpr unsigned kEventDisableTiming = 2;            // CUevent_flags
constexpr int kCaptureThreadLocal = 1;                 // CUstreamCaptureMode
constexpr unsigned kHostAllocPortable = 1;             // CU_MEMHOSTALLOC_PORTABLE

// name, parameters: all return a DriverCode as int.
#define OSSCC_CUDA_ENTRIES(ENTRY)                                                                  \
  ENTRY(cuInit, unsigned flags)                                                                    \
  ENTRY(cuDriverGetVersion, int *version)                                                          \
  ENTRY(cuGetErrorName, int code, const char **name)                                               \
  ENTRY(cuGetErrorString, int code, const char **text)                                             \
  ENTRY(cuDeviceGetCount, int *count)                                                              \
  ENTRY(cuDeviceGet, int *device, int ordinal)                                                     \
  ENTRY(cuDeviceGetName, char *name, int bytes, int device)                                        \
  ENTRY(cuDeviceGetAttribute, int *value, int attribute, int device)                               \
  ENTRY(cuDevicePrimaryCtxRetain, Context *context, int device)                                    \
  ENTRY(cuDevicePrimaryCtxRelease_v2, int device)                                                  \
  ENTRY(cuCtxSetCurrent, Context context)                                                          \
  ENTRY(cuMemGetInfo_v2, size_t *free, size_t *total)                                              \
  ENTRY(cuMemAlloc_v2, Address *address, size_t bytes)                                             \
  ENTRY(cuMemFree_v2, Address address)                                                             \
  ENTRY(cuMemHostAlloc, void **address, size_t bytes, unsigned flags)                              \
  ENTRY(cuMemFreeHost, void *address)                                                              \
  ENTRY(cuMemsetD8Async, Address to, unsigned char value, size_t bytes, Stream stream)             \
  ENTRY(cuMemcpyHtoDAsync_v2, Address to, const void *from, size_t bytes, Stream stream)           \
  ENTRY(cuMemcpyDtoHAsync_v2, void *to, Address from, size_t bytes, Stream stream)                 \
  ENTRY(cuMemcpyDtoDAsync_v2, Address to, Address from, size_t bytes, Stream stream)               \
  ENTRY(cuStreamCreate, Stream *stream, unsigned flags)                                            \
  ENTRY(cuStreamDestroy_v2, Stream stream)                                                         \
  ENTRY(cuStreamSynchronize, Stream stream)                                                        \
  ENTRY(cuEventCreate, Event *event, unsigned flags)                                               \
  ENTRY(cuEventDestroy_v2, Event event)                                                            \
  ENTRY(cuEventRecord, Event event, Stream stream)                                                 \
  ENTRY(cuEventSynchronize, Event event)                                                           \
  ENTRY(cuModuleLoadDataEx, Module *module, const void *image, unsigned count, int *options,       \
        void **values)                                                                             \
  ENTRY(cuModuleUnload, Module module)                                                             \
  ENTRY(cuModuleGetFunction, Function *function, Module module, const char *name)                  \
  ENTRY(cuFuncSetAttribute, Function function, int attribute, int value)                           \
  ENTRY(cuLaunchKernel, Function function, unsigned gridX, unsigned gridY, unsigned gridZ,         \
        unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes, Stream stream,    \
        void **arguments, void **extra)                                                            \
  ENTRY(cuStreamBeginCapture_v2, Stream stream, int mode)                                          \
  ENTRY(cuStreamEndCapture, Stream stream, Graph *graph)                                           \
  ENTRY(cuGraphInstantiateWithFlags, GraphExec *exec, Graph graph, unsigned long long flags)       \
  ENTRY(cuGraphLaunch, GraphExec exec, Stream stream)                                              \
  ENTRY(cuGraphExecDestroy, GraphExec exec)                                                        \
  ENTRY(cuGraphDestroy, Graph graph)

/// The table. What is copied of it calls the same library, which stays open until the process ends.
struct Driver {
#define OSSCC_CUDA_FIELD(name, ...) int (*name)(__VA_ARGS__) = nullptr;
  OSSCC_CUDA_ENTRIES(OSSCC_CUDA_FIELD)
#undef OSSCC_CUDA_FIELD
  int version = 0; ///< of CUDA, that the driver serves: 12040 is 12.4
};

/// Opens the driver's library and starts it.
///
/// \param file  its name or path: driverFile().
/// \errors  kUnsupportedDevice: there is no such library (the loader's words), it lacks an entry
/// point, it finds no device or does not start; each with what to install.
Result<Driver> openDriver(const std::string &file);

/// libcuda.so.1, or what the environment's OSSCC_CUDA_DRIVER names.
std::string driverFile();

/// What a call of the driver returned, as a status. `call` names it, as in "cuMemAlloc of 16 MB".
/// \errors  kOutOfMemory and kRuntime, with CUDA's name and description of the code and what to do.
Status checked(const Driver &driver, int code, std::string_view call);

/// "CUDA_ERROR_LAUNCH_FAILED (unspecified launch failure)"; the number where the driver has none.
std::string describe(const Driver &driver, int code);

} // namespace osscc::rt::cuda
