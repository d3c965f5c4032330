/// Loaded modules and their kernels.
#ifndef OSSCC_TEST_CUDA_DRIVER_MODULES_H
#define OSSCC_TEST_CUDA_DRIVER_MODULES_H

#include "test/cuda/driver/Driver.h"
#include "test/cuda/ptx/Jit.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace osscc::standin {

struct LoadedModule;

/// A kernel of a loaded module; it is compiled when it is launched first.
struct Kernel {
  LoadedModule *module = nullptr;
  const Function *source = nullptr;
  KernelFacts facts;
  int64_t dynamicLimit = 0; // bytes of dynamic shared memory that a launch may ask for
  KernelFn code = nullptr;
  std::mutex mutex;

  KernelFn compiled(); // throws PtxError
};

struct LoadedModule {
  std::string text;
  Module source;
  std::map<std::string, void *> globals;
  std::map<std::string, std::unique_ptr<Kernel>> kernels;

  explicit LoadedModule(const std::string &text);
  ~LoadedModule();
};

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_DRIVER_MODULES_H
