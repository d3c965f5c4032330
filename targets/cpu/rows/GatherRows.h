// What gathers of tokens share, whatever their table is.
#pragma once

#include "dialects/tile/Tile.h"
#include "mlir/IR/PatternMatch.h"

namespace osscc::cpu {

/// Replaces a gather of tokens by a grid over its rows: a row is the call's input embedding where
/// it has them, else what `fromTable` writes.
void createTokenGather(mlir::PatternRewriter &rewriter, tile::GatherOp op,
                       llvm::function_ref<void(mlir::OpBuilder &, mlir::Value row)> fromTable);

} // namespace osscc::cpu
