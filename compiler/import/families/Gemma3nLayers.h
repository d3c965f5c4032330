// What Gemma 3n's model of text has beside one of Gemma 4, by the sizes that its config gives.
#pragma once

#include "compiler/import/families/Gemma4Layers.h"

namespace osscc {

struct Gemma3nSizes {
  Gemma4Sizes base;
  int64_t streams = 4, rank = 64;
  bool scalesFirst = true; ///< Before a layer's input of its token reads the first stream.
  llvm::SmallVector<std::optional<double>> cutoffs; ///< A layer; as MlpSpec has it.
};

/// Puts streams, branches and cutoffs into a spec that nameGemma4 has filled.
void addGemma3nParts(const Gemma3nSizes &sizes, ModelSpec &spec);

} // namespace osscc
