// Apertus: a Llama that norms heads, whose MLP has no gate and an activation that is learned.
// Source: the reference's ApertusConfig, ApertusMLP and XIELUActivation.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

ModelSpec readApertus(JsonFields &config) {
  json::Object rope{{"rope_type", "llama3"},  {"rope_theta", 12000000.0},
                    {"factor", 8.0},          {"original_max_position_embeddings", 8192},
                    {"low_freq_factor", 1.0}, {"high_freq_factor", 4.0}};
  bool biased = config.boolean("attention_bias", false);
  ModelSpec spec = readLlamaShape(config, {.family = "apertus",
                                           .prefix = "Apertus",
                                           .positions = 65536,
                                           .queryBias = biased,
                                           .outputBias = biased,
                                           .eps = 1e-5,
                                           .theta = 12000000,
                                           .rope = &rope,
                                           .norms = {.beforeAttention = "attention_layernorm",
                                                     .beforeFeedForward = "feedforward_layernorm"},
                                           .headNorms = HeadNorms::EachHead,
                                           .learns = true,
                                           .gated = false});
  for (auto [index, layer] : enumerate(spec.layers)) {
    std::string prefix = layerPrefix(static_cast<int64_t>(index)) + "mlp.act_fn.";
    auto weight = [&](const char *name) {
      WeightSpec spec{prefix + name, {1}, "hidden_act"};
      spec.forms = {{.tensors = {spec.name}, .isFlat = true}};
      return spec;
    };
    std::get<MlpSpec>(layer.feedForward).learned =
        XieluSpec{weight("alpha_p"), weight("alpha_n"), weight("beta"), weight("eps")};
  }
  return spec;
}

} // namespace osscc
