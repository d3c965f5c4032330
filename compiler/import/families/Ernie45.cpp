// ERNIE 4.5: a Llama whose rope turns neighbours, dense or with experts that are chosen by a
// softmax and a bias of the choice, beside shared ones. Source: the reference's Ernie4_5Config,
// Ernie4_5Attention, Ernie4_5_MoeConfig, Ernie4_5_MoeTopKRouter and Ernie4_5_MoeDecoderLayer.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Experts.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

ModelSpec readErnie45(JsonFields &config) {
  bool biased = config.boolean("use_bias", false);
  return readLlamaShape(config, {.family = "ernie4_5",
                                 .prefix = "Ernie4_5",
                                 .positions = 131072,
                                 .kvHeads = 2,
                                 .queryBias = biased,
                                 .outputBias = biased,
                                 .mlpBias = biased,
                                 .headSize = 128,
                                 .eps = 1e-5,
                                 .theta = 500000,
                                 .tied = true,
                                 .pairs = true});
}

/// Which layers have experts: each so many-th from the first to the last of them.
static SmallVector<bool> readSparse(JsonFields &config, int64_t layers) {
  int64_t every = config.integer("moe_layer_interval", 1, kMostLayers, 1);
  int64_t first = config.integer("moe_layer_start_index", 0, kMostLayers, 1);
  int64_t last = config.integer("moe_layer_end_index", -1, kMostLayers, -1);
  if (last == -1)
    last = layers - 1;
  SmallVector<bool> sparse;
  for (int64_t layer = 0; layer < layers; ++layer)
    sparse.push_back((layer + 1) % every == 0 && layer >= first && layer <= last);
  return sparse;
}

static ExpertSizes readSizes(JsonFields &config) {
  auto keyOf = [&](StringLiteral own, StringLiteral usual) {
    return config.has(usual) ? usual : own;
  };
  StringLiteral chosen = keyOf("moe_k", "num_experts_per_tok");
  StringLiteral count = keyOf("moe_num_experts", "num_experts");
  ExpertSizes sizes;
  sizes.countField = count;
  sizes.widthField = "moe_intermediate_size";
  sizes.sharedFields = "moe_num_shared_experts * moe_intermediate_size";
  sizes.hidden = config.integer("hidden_size", 1, kMostChannels);
  sizes.experts = config.integer(count, 1, 65536, 64);
  sizes.chosen = config.integer(chosen, 1, 256, 6);
  sizes.mlp = config.integer("moe_intermediate_size", 1, kMostChannels / 512, 1536);
  sizes.shared = sizes.mlp * config.integer("moe_num_shared_experts", 0, 256, 2);
  sizes.hasBias = true;
  if (sizes.chosen > sizes.experts)
    config.fail(chosen, Twine(sizes.chosen) + " experts are chosen of " + Twine(sizes.experts));
  config.number("moe_norm_min", 0, 1e-6, 1e-12); // which no sum of probabilities is below
  if (std::string gate = config.string("moe_gate", "topk"); gate != "topk")
    config.fail("moe_gate", describe(json::Value(gate)) + " is not supported, expected \"topk\"");
  for (StringRef ofTraining : {"moe_capacity", "moe_use_aux_free", "moe_aux_loss_lambda",
                               "output_router_logits", "router_aux_loss_coef"})
    config.has(ofTraining);
  return sizes;
}

ModelSpec readErnie45Moe(JsonFields &config) {
  if (config.boolean("use_bias", false))
    config.fail("use_bias", "true is not supported: experts have no biases");
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  SmallVector<bool> sparse = readSparse(config, layers);
  ExpertSizes sizes = readSizes(config);
  int64_t guessing = readGuessingLayers(config);
  ModelSpec spec = readLlamaShape(config, {.family = "ernie4_5_moe",
                                           .prefix = "Ernie4_5_Moe",
                                           .positions = 131072,
                                           .kvHeads = 4,
                                           .eps = 1e-5,
                                           .theta = 500000,
                                           .tied = true,
                                           .pairs = true,
                                           .hasMlp = is_contained(sparse, false)});
  constexpr ExpertNames kNames = {.router = "mlp.gate",
                                  .each = "mlp.experts",
                                  .gate = "gate_proj",
                                  .up = "up_proj",
                                  .down = "down_proj",
                                  .bias = "mlp.moe_statics.e_score_correction",
                                  .shared = "mlp.shared_experts."};
  for (auto [index, layer] : enumerate(spec.layers))
    if (sparse[index])
      layer.feedForward = nameExperts(sizes, kNames, static_cast<int64_t>(index));
  spareGuessingLayers(spec, guessing);
  return spec;
}

} // namespace osscc
