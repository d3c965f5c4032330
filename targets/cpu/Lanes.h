// Scalars as lanes of vectors, and lanes as a scalar.
#pragma once

#include "mlir/IR/Builders.h"

namespace osscc::cpu {

/// Clones a region of f32 scalars on vectors of `lanes`; gives what it yields.
mlir::Value cloneOnVectors(mlir::OpBuilder &builder, mlir::Region &region,
                           mlir::ValueRange arguments, int64_t lanes);

/// The sum of 16 lanes in one fixed order: halves are added lane by lane until one is left
/// (docs/design/numerics.md).
mlir::Value foldLanes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value lanes);

} // namespace osscc::cpu
