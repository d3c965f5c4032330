// GLM 4: a Llama whose q, k and v are biased, and whose rope turns half of a head, neighbours
// together; gate and up are one tensor. The 0414 release norms what attention and MLP give as well.
// Source: the reference's GlmConfig, GlmAttention, Glm4Config and Glm4DecoderLayer.
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"

namespace osscc {

static ModelSpec readShape(JsonFields &config, LlamaShape shape) {
  shape.queryBias = config.boolean("attention_bias", true);
  shape.kvHeads = 2;
  shape.headSize = 128;
  shape.eps = 1.5625e-7;
  shape.share = 0.5;
  shape.pairs = true;
  shape.joinsGate = true;
  return readLlamaShape(config, shape);
}

ModelSpec readGlm(JsonFields &config) {
  return readShape(config, {.family = "glm", .prefix = "Glm", .positions = 131072});
}

ModelSpec readGlm4(JsonFields &config) {
  return readShape(config, {.family = "glm4",
                            .prefix = "Glm4",
                            .positions = 131072,
                            .norms = {.afterAttention = "post_self_attn_layernorm",
                                      .afterFeedForward = "post_mlp_layernorm"}});
}

} // namespace osscc
