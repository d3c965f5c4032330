// The part of llm-to-tile that makes kernels of a mixture of experts.
#pragma once

#include "mlir/IR/PatternMatch.h"

namespace osscc {

/// Adds the pattern `experts`. `planes` are those of rows that multiply a weight in blocks.
void populateExpertsToTile(mlir::RewritePatternSet &patterns, int64_t planes);

} // namespace osscc
