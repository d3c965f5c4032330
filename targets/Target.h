// What the compiler knows of a machine: how its name is parsed, and the passes that know it. An
// architecture is a row of kFamilies (Target.cpp) and a folder; the stages see this interface only.
#pragma once

#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace osscc {

class CpuTarget;

/// One machine to compile for, as --target names it.
class Target {
public:
  virtual ~Target() = default;

  std::string triple; ///< "x86_64-unknown-linux-gnu"
  /// As it was asked for, "native" resolved: "znver4". parseTarget() of it gives the same target.
  std::string name;
  std::string cpu;      ///< LLVM's CPU whose features kernels may use: "x86-64-v4"
  std::string extra;    ///< features beyond that CPU's, as LLVM takes them: "+avx512vnni"
  std::string tune;     ///< LLVM's CPU to schedule instructions for: "znver4"
  std::string features; ///< what the kernels use, checked at start: "avx2,fma"
  std::string device;   ///< what the runtime calls a device's kind, "cuda"; empty: a CPU
  int64_t tier = 0;     ///< of two with one triple, the one of the lower number is preferred

  /// Bits of the widest vectors that kernels use.
  virtual int64_t vectorBits() const = 0;
  /// The head of the stage kernels: in come kernels on memrefs that know no machine, out come the
  /// same kernels as the machine's threads share them.
  virtual void addKernelPasses(mlir::OpPassManager &passes) const = 0;
  /// The stage vector: kernels on memrefs in, no tile op out.
  virtual void addVectorPasses(mlir::OpPassManager &passes) const = 0;
  /// The stage llvm, once the call frame is read by loads: what a device's kernels become images
  /// by.
  virtual void addImagePasses(mlir::OpPassManager &passes) const {}
  /// The target itself where it is a CPU, else null.
  virtual const CpuTarget *asCpu() const { return nullptr; }
};

/// Finds what --target names: "native", a CPU with features added or taken away
/// ("x86-64-v3+avxvnni,-f16c"), a triple, or "triple:cpu". An unknown name is an InputError with
/// exit status 2 that lists the nearest five names.
llvm::Expected<std::unique_ptr<Target>> parseTarget(llvm::StringRef name);

/// Finds every target of a list, "x86-64-v3,znver4": an executable that holds kernels for each. A
/// part that begins with a sign is a feature of the target before it. The best comes first.
/// \errors  as parseTarget(); targets of several triples, or two that have the same kernels.
llvm::Expected<std::vector<std::unique_ptr<Target>>> parseTargets(llvm::StringRef list);

/// Every name that parseTarget takes, besides triples.
llvm::SmallVector<llvm::StringRef> targetNames();

} // namespace osscc
