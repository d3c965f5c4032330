// Mistral 7B: a Llama without biases. Before v0.2 it saw a window of positions only. Source: the
// reference's MistralConfig and MistralAttention.
#include "compiler/import/families/Families.h"
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

} // namespace osscc
