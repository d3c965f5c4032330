// OLMoE: queries and keys normed over all heads, experts in every layer. FlexOlmo norms what
// attention and experts give in the place of what they take. Source: the reference's OlmoeConfig,
// OlmoeAttention, FlexOlmoConfig and FlexOlmoDecoderLayer.
#include "compiler/import/families/Experts.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

static ModelSpec readShape(JsonFields &config, LlamaShape shape, int64_t count, int64_t chosen) {
  if (config.has("clip_qkv"))
    config.fail("clip_qkv", describe(*config.fields().get("clip_qkv")) +
                                " is not supported, expected null: nothing is clipped");
  shape.queryBias = shape.outputBias = config.boolean("attention_bias", false);
  shape.headNorms = HeadNorms::AllHeads;
  shape.hasMlp = false;
  ExpertSizes sizes = readExperts(
      config,
      {.count = "num_experts", .width = "intermediate_size", .experts = count, .chosen = chosen});
  if (!config.boolean("norm_topk_prob", false))
    sizes.routing.kind = RoutingKind::Softmax;
  ModelSpec spec = readLlamaShape(config, shape);
  constexpr ExpertNames kNames = {"mlp.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj"};
  for (auto [index, layer] : enumerate(spec.layers))
    layer.feedForward = nameExperts(sizes, kNames, static_cast<int64_t>(index));
  return spec;
}

ModelSpec readOlmoe(JsonFields &config) {
  return readShape(config, {.family = "olmoe", .prefix = "Olmoe", .positions = 4096, .eps = 1e-5},
                   64, 8);
}

ModelSpec readFlexOlmo(JsonFields &config) {
  return readShape(config,
                   {.family = "flex_olmo",
                    .prefix = "FlexOlmo",
                    .positions = 4096,
                    .theta = 500000,
                    .norms = {.beforeAttention = "",
                              .afterAttention = "post_attention_layernorm",
                              .beforeFeedForward = "",
                              .afterFeedForward = "post_feedforward_layernorm"}},
                   7, 5);
}

} // namespace osscc
