// The patterns of kernels that change states, and what they alone compute with.
#pragma once

#include "mlir/IR/PatternMatch.h"

namespace osscc::cpu {

void populateShortConv(mlir::RewritePatternSet &patterns); ///< short_conv becomes a grid
void populateDeltaRule(mlir::RewritePatternSet &patterns); ///< delta_rule becomes a grid

} // namespace osscc::cpu
