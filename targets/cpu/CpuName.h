// The names of CPUs as --target takes them: LLVM's name, and features added or taken away.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include <string>

namespace osscc::cpu {

/// Features by LLVM's names, and whether they are there.
using Features = llvm::StringMap<bool>;

/// A CPU's name and the features that follow it, each with whether it is added: "znver4" and
/// (avxvnni, true), (f16c, false) of "znver4+avxvnni,-f16c". A CPU's name has no plus and no comma.
struct CpuName {
  llvm::StringRef cpu;
  llvm::SmallVector<std::pair<llvm::StringRef, bool>> changes;
};

CpuName splitName(llvm::StringRef name);

/// `cpu`, whose features are `own`, with what is `used` of it and `features` do not have taken
/// away, and what they have beyond it added.
std::string nameWith(llvm::StringRef cpu, llvm::ArrayRef<llvm::StringRef> used, const Features &own,
                     const Features &features);

/// Whether all of `list`, "avx2,fma", are there.
bool hasAll(const Features &features, llvm::StringRef list);

} // namespace osscc::cpu
