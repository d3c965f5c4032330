/// Machine code of the host for kernels.
#ifndef OSSCC_TEST_CUDA_PTX_JIT_H
#define OSSCC_TEST_CUDA_PTX_JIT_H

#include "test/cuda/machine/Thread.h"
#include "test/cuda/ptx/Translate.h"

#include <map>
#include <string>

namespace osscc::standin {

/// Compiles a kernel of a module; `globals` has the address of every variable. `text` is what the
/// module was read from: code is kept under its hash in the folder that OSSCC_STANDIN_CACHE names,
/// if it does. Throws PtxError.
KernelFn compile(const std::string &text, const Module &module, const Function &kernel,
                 const std::map<std::string, void *> &globals);

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_PTX_JIT_H
