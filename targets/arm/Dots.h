// The patterns that `arm-lower-dot` is made of, and what they share.
#pragma once

#include "targets/cpu/matmul/DotBlocks.h"

namespace osscc::arm {

constexpr int64_t kLanes = 4; ///< Of 32 bits, in a register.

/// A call of LLVM's intrinsic `name`.
mlir::Value callIntrinsic(mlir::OpBuilder &builder, mlir::Location loc, llvm::StringRef name,
                          mlir::Type type, mlir::ValueRange arguments);

/// Lanes of two vectors of equal length, numbered through, as a vector of four.
mlir::Value selectLanes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value a, mlir::Value b,
                        llvm::ArrayRef<int64_t> lanes);

/// The bytes of four words.
mlir::Value bytesOf(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value words);

/// Dots of several rows by products of matrices of 2 x 8 bytes, before those of single rows.
void populateDotToMatrices(mlir::RewritePatternSet &patterns);

} // namespace osscc::arm
