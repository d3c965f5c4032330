// Arcee: a Llama whose MLP has no gate: down(relu(up x)^2). Source: the reference's ArceeConfig and
// ArceeMLP.
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"

namespace osscc {

ModelSpec readArcee(JsonFields &config) {
  bool attention = config.boolean("attention_bias", false);
  bool mlp = config.boolean("mlp_bias", false);
  return readLlamaShape(config, {.family = "arcee",
                                 .prefix = "Arcee",
                                 .positions = 4096,
                                 .queryBias = attention,
                                 .outputBias = attention,
                                 .mlpBias = mlp,
                                 .eps = 1e-5,
                                 .activation = ActivationKind::Relu2,
                                 .gated = false});
}

} // namespace osscc
