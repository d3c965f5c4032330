// The lowering of llm ops of streams and of sparse gates. Stage: tile.
#pragma once

#include "mlir/IR/PatternMatch.h"

namespace osscc {

/// Adds the patterns of mix, match, cutoff and xielu, labelled so.
void populateStreamsToTile(mlir::RewritePatternSet &patterns);

} // namespace osscc
