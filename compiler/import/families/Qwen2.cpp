// Qwen 2 and 2.5: a Llama whose q, k and v are biased; the layers from max_window_layers on can
// have a window. Source: the reference's Qwen2Config and Qwen2Attention.
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"
#include "compiler/import/families/Rope.h"

using namespace llvm;

namespace osscc {

ModelSpec readQwen2(JsonFields &config) {
  SmallVector<bool> windowed = readUpperWindows(config);
  int64_t window = config.integer("sliding_window", 1, kMostPositions, 4096);
  ModelSpec spec = readLlamaShape(
      config,
      {.family = "qwen2", .prefix = "Qwen2", .positions = 32768, .kvHeads = 32, .queryBias = true});
  setWindows(spec, config, windowed, window);
  return spec;
}

} // namespace osscc
