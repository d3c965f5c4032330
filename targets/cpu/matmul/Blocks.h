// What the expansions of a matmul share: which tiles a block has, a step of its sums, their store.
#pragma once

#include "targets/cpu/Emitter.h"

#include "dialects/tile/Tile.h"

namespace osscc::cpu {

/// The emitter of one matmul: what stays the same in all its blocks.
struct MatmulBlocks : Emitter {
  tile::MatmulOp op;
  tile::ScheduleAttr schedule;
  mlir::Value rows; ///< T

  /// Whether the weight is stored in blocks.
  bool blocks() { return op.getPlanes() != 0; }
  /// Whether few rows take turns (FewRows.cpp).
  bool takesTurns() { return blocks() && schedule.getFew() > 0; }
  int64_t parts() { return static_cast<int64_t>(op.getParts()); }
  int64_t planes() { return static_cast<int64_t>(op.getPlanes()); }
  /// Channels of a row; of quantized rows in whole groups.
  int64_t inputs();
  /// Channels of one step: a group where the weight is stored in blocks.
  int64_t depth() { return blocks() ? pack::kGroup : schedule.getK(); }
  /// The tiles of streams [from, from + count) in block `block`: of each stream a tile a part. The
  /// parts follow each other in whole tiles, and so do the streams of a part.
  llvm::SmallVector<mlir::Value> tilesOf(mlir::Value block, mlir::Value from, int64_t count);
  /// The sums of `m` rows and one tile.
  mlir::VectorType accumulators(int64_t m);

  /// Bytes of a group of a tile that is stored in blocks.
  int64_t groupBytes();
  /// Prefetches the lines of `count` bytes from byte `from` of tile `tile` on, stored in blocks;
  /// behind the tile's end that is the next one of its stream. `locality` is memref.prefetch's.
  void prefetch(mlir::Value tile, mlir::Value from, int64_t count, int64_t locality);
  /// Prefetches the group that lies `groups` behind `k`'s in the stream of each of `tiles`, into
  /// the schedule's cache level.
  void prefetchAhead(mlir::ValueRange tiles, mlir::Value k, int64_t groups);

  /// One step of `depth` channels from `k` on: accs += x block * weight blocks, an accumulator a
  /// tile.
  llvm::SmallVector<mlir::Value> emitStep(mlir::Value row, mlir::Value last, mlir::ValueRange tiles,
                                          mlir::Value k, int64_t depth, mlir::ValueRange accs);
  /// Stores the sums of `tiles`, of each stream a tile a part, through the epilogue.
  void store(mlir::Value row, mlir::Value last, mlir::ValueRange tiles, mlir::ValueRange sums);

private:
  /// Blocks <R x C x lanes> side by side, as <R x blocks * C x lanes>. One dot takes the columns of
  /// all tiles, or the values of `x` would be kept in registers from one tile's dot to the next.
  mlir::Value join(llvm::ArrayRef<mlir::Value> blocks);
  /// The columns of tile `number` of what join() gave, as a block of type `type`.
  mlir::Value columnsOf(mlir::Value joined, int64_t number, mlir::VectorType type);
  /// Of the records of a group: codes <m * planes x 8>, scales and sums <m x 2>, offsets <m>.
  struct GroupWords {
    mlir::Value codes, scales, offsets;
  };
  /// The records of rows [row, row + m) in `k`'s group, `row` being a multiple of m; rows past the
  /// last are a copy of it, or anything where rows are interleaved.
  GroupWords loadGroup(mlir::Value row, mlir::Value last, mlir::Value k, int64_t m);
  /// The group of channels from `k` on.
  llvm::SmallVector<mlir::Value> emitGroup(mlir::Value row, mlir::Value last,
                                           mlir::ValueRange tiles, mlir::Value k,
                                           mlir::ValueRange accs);
};

/// A block's tiles for up to tile::kFewRows rows: some groups of every stream in turn.
void emitFewRows(MatmulBlocks &matmul, mlir::Value block, mlir::Value last, mlir::Value waiting);
/// The memory in which emitFewRows() leaves accumulators while other streams have their turn.
mlir::Value allocateWaiting(MatmulBlocks &matmul);

} // namespace osscc::cpu
