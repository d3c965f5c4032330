// The tensors of a layer of Llama's shape, as Hugging Face's checkpoints name them.
#pragma once

#include "compiler/import/families/LlamaShape.h"

namespace osscc {

/// What every layer is alike in.
struct LlamaSizes {
  AttentionSpec attention; ///< Without its weights.
  int64_t hidden = 0;      ///< D
  int64_t mlp = 0;         ///< F
  double eps = 0;
};

/// A norm of rows.
NormSpec nameLlamaNorm(const LlamaSizes &sizes, const LlamaShape &shape, const std::string &name);

/// Layer `index`, with every weight that it reads.
LayerSpec nameLlamaLayer(const LlamaSizes &sizes, const LlamaShape &shape, int64_t index);

} // namespace osscc
