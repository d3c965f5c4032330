// HunYuan, dense: a Llama that norms each head of queries and keys behind the rope. Source: the
// reference's HunYuanDenseV1Config, HunYuanDenseV1Attention and HunYuanDenseV1RotaryEmbedding.
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"
#include <cmath>

using namespace llvm;

namespace osscc {

/// The `alpha` of a rope that is scaled "dynamic", by which theta grows; 1: it does not.
static double readAlpha(JsonFields &config) {
  for (StringRef key : {"rope_parameters", "rope_scaling"}) {
    const json::Object *object = config.fields().getObject(key);
    if (!object || !object->get("alpha") ||
        (object->getString("rope_type") != "dynamic" && object->getString("type") != "dynamic"))
      continue;
    JsonFields fields(config.file(), *object, (key + ".").str());
    double alpha = fields.number("alpha", 1e-3, 1e9);
    config.adopt(fields);
    return alpha;
  }
  return 1;
}

/// Holds the switches that the makers' own code has to what the reference does.
static void checkSwitches(JsonFields &config) {
  for (StringRef on : {"use_qk_norm", "use_rotary_pos_emb"})
    if (!config.boolean(on, true))
      config.fail(on, "false is not supported");
  if (config.boolean("use_cla", false))
    config.fail("use_cla", "true is not supported: each layer has keys and values of its own");
  config.has("cla_share_factor"); // which means nothing without it
}

ModelSpec readHunYuan(JsonFields &config) {
  checkSwitches(config);
  bool biased = config.boolean("attention_bias", false);
  double alpha = readAlpha(config);
  ModelSpec spec = readLlamaShape(config, {.family = "hunyuan_v1_dense",
                                           .prefix = "HunYuanDenseV1",
                                           .positions = 2048,
                                           .queryBias = biased,
                                           .outputBias = biased,
                                           .eps = 1e-5,
                                           .headNorms = HeadNorms::EachHead,
                                           .normsTurned = true,
                                           .queryNorm = "self_attn.query_layernorm",
                                           .keyNorm = "self_attn.key_layernorm"});
  for (LayerSpec &layer : spec.layers) {
    auto size = static_cast<double>(layer.attention.headSize);
    layer.attention.rope->theta *= std::pow(alpha, size / (size - 2));
  }
  return spec;
}

} // namespace osscc
