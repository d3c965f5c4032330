// The weights of Gemma 4's model of text, by the sizes that its config gives.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/families/Gemma4Experts.h"
#include "compiler/import/families/LayerRopes.h"

namespace osscc {

/// What layers differ in.
struct Gemma4Layer {
  bool windowed = false;
  int64_t headSize = 0, kvHeads = 0;
  std::optional<int64_t> source; ///< As AttentionSpec::source.
  int64_t mlp = 0;               ///< F
};

struct Gemma4Sizes {
  AttentionSpec attention; ///< Without its weights; heads of the layers with a window.
  std::vector<Gemma4Layer> layers;
  int64_t hidden = 0, mlp = 0, vocabulary = 0;
  int64_t inputChannels = 0; ///< P of each layer's input of its token; 0: there is none.
  bool keyIsValue = false;   ///< In full layers.
  int64_t inputRows = 0;     ///< Of the table of these inputs: later tokens have the first row's.
  bool scalesLayers = true;  ///< Whether a scalar multiplies what each layer gives.
  std::optional<Gemma4Experts> experts;
  double eps = 0;
  WindowSpec window;
  LayerRopes ropes;
};

/// Puts layers and tables into `spec`.
void nameGemma4(const Gemma4Sizes &sizes, bool tied, ModelSpec &spec);

} // namespace osscc
