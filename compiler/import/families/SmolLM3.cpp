// SmolLM3: a Llama of which every fourth layer does not know positions. Source: the reference's
// SmolLM3Config and SmolLM3Attention.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"

using namespace llvm;

namespace osscc {

ModelSpec readSmolLM3(JsonFields &config) {
  bool attention = config.boolean("attention_bias", false);
  bool mlp = config.boolean("mlp_bias", false);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  SmallVector<bool> turned = readTurnedLayers(config, layers);
  bool use = config.boolean("use_sliding_window", false);
  int64_t window = readWindow(config, 0);
  std::optional<SmallVector<bool>> windowed = readLayerTypes(config, layers);
  if (!windowed)
    windowed = to_vector(map_range(turned, [](bool isTurned) { return !isTurned; }));
  ModelSpec spec = readLlamaShape(config, {.family = "smollm3",
                                           .prefix = "SmolLM3",
                                           .positions = 32768,
                                           .kvHeads = 4,
                                           .queryBias = attention,
                                           .outputBias = attention,
                                           .mlpBias = mlp,
                                           .theta = 2e6,
                                           .tied = true});
  for (auto [layer, isTurned] : zip(spec.layers, turned))
    if (!isTurned)
      layer.attention.rope = std::nullopt;
  if (use)
    setWindows(spec, config, *windowed, window);
  return spec;
}

} // namespace osscc
