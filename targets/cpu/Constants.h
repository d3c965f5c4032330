// Constants in the code that is emitted.
#pragma once

#include "mlir/IR/Builders.h"

namespace osscc::cpu {

/// A constant f32, or a vector of it.
mlir::Value constantF32(mlir::OpBuilder &builder, mlir::Location loc, double value,
                        mlir::Type like);
/// A constant integer of the type `like`, or a vector of it.
mlir::Value constantInteger(mlir::OpBuilder &builder, mlir::Location loc, int64_t value,
                            mlir::Type like);
mlir::Value constantIndex(mlir::OpBuilder &builder, mlir::Location loc, int64_t value);

} // namespace osscc::cpu
