// What the expansions of a matmul share: which tiles a block has, a step of its sums, their store.
#pragma once

#include "targets/cpu/Tuning.h"
#include "targets/cpu/matmul/Records.h"

namespace osscc::cpu {

/// The emitter of one matmul: what stays the same in all its blocks.
struct MatmulBlocks : Emitter {
  tile::MatmulOp op;
  tile::ScheduleAttr schedule;
  mlir::Value rows; ///< T; with a plan those of the block's expert

  // What a block knows of its expert, null without a plan, or of its group.
  mlir::Value expert = {};    ///< Its number.
  mlir::Value firstRow = {};  ///< The first of its slots.
  mlir::Value firstTile = {}; ///< The first tile of its matrix; of a group too.
  mlir::Value group = {};     ///< The number of the block's group, null without groups.

  /// Row `row` of the block's, as `x` and `out` number them.
  mlir::Value rowOf(mlir::Value row) { return firstRow ? add(firstRow, row) : row; }
  /// Whether the weight is stored in blocks.
  bool blocks() { return op.getPlanes() != 0; }
  /// Whether few rows take turns (FewRows.cpp).
  bool takesTurns() { return blocks() && schedule.getFew() > 0; }
  int64_t parts() { return static_cast<int64_t>(op.getParts()); }
  int64_t planes() { return static_cast<int64_t>(op.getPlanes()); }
  /// Channels that a matrix reads of a row; of quantized rows in whole records.
  int64_t inputs();
  /// The channel of a row, or the record, that is the `k`-th of the block's group.
  mlir::Value inGroup(mlir::Value k, int64_t ofGroup) {
    return group ? add(mul(group, ofGroup), k) : k;
  }
  /// Channels of one step: a record where the weight is stored in blocks.
  int64_t depth() { return blocks() ? pack::kRecordChannels : schedule.getK(); }
  /// The tiles of streams [from, from + count) in block `block`: of each stream a tile a part. The
  /// parts follow each other in whole tiles, and so do the streams of a part.
  llvm::SmallVector<mlir::Value> tilesOf(mlir::Value block, mlir::Value from, int64_t count);
  /// The sums of `m` rows and one tile.
  mlir::VectorType accumulators(int64_t m);

  /// Records of a quantized row.
  Records records(bool interleaved);
  /// Bytes of 32 channels of a tile that is stored in blocks, with their share of super-scales.
  int64_t groupBytes();
  /// Prefetches the lines of `count` bytes from byte `from` of tile `tile` on, stored in blocks;
  /// behind the tile's end that is the next one of its stream. `locality` is memref.prefetch's.
  void prefetch(mlir::Value tile, mlir::Value from, int64_t count, int64_t locality);
  /// Prefetches the group that lies `groups` behind `k`'s in the stream of each of `tiles`, into
  /// the schedule's cache level.
  void prefetchAhead(mlir::ValueRange tiles, mlir::Value k, int64_t groups);

  /// One step of `depth` channels from `k` on, of rows from `row` on: accs += x block * weight
  /// blocks, an accumulator a tile.
  llvm::SmallVector<mlir::Value> emitStep(mlir::Value row, mlir::Value last, mlir::ValueRange tiles,
                                          mlir::Value k, int64_t depth, mlir::ValueRange accs);
  /// The values of each channel, of the block's expert.
  llvm::SmallVector<mlir::Value> channels();
  /// The channels of `out` that the block's group makes.
  mlir::Value outOfGroup();
  /// Stores the sums of `tiles`, of each stream a tile a part, through the epilogue.
  void store(mlir::Value row, mlir::Value last, mlir::ValueRange tiles, mlir::ValueRange sums);

private:
  /// Blocks <R x C x lanes> side by side, as <R x blocks * C x lanes>. One dot takes the columns of
  /// all tiles, or the values of `x` would be kept in registers from one tile's dot to the next.
  mlir::Value join(llvm::ArrayRef<mlir::Value> blocks);
  /// The columns of tile `number` of what join() gave, as a block of type `type`.
  mlir::Value columnsOf(mlir::Value joined, int64_t number, mlir::VectorType type);
  /// Of the records of `m` rows: codes <m * planes x 8>, and for each of the weight's groups scales
  /// and sums <m x 2> and offsets <m>.
  struct RecordWords {
    mlir::Value codes;
    llvm::SmallVector<mlir::Value, 2> scales, offsets;
  };
  /// The records of rows [row, row + m) at `k`, `row` being a multiple of m; rows past the last are
  /// a copy of it, or anything where rows are interleaved.
  RecordWords loadRecords(mlir::Value row, mlir::Value last, mlir::Value k, int64_t m);
  /// Where the record of row `row` + i of `m` interleaved ones lies: of a row, so many rows behind.
  std::pair<mlir::Value, int64_t> placeOf(mlir::Value row, mlir::Value last, int64_t i, int64_t m);
  /// The word behind the codes of a record, <m>.
  mlir::Value loadTail(mlir::Value row, mlir::Value last, mlir::Value group, int64_t m, Tail which,
                       int64_t half);
  /// The record of channels from `k` on: the weight's groups one after the other.
  llvm::SmallVector<mlir::Value> emitRecord(mlir::Value row, mlir::Value last,
                                            mlir::ValueRange tiles, mlir::Value k,
                                            mlir::ValueRange accs);
  /// Rows [from, from + count) of a block's first dimension, or of a matrix's second.
  mlir::Value sliceOf(mlir::Value block, int64_t dimension, int64_t from, int64_t count);
};

/// A block's tiles for up to tile::kFewRows rows: some groups of every stream in turn.
void emitFewRows(MatmulBlocks &matmul, const Tuning &tuning, mlir::Value block, mlir::Value last,
                 mlir::Value waiting);
/// The memory in which emitFewRows() leaves accumulators while other streams have their turn.
mlir::Value allocateWaiting(MatmulBlocks &matmul);

} // namespace osscc::cpu
