// CWM: a Llama 3 whose layers have a window, but for every fourth. Source: the reference's
// CwmConfig and CwmAttention.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"

using namespace llvm;

namespace osscc {

ModelSpec readCwm(JsonFields &config) {
  bool mlp = config.boolean("mlp_bias", false);
  int64_t window = readWindow(config, 8192);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  std::optional<SmallVector<bool>> windowed = readLayerTypes(config, layers);
  if (!windowed)
    for (windowed.emplace(); static_cast<int64_t>(windowed->size()) < layers;)
      windowed->push_back(windowed->size() % 4 != 0);
  json::Object rope{{"rope_type", "llama3"},   {"factor", 16.0},
                    {"low_freq_factor", 1.0},  {"high_freq_factor", 4.0},
                    {"rope_theta", 1000000.0}, {"original_max_position_embeddings", 8192}};
  ModelSpec spec = readLlamaShape(config, {.family = "cwm",
                                           .prefix = "Cwm",
                                           .positions = 131072,
                                           .kvHeads = 8,
                                           .mlpBias = mlp,
                                           .headSize = 128,
                                           .eps = 1e-5,
                                           .theta = 1e6,
                                           .rope = &rope});
  setWindows(spec, config, *windowed, window);
  return spec;
}

} // namespace osscc
