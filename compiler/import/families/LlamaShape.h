// What Llama and the families that descend from it share: RMS norms before attention and MLP,
// grouped-query attention with half-split rope on all channels of a head, a silu-gated MLP, a head
// tied or not. They differ in biases, in defaults, and in what they call themselves.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"

namespace osscc {

/// What sets a family of this shape apart.
struct LlamaShape {
  llvm::StringLiteral family;          ///< As the module and `inspect` name it.
  llvm::StringLiteral prefix;          ///< Of the names of its classes in `architectures`.
  int64_t positions;                   ///< The default of max_position_embeddings.
  std::optional<int64_t> kvHeads = {}; ///< The default of num_key_value_heads; absent: all heads.
  bool queryBias = false;              ///< q, k and v are biased,
  bool outputBias = false;             ///< the attention's output is,
  bool mlpBias = false;                ///< gate, up and down are.
};

/// Reads a config of this shape. Errors stay in `config`, among them one for every field that the
/// caller has not read, nor this function, and that would change the numbers.
ModelSpec readLlamaShape(JsonFields &config, const LlamaShape &shape);

} // namespace osscc
