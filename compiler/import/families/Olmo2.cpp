// OLMo 2 and 3: a Llama that norms what attention and MLP give in the place of what they take, and
// queries and keys over all heads. In OLMo 3 three layers of four have a window, and only the
// others' positions are scaled. Source: the reference's Olmo2Config, Olmo2Attention,
// Olmo2DecoderLayer, Olmo3Config and Olmo3RotaryEmbedding.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerRopes.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"
#include "compiler/import/families/Rope.h"

using namespace llvm;

namespace osscc {

/// What both have; the head's names and defaults of 2.
static LlamaShape shapeOf(JsonFields &config) {
  bool biased = config.boolean("attention_bias", false);
  return {.family = "olmo2",
          .prefix = "Olmo2",
          .positions = 2048,
          .queryBias = biased,
          .outputBias = biased,
          .eps = 1e-5,
          .norms = {.beforeAttention = "",
                    .afterAttention = "post_attention_layernorm",
                    .beforeFeedForward = "",
                    .afterFeedForward = "post_feedforward_layernorm"},
          .headNorms = HeadNorms::AllHeads};
}

ModelSpec readOlmo2(JsonFields &config) {
  return readLlamaShape(config, shapeOf(config));
}

/// The ropes of full and of windowed layers; older configs scale those of the full ones alone.
static LayerRopes readRopes(JsonFields &config) {
  int64_t hidden = config.integer("hidden_size", 1, kMostChannels);
  int64_t size = readHeads(config, hidden).headSize;
  const json::Object *parameters = config.fields().getObject("rope_parameters");
  bool isNamed =
      parameters && (parameters->get("full_attention") || parameters->get("sliding_attention"));
  LayerRopes ropes = readLayerRopes(config, {{size, 500000}, {size, 500000}});
  if (!isNamed)
    ropes.sliding = {size, ropes.full.theta};
  return ropes;
}

ModelSpec readOlmo3(JsonFields &config) {
  int64_t window = readWindow(config, 4096);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  std::optional<SmallVector<bool>> windowed = readLayerTypes(config, layers);
  if (!windowed)
    for (windowed.emplace(); static_cast<int64_t>(windowed->size()) < layers;)
      windowed->push_back((windowed->size() + 1) % 4 != 0);
  LayerRopes ropes = readRopes(config);
  LlamaShape shape = shapeOf(config);
  shape.family = "olmo3";
  shape.prefix = "Olmo3";
  shape.hasRope = false;
  ModelSpec spec = readLlamaShape(config, shape);
  setWindows(spec, config, *windowed, window);
  for (auto [layer, isWindowed] : zip(spec.layers, *windowed))
    layer.attention.rope = isWindowed ? ropes.sliding : ropes.full;
  return spec;
}

} // namespace osscc
