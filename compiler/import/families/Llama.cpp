// Llama 2, 3, 3.1, 3.2 and SmolLM2. Source: the reference's LlamaConfig, LlamaAttention, LlamaMLP.
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"

namespace osscc {

ModelSpec readLlama(JsonFields &config) {
  bool attention = config.boolean("attention_bias", false);
  bool mlp = config.boolean("mlp_bias", false);
  return readLlamaShape(config, {.family = "llama",
                                 .prefix = "Llama",
                                 .positions = 2048,
                                 .queryBias = attention,
                                 .outputBias = attention,
                                 .mlpBias = mlp});
}

} // namespace osscc
