// The lowering of llm ops that change a state. Stage: tile.
#pragma once

#include "mlir/IR/PatternMatch.h"

namespace osscc {

/// Adds the patterns of short_conv and delta_rule, labelled short-conv and delta-rule.
void populateRecurrenceToTile(mlir::RewritePatternSet &patterns);

} // namespace osscc
