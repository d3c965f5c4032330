// The expansions that `tile-to-grid` is made of: each turns one kernel on memrefs into a grid of
// blocks.
#pragma once

#include "dialects/tile/Tile.h"
#include "mlir/IR/PatternMatch.h"

namespace osscc::cpu {

void populateMatmulKernel(mlir::RewritePatternSet &patterns);     ///< matmul
void populateRowKernels(mlir::RewritePatternSet &patterns);       ///< norm, map, gather
void populateGatherBlocks(mlir::RewritePatternSet &patterns);     ///< gather from a table of blocks
void populateQuantizeRows(mlir::RewritePatternSet &patterns);     ///< quantize_rows
void populateRotateKernel(mlir::RewritePatternSet &patterns);     ///< rotate
void populateAttentionKernels(mlir::RewritePatternSet &patterns); ///< attend, append
void populateUnpack(mlir::RewritePatternSet &patterns);           ///< unpack of floats
void populateUnpackBlocks(mlir::RewritePatternSet &patterns);     ///< unpack and scales of blocks
void populateAccumulate(mlir::RewritePatternSet &patterns);       ///< accumulate
void populateExp(mlir::RewritePatternSet &patterns);              ///< the one exp

/// Runs `body` for each of `blocks` blocks.
void createGrid(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value blocks,
                llvm::function_ref<void(mlir::OpBuilder &, mlir::Value block)> body);

/// 1 / sqrt(mean of the squares + eps) of a row, in every one of 16 lanes.
mlir::Value normFactor(mlir::OpBuilder &builder, tile::NormOp op, mlir::Value row);

/// Replaces a gather of tokens by a grid over its rows: a row is the call's input embedding where
/// it has them, else what `fromTable` writes.
void createTokenGather(mlir::PatternRewriter &rewriter, tile::GatherOp op,
                       llvm::function_ref<void(mlir::OpBuilder &, mlir::Value row)> fromTable);

/// Columns [begin, begin + lanes) of a row; `masked` when fewer than `lanes` remain.
struct ColumnChunk {
  mlir::Value begin;     ///< index
  int64_t lanes;         ///< of the vector
  mlir::Value remaining; ///< null, or the columns that remain, for a mask
};

/// Runs `body` over `columns` columns in vectors of 16, the last masked if need be.
void forEachChunk(mlir::OpBuilder &builder, mlir::Location loc, int64_t columns,
                  llvm::function_ref<void(mlir::OpBuilder &, ColumnChunk)> body);

mlir::Value loadChunk(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value rows,
                      mlir::Value row, const ColumnChunk &chunk);
void storeChunk(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::Value rows,
                mlir::Value row, const ColumnChunk &chunk);

/// Clones a region of f32 scalars on vectors of `lanes`; gives what it yields.
mlir::Value cloneOnVectors(mlir::OpBuilder &builder, mlir::Region &region,
                           mlir::ValueRange arguments, int64_t lanes);

/// The sum of 16 lanes in one fixed order: halves are added lane by lane until one is left
/// (docs/design/numerics.md).
mlir::Value foldLanes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value lanes);

/// A constant f32, or a vector of it.
mlir::Value constantF32(mlir::OpBuilder &builder, mlir::Location loc, double value,
                        mlir::Type like);
mlir::Value constantIndex(mlir::OpBuilder &builder, mlir::Location loc, int64_t value);

} // namespace osscc::cpu
