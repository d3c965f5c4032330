// Experts of families whose attention is a Llama's: how many there are, and what their tensors are
// called.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"

namespace osscc {

/// What the tensors of a layer's experts are called behind "model.layers.N.", where a family does
/// not call them as transformers does: one name for each stack, `mlp.experts.gate_up_proj` and
/// `mlp.experts.down_proj`, and a router `mlp.gate.weight`.
struct ExpertNames {
  llvm::StringLiteral router;    ///< Without ".weight".
  llvm::StringLiteral each = ""; ///< What stands before the number of an expert; empty: stacks.
  llvm::StringLiteral gate, up, down; ///< Of one expert, or `gate` and `down` of the stacks.
  llvm::StringLiteral bias = "";      ///< Of the choice, without "_bias" or ".bias".
  llvm::StringLiteral shared = "";    ///< Before the matrices of the shared expert.
};

/// What a layer's experts are alike in.
struct ExpertSizes {
  int64_t hidden = 0, experts = 0, chosen = 0; ///< D, E
  int64_t mlp = 0;                             ///< F
  std::string countField, widthField;          ///< Where E and F come from.
  RoutingSpec routing{};
  bool hasBias = false;     ///< Of the choice.
  int64_t shared = 0;       ///< The width of an expert that every row goes through; 0: none.
  std::string sharedFields; ///< Where that comes from.
};

/// Where a config says how many experts there are, and the family's defaults.
struct ExpertFields {
  llvm::StringLiteral count, width;
  std::optional<int64_t> experts = {}, chosen = {}, mlp = {};
};

/// Reads the numbers of experts, of those that a row goes through (`num_experts_per_tok`), and
/// their width. Errors stay in `config`.
ExpertSizes readExperts(JsonFields &config, const ExpertFields &fields);

/// Which layers have experts in the place of an MLP, by `decoder_sparse_step` and
/// `mlp_only_layers` of Qwen's configs.
llvm::SmallVector<bool> readSparseLayers(JsonFields &config, int64_t layers);

/// The experts of layer `index`, silu-gated and unbiased. Checkpoints have their tensors as `names`
/// says, as transformers has them in memory, or as GGUF has them.
ExpertsSpec nameExperts(const ExpertSizes &sizes, const ExpertNames &names, int64_t index);

/// The expert beside those that are chosen, of layer `index`, as wide as
/// `shared_expert_intermediate_size` says, weighed by a sigmoid.
SharedExpertSpec nameSharedExpert(int64_t hidden, int64_t width, int64_t index);

} // namespace osscc
