// aarch64 CPUs: any that LLVM knows; kernels for NEON with and without dot products and products of
// small matrices.
#pragma once

#include "targets/Target.h"
#include "llvm/ADT/StringMap.h"

namespace osscc {

/// The target for a CPU or a version of the architecture that LLVM knows, "cortex-a76",
/// "armv8.2-a", with features added or taken away as LLVM names them, "cortex-a72+dotprod"; null
/// for another CPU.
std::unique_ptr<Target> makeArmTarget(llvm::StringRef name);

/// The target for a CPU by what it has, not by its name alone, as of x86.
std::unique_ptr<Target> makeArmTarget(llvm::StringRef cpu, const llvm::StringMap<bool> &features);
/// The first feature of such a name that LLVM does not know; empty without one.
std::string unknownArmFeature(llvm::StringRef name);

/// The target for the CPU at hand.
std::unique_ptr<Target> makeNativeArmTarget();

/// Every CPU name that LLVM knows and the versions of the architecture, in alphabetical order.
llvm::SmallVector<llvm::StringRef> armTargetNames();

} // namespace osscc
