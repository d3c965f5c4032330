// The patterns of kernels of rows that Populate.h of all kernels does not list.
#pragma once

#include "mlir/IR/PatternMatch.h"

namespace osscc::cpu {

void populateMoments(mlir::RewritePatternSet &patterns); ///< moments becomes a grid

} // namespace osscc::cpu
