// Mistral 7B: a Llama without biases. Before v0.2 it saw a window of positions only. Ministral 8B:
// the same with a window in some of its layers. Source: the reference's MistralConfig,
// MistralAttention, MinistralConfig and MinistralAttention.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"
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

} // namespace osscc
