// What the patterns of llm-to-tile share: destinations, regions, and rows in codes.
#pragma once

#include "dialects/tile/Tile.h"
#include "mlir/IR/Builders.h"

namespace osscc {

/// A destination like `type`, with as many rows as `rows` has.
mlir::Value emptyLike(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value rows,
                      mlir::RankedTensorType type);

using Body = llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::ValueRange)>;

/// Fills a region that takes `arguments` f32 and yields one.
void fillRegion(mlir::OpBuilder &builder, mlir::Location loc, mlir::Region &region,
                size_t arguments, Body body);

tile::MapOp createMap(mlir::OpBuilder &builder, mlir::Location loc, mlir::ValueRange inputs,
                      mlir::Value out, Body body);

/// Channels [from, from + count) of rows.
mlir::Value sliceChannels(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value rows,
                          int64_t from, int64_t count);

/// Whether `weight` is stored in blocks, whose rows come in codes.
bool isInBlocks(mlir::Value weight);

/// Whether records that `weight` reads need sums of halves: its groups are of 16 channels.
bool readsHalves(mlir::Value weight);

/// `x` in codes, once for all the products that read it: the first of them is turned into a kernel
/// while the others still are ops of llm.
mlir::Value quantizeRows(mlir::OpBuilder &builder, mlir::Value x, int64_t planes);

} // namespace osscc
