// The module's description for the runtime: osscc_module of runtime/abi/Abi.h and all that it points to, as constants.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/LogicalResult.h"

namespace osscc {

/// Builds `osscc_module` from `abi.model`, `abi.cache_groups`, `abi.arena_bytes`, `abi.target`, the segments and the weights. A module
/// without `abi.model` (a test of one function) gets none.
llvm::LogicalResult createModuleTable(mlir::ModuleOp module);

} // namespace osscc
