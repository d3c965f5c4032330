// x86-64 CPUs: AVX2 with FMA, and AVX-512.
#pragma once

#include "targets/Target.h"

namespace osscc {

/// The target for one of x86TargetNames(), null for another name.
std::unique_ptr<Target> makeX86Target(llvm::StringRef name);

/// The target for the CPU at hand, null if it has no AVX2 and FMA.
std::unique_ptr<Target> makeNativeX86Target();

llvm::SmallVector<llvm::StringRef> x86TargetNames();

} // namespace osscc
