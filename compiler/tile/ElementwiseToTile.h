// The lowering of llm ops that change each number for itself. Stage: tile.
#pragma once

#include "mlir/IR/PatternMatch.h"

namespace osscc {

/// Adds the patterns of activate, gate and scale, labelled as the ops are called.
void populateElementwiseToTile(mlir::RewritePatternSet &patterns);

} // namespace osscc
