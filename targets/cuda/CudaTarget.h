// NVIDIA's GPUs by compute capability: kernels in PTX, launched by x86-64 code.
#pragma once

#include "targets/Target.h"

namespace osscc {

/// The target of a compute capability, "sm_89", or null for another name.
std::unique_ptr<Target> makeCudaTarget(llvm::StringRef name);

/// The names that makeCudaTarget takes.
llvm::SmallVector<llvm::StringRef> cudaTargetNames();

} // namespace osscc
