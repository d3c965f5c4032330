/// From a kernel of a PTX module to a module of LLVM IR that runs on the host.
#ifndef OSSCC_TEST_CUDA_PTX_TRANSLATE_H
#define OSSCC_TEST_CUDA_PTX_TRANSLATE_H

#include "test/cuda/ptx/Syntax.h"

#include <llvm/IR/Module.h>

#include <memory>

namespace osscc::standin {

/// The symbol of the translated kernel, of type KernelFn.
inline constexpr char kKernelSymbol[] = "standin_kernel";

/// What a launch has to know of a kernel.
struct KernelFacts {
  int64_t sharedBytes = 0;          // static
  int64_t sharedAlign = 16;         // of dynamic shared memory behind it
  int64_t localBytes = 0;           // a thread, of all functions that it may be in
  bool needsFibers = false;         // its threads wait for each other
  std::vector<std::string> globals; // variables that it names
};

/// Where each parameter of a kernel lies, and behind the last one their bytes in all.
std::vector<int64_t> parameterOffsets(const Function &kernel);

/// Facts alone: nothing is translated.
KernelFacts factsOf(const Module &module, const Function &kernel);

/// The kernel and the functions that it calls. Variables of the module are external symbols of
/// their own names.
/// `isWatched`: accesses to shared memory are told to the machine. Throws PtxError.
std::unique_ptr<llvm::Module> translate(const Module &module, const Function &kernel,
                                        llvm::LLVMContext &context, bool isWatched);

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_PTX_TRANSLATE_H
