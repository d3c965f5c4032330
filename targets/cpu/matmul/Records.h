// Where the words of quantized rows lie: what `quantize_rows` writes and a matmul reads.
//
//   row by row     a row's records of 32 channels: codes [planes][8], scale, sum, offset; sums [2]
//   and
//                  offsets [2] of halves where weights are in groups of 16
//   interleaved    of 16 rows, record after record: codes [planes][16 rows][8], scales [16], sums
//                  [16], offsets [16]...; what a matrix unit loads is contiguous
#pragma once

#include "targets/cpu/Chunks.h"
#include "targets/cpu/Emitter.h"

#include "dialects/tile/Tile.h"

namespace osscc::cpu {

/// The words of a record behind its codes; those of the second half follow the first's.
enum class Tail { Scale, Sum, Offset, SumOfHalf, OffsetOfHalf = 5 };

/// The records in `memory`, memref<T x W x i32>; of interleaved ones the memory holds whole
/// sixteens of rows.
struct Records : Emitter {
  mlir::Value memory;
  int64_t planes;
  bool interleaved;
  int64_t count; ///< Of a row.

  /// Words of one record.
  int64_t recordWords() const;
  bool hasHalves() const { return recordWords() != tile::recordWords(planes); }
  /// Rows whose records lie together.
  static constexpr int64_t kRows = tile::kInterleavedRows;
  /// Words of a record of that many rows.
  int64_t groupWords() const { return kRows * recordWords(); }

  /// A place in memory of one dimension or two.
  struct Place {
    mlir::Value memory;
    llvm::SmallVector<mlir::Value, 2> at;
  };
  /// The word with codes 4 * word to 4 * word + 3 of group `group` and the row that lies `behind`
  /// rows behind `row`, in the same sixteen; eight words follow each other.
  Place codes(mlir::Value row, mlir::Value group, int64_t plane, int64_t word, int64_t behind = 0);
  Place tail(mlir::Value row, mlir::Value group, Tail which, int64_t half = 0, int64_t behind = 0);
  /// Loads that word.
  mlir::Value loadWord(const Place &place);

  /// Of interleaved records: the memory as one dimension, and where the sixteen of `row` begins in
  /// it with `group`.
  mlir::Value words();
  mlir::Value beginOf(mlir::Value row, mlir::Value group);

private:
  /// `offset` words behind the begin, plus `stride` for each row of the sixteen.
  Place interleavedPlace(mlir::Value row, mlir::Value group, int64_t offset, int64_t stride);
  Place placeInRow(mlir::Value row, mlir::Value group, int64_t word);
};

/// Memory for quantized rows, memref<T x W x i32>.
struct RowRecords {
  mlir::Value memory;
  int64_t planes;
  bool interleaved; ///< the records of 16 rows lie together
  int64_t count;    ///< Records of a row.
};

/// Writes the records of groups [first, end) of a row of `width` channels, as quantize_rows says.
/// `load` gives 16 channels.
void emitRecords(mlir::OpBuilder &builder, mlir::Location loc, const RowRecords &to,
                 mlir::Value row, mlir::Value first, mlir::Value end, int64_t width,
                 llvm::function_ref<mlir::Value(mlir::OpBuilder &, const ColumnChunk &)> load);

} // namespace osscc::cpu
