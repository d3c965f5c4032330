// Experts of Gemma 4 beside the MLP of each layer: their fields and their weights.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"

namespace osscc {

struct Gemma4Experts {
  int64_t count = 0, chosen = 0, mlp = 0; ///< E, k, F
};

/// Reads `num_experts`, `top_k_experts` and `moe_intermediate_size`; nothing where
/// `enable_moe_block` is false, and the others mean nothing then. Errors stay in `config`.
std::optional<Gemma4Experts> readGemma4Experts(JsonFields &config);

/// The feed-forward of layer `index`: experts beside the MLP `dense`. Each is normed for itself,
/// before and behind; the router has a norm of its own.
ExpertsSpec nameGemma4Experts(const Gemma4Experts &experts, int64_t hidden, double eps,
                              MlpSpec dense, int64_t index);

} // namespace osscc
