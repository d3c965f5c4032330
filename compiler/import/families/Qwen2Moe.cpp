// Qwen 1.5 and 2 with experts: a Qwen 2 with experts in the place of MLPs, and beside them one that
// every row goes through, weighed by a sigmoid. Source: the reference's Qwen2MoeConfig,
// Qwen2MoeTopKRouter and Qwen2MoeSparseMoeBlock.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Experts.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"

using namespace llvm;

namespace osscc {

ModelSpec readQwen2Moe(JsonFields &config) {
  bool biased = config.boolean("qkv_bias", true);
  if (config.boolean("use_sliding_window", false))
    config.fail("use_sliding_window", "true is not supported: its layers alternate otherwise in "
                                      "each release of the reference");
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  int64_t shared = config.integer("shared_expert_intermediate_size", 1, kMostChannels, 5632);
  ExpertSizes sizes = readExperts(config, {.count = "num_experts",
                                           .width = "moe_intermediate_size",
                                           .experts = 60,
                                           .chosen = 4,
                                           .mlp = 1408});
  if (!config.boolean("norm_topk_prob", false))
    sizes.routing.kind = RoutingKind::Softmax;
  SmallVector<bool> sparse = readSparseLayers(config, layers);
  ModelSpec spec = readLlamaShape(config, {.family = "qwen2_moe",
                                           .prefix = "Qwen2Moe",
                                           .positions = 32768,
                                           .kvHeads = 16,
                                           .queryBias = biased});
  constexpr ExpertNames kNames = {"mlp.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj"};
  for (auto [index, layer] : enumerate(spec.layers))
    if (sparse[index]) {
      ExpertsSpec experts = nameExperts(sizes, kNames, static_cast<int64_t>(index));
      experts.shared = nameSharedExpert(spec.hidden, shared, static_cast<int64_t>(index));
      layer.feedForward = std::move(experts);
    }
  return spec;
}

} // namespace osscc
