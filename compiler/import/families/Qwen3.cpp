// Qwen 3: a Llama that norms each head of queries and keys before the rope, dense or with experts;
// Qwen 3 VL's model of text is one, of which text has one position where images have three. Source:
// the reference's Qwen3Config, Qwen3Attention, Qwen3MoeConfig, Qwen3MoeTopKRouter,
// Qwen3MoeDecoderLayer, Qwen3VLTextConfig and Qwen3VLMoeTextConfig.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Experts.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"
#include "compiler/import/families/Nested.h"
#include "compiler/import/families/Rope.h"

using namespace llvm;

namespace osscc {

ModelSpec readQwen3(JsonFields &config) {
  bool biased = config.boolean("attention_bias", false);
  SmallVector<bool> windowed = readUpperWindows(config);
  int64_t window = config.integer("sliding_window", 1, kMostPositions, 4096);
  ModelSpec spec = readLlamaShape(config, {.family = "qwen3",
                                           .prefix = "Qwen3",
                                           .positions = 32768,
                                           .kvHeads = 32,
                                           .queryBias = biased,
                                           .outputBias = biased,
                                           .headSize = 128,
                                           .headNorms = HeadNorms::EachHead});
  setWindows(spec, config, windowed, window);
  return spec;
}

namespace {

/// What sets models with experts apart: defaults.
struct ExpertsOfQwen {
  StringLiteral family, prefix;
  int64_t positions, kvHeads;
  int64_t experts, chosen, mlp;
  bool norms; ///< The default of norm_topk_prob.
  bool tied;
};

} // namespace

static ModelSpec readExpertsShape(JsonFields &config, const ExpertsOfQwen &defaults) {
  bool biased = config.boolean("attention_bias", false);
  bool use = config.boolean("use_sliding_window", false);
  int64_t window = readWindow(config, 4096);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  ExpertSizes sizes = readExperts(config, {.count = config.has("num_local_experts")
                                                        ? StringLiteral("num_local_experts")
                                                        : StringLiteral("num_experts"),
                                           .width = "moe_intermediate_size",
                                           .experts = defaults.experts,
                                           .chosen = defaults.chosen,
                                           .mlp = defaults.mlp});
  if (!config.boolean("norm_topk_prob", defaults.norms))
    sizes.routing.kind = RoutingKind::Softmax;
  SmallVector<bool> sparse = readSparseLayers(config, layers);
  ModelSpec spec = readLlamaShape(config, {.family = defaults.family,
                                           .prefix = defaults.prefix,
                                           .positions = defaults.positions,
                                           .kvHeads = defaults.kvHeads,
                                           .queryBias = biased,
                                           .outputBias = biased,
                                           .tied = defaults.tied,
                                           .headNorms = HeadNorms::EachHead});
  constexpr ExpertNames kNames = {"mlp.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj"};
  for (size_t index = 0; index < spec.layers.size(); ++index)
    if (sparse[index])
      spec.layers[index].feedForward = nameExperts(sizes, kNames, static_cast<int64_t>(index));
  if (use) // then every layer has it
    setWindows(spec, config, SmallVector<bool>(layers, true), window);
  return spec;
}

ModelSpec readQwen3Moe(JsonFields &config) {
  return readExpertsShape(config, {.family = "qwen3_moe",
                                   .prefix = "Qwen3Moe",
                                   .positions = 32768,
                                   .kvHeads = 4,
                                   .experts = 128,
                                   .chosen = 8,
                                   .mlp = 768,
                                   .norms = false,
                                   .tied = false});
}

static ModelSpec readVlText(JsonFields &config) {
  bool biased = config.boolean("attention_bias", false);
  return readLlamaShape(config, {.family = "qwen3_vl",
                                 .prefix = "Qwen3VL",
                                 .positions = 128000,
                                 .kvHeads = 32,
                                 .queryBias = biased,
                                 .outputBias = biased,
                                 .headSize = 128,
                                 .headNorms = HeadNorms::EachHead});
}

ModelSpec readQwen3Vl(JsonFields &config) {
  return readNested(config, "Qwen3VL", "qwen3_vl_text", readVlText);
}

ModelSpec readQwen3VlMoe(JsonFields &config) {
  auto read = [](JsonFields &config) {
    ModelSpec spec = readExpertsShape(config, {.family = "qwen3_vl_moe",
                                               .prefix = "Qwen3VLMoe",
                                               .positions = 128000,
                                               .kvHeads = 16,
                                               .experts = 60,
                                               .chosen = 4,
                                               .mlp = 1408,
                                               .norms = true,
                                               .tied = true});
    for (LayerSpec &layer : spec.layers)
      if (auto *experts = std::get_if<ExpertsSpec>(&layer.feedForward))
        for (LinearSpec *stack : {&experts->gateUp, &experts->down}) // published [in, out]
          stack->forms = {{.tensors = {stack->name}, .transposed = true}};
    return spec;
  };
  return readNested(config, "Qwen3VLMoe", "qwen3_vl_moe_text", read);
}

} // namespace osscc
