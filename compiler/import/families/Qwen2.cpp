// Qwen 2 and 2.5: a Llama whose q, k and v are biased; the layers from max_window_layers on can
// have a window. Source: the reference's Qwen2Config and Qwen2Attention.
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"
#include "compiler/import/families/Rope.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

/// Whether a layer has a window: by layer_types where the config names every layer, as newer ones
/// do, else by max_window_layers.
static bool hasWindow(JsonFields &config, int64_t unwindowed) {
  const json::Array *types = config.fields().getArray("layer_types");
  if (!types)
    return unwindowed < config.integer("num_hidden_layers", 1, kMostLayers);
  if (!is_contained(*types, json::Value("sliding_attention")))
    return false;
  for (const json::Value &type : *types)
    if (type != json::Value("sliding_attention") && type != json::Value("full_attention"))
      config.fail("layer_types", describe(type) + " is not supported");
  config.has("layer_types"); // read
  return true;
}

ModelSpec readQwen2(JsonFields &config) {
  // Without use_sliding_window the other two fields mean nothing.
  bool use = config.boolean("use_sliding_window", false);
  int64_t window = config.integer("sliding_window", 1, kMostPositions, 4096);
  int64_t unwindowed = config.integer("max_window_layers", 0, 1 << 20, 28);
  bool windowed = use && hasWindow(config, unwindowed);
  ModelSpec spec = readLlamaShape(
      config,
      {.family = "qwen2", .prefix = "Qwen2", .positions = 32768, .kvHeads = 32, .queryBias = true});
  if (windowed)
    spec.window = {window, config.place("sliding_window")};
  return spec;
}

} // namespace osscc
