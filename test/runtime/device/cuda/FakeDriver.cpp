#include "test/runtime/device/cuda/FakeDriver.h"

#include <cstring>
#include <mutex>

namespace osscc::rt::test {
namespace {

using cuda::Address;

FakeDriver *fake = nullptr;
std::recursive_mutex mutex; // weights come from threads of their own

/// What the call of an entry point returns, where that is not to succeed.
int enter(const char *entry) {
  ++fake->calls[entry];
  auto at = fake->failures.find(entry);
  if (at == fake->failures.end() || at->second.passing-- > 0)
    return cuda::kSuccess;
  at->second.passing = 0;
  return at->second.code;
}

/// Counts the call of this function and returns early where it is to fail.
#define ENTER()                                                                                    \
  std::lock_guard lock(mutex);                                                                     \
  if (int code = enter(__func__))                                                                  \
  return code

int cuInit(unsigned) {
  ENTER();
  return 0;
}
int cuDriverGetVersion(int *version) {
  ENTER();
  *version = fake->version;
  return 0;
}
int cuGetErrorName(int code, const char **name) {
  static const std::map<int, const char *> kNames = {
      {1, "CUDA_ERROR_INVALID_VALUE"},       {2, "CUDA_ERROR_OUT_OF_MEMORY"},
      {209, "CUDA_ERROR_NO_BINARY_FOR_GPU"}, {218, "CUDA_ERROR_INVALID_PTX"},
      {500, "CUDA_ERROR_NOT_FOUND"},         {719, "CUDA_ERROR_LAUNCH_FAILED"}};
  auto at = kNames.find(code);
  *name = at == kNames.end() ? nullptr : at->second;
  return at == kNames.end();
}
int cuGetErrorString(int, const char **text) {
  *text = "so it says";
  return 0;
}
int cuDeviceGetCount(int *count) {
  ENTER();
  *count = fake->devices;
  return 0;
}
int cuDeviceGet(int *device, int ordinal) {
  ENTER();
  *device = ordinal;
  return 0;
}
int cuDeviceGetName(char *name, int bytes, int) {
  ENTER();
  std::strncpy(name, fake->name.c_str(), size_t(bytes));
  return 0;
}
int cuDeviceGetAttribute(int *value, int attribute, int) {
  std::map<int, int> values = {{cuda::kCapabilityMajor, fake->major},
                               {cuda::kCapabilityMinor, fake->minor},
                               {cuda::kMemoryClockKilohertz, 1000000},
                               {cuda::kMemoryBusBits, 384},
                               {cuda::kSharedBytesOptIn, 101376}};
  auto at = values.find(attribute);
  if (at == values.end())
    return 1;
  *value = at->second;
  return 0;
}
int cuDevicePrimaryCtxRetain(cuda::Context *context, int) {
  ENTER();
  *context = reinterpret_cast<cuda::Context>(fake);
  return 0;
}
int cuDevicePrimaryCtxRelease_v2(int) {
  ENTER();
  return 0;
}
int cuCtxSetCurrent(cuda::Context) {
  ENTER();
  return 0;
}
int cuMemGetInfo_v2(size_t *free, size_t *total) {
  ENTER();
  *free = fake->memory - fake->taken;
  *total = fake->memory;
  return 0;
}
int cuMemAlloc_v2(Address *address, size_t bytes) {
  ENTER();
  if (fake->taken + bytes > fake->memory)
    return cuda::kOutOfMemory;
  // Nothing of it is zero before it is written.
  std::vector<uint8_t> block(bytes + 256, 0xee);
  Address at = (reinterpret_cast<Address>(block.data()) + 255) & ~Address(255);
  fake->blocks[at] = std::move(block);
  fake->taken += bytes;
  *address = at;
  return 0;
}
int cuMemFree_v2(Address address) {
  ENTER();
  auto at = fake->blocks.find(address);
  if (at == fake->blocks.end())
    return 1;
  fake->taken -= at->second.size() - 256;
  fake->blocks.erase(at);
  return 0;
}
int cuMemHostAlloc(void **address, size_t bytes, unsigned) {
  ENTER();
  *address = std::malloc(bytes);
  return 0;
}
int cuMemFreeHost(void *address) {
  ENTER();
  std::free(address);
  return 0;
}
int cuMemsetD8Async(Address to, unsigned char value, size_t bytes, cuda::Stream) {
  ENTER();
  fake->put([=] { std::memset(reinterpret_cast<void *>(to), value, bytes); });
  return 0;
}
void copyLater(void *to, const void *from, size_t bytes) {
  fake->largestCopy = std::max(fake->largestCopy, bytes);
  fake->put([=] { std::memcpy(to, from, bytes); });
}
int cuMemcpyHtoDAsync_v2(Address to, const void *from, size_t bytes, cuda::Stream) {
  ENTER();
  copyLater(reinterpret_cast<void *>(to), from, bytes);
  return 0;
}
int cuMemcpyDtoHAsync_v2(void *to, Address from, size_t bytes, cuda::Stream) {
  ENTER();
  copyLater(to, reinterpret_cast<const void *>(from), bytes);
  return 0;
}
int cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, cuda::Stream) {
  ENTER();
  copyLater(reinterpret_cast<void *>(to), reinterpret_cast<const void *>(from), bytes);
  return 0;
}
int cuStreamCreate(cuda::Stream *stream, unsigned) {
  ENTER();
  *stream = reinterpret_cast<cuda::Stream>(fake);
  return 0;
}
int cuStreamDestroy_v2(cuda::Stream) {
  ENTER();
  return 0;
}
int cuStreamSynchronize(cuda::Stream) {
  ENTER();
  return 0;
}
int cuEventCreate(cuda::Event *event, unsigned) {
  ENTER();
  *event = reinterpret_cast<cuda::Event>(fake);
  return 0;
}
int cuEventDestroy_v2(cuda::Event) {
  ENTER();
  return 0;
}
int cuEventRecord(cuda::Event, cuda::Stream) {
  ENTER();
  return 0;
}
int cuEventSynchronize(cuda::Event) {
  ENTER();
  return 0;
}
int cuModuleLoadDataEx(cuda::Module *module, const void *image, unsigned count, int *options,
                       void **values) {
  ENTER();
  std::string text = static_cast<const char *>(image);
  for (const std::string &refused : fake->refusedImages)
    if (text.starts_with(refused))
      return cuda::kNoBinaryForGpu;
  if (text.starts_with("broken")) {
    for (unsigned i = 0; i < count; ++i)
      if (options[i] == cuda::kJitErrorLog)
        std::strcpy(static_cast<char *>(values[i]), "ptxas fatal : line 3\n");
    return cuda::kInvalidPtx;
  }
  fake->loaded.push_back(text);
  *module = reinterpret_cast<cuda::Module>(fake);
  return 0;
}
int cuModuleUnload(cuda::Module) {
  ENTER();
  return 0;
}
int cuModuleGetFunction(cuda::Function *function, cuda::Module, const char *name) {
  ENTER();
  for (FakeKernel &kernel : fake->kernels)
    if (kernel.name == name) {
      *function = reinterpret_cast<cuda::Function>(&kernel);
      return 0;
    }
  return 500;
}
int cuFuncSetAttribute(cuda::Function function, int, int value) {
  ENTER();
  fake->shared[reinterpret_cast<FakeKernel *>(function)->name] = value;
  return 0;
}
int cuLaunchKernel(cuda::Function function, unsigned gridX, unsigned gridY, unsigned gridZ,
                   unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes,
                   cuda::Stream, void **arguments, void **) {
  ENTER();
  auto *kernel = reinterpret_cast<FakeKernel *>(function);
  Launch launch{{gridX, gridY, gridZ}, {blockX, blockY, blockZ}, sharedBytes, {}};
  for (size_t i = 0; i < kernel->arguments; ++i)
    launch.arguments.push_back(*static_cast<uint64_t *>(arguments[i]));
  fake->put([=] { kernel->body(launch); });
  return 0;
}
int cuStreamBeginCapture_v2(cuda::Stream, int) {
  ENTER();
  fake->isCapturing = true;
  fake->captured.clear();
  return 0;
}
int cuStreamEndCapture(cuda::Stream, cuda::Graph *graph) {
  ENTER();
  fake->isCapturing = false;
  fake->graphs.push_back(fake->captured);
  *graph = reinterpret_cast<cuda::Graph>(&fake->graphs.back());
  return 0;
}
int cuGraphInstantiateWithFlags(cuda::GraphExec *exec, cuda::Graph graph, unsigned long long) {
  ENTER();
  *exec = reinterpret_cast<cuda::GraphExec>(graph);
  return 0;
}
int cuGraphLaunch(cuda::GraphExec exec, cuda::Stream) {
  ENTER();
  for (const FakeDriver::Work &work : *reinterpret_cast<std::vector<FakeDriver::Work> *>(exec))
    work();
  return 0;
}
int cuGraphExecDestroy(cuda::GraphExec) {
  ENTER();
  return 0;
}
int cuGraphDestroy(cuda::Graph) {
  ENTER();
  return 0;
}

} // namespace

FakeDriver::FakeDriver() {
  fake = this;
}

FakeDriver::~FakeDriver() {
  fake = nullptr;
}

cuda::Driver FakeDriver::table() const {
  cuda::Driver driver;
#define OSSCC_FAKE(name, ...) driver.name = name;
  OSSCC_CUDA_ENTRIES(OSSCC_FAKE)
  driver.version = version;
  return driver;
}

int FakeDriver::countOf(const std::string &entry) const {
  auto at = calls.find(entry);
  return at == calls.end() ? 0 : at->second;
}

void FakeDriver::put(Work work) {
  if (isCapturing)
    captured.push_back(std::move(work));
  else
    work();
}

} // namespace osscc::rt::test
