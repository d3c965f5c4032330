// Families that are a Llama with layer norms of rows. Jais 2 and StarCoder 2 have biases everywhere
// and an MLP without a gate, StableLM turns a quarter of a head, and OLMo's norms have no scales.
// Source: the reference's Jais2Config, Starcoder2Config, StableLmConfig, OlmoConfig and their
// models.
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"

using namespace llvm;

namespace osscc {

ModelSpec readJais2(JsonFields &config) {
  bool attention = config.boolean("attention_bias", true);
  bool mlp = config.boolean("mlp_bias", true);
  return readLlamaShape(config, {.family = "jais2",
                                 .prefix = "Jais2",
                                 .positions = 8192,
                                 .queryBias = attention,
                                 .outputBias = attention,
                                 .mlpBias = mlp,
                                 .eps = 1e-5,
                                 .epsField = "layer_norm_eps",
                                 .centered = true,
                                 .normBias = true,
                                 .activation = ActivationKind::Relu2,
                                 .gated = false});
}

ModelSpec readStarcoder2(JsonFields &config) {
  int64_t window = readWindow(config, 0);
  bool biased = config.boolean("use_bias", true);
  for (StringRef unread : {"mlp_type", "norm_type"}) // what the makers' own code could choose
    config.has(unread);
  ModelSpec spec = readLlamaShape(config, {.family = "starcoder2",
                                           .prefix = "Starcoder2",
                                           .positions = 4096,
                                           .kvHeads = 2,
                                           .queryBias = biased,
                                           .outputBias = biased,
                                           .mlpBias = biased,
                                           .eps = 1e-5,
                                           .tied = true,
                                           .epsField = "norm_epsilon",
                                           .centered = true,
                                           .normBias = true,
                                           .activation = ActivationKind::GeluTanh,
                                           .gated = false,
                                           .up = "mlp.c_fc",
                                           .down = "mlp.c_proj"});
  setWindows(spec, config, SmallVector<bool>(spec.layers.size(), true), window);
  return spec;
}

ModelSpec readStableLm(JsonFields &config) {
  bool biased = config.boolean("use_qkv_bias", false);
  bool parallel = config.boolean("use_parallel_residual", false);
  LlamaShape shape = {.family = "stablelm",
                      .prefix = "StableLm",
                      .positions = 4096,
                      .kvHeads = 32,
                      .queryBias = biased,
                      .eps = 1e-5,
                      .share = 0.25,
                      .epsField = "layer_norm_eps",
                      .centered = true,
                      .normBias = true,
                      .parallel = parallel};
  if (parallel)
    shape.norms.beforeFeedForward = "";
  return readLlamaShape(config, shape);
}

ModelSpec readOlmo(JsonFields &config) {
  bool biased = config.boolean("attention_bias", false);
  return readLlamaShape(config, {.family = "olmo",
                                 .prefix = "Olmo",
                                 .positions = 2048,
                                 .queryBias = biased,
                                 .outputBias = biased,
                                 .eps = 1e-5,
                                 .normScales = false,
                                 .centered = true});
}

} // namespace osscc
