// AFMoE (Trinity): norms of heads and on both sides of attention and feed-forward, a gate of what
// attention gives, windows between full layers that do not know positions, experts by sigmoids
// beside shared ones. Source: the reference's AfmoeConfig, AfmoeAttention and AfmoeSparseMoeBlock.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/GroupedExperts.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

constexpr ExpertNames kNames = {.router = "mlp.router.gate",
                                .each = "mlp.experts",
                                .gate = "gate_proj",
                                .up = "up_proj",
                                .down = "down_proj",
                                .bias = "mlp.expert",
                                .shared = "mlp.shared_experts."};

/// Holds fields of the makers' own code to what the reference does.
void checkFixed(JsonFields &config) {
  if (std::string by = config.string("score_func", "sigmoid"); by != "sigmoid")
    config.fail("score_func", describe(json::Value(by)) + " is not supported, expected "
                                                          "\"sigmoid\"");
  if (!config.boolean("route_norm", true))
    config.fail("route_norm", "false is not supported");
  for (StringRef groups : {"num_expert_groups", "num_limited_groups"})
    if (int64_t found = config.integer(groups, 0, 1 << 16, 1); found != 1)
      config.fail(groups, Twine(found) + " is not supported, expected 1");
}

void setLayer(LayerSpec &layer, int64_t hidden, int64_t index, bool windowed) {
  AttentionSpec &attention = layer.attention;
  attention.gate = LinearSpec{{layerPrefix(index) + "self_attn.gate_proj.weight",
                               {attention.heads * attention.headSize, hidden},
                               "num_attention_heads * head_dim, hidden_size"},
                              std::nullopt};
  if (!windowed)
    attention.rope = std::nullopt;
}

} // namespace

ModelSpec readAfmoe(JsonFields &config) {
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  int64_t every = config.integer("global_attn_every_n_layers", 1, kMostLayers, 4);
  int64_t window = readWindow(config, 1024);
  std::optional<SmallVector<bool>> windowed = readLayerTypes(config, layers);
  if (!windowed)
    for (windowed.emplace(); static_cast<int64_t>(windowed->size()) < layers;)
      windowed->push_back((static_cast<int64_t>(windowed->size()) + 1) % every != 0);
  checkFixed(config);
  bool scales = config.boolean("mup_enabled", false);
  GroupedExperts experts = readGroupedExperts(config, {.count = "num_experts",
                                                       .shared = "num_shared_experts",
                                                       .factor = "route_scale",
                                                       .dense = "num_dense_layers",
                                                       .experts = 64,
                                                       .chosen = 6,
                                                       .mlp = 1408,
                                                       .sharedExperts = 2,
                                                       .leading = 1});
  ModelSpec spec = readLlamaShape(config, {.family = "afmoe",
                                           .prefix = "Afmoe",
                                           .positions = 16384,
                                           .headSize = 128,
                                           .eps = 1e-5,
                                           .norms = {.afterAttention = "post_attention_layernorm",
                                                     .beforeFeedForward = "pre_mlp_layernorm",
                                                     .afterFeedForward = "post_mlp_layernorm"},
                                           .headNorms = HeadNorms::EachHead});
  if (config.failed())
    return spec;
  if (scales)
    spec.embeddingScale = std::sqrt(static_cast<double>(spec.hidden));
  setExperts(spec, experts, kNames);
  setWindows(spec, config, *windowed, window);
  for (auto [index, layer] : enumerate(spec.layers))
    setLayer(layer, spec.hidden, static_cast<int64_t>(index), (*windowed)[index]);
  return spec;
}

} // namespace osscc
