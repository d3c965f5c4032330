// Seed-OSS: a Llama whose q, k and v are biased. Source: the reference's SeedOssConfig and
// SeedOssAttention.
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"

namespace osscc {

ModelSpec readSeedOss(JsonFields &config) {
  bool attention = config.boolean("attention_bias", true);
  bool output = config.boolean("attention_out_bias", false);
  bool mlp = config.boolean("mlp_bias", false);
  return readLlamaShape(config, {.family = "seed_oss",
                                 .prefix = "SeedOss",
                                 .positions = 524288,
                                 .kvHeads = 8,
                                 .queryBias = attention,
                                 .outputBias = output,
                                 .mlpBias = mlp,
                                 .headSize = 128});
}

} // namespace osscc
