// Hunyuan 3: heads of queries and keys normed, experts chosen by sigmoids beside one for all.
// Source: the reference's HYV3Config, HYV3Attention and HYV3MoE; its conversion_mapping for names.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/GroupedExperts.h"
#include "compiler/import/families/LlamaShape.h"

namespace osscc {

ModelSpec readHyV3(JsonFields &config) {
  bool biased = config.boolean("attention_bias", false);
  if (config.boolean("mlp_bias", false))
    config.fail("mlp_bias", "true is not supported");
  config.has("enable_moe_fp32_combine"); // sums are in f32 here
  GroupedExperts experts = readGroupedExperts(config, {.count = "num_experts",
                                                       .shared = "num_shared_experts",
                                                       .factor = "router_scaling_factor",
                                                       .experts = 192,
                                                       .chosen = 8,
                                                       .mlp = 1536,
                                                       .leading = 1,
                                                       .scale = 2.826});
  int64_t guessing = readGuessingLayers(config);
  ModelSpec spec = readLlamaShape(config, {.family = "hy_v3",
                                           .prefix = "HYV3",
                                           .positions = 131072,
                                           .kvHeads = 8,
                                           .queryBias = biased,
                                           .outputBias = biased,
                                           .headSize = 128,
                                           .eps = 1e-5,
                                           .theta = 11158840,
                                           .headNorms = HeadNorms::EachHead});
  if (config.failed())
    return spec;
  setExperts(spec, experts,
             {.router = "mlp.router.gate",
              .each = "mlp.experts",
              .gate = "gate_proj",
              .up = "up_proj",
              .down = "down_proj",
              .bias = "mlp.expert",
              .shared = "mlp.shared_mlp."});
  spareGuessingLayers(spec, guessing);
  return spec;
}

} // namespace osscc
