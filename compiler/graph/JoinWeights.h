// Weights of linears that read the same rows, joined row after row. Stage: graph.
#pragma once

#include "mlir/IR/Builders.h"

namespace osscc {

/// Whether weights can be stored as one: they differ in the number of rows alone. Absent ones (null
/// biases) can, if all of them are absent.
bool canJoin(llvm::ArrayRef<mlir::Value> weights);

/// The llm.concat of `weights`, for which canJoin holds; null where they are absent.
mlir::Value joinWeights(mlir::OpBuilder &builder, mlir::Location loc,
                        llvm::ArrayRef<mlir::Value> weights);

} // namespace osscc
