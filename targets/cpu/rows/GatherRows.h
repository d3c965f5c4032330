// What gathers from a table share, whatever the table is.
#pragma once

#include "dialects/tile/Tile.h"
#include "mlir/IR/PatternMatch.h"

namespace osscc::cpu {

/// Writes row `row` of a gather from row `number` of its table.
using CopyFromTable =
    llvm::function_ref<void(mlir::OpBuilder &, mlir::Value row, mlir::Value number)>;

/// Replaces a gather of tokens or positions by a grid over its rows: a row is what `copy` writes,
/// or of tokens the call's input embedding where it has them.
void createTableGather(mlir::PatternRewriter &rewriter, tile::GatherOp op, CopyFromTable copy);

} // namespace osscc::cpu
