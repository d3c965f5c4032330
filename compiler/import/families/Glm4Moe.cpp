// GLM 4.5 to 4.7: attention of a Llama of which half of each head turns, experts chosen by sigmoids
// beside one for all. GLM 4.7 Flash has DeepSeek's latent attention. Solar Open is a GLM 4.5 whose
// heads turn wholly and of which every layer has experts; Sarvam 30B turns them wholly too. Source:
// the reference's Glm4MoeConfig, Glm4MoeLiteConfig, SolarOpenConfig, SarvamMoEConfig and their
// models.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/DeepSeekShape.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"

namespace osscc {

namespace {

constexpr DeepSeekShape kLite = {
    .family = "glm4_moe_lite",
    .prefix = "Glm4MoeLite",
    .positions = 202752,
    .experts = {.experts = 64, .chosen = 4, .mlp = 1536, .leading = 1, .scale = 1.8},
    .queryRank = 768,
    .nope = 192,
    .value = 256,
    .eps = 1e-5};

/// A config with the attention of `shape`, whose biases are of q, k and v alone.
ModelSpec readShape(JsonFields &config, LlamaShape shape, const GroupedFields &fields) {
  if (!shape.kvHeads)
    shape.kvHeads = 8;
  shape.queryBias = config.boolean("attention_bias", false);
  GroupedExperts experts = readGroupedExperts(config, fields);
  int64_t guessing = readGuessingLayers(config);
  ModelSpec spec = readLlamaShape(config, shape);
  if (config.failed())
    return spec;
  setExperts(spec, experts, kGroupedNames);
  spareGuessingLayers(spec, guessing);
  return spec;
}

} // namespace

ModelSpec readGlm4Moe(JsonFields &config) {
  bool norms = config.boolean("use_qk_norm", false);
  return readShape(config,
                   {.family = "glm4_moe",
                    .prefix = "Glm4Moe",
                    .positions = 131072,
                    .eps = 1e-5,
                    .share = 0.5,
                    .headNorms = norms ? HeadNorms::EachHead : HeadNorms::None},
                   {.experts = 128, .chosen = 8, .mlp = 1408, .leading = 1});
}

ModelSpec readGlm4MoeLite(JsonFields &config) {
  return readDeepSeekShape(config, kLite);
}

ModelSpec readSolarOpen(JsonFields &config) {
  return readShape(config,
                   {.family = "solar_open",
                    .prefix = "SolarOpen",
                    .positions = 131072,
                    .headSize = 128,
                    .eps = 1e-5,
                    .theta = 1e6,
                    .share = 1,
                    .hasMlp = false},
                   {.experts = 128, .chosen = 8, .mlp = 1280});
}

ModelSpec readSarvamMoe(JsonFields &config) {
  if (config.has("use_qkv_bias")) // as the makers' own code called it
    config.fail("use_qkv_bias", "is not supported, expected the reference's attention_bias");
  bool norms = config.boolean("use_qk_norm", true);
  GroupedFields fields = {.experts = 128, .chosen = 6, .mlp = 1024, .leading = 1, .scale = 2.5};
  if (config.has("num_experts"))
    fields.count = "num_experts";
  if (config.has("num_shared_experts"))
    fields.shared = "num_shared_experts";
  return readShape(config,
                   {.family = "sarvam_moe",
                    .prefix = "SarvamMoE",
                    .positions = 131072,
                    .kvHeads = 4,
                    .headSize = 64,
                    .theta = 8e6,
                    .share = 1,
                    .headNorms = norms ? HeadNorms::EachHead : HeadNorms::None},
                   fields);
}

} // namespace osscc
