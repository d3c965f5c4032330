// Mistral 7B: a Llama without biases. Before v0.2 it saw a window of positions only. Ministral 8B:
// the same with a window in some of its layers; Ministral 3: one whose scores grow with the
// position. Mistral 4 has DeepSeek's attention, whose scores grow so too, and experts by a softmax.
// Mistral 3 is any of them beside a model of images. Source: the reference's MistralConfig,
// MinistralConfig, Ministral3Config, Mistral4Config, Mistral3Config and their models.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/DeepSeekShape.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"
#include "compiler/import/families/Nested.h"
#include "compiler/import/families/Rope.h"

using namespace llvm;

namespace osscc {

ModelSpec readMistral(JsonFields &config) {
  // An absent field means a window of 4096 in the reference, null none.
  const json::Value *field = config.fields().get("sliding_window");
  bool windowed = !field || !field->getAsNull();
  int64_t window = config.integer("sliding_window", 1, kMostPositions, 4096);
  ModelSpec spec = readLlamaShape(
      config, {.family = "mistral", .prefix = "Mistral", .positions = 4096 * 32, .kvHeads = 8});
  if (windowed)
    for (LayerSpec &layer : spec.layers)
      layer.attention.window = {window, config.place("sliding_window")};
  return spec;
}

ModelSpec readMinistral(JsonFields &config) {
  int64_t window = readWindow(config, 4096);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  std::optional<SmallVector<bool>> windowed = readLayerTypes(config, layers);
  ModelSpec spec = readLlamaShape(
      config, {.family = "ministral", .prefix = "Ministral", .positions = 4096 * 32, .kvHeads = 8});
  setWindows(spec, config, windowed.value_or(SmallVector<bool>(layers, true)), window);
  return spec;
}

/// What the reference's configs have where neither `rope_parameters` nor `rope_scaling` is.
static json::Object defaultRope(double theta, double factor, int64_t original) {
  return json::Object{{"rope_type", "yarn"},
                      {"rope_theta", theta},
                      {"factor", factor},
                      {"original_max_position_embeddings", original},
                      {"beta_fast", 32},
                      {"beta_slow", 1},
                      {"mscale", 1},
                      {"mscale_all_dim", 1},
                      {"llama_4_scaling_beta", 0.1}};
}

ModelSpec readMinistral3(JsonFields &config) {
  int64_t window = readWindow(config, 0);
  json::Object rope = defaultRope(1e6, 16, 16384);
  ModelSpec spec = readLlamaShape(config, {.family = "ministral3",
                                           .prefix = "Ministral3",
                                           .positions = 262144,
                                           .kvHeads = 8,
                                           .headSize = 128,
                                           .eps = 1e-5,
                                           .grows = true,
                                           .rope = &rope});
  setWindows(spec, config, SmallVector<bool>(spec.layers.size(), true), window);
  return spec;
}

ModelSpec readMistral4(JsonFields &config) {
  json::Object rope = defaultRope(10000, 128, 8192);
  return readDeepSeekShape(config, {.family = "mistral4",
                                    .prefix = "Mistral4",
                                    .positions = 1 << 20,
                                    .experts = {.experts = 128,
                                                .chosen = 4,
                                                .mlp = 2048,
                                                .isSigmoid = false,
                                                .normsSoftmax = true},
                                    .queryRank = 1024,
                                    .rank = 256,
                                    .nope = 64,
                                    .rope = &rope,
                                    .grows = true});
}

ModelSpec readMistral3(JsonFields &config) {
  const json::Object *text = config.fields().getObject("text_config");
  StringRef type = text ? text->getString("model_type").value_or("mistral") : "mistral";
  if (type == "ministral3")
    return readNested(config, "Mistral3", "ministral3", readMinistral3);
  if (type == "mistral4")
    return readNested(config, "Mistral3", "mistral4", readMistral4);
  return readNested(config, "Mistral3", "mistral", readMistral);
}

} // namespace osscc
