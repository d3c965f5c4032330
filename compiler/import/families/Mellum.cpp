// Mellum 2: a Qwen 3 with experts whose layers with a window have a rope of their own. Source: the
// reference's MellumConfig, MellumAttention and MellumDecoderLayer.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Experts.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerRopes.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

/// Which layers have experts: all but those that `mlp_layer_types` calls dense.
static SmallVector<bool> readSparse(JsonFields &config, int64_t layers) {
  constexpr StringLiteral kKey = "mlp_layer_types";
  SmallVector<bool> sparse(layers, true);
  if (!config.has(kKey))
    return sparse;
  sparse.clear();
  const json::Value &value = *config.fields().get(kKey);
  if (const json::Array *types = value.getAsArray())
    for (const json::Value &type : *types)
      sparse.push_back(type != json::Value("dense"));
  if (static_cast<int64_t>(sparse.size()) != layers)
    config.fail(kKey, describe(value) + ", expected one for each of " + Twine(layers) + " layers");
  return sparse;
}

ModelSpec readMellum(JsonFields &config) {
  bool biased = config.boolean("attention_bias", false);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  int64_t window = readWindow(config, 1024);
  std::optional<SmallVector<bool>> windowed = readLayerTypes(config, layers);
  if (!windowed)
    windowed = SmallVector<bool>(layers, false);
  SmallVector<bool> sparse = readSparse(config, layers);
  StringLiteral count = "num_experts";
  if (config.has("num_local_experts"))
    count = "num_local_experts";
  ExpertSizes sizes = readExperts(
      config,
      {.count = count, .width = "moe_intermediate_size", .experts = 64, .chosen = 8, .mlp = 896});
  if (!config.boolean("norm_topk_prob", true))
    sizes.routing.kind = RoutingKind::Softmax;
  int64_t guessing =
      std::max(readGuessingLayers(config), config.integer("num_mtp_layers", 0, kMostLayers, 0));
  for (StringRef unused : {"mtp_layer_types", "mtp_mlp_layer_types"})
    config.has(unused);
  int64_t head = config.integer("head_dim", 2, kMostHeadSize, 128);
  LayerRopes ropes = readLayerRopes(config, {{head, 500000}, {head, 10000}});
  ModelSpec spec = readLlamaShape(config, {.family = "mellum",
                                           .prefix = "Mellum",
                                           .positions = 131072,
                                           .kvHeads = 4,
                                           .queryBias = biased,
                                           .outputBias = biased,
                                           .headSize = 128,
                                           .headNorms = HeadNorms::EachHead,
                                           .hasRope = false});
  if (config.failed())
    return spec;
  constexpr ExpertNames kNames = {"mlp.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj"};
  for (auto [index, layer] : enumerate(spec.layers)) {
    if (sparse[index])
      layer.feedForward = nameExperts(sizes, kNames, static_cast<int64_t>(index));
    layer.attention.rope = (*windowed)[index] ? ropes.sliding : ropes.full;
  }
  setWindows(spec, config, *windowed, window);
  spareGuessingLayers(spec, guessing);
  return spec;
}

} // namespace osscc
