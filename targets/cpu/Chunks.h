// Rows in vectors of 16 channels, whatever the machine: sums over a row have one order everywhere.
#pragma once

#include "mlir/IR/Builders.h"

namespace osscc::cpu {

/// Columns [begin, begin + lanes) of a row; `masked` when fewer than `lanes` remain.
struct ColumnChunk {
  mlir::Value begin;     ///< index
  int64_t lanes;         ///< of the vector
  mlir::Value remaining; ///< null, or the columns that remain, for a mask
};

/// Runs `body` over `columns` columns in vectors of 16, the last masked if need be.
void forEachChunk(mlir::OpBuilder &builder, mlir::Location loc, int64_t columns,
                  llvm::function_ref<void(mlir::OpBuilder &, ColumnChunk)> body);

/// The chunk of `lanes` columns from `begin` on in rows of `columns`; masked unless `columns` is a
/// whole number of `unit`, in which chunks never pass the end.
ColumnChunk chunkAt(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value begin, int64_t lanes,
                    int64_t columns, int64_t unit);

/// Loads a chunk of row `row`, or of memory of one dimension where `row` is null.
mlir::Value loadChunk(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value rows,
                      mlir::Value row, const ColumnChunk &chunk);
void storeChunk(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::Value rows,
                mlir::Value row, const ColumnChunk &chunk);

} // namespace osscc::cpu
