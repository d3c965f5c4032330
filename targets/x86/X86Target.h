// x86-64 CPUs: any that LLVM knows; kernels for AVX-512 and AVX2, with and without VNNI, and plain
// ones.
#pragma once

#include "targets/Target.h"
#include "llvm/ADT/StringMap.h"

namespace osscc {

/// The target for a CPU that LLVM knows, "znver4", with features added or taken away as LLVM names
/// them, "x86-64-v3+avxvnni,-f16c"; null for another CPU.
std::unique_ptr<Target> makeX86Target(llvm::StringRef name);

/// The target for a CPU by what it has, not by its name alone: a virtual machine may hide features
/// that the name implies. The target's name says which, "znver4+-avx512vnni"; a CPU that LLVM does
/// not know is an x86-64 with features.
std::unique_ptr<Target> makeX86Target(llvm::StringRef cpu, const llvm::StringMap<bool> &features);
/// The first feature of such a name that LLVM does not know; empty without one.
std::string unknownX86Feature(llvm::StringRef name);

/// The target for the CPU at hand.
std::unique_ptr<Target> makeNativeX86Target();

/// Every 64-bit CPU name that LLVM knows, in alphabetical order.
llvm::SmallVector<llvm::StringRef> x86TargetNames();

} // namespace osscc
