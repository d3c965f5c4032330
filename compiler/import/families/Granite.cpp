// Granite 3: a Llama with four factors: of the embedding, of scores, of what attention and MLP add,
// of logits. HyperCLOVA X norms as well what they add; Granite SWA has sinks, windows and a theta
// for each layer. Source: the reference's GraniteConfig, GraniteMoeConfig, HyperCLOVAXConfig,
// GraniteSWAConfig and their models.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Experts.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

namespace {

struct Factors {
  double embedding, scores, residual, logits;
};

Factors readFactors(JsonFields &config) {
  auto read = [&](StringRef key) { return config.number(key, 1e-9, 1e9, 1); };
  return {read("embedding_multiplier"), read("attention_multiplier"), read("residual_multiplier"),
          1 / read("logits_scaling")};
}

/// A theta for each layer, of which 0 says that positions do not turn it; empty: all have the same.
SmallVector<double> readThetas(JsonFields &config, int64_t layers) {
  constexpr StringLiteral kKey = "layer_rope_theta";
  SmallVector<double> thetas;
  if (!config.has(kKey))
    return thetas;
  const json::Value &value = *config.fields().get(kKey);
  if (const json::Array *listed = value.getAsArray())
    for (const json::Value &theta : *listed)
      if (double found = theta.getAsNumber().value_or(-1); found == 0 || found > 1)
        thetas.push_back(found);
  if (static_cast<int64_t>(thetas.size()) != layers)
    config.fail(kKey, describe(value) + ", expected a number above 1, or 0, for each of " +
                          Twine(layers) + " layers");
  return thetas;
}

void setFactors(ModelSpec &spec, const Factors &factors) {
  spec.embeddingScale = factors.embedding;
  spec.logitScale = factors.logits;
  for (LayerSpec &layer : spec.layers) {
    layer.attention.scale = factors.scores;
    layer.residualScale = factors.residual;
  }
}

} // namespace

ModelSpec readGranite(JsonFields &config) {
  Factors factors = readFactors(config);
  bool attention = config.boolean("attention_bias", false);
  bool mlp = config.boolean("mlp_bias", false);
  ModelSpec spec = readLlamaShape(config, {.family = "granite",
                                           .prefix = "Granite",
                                           .positions = 2048,
                                           .queryBias = attention,
                                           .outputBias = attention,
                                           .mlpBias = mlp});
  setFactors(spec, factors);
  return spec;
}

ModelSpec readGraniteMoe(JsonFields &config) {
  Factors factors = readFactors(config);
  bool biased = config.boolean("attention_bias", false);
  ExpertSizes sizes = readExperts(config, {.count = "num_local_experts",
                                           .width = "intermediate_size",
                                           .experts = 8,
                                           .chosen = 2,
                                           .mlp = 11008});
  ModelSpec spec = readLlamaShape(config, {.family = "granitemoe",
                                           .prefix = "GraniteMoe",
                                           .positions = 2048,
                                           .queryBias = biased,
                                           .outputBias = biased,
                                           .hasMlp = false});
  constexpr ExpertNames kNames = {.router = "block_sparse_moe.router.layer",
                                  .gate = "block_sparse_moe.input_linear",
                                  .up = "",
                                  .down = "block_sparse_moe.output_linear"};
  for (size_t index = 0; index < spec.layers.size(); ++index)
    spec.layers[index].feedForward = nameExperts(sizes, kNames, static_cast<int64_t>(index));
  setFactors(spec, factors);
  return spec;
}

ModelSpec readHyperClovaX(JsonFields &config) {
  bool scores = config.has("attention_multiplier");
  Factors factors = readFactors(config);
  factors.logits = 1 / factors.logits; // by which these logits are multiplied
  bool attention = config.boolean("attention_bias", false);
  bool mlp = config.boolean("mlp_bias", false);
  bool norms = config.boolean("use_post_norm", true);
  ModelSpec spec = readLlamaShape(
      config, {.family = "hyperclovax",
               .prefix = "HyperCLOVAX",
               .positions = 2048,
               .queryBias = attention,
               .outputBias = attention,
               .mlpBias = mlp,
               .norms = {.afterAttention = norms ? StringLiteral("post_norm1") : "",
                         .afterFeedForward = norms ? StringLiteral("post_norm2") : ""}});
  if (!scores && !spec.layers.empty())
    factors.scores = spec.layers.front().attention.scale;
  setFactors(spec, factors);
  return spec;
}

ModelSpec readGraniteSwa(JsonFields &config) {
  Factors factors = readFactors(config);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  int64_t window = readWindow(config, 128);
  std::optional<SmallVector<bool>> windowed = readLayerTypes(config, layers);
  if (!windowed)
    for (windowed.emplace(); static_cast<int64_t>(windowed->size()) < layers;)
      windowed->push_back(windowed->size() % 4 != 0);
  SmallVector<double> thetas = readThetas(config, layers);
  bool attention = config.boolean("attention_bias", false);
  bool mlp = config.boolean("mlp_bias", false);
  ModelSpec spec = readLlamaShape(config, {.family = "granite_swa",
                                           .prefix = "GraniteSWA",
                                           .positions = 8192,
                                           .kvHeads = 4,
                                           .queryBias = attention,
                                           .outputBias = attention,
                                           .mlpBias = mlp,
                                           .eps = 1e-5,
                                           .tied = true});
  setFactors(spec, factors);
  setWindows(spec, config, *windowed, window);
  for (auto [index, layer] : enumerate(spec.layers)) {
    std::string sinks = layerPrefix(static_cast<int64_t>(index)) + "self_attn.sinks";
    layer.attention.sinks = WeightSpec{sinks, {layer.attention.heads}, "num_attention_heads"};
    if (thetas.empty())
      continue;
    if (thetas[index] == 0)
      layer.attention.rope = std::nullopt;
    else
      layer.attention.rope->theta = thetas[index];
  }
  return spec;
}

} // namespace osscc
