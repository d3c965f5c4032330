#include "test/cuda/driver/Modules.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>

namespace osscc::standin {
namespace {

constexpr int64_t kSharedWithoutAsking = 48 << 10;
constexpr int kErrorLog = 5, kErrorLogBytes = 6; // options of cuModuleLoadDataEx
constexpr char kElf[] = "\177ELF";

/// The log that the caller has given room for.
void tell(const std::string &what, unsigned count, const int *options, void **values) {
  char *log = nullptr;
  size_t bytes = 0;
  for (unsigned i = 0; i < count; ++i) {
    if (options[i] == kErrorLog)
      log = static_cast<char *>(values[i]);
    if (options[i] == kErrorLogBytes)
      bytes = size_t(reinterpret_cast<uintptr_t>(values[i]));
  }
  if (log && bytes)
    std::snprintf(log, bytes, "%s", what.c_str());
  std::fprintf(stderr, "stand-in: %s\n", what.c_str());
}

/// Whether the device runs what was made for a target.
bool fits(const Module &module) {
  int sm = driver().settings.sm;
  return module.isExact ? module.target == sm : module.target <= sm;
}

} // namespace

LoadedModule::LoadedModule(const std::string &text) : text(text), source(parse(text)) {
  for (const Variable &variable : source.variables) {
    if (variable.space == Space::kShared)
      continue;
    uint8_t *memory =
        driver().memory.allocate(uint64_t(std::max<int64_t>(variable.size(), 1)), false);
    if (!memory)
      throw std::bad_alloc();
    globals[variable.name] = memory;
    std::memset(memory, 0, size_t(variable.size()));
    std::copy(variable.bytes.begin(), variable.bytes.end(), memory);
  }
  for (const Variable &variable : source.variables)
    for (const auto &[place, name] : variable.addresses) {
      if (!globals.count(name))
        throw PtxError(variable.line, "unknown name " + name);
      std::memcpy(static_cast<uint8_t *>(globals[variable.name]) + place, &globals[name], 8);
    }
  for (const Function &function : source.functions) {
    if (!function.isKernel)
      continue;
    auto kernel = std::make_unique<Kernel>();
    kernel->module = this;
    kernel->source = &function;
    kernel->facts = factsOf(source, function);
    if (kernel->facts.sharedBytes > kSharedWithoutAsking)
      throw PtxError(function.line, function.name + " has " +
                                        std::to_string(kernel->facts.sharedBytes) +
                                        " bytes of static shared memory, 49152 are the most");
    kernel->dynamicLimit = kSharedWithoutAsking - kernel->facts.sharedBytes;
    kernels[function.name] = std::move(kernel);
  }
}

LoadedModule::~LoadedModule() {
  for (const auto &[name, memory] : globals)
    driver().memory.release(memory);
}

KernelFn Kernel::compiled() {
  std::lock_guard lock(mutex);
  if (!code)
    code = compile(module->text, module->source, *source, module->globals);
  return code;
}

OSSCC_CUDA_API int cuModuleLoadDataEx(void **found, const void *image, unsigned count, int *options,
                                      void **values) {
  return checked([&] {
    const char *text = static_cast<const char *>(image);
    *found = nullptr;
    if (std::strncmp(text, kElf, 4) == 0)
      return kNoBinary; // there are no cubins of this device
    try {
      auto module = std::make_unique<LoadedModule>(text);
      if (module->source.version > driver().settings.ptxVersion()) {
        tell("the driver knows PTX " + std::to_string(driver().settings.ptxVersion()) + " at most",
             count, options, values);
        return kUnsupportedPtx;
      }
      if (!fits(module->source)) {
        tell("made for sm_" + std::to_string(module->source.target), count, options, values);
        return kInvalidPtx;
      }
      // What cannot be translated is found here, where the log is, and not at a launch.
      if (driver().settings.compilesAtOnce)
        for (const auto &[name, kernel] : module->kernels)
          kernel->compiled();
      *found = module.release();
      return kSuccess;
    } catch (const PtxError &error) {
      tell(error.what(), count, options, values);
      return kInvalidPtx;
    } catch (const std::bad_alloc &) {
      return kOutOfMemory;
    }
  });
}

OSSCC_CUDA_API int cuModuleLoadData(void **found, const void *image) {
  return cuModuleLoadDataEx(found, image, 0, nullptr, nullptr);
}

OSSCC_CUDA_API int cuModuleUnload(void *module) {
  return checked([&] {
    Result found = driver().finish(false);
    delete static_cast<LoadedModule *>(module);
    return found;
  });
}

OSSCC_CUDA_API int cuModuleGetFunction(void **found, void *module, const char *name) {
  return checked([&] {
    auto &kernels = static_cast<LoadedModule *>(module)->kernels;
    auto kernel = kernels.find(name);
    *found = kernel == kernels.end() ? nullptr : kernel->second.get();
    return *found ? kSuccess : kNotFound;
  });
}

OSSCC_CUDA_API int cuModuleGetGlobal_v2(unsigned long long *address, size_t *bytes, void *module,
                                        const char *name) {
  return checked([&] {
    auto &own = *static_cast<LoadedModule *>(module);
    for (const Variable &variable : own.source.variables) {
      if (variable.name != name || !own.globals.count(name))
        continue;
      if (address)
        *address = reinterpret_cast<unsigned long long>(own.globals[name]);
      if (bytes)
        *bytes = size_t(variable.size());
      return kSuccess;
    }
    return kNotFound;
  });
}

OSSCC_CUDA_API int cuFuncSetAttribute(void *function, int attribute, int value) {
  constexpr int kDynamicShared = 8, kCarveout = 9;
  return checked([&] {
    auto &kernel = *static_cast<Kernel *>(function);
    if (attribute == kCarveout)
      return kSuccess;
    int64_t most = driver().settings.sharedPerBlock() - kernel.facts.sharedBytes;
    if (attribute != kDynamicShared || value < 0 || value > most)
      return kInvalidValue;
    kernel.dynamicLimit = value;
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuFuncGetAttribute(int *value, int attribute, void *function) {
  constexpr int kMaximalThreads = 0, kStaticShared = 1, kLocal = 3, kDynamicShared = 8;
  return checked([&] {
    auto &kernel = *static_cast<Kernel *>(function);
    int64_t limit = kernel.source->maximalThreads;
    switch (attribute) {
    case kMaximalThreads:
      *value = int(limit ? limit : 1024);
      return kSuccess;
    case kStaticShared:
      *value = int(kernel.facts.sharedBytes);
      return kSuccess;
    case kLocal:
      *value = int(kernel.facts.localBytes);
      return kSuccess;
    case kDynamicShared:
      *value = int(kernel.dynamicLimit);
      return kSuccess;
    default:
      return kInvalidValue;
    }
  });
}

} // namespace osscc::standin
