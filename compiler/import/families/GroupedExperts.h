// Experts as DeepSeek V2 and V3 choose them, which many families took over: in groups of which the
// best take part, by sigmoids with a bias of the choice alone, beside one that every row goes
// through, and not in every layer.
#pragma once

#include "compiler/import/families/Experts.h"
#include "compiler/import/json/Json.h"

namespace osscc {

/// What fields a family has, and what stands for those that are absent.
struct GroupedFields {
  llvm::StringLiteral count = "n_routed_experts", shared = "n_shared_experts";
  llvm::StringLiteral factor = "routed_scaling_factor", dense = "first_k_dense_replace";
  std::optional<int64_t> experts = {}, chosen = {};
  std::optional<int64_t> mlp = {}; ///< Of an expert.
  int64_t sharedExperts = 1;
  std::optional<int64_t> groups = 1, kept = {};
  int64_t leading = 0; ///< Layers without experts.
  double scale = 1;
  bool isSigmoid = true;     ///< Else softmax, without a bias,
  bool normsSoftmax = false; ///< whose weights are scaled too, of groups by their best two.
  bool norms = true;         ///< Weights of the chosen are scaled to a sum of 1.
};

struct GroupedExperts {
  ExpertSizes sizes;
  llvm::SmallVector<bool> sparse; ///< Whether a layer has experts.
};

/// Reads them. Errors stay in `config`: groups that do not divide or leave too few experts, a way
/// of choosing that the reference has not.
GroupedExperts readGroupedExperts(JsonFields &config, const GroupedFields &fields);

/// Gives the layers that have them their experts.
void setExperts(ModelSpec &spec, const GroupedExperts &experts, const ExpertNames &names);

/// What such checkpoints call them.
inline constexpr ExpertNames kGroupedNames = {.router = "mlp.gate",
                                              .each = "mlp.experts",
                                              .gate = "gate_proj",
                                              .up = "up_proj",
                                              .down = "down_proj",
                                              .bias = "mlp.gate.e_score_correction",
                                              .shared = "mlp.shared_experts."};

} // namespace osscc
