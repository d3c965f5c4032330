// Cohere's Command R and Aya: a Llama with one layer norm a layer, which attention and MLP read
// side by side, a rope that turns neighbours, and scaled logits. Command R+ norms each head of
// queries and keys by scales of its own. In Command R7B and Command A three
// layers of four have a window, and the others do not know positions. Source: the reference's
// CohereConfig, CohereDecoderLayer, Cohere2Config and Cohere2Attention.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"

using namespace llvm;

namespace osscc {

/// What both have; the names and the theta of the older.
static LlamaShape shapeOf(JsonFields &config) {
  bool biased = config.boolean("attention_bias", false);
  bool norms = config.boolean("use_qk_norm", false);
  return {.family = "cohere",
          .prefix = "Cohere",
          .positions = 8192,
          .queryBias = biased,
          .outputBias = biased,
          .eps = 1e-5,
          .theta = 500000,
          .tied = true,
          .norms = {.beforeFeedForward = ""},
          .epsField = "layer_norm_eps",
          .centered = true,
          .parallel = true,
          .headNorms = norms ? HeadNorms::OwnHeads : HeadNorms::None,
          .pairs = true};
}

static ModelSpec readShape(JsonFields &config, const LlamaShape &shape) {
  double scale = config.number("logit_scale", 1e-9, 1e9, 0.0625);
  ModelSpec spec = readLlamaShape(config, shape);
  spec.logitScale = scale;
  return spec;
}

/// Fields of published configs that say what every model of the family does.
static void checkFixed(JsonFields &config) {
  for (StringRef key : {"use_gated_activation", "use_parallel_block", "use_parallel_embedding"})
    if (config.has(key) && key != "use_parallel_embedding" && !config.boolean(key))
      config.fail(key, "false is not supported: models of the family have it");
  if (std::string kind = config.string("position_embedding_type", "rope_gptj"); kind != "rope_gptj")
    config.fail("position_embedding_type",
                describe(json::Value(kind)) + " is not supported, expected \"rope_gptj\"");
}

ModelSpec readCohere(JsonFields &config) {
  return readShape(config, shapeOf(config));
}

ModelSpec readCohere2(JsonFields &config) {
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  int64_t pattern = config.integer("sliding_window_pattern", 1, kMostLayers, 4);
  int64_t window = readWindow(config, 4096);
  std::optional<SmallVector<bool>> windowed = readLayerTypes(config, layers);
  if (!windowed)
    for (windowed.emplace(); static_cast<int64_t>(windowed->size()) < layers;)
      windowed->push_back((windowed->size() + 1) % pattern != 0);
  checkFixed(config);
  LlamaShape shape = shapeOf(config);
  shape.family = "cohere2";
  shape.prefix = "Cohere2";
  shape.theta = 10000;
  if (shape.headNorms != HeadNorms::None)
    config.fail("use_qk_norm", "true is not supported: the reference of this family has no norms");
  ModelSpec spec = readShape(config, shape);
  setWindows(spec, config, *windowed, window);
  for (LayerSpec &layer : spec.layers)
    if (!layer.attention.window)
      layer.attention.rope = std::nullopt;
  return spec;
}

} // namespace osscc
