// Qwen 2 and 2.5: a Llama whose q, k and v are biased; the layers from max_window_layers on can
// have a window. Source: the reference's Qwen2Config and Qwen2Attention.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"
#include "compiler/import/families/Rope.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

/// Which layers have a window: by layer_types where the config names every layer, as newer ones do,
/// else those from max_window_layers on.
static SmallVector<bool> windowedLayers(JsonFields &config, int64_t unwindowed) {
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  SmallVector<bool> windowed;
  if (std::optional<SmallVector<bool>> named = readLayerTypes(config, layers))
    return *named;
  for (int64_t layer = 0; layer < layers; ++layer)
    windowed.push_back(layer >= unwindowed);
  return windowed;
}

ModelSpec readQwen2(JsonFields &config) {
  // Without use_sliding_window the other two fields mean nothing.
  bool use = config.boolean("use_sliding_window", false);
  int64_t window = config.integer("sliding_window", 1, kMostPositions, 4096);
  int64_t unwindowed = config.integer("max_window_layers", 0, 1 << 20, 28);
  SmallVector<bool> windowed;
  if (use)
    windowed = windowedLayers(config, unwindowed);
  ModelSpec spec = readLlamaShape(
      config,
      {.family = "qwen2", .prefix = "Qwen2", .positions = 32768, .kvHeads = 32, .queryBias = true});
  for (auto [layer, isWindowed] : zip(spec.layers, windowed))
    if (isWindowed)
      layer.attention.window = {window, config.place("sliding_window")};
  return spec;
}

} // namespace osscc
