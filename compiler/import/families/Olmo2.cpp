// OLMo 2: a Llama that norms what attention and MLP give in the place of what they take, and
// queries and keys over all heads. Source: the reference's Olmo2Config, Olmo2Attention,
// Olmo2DecoderLayer.
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"

namespace osscc {

ModelSpec readOlmo2(JsonFields &config) {
  bool biased = config.boolean("attention_bias", false);
  return readLlamaShape(config, {.family = "olmo2",
                                 .prefix = "Olmo2",
                                 .positions = 2048,
                                 .queryBias = biased,
                                 .outputBias = biased,
                                 .eps = 1e-5,
                                 .norms = {.beforeAttention = "",
                                           .afterAttention = "post_attention_layernorm",
                                           .beforeFeedForward = "",
                                           .afterFeedForward = "post_feedforward_layernorm"},
                                 .headNorms = HeadNorms::AllHeads});
}

} // namespace osscc
