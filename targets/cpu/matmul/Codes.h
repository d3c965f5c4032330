// Numbers as signed codes of 8 bits and a scale: rows of activations and the cache of codes.
#pragma once

#include "mlir/IR/Builders.h"

namespace osscc::cpu {

/// By what codes of magnitudes up to `limit` are multiplied, and its inverse; scalars of f32.
struct Scale {
  mlir::Value scale, inverse;
};

/// The scale of numbers whose largest magnitude is `largest`, a scalar; zeros have scale 0.
Scale scaleOf(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value largest, double limit);

/// What is added to an f32 below 2^22 to round it to the nearest integer, ties to even: the last
/// bit of the sum is one, on every CPU and with no instruction set asked for.
inline constexpr double kRound = 12582912; // 1.5 * 2^23

/// The integers in sums of f32 and kRound: their low bits.
mlir::Value integersOf(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value shifted);

/// The integers nearest to `lanes`, vectors of f32 below 2^22, ties to even.
mlir::Value nearestIntegers(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value lanes);

} // namespace osscc::cpu
