// Granite 3: a Llama with four factors: of the embedding, of scores, of what attention and MLP add,
// of logits. Source: the reference's GraniteConfig, GraniteMoeConfig and their models.
#include "compiler/import/families/Experts.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"

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

} // namespace osscc
