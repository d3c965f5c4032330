// The weights of Gemma 1 to 3 and of VaultGemma, by the sizes that their configs give.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/families/LayerRopes.h"

namespace osscc {

/// What sets the generations apart.
struct GemmaShape {
  llvm::StringLiteral family, prefix; ///< As LlamaShape has them.
  int64_t positions, kvHeads;         ///< Defaults of max_position_embeddings, num_key_value_heads.
  llvm::StringLiteral activation;     ///< The field that names the gate of the MLP.
  int64_t pattern = 0; ///< Every so many-th layer is full, the others have a window; 0: all.
  bool namesFeedForwardNorm = true;      ///< Whether the norm before the MLP is called after it.
  bool normsOutputs = false;             ///< Of attention and of the MLP.
  bool normsHeads = false;               ///< Of queries and keys.
  bool hasLocalRope = false;             ///< Layers with a window have a rope of their own.
  double attentionCap = 0, logitCap = 0; ///< Defaults.
};

/// What every layer is alike in, but for windows and ropes.
struct GemmaSizes {
  AttentionSpec attention; // without its weights
  int64_t layers = 0, hidden = 0, mlp = 0;
  double eps = 0;
  bool biased = false;
  LayerRopes ropes;
  std::optional<WindowSpec> window;
  llvm::SmallVector<bool> windowed; // a layer
};

/// Puts layers and tables into `spec`.
void nameGemma(const GemmaShape &shape, const GemmaSizes &sizes, bool tied, ModelSpec &spec);

} // namespace osscc
