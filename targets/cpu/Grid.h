// Grids of blocks, which kernels become.
#pragma once

#include "mlir/IR/Builders.h"

namespace osscc::cpu {

/// Runs `body` for each of `blocks` blocks.
void createGrid(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value blocks,
                llvm::function_ref<void(mlir::OpBuilder &, mlir::Value block)> body);

/// The same, but where `own` each worker runs all of them for itself.
void createBlocks(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value blocks, bool own,
                  llvm::function_ref<void(mlir::OpBuilder &, mlir::Value block)> body);

} // namespace osscc::cpu
