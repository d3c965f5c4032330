// LLVM dialect -> LLVM IR -> optimised machine code, in memory. Stage: emit.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>

namespace osscc {

/// The LLVM module of a module in the LLVM dialect. pack.weight ops beside it are left out: their
/// bytes come with the bundle.
/// \errors  our own bug: an op that has no translation; the diagnostics name it.
llvm::Expected<std::unique_ptr<llvm::Module>> translate(mlir::ModuleOp module,
                                                        llvm::LLVMContext &context);

/// Code generation for a CPU, static and non-relocatable, as executables are linked.
/// \param cpu       LLVM's name of the CPU whose instructions may be used: "x86-64-v4".
/// \param features  more of them, "+avx512vnni,-fma", or empty.
/// \errors  a triple or CPU that this LLVM does not know.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createMachine(llvm::StringRef triple, llvm::StringRef cpu, llvm::StringRef features = {});

/// Optimises at O3 in place, for `machine` and with its CPU as every function's. LLVM's vectorisers
/// stay off: the kernels are vector code already, with an order of sums that is a contract
/// (docs/design/numerics.md).
/// \param tune  the CPU to schedule instructions for: "znver4"; empty: the machine's own.
void optimise(llvm::Module &module, llvm::TargetMachine &machine, llvm::StringRef tune = {});

/// Puts a byte into the section that the link reserves for the payload (Link.h): one object of an
/// executable needs it.
void reservePayload(llvm::Module &module);

/// Hides every symbol but those that describe the model to the runtime, so that objects for several
/// CPUs can be linked together.
void hideKernels(llvm::Module &module);

/// Machine code of an optimised module: an ELF object, or assembly text. The module is used up:
/// lowering changes it.
llvm::Expected<llvm::SmallVector<char, 0>>
emitObject(llvm::Module &module, llvm::TargetMachine &machine,
           llvm::CodeGenFileType kind = llvm::CodeGenFileType::ObjectFile);

} // namespace osscc
