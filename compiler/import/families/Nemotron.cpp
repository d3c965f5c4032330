// Nemotron: a Llama with layer norms whose scales are stored less 1, an MLP without a gate, and a
// rope that turns half of a head. Source: the reference's NemotronConfig, NemotronLayerNorm1P and
// NemotronMLP.
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"

namespace osscc {

ModelSpec readNemotron(JsonFields &config) {
  bool attention = config.boolean("attention_bias", false);
  bool mlp = config.boolean("mlp_bias", false);
  return readLlamaShape(config, {.family = "nemotron",
                                 .prefix = "Nemotron",
                                 .positions = 4096,
                                 .queryBias = attention,
                                 .outputBias = attention,
                                 .mlpBias = mlp,
                                 .eps = 1e-5,
                                 .share = 0.5,
                                 .epsField = "norm_eps",
                                 .centered = true,
                                 .normBias = true,
                                 .normOffset = 1,
                                 .activation = ActivationKind::Relu2,
                                 .gated = false});
}

} // namespace osscc
