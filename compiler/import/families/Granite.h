// What Granite's models share, dense or with experts.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"
#include "llvm/ADT/SmallVector.h"

namespace osscc {

struct GraniteFactors {
  double embedding, scores, residual, logits;
};

/// Reads `embedding_multiplier`, `attention_multiplier`, `residual_multiplier`, `logits_scaling`.
GraniteFactors readGraniteFactors(JsonFields &config);
void setGraniteFactors(ModelSpec &spec, const GraniteFactors &factors);

/// What the layers of a Granite SWA differ in; all have sinks.
struct GraniteSwa {
  int64_t window;
  llvm::SmallVector<bool> windowed;
  llvm::SmallVector<double> thetas; ///< 0: positions do not turn the layer; empty: all alike.
};

GraniteSwa readGraniteSwaFields(JsonFields &config);
void setGraniteSwa(ModelSpec &spec, const JsonFields &config, const GraniteSwa &swa);

} // namespace osscc
