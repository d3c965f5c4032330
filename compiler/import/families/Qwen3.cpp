// Qwen 3: a Llama that norms each head of queries and keys before the rope, dense or with experts.
// Source: the reference's Qwen3Config, Qwen3Attention, Qwen3MoeConfig, Qwen3MoeTopKRouter and
// Qwen3MoeDecoderLayer.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Experts.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"
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

ModelSpec readQwen3Moe(JsonFields &config) {
  bool biased = config.boolean("attention_bias", false);
  bool use = config.boolean("use_sliding_window", false);
  int64_t window = readWindow(config, 4096);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  ExpertSizes sizes = readExperts(config, {.count = config.has("num_local_experts")
                                                        ? StringLiteral("num_local_experts")
                                                        : StringLiteral("num_experts"),
                                           .width = "moe_intermediate_size",
                                           .experts = 128,
                                           .chosen = 8,
                                           .mlp = 768});
  if (!config.boolean("norm_topk_prob", false))
    sizes.routing.kind = RoutingKind::Softmax;
  SmallVector<bool> sparse = readSparseLayers(config, layers);
  ModelSpec spec = readLlamaShape(config, {.family = "qwen3_moe",
                                           .prefix = "Qwen3Moe",
                                           .positions = 32768,
                                           .kvHeads = 4,
                                           .queryBias = biased,
                                           .outputBias = biased,
                                           .headNorms = HeadNorms::EachHead});
  constexpr ExpertNames kNames = {"mlp.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj"};
  for (size_t index = 0; index < spec.layers.size(); ++index)
    if (sparse[index])
      spec.layers[index].feedForward = nameExperts(sizes, kNames, static_cast<int64_t>(index));
  if (use) // then every layer has it
    setWindows(spec, config, SmallVector<bool>(layers, true), window);
  return spec;
}

} // namespace osscc
