// MiniMax M2: queries and keys normed over all heads, part of a head turns, experts chosen by
// sigmoids. Source: the reference's MiniMaxM2Config, MiniMaxM2Attention and MiniMaxM2TopKRouter.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Experts.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

/// Holds the switches of the makers' own code to what the reference does.
static void checkSwitches(JsonFields &config) {
  for (StringRef on : {"use_qk_norm", "use_routing_bias"})
    if (!config.boolean(on, true))
      config.fail(on, "false is not supported");
  for (auto [key, only] : {std::pair("qk_norm_type", "per_layer"), {"scoring_func", "sigmoid"}})
    if (std::string found = config.string(key, only); found != only)
      config.fail(key, describe(found) + " is not supported, expected " + describe(only));
  config.integers("attn_type_list", 1, 1); // 0 is an attention of another kind
  config.integer("shared_intermediate_size", 0, 0, 0);
}

/// The share of a head that turns: older configs give its channels.
static double readShare(JsonFields &config) {
  int64_t head = config.integer("head_dim", 1, kMostHeadSize, 128);
  int64_t turned = config.integer("rotary_dim", 1, head, head);
  return static_cast<double>(turned) / static_cast<double>(head);
}

ModelSpec readMiniMaxM2(JsonFields &config) {
  checkSwitches(config);
  double share = readShare(config);
  ExpertSizes sizes = readExperts(config, {.count = "num_local_experts",
                                           .width = "intermediate_size",
                                           .experts = 256,
                                           .chosen = 8,
                                           .mlp = 1536});
  sizes.routing.kind = RoutingKind::SigmoidOfChosen;
  sizes.hasBias = true;
  ModelSpec spec = readLlamaShape(config, {.family = "minimax_m2",
                                           .prefix = "MiniMaxM2",
                                           .positions = 196608,
                                           .kvHeads = 8,
                                           .headSize = 128,
                                           .theta = 5e6,
                                           .share = share,
                                           .headNorms = HeadNorms::AllHeads,
                                           .hasMlp = false});
  constexpr ExpertNames kNames = {.router = "block_sparse_moe.gate",
                                  .each = "block_sparse_moe.experts",
                                  .gate = "w1",
                                  .up = "w3",
                                  .down = "w2",
                                  .bias = "block_sparse_moe.e_score_correction"};
  for (auto [index, layer] : enumerate(spec.layers))
    layer.feedForward = nameExperts(sizes, kNames, static_cast<int64_t>(index));
  spareGuessingLayers(spec, 0);
  return spec;
}

} // namespace osscc
