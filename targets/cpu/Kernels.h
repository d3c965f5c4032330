// The expansions that `tile-to-grid` is made of: each turns one kernel on memrefs into a grid of
// blocks.
#pragma once

#include "dialects/tile/Tile.h"
#include "mlir/IR/PatternMatch.h"

namespace osscc::cpu {

void populateMatmulKernel(mlir::RewritePatternSet &patterns);   ///< matmul
void populateRowKernels(mlir::RewritePatternSet &patterns);     ///< norm, map, gather
void populateGatherBlocks(mlir::RewritePatternSet &patterns);   ///< gather from a table of blocks
void populateQuantizeRows(mlir::RewritePatternSet &patterns);   ///< quantize_rows
void populateRotateKernel(mlir::RewritePatternSet &patterns);   ///< rotate
void populateAttendKernel(mlir::RewritePatternSet &patterns);   ///< attend
void populateAppendKernel(mlir::RewritePatternSet &patterns);   ///< append
void populatePrefetchKernel(mlir::RewritePatternSet &patterns); ///< prefetch
void populateUnpack(mlir::RewritePatternSet &patterns);         ///< unpack of floats
void populateUnpackBlocks(mlir::RewritePatternSet &patterns);   ///< unpack and scales of blocks
void populateAccumulate(mlir::RewritePatternSet &patterns);     ///< accumulate
void populateExp(mlir::RewritePatternSet &patterns);            ///< the one exp

/// Runs `body` for each of `blocks` blocks.
void createGrid(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value blocks,
                llvm::function_ref<void(mlir::OpBuilder &, mlir::Value block)> body);

/// The same, but where `own` each worker runs all of them for itself.
void createBlocks(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value blocks, bool own,
                  llvm::function_ref<void(mlir::OpBuilder &, mlir::Value block)> body);

/// 1 / sqrt(mean of the squares + eps) of a row, in every one of 16 lanes.
mlir::Value normFactor(mlir::OpBuilder &builder, tile::NormOp op, mlir::Value row);

/// Columns [begin, begin + lanes) of a row; `masked` when fewer than `lanes` remain.
struct ColumnChunk {
  mlir::Value begin;     ///< index
  int64_t lanes;         ///< of the vector
  mlir::Value remaining; ///< null, or the columns that remain, for a mask
};

/// Channels [begin, begin + lanes) of half a head, with the cosine and sine of their angles.
struct Turn {
  int64_t begin, lanes;
  mlir::Value cos, sin;
};

/// The turns of one row by its position, in vectors of a power of two up to 16.
llvm::SmallVector<Turn> emitTurns(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value row,
                                  llvm::ArrayRef<float> frequencies);

/// Rotates one turn's pairs of a head of 2 * half channels. `load` gives and `store` takes the
/// turn's lanes from a channel of the head on.
void rotatePairs(mlir::OpBuilder &builder, mlir::Location loc, const Turn &turn, int64_t half,
                 llvm::function_ref<mlir::Value(int64_t)> load,
                 llvm::function_ref<void(int64_t, mlir::Value)> store);

/// Memory for quantized rows, memref<T x W x i32>.
struct RowRecords {
  mlir::Value memory;
  int64_t planes;
  bool interleaved; ///< the records of 16 rows lie together
};

/// Writes the records of groups [first, first + count) of a row, as quantize_rows says. `load`
/// gives 16 channels.
void emitRecords(mlir::OpBuilder &builder, mlir::Location loc, const RowRecords &to,
                 mlir::Value row, mlir::Value first, int64_t count, int64_t width,
                 llvm::function_ref<mlir::Value(mlir::OpBuilder &, const ColumnChunk &)> load);

/// By what codes of magnitudes up to `limit` are multiplied, and its inverse; scalars of f32.
struct Scale {
  mlir::Value scale, inverse;
};

/// The scale of numbers whose largest magnitude is `largest`, a scalar; zeros have scale 0.
Scale scaleOf(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value largest, double limit);

/// The integers nearest to `lanes`, vectors of f32 below 2^22, ties to even.
mlir::Value nearestIntegers(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value lanes);

/// Replaces a gather of tokens by a grid over its rows: a row is the call's input embedding where
/// it has them, else what `fromTable` writes.
void createTokenGather(mlir::PatternRewriter &rewriter, tile::GatherOp op,
                       llvm::function_ref<void(mlir::OpBuilder &, mlir::Value row)> fromTable);

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
/// A constant integer of the type `like`, or a vector of it.
mlir::Value constantInteger(mlir::OpBuilder &builder, mlir::Location loc, int64_t value,
                            mlir::Type like);
mlir::Value constantIndex(mlir::OpBuilder &builder, mlir::Location loc, int64_t value);

} // namespace osscc::cpu
