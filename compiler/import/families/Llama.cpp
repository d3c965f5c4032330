// Llama 2, 3, 3.1, 3.2 and SmolLM2; InternLM 3 and IQuest Coder, which differ in defaults alone.
// Source: the reference's LlamaConfig, LlamaAttention, LlamaMLP, InternLM3Config,
// IQuestCoderConfig.
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"

using namespace llvm;

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

ModelSpec readInternLm3(JsonFields &config) {
  auto read = [&](StringRef own, StringRef usual) {
    return config.boolean(config.has(own) ? own : usual, false);
  };
  bool attention = read("qkv_bias", "attention_bias"), mlp = read("bias", "mlp_bias");
  if (attention != mlp)
    config.fail("qkv_bias", "differs from bias, which the reference refuses");
  return readLlamaShape(config, {.family = "internlm3",
                                 .prefix = "InternLM3",
                                 .positions = 32768,
                                 .kvHeads = 2,
                                 .queryBias = attention,
                                 .outputBias = attention,
                                 .mlpBias = mlp,
                                 .headSize = 128,
                                 .eps = 1e-5});
}

ModelSpec readIQuestCoder(JsonFields &config) {
  bool attention = config.boolean("attention_bias", false);
  bool mlp = config.boolean("mlp_bias", false);
  return readLlamaShape(config, {.family = "iquestcoder",
                                 .prefix = "IQuestCoder",
                                 .positions = 131072,
                                 .kvHeads = 8,
                                 .queryBias = attention,
                                 .outputBias = attention,
                                 .mlpBias = mlp,
                                 .headSize = 128,
                                 .eps = 1e-5});
}

} // namespace osscc
