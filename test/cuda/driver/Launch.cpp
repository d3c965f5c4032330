// Launches of kernels.
#include "test/cuda/driver/Modules.h"

#include <cstdio>
#include <cstring>

namespace osscc::standin {
namespace {

/// As CUlaunchConfig and CUlaunchAttribute.
struct Attribute {
  int number;
  char padding[4];
  uint64_t value[8];
};
struct Configuration {
  unsigned grid[3], block[3], sharedBytes;
  void *stream;
  Attribute *attributes;
  unsigned count;
};
static_assert(sizeof(Attribute) == 72 && sizeof(Configuration) == 56);

constexpr uint64_t kMostThreads = 1024, kMostX = 0x7fffffff, kMostOther = 65535;

bool isAllowed(const Kernel &kernel, const unsigned *grid, const unsigned *block,
               unsigned sharedBytes) {
  uint64_t threads = uint64_t(block[0]) * block[1] * block[2];
  const Function &source = *kernel.source;
  auto most = uint64_t(source.maximalThreads);
  return threads && threads <= kMostThreads && block[2] <= 64 && grid[0] && grid[1] && grid[2] &&
         grid[0] <= kMostX && grid[1] <= kMostOther && grid[2] <= kMostOther &&
         int64_t(sharedBytes) <= kernel.dynamicLimit && (!most || threads <= most) &&
         (!source.isExactThreads || threads == most);
}

/// The bytes of all parameters, as the kernel finds them.
std::shared_ptr<std::vector<uint8_t>> parametersOf(const Function &kernel, void **values) {
  std::vector<int64_t> offsets = parameterOffsets(kernel);
  // A kernel without parameters has an address of them all the same.
  auto bytes = std::make_shared<std::vector<uint8_t>>(size_t(offsets.back()) + 16);
  for (size_t i = 0; i < kernel.parameters.size(); ++i)
    std::memcpy(bytes->data() + offsets[i], values[i], size_t(kernel.parameters[i].size()));
  return bytes;
}

Result start(void *function, const unsigned *grid, const unsigned *block, unsigned sharedBytes,
             void *stream, void **values, void **extra) {
  auto *kernel = static_cast<Kernel *>(function);
  if (!kernel)
    return kInvalidHandle;
  if (extra || !isAllowed(*kernel, grid, block, sharedBytes) ||
      (!values && !kernel->source->parameters.empty()))
    return kInvalidValue;
  Launch launch;
  launch.name = kernel->source->name;
  std::copy(grid, grid + 3, launch.grid);
  std::copy(block, block + 3, launch.block);
  launch.staticShared = uint32_t(kernel->facts.sharedBytes);
  launch.dynamicShared = sharedBytes;
  launch.stackBytes = uint64_t(kernel->facts.localBytes);
  launch.needsFibers = kernel->facts.needsFibers;
  launch.memory = &driver().memory;
  launch.isWatched = driver().settings.isWatched;
  launch.order = driver().settings.order;
  try {
    launch.function = kernel->compiled();
  } catch (const PtxError &error) {
    std::fprintf(stderr, "stand-in: %s\n", error.what());
    return kInvalidPtx;
  }
  auto parameters = parametersOf(*kernel->source, values);
  driver().stream(stream).add([launch, parameters]() mutable {
    launch.parameters = parameters->data();
    return driver().launch(launch);
  });
  return kSuccess;
}

} // namespace

OSSCC_CUDA_API int cuLaunchKernel(void *function, unsigned gridX, unsigned gridY, unsigned gridZ,
                                  unsigned blockX, unsigned blockY, unsigned blockZ,
                                  unsigned sharedBytes, void *stream, void **values, void **extra) {
  return checked([&] {
    unsigned grid[] = {gridX, gridY, gridZ}, block[] = {blockX, blockY, blockZ};
    return start(function, grid, block, sharedBytes, stream, values, extra);
  });
}

OSSCC_CUDA_API int cuLaunchKernelEx(const Configuration *how, void *function, void **values,
                                    void **extra) {
  constexpr int kIgnored = 0, kOverlapping = 6;
  return checked([&] {
    for (unsigned i = 0; i < how->count; ++i)
      if (int number = how->attributes[i].number; number != kIgnored && number != kOverlapping)
        return kInvalidValue;
    return start(function, how->grid, how->block, how->sharedBytes, how->stream, values, extra);
  });
}

} // namespace osscc::standin
