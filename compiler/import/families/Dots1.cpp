// dots.llm1: a Qwen 3 with DeepSeek V3's experts. Source: the reference's Dots1Config and
// Dots1Model.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/GroupedExperts.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"

using namespace llvm;

namespace osscc {

ModelSpec readDots1(JsonFields &config) {
  bool biased = config.boolean("attention_bias", false);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  int64_t window = readWindow(config, 4096);
  int64_t unwindowed = config.integer("max_window_layers", 0, 1 << 20, 62);
  std::optional<SmallVector<bool>> windowed = readLayerTypes(config, layers);
  if (!windowed)
    for (windowed.emplace(); static_cast<int64_t>(windowed->size()) < layers;)
      windowed->push_back(static_cast<int64_t>(windowed->size()) >= unwindowed);
  GroupedExperts experts = readGroupedExperts(config, {.sharedExperts = 0, .norms = false});
  ModelSpec spec = readLlamaShape(config, {.family = "dots1",
                                           .prefix = "Dots1",
                                           .positions = 2048,
                                           .kvHeads = 32,
                                           .queryBias = biased,
                                           .outputBias = biased,
                                           .headNorms = HeadNorms::EachHead});
  if (config.failed())
    return spec;
  setExperts(spec, experts, kGroupedNames);
  setWindows(spec, config, *windowed, window);
  return spec;
}

} // namespace osscc
