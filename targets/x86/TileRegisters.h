// The tile registers of AMX as LLVM has them: values of x86_amx, whose shapes are operands of each
// intrinsic and become the register configuration.
// Source: Intel SDM volume 2, TILELOADD, TILESTORED, TDPBSSD.
#pragma once

#include "mlir/IR/Builders.h"

namespace osscc::x86 {

/// Rows of a tile register, and bytes of a row at most.
inline constexpr int64_t kTileRows = 16, kTileRowBytes = 64;

struct TileRegisters {
  mlir::OpBuilder &builder;
  mlir::Location loc;

  /// `rows` rows of `bytes` bytes, from byte `at` of the memref `from` on, `stride` bytes apart.
  mlir::Value load(int64_t rows, int64_t bytes, mlir::Value from, mlir::Value at, int64_t stride);
  /// Stores 16 rows of 64 bytes, one behind the other, to byte `at` of the memref `to` on.
  void store(mlir::Value tile, mlir::Value to, mlir::Value at);
  /// sums[m, n] + the products of signed bytes a[m, 4 k + i] * b[k, 4 n + i]; `a` is 16 rows of
  /// `depth` bytes, `b` depth / 4 rows of 64 bytes, the sums 16 x 16 i32.
  mlir::Value multiply(mlir::Value sums, mlir::Value a, mlir::Value b, int64_t depth);

private:
  mlir::Value call(llvm::StringRef name, mlir::ValueRange arguments);
  mlir::Value shape(int64_t value);
  mlir::Value bytes(int64_t value);
  mlir::Value address(mlir::Value memory, mlir::Value byte);
};

} // namespace osscc::x86
