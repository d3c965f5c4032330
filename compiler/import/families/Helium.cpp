// Helium: a Llama whose rope turns neighbours. Source: the reference's HeliumConfig and
// HeliumAttention.
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"

namespace osscc {

ModelSpec readHelium(JsonFields &config) {
  bool attention = config.boolean("attention_bias", false);
  bool mlp = config.boolean("mlp_bias", false);
  return readLlamaShape(config, {.family = "helium",
                                 .prefix = "Helium",
                                 .positions = 4096,
                                 .kvHeads = 20,
                                 .queryBias = attention,
                                 .mlpBias = mlp,
                                 .headSize = 128,
                                 .eps = 1e-8,
                                 .theta = 100000,
                                 .pairs = true});
}

} // namespace osscc
