// Granite 3: a Llama with four factors: of the embedding, of scores, of what attention and MLP add,
// of logits. HyperCLOVA X norms as well what they add; Granite SWA has sinks, windows and a theta
// for each layer. Source: the reference's GraniteConfig, HyperCLOVAXConfig, GraniteSWAConfig and
// their models.
#include "compiler/import/families/Granite.h"

#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

namespace {

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

} // namespace

GraniteFactors readGraniteFactors(JsonFields &config) {
  auto read = [&](StringRef key) { return config.number(key, 1e-9, 1e9, 1); };
  return {read("embedding_multiplier"), read("attention_multiplier"), read("residual_multiplier"),
          1 / read("logits_scaling")};
}

void setGraniteFactors(ModelSpec &spec, const GraniteFactors &factors) {
  spec.embeddingScale = factors.embedding;
  spec.logitScale = factors.logits;
  for (LayerSpec &layer : spec.layers) {
    layer.attention.scale = factors.scores;
    layer.residualScale = factors.residual;
  }
}

ModelSpec readGranite(JsonFields &config) {
  GraniteFactors factors = readGraniteFactors(config);
  bool attention = config.boolean("attention_bias", false);
  bool mlp = config.boolean("mlp_bias", false);
  ModelSpec spec = readLlamaShape(config, {.family = "granite",
                                           .prefix = "Granite",
                                           .positions = 2048,
                                           .queryBias = attention,
                                           .outputBias = attention,
                                           .mlpBias = mlp});
  setGraniteFactors(spec, factors);
  return spec;
}

ModelSpec readHyperClovaX(JsonFields &config) {
  bool scores = config.has("attention_multiplier");
  GraniteFactors factors = readGraniteFactors(config);
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
  setGraniteFactors(spec, factors);
  return spec;
}

GraniteSwa readGraniteSwaFields(JsonFields &config) {
  GraniteSwa swa;
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  swa.window = readWindow(config, 128);
  if (std::optional<SmallVector<bool>> named = readLayerTypes(config, layers))
    swa.windowed = *named;
  else
    for (int64_t layer = 0; layer < layers; ++layer)
      swa.windowed.push_back(layer % 4 != 0);
  swa.thetas = readThetas(config, layers);
  return swa;
}

void setGraniteSwa(ModelSpec &spec, const JsonFields &config, const GraniteSwa &swa) {
  setWindows(spec, config, swa.windowed, swa.window);
  for (auto [index, layer] : enumerate(spec.layers)) {
    std::string sinks = layerPrefix(static_cast<int64_t>(index)) + "self_attn.sinks";
    layer.attention.sinks = WeightSpec{sinks, {layer.attention.heads}, "num_attention_heads"};
    if (swa.thetas.empty())
      continue;
    if (swa.thetas[index] == 0)
      layer.attention.rope = std::nullopt;
    else
      layer.attention.rope->theta = swa.thetas[index];
  }
}

ModelSpec readGraniteSwa(JsonFields &config) {
  GraniteFactors factors = readGraniteFactors(config);
  GraniteSwa swa = readGraniteSwaFields(config);
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
  setGraniteFactors(spec, factors);
  setGraniteSwa(spec, config, swa);
  return spec;
}

} // namespace osscc
