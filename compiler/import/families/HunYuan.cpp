// HunYuan: a Llama that norms each head of queries and keys behind the rope, dense or with experts
// beside one for all. Source: the reference's HunYuanDenseV1Config, HunYuanDenseV1Attention,
// HunYuanDenseV1RotaryEmbedding, HunYuanMoEV1Config and HunYuanMoEV1Moe.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Experts.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace llvm;

namespace osscc {

/// The `alpha` of a rope that is scaled "dynamic", by which theta grows; 1: it does not.
static double readAlpha(JsonFields &config) {
  for (StringRef key : {"rope_parameters", "rope_scaling"}) {
    const json::Object *object = config.fields().getObject(key);
    if (!object || !object->get("alpha") ||
        (object->getString("rope_type") != "dynamic" && object->getString("type") != "dynamic"))
      continue;
    JsonFields fields(config.file(), *object, (key + ".").str());
    double alpha = fields.number("alpha", 1e-3, 1e9);
    config.adopt(fields);
    return alpha;
  }
  return 1;
}

/// Holds the switches that the makers' own code has to what the reference does.
static void checkSwitches(JsonFields &config) {
  for (StringRef on : {"use_qk_norm", "use_rotary_pos_emb"})
    if (!config.boolean(on, true))
      config.fail(on, "false is not supported");
  if (config.boolean("use_cla", false))
    config.fail("use_cla", "true is not supported: each layer has keys and values of its own");
  config.has("cla_share_factor"); // which means nothing without it
}

/// What both have.
static ModelSpec readShape(JsonFields &config, StringLiteral family, StringLiteral prefix,
                           bool hasMlp) {
  checkSwitches(config);
  bool biased = config.boolean("attention_bias", false);
  double alpha = readAlpha(config);
  ModelSpec spec = readLlamaShape(config, {.family = family,
                                           .prefix = prefix,
                                           .positions = 2048,
                                           .queryBias = biased,
                                           .outputBias = biased,
                                           .eps = 1e-5,
                                           .headNorms = HeadNorms::EachHead,
                                           .normsTurned = true,
                                           .queryNorm = "self_attn.query_layernorm",
                                           .keyNorm = "self_attn.key_layernorm",
                                           .hasMlp = hasMlp});
  for (LayerSpec &layer : spec.layers) {
    auto size = static_cast<double>(layer.attention.headSize);
    layer.attention.rope->theta *= std::pow(alpha, size / (size - 2));
  }
  return spec;
}

ModelSpec readHunYuan(JsonFields &config) {
  return readShape(config, "hunyuan_v1_dense", "HunYuanDenseV1", /*hasMlp=*/true);
}

/// A number that published configs repeat for each layer.
static int64_t readAlike(JsonFields &config, StringRef key, int64_t most, int64_t fallback) {
  SmallVector<int64_t> values = config.integers(key, 1, most);
  if (values.empty())
    return fallback;
  if (!all_equal(values))
    config.fail(key, "layers that differ are not supported");
  return values.front();
}

ModelSpec readHunYuanMoe(JsonFields &config) {
  constexpr StringLiteral kWidth = "moe_intermediate_size";
  int64_t mlp = config.integer("intermediate_size", 1, kMostChannels / 2, 11008);
  ExpertSizes sizes;
  sizes.hidden = config.integer("hidden_size", 1, kMostChannels);
  sizes.countField = "num_experts";
  sizes.widthField = sizes.sharedFields = "intermediate_size";
  sizes.experts = readAlike(config, "num_experts", 65536, 1);
  sizes.chosen = readAlike(config, "moe_topk", 256, 1);
  sizes.mlp = sizes.shared = mlp;
  if (sizes.chosen > sizes.experts)
    config.fail("moe_topk", Twine(sizes.chosen) + " experts are chosen of " + Twine(sizes.experts));
  if (int64_t width = readAlike(config, kWidth, kMostChannels, mlp); width != mlp)
    config.fail(kWidth, Twine(width) + " is not intermediate_size " + Twine(mlp) +
                            ", which the reference takes");
  if (int64_t shared = readAlike(config, "num_shared_expert", 256, 1); shared != 1)
    config.fail("num_shared_expert", Twine(shared) + " is not supported, expected 1");
  // What the makers' own code has, and the reference takes to be so.
  for (StringRef on : {"use_mixed_mlp_moe", "norm_topk_prob"})
    if (!config.boolean(on, true))
      config.fail(on, "false is not supported");
  for (StringRef unread :
       {"moe_layer_num_skipped", "moe_drop_tokens", "moe_random_routing_dropped_token",
        "output_router_logits", "router_aux_loss_coef"})
    config.has(unread);
  ModelSpec spec = readShape(config, "hunyuan_v1_moe", "HunYuanMoEV1", /*hasMlp=*/false);
  constexpr ExpertNames kNames = {.router = "mlp.gate.wg",
                                  .each = "mlp.experts",
                                  .gate = "gate_proj",
                                  .up = "up_proj",
                                  .down = "down_proj",
                                  .shared = "mlp.shared_mlp."};
  for (auto [index, layer] : enumerate(spec.layers))
    layer.feedForward = nameExperts(sizes, kNames, static_cast<int64_t>(index));
  return spec;
}

} // namespace osscc
