// Which options exist, and which go together.
#pragma once

#include "compiler/pipeline/Driver.h"
#include "mlir/IR/BuiltinOps.h"
#include "targets/Target.h"
#include "llvm/Support/Error.h"

namespace osscc {

/// \errors  InputError, exit status 2: a value that no option has, or options that exclude each
/// other.
llvm::Error checkOptions(const DriverOptions &options);

/// The planes of 8 bits that --activations means for the storage of an imported module: 1 or 2; any
/// for floats, which take rows of f32.
/// \errors  InputError, exit status 2: arithmetic that the storage does not go with.
llvm::Expected<int64_t> planesOfActivations(const DriverOptions &options, const Target &target,
                                            mlir::ModuleOp module);

/// What the cache of an imported module holds, f16, f32 or int8: --cache, which by itself keeps f32
/// for a model that is stored in f32.
std::string storageOfCache(const DriverOptions &options, mlir::ModuleOp module);

} // namespace osscc
