#include "compiler/import/families/LayerTypes.h"

#include "compiler/import/families/Common.h"
#include "compiler/import/families/Rope.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

std::optional<SmallVector<bool>> readLayerTypes(JsonFields &config, int64_t layers,
                                                StringRef local) {
  constexpr StringLiteral kKey = "layer_types";
  if (!config.has(kKey))
    return std::nullopt;
  SmallVector<bool> sliding;
  const json::Value &value = *config.fields().get(kKey);
  const json::Array *types = value.getAsArray();
  if (!types) {
    config.fail(kKey, "expected an array, found " + describe(value));
    return sliding;
  }
  for (const json::Value &type : *types) {
    sliding.push_back(type == json::Value(local));
    if (!sliding.back() && type != json::Value("full_attention")) {
      config.fail(kKey, describe(type) + " is not supported, expected " +
                            describe(json::Value(local)) + " or \"full_attention\"");
      return sliding;
    }
  }
  if (static_cast<int64_t>(sliding.size()) != layers)
    config.fail(kKey, "names " + Twine(sliding.size()) + " layers, but num_hidden_layers is " +
                          Twine(layers));
  return sliding;
}

SmallVector<bool> readTurnedLayers(JsonFields &config, int64_t layers) {
  constexpr StringLiteral kList = "no_rope_layers";
  int64_t interval = config.integer("no_rope_layer_interval", 1, kMostLayers, 4);
  SmallVector<int64_t> listed = config.integers(kList, 0, 1);
  bool isListed = !listed.empty();
  if (isListed && !config.failed() && static_cast<int64_t>(listed.size()) < layers)
    config.fail(kList, "names " + Twine(listed.size()) + " layers, but num_hidden_layers is " +
                           Twine(layers));
  SmallVector<bool> turned;
  for (int64_t layer = 0; layer < layers && !config.failed(); ++layer)
    turned.push_back(isListed ? listed[layer] == 1 : (layer + 1) % interval != 0);
  return turned;
}

SmallVector<bool> readUpperWindows(JsonFields &config) {
  // Without use_sliding_window the other two fields mean nothing.
  bool use = config.boolean("use_sliding_window", false);
  int64_t unwindowed = config.integer("max_window_layers", 0, 1 << 20, 28);
  if (!use)
    return {};
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  if (std::optional<SmallVector<bool>> named = readLayerTypes(config, layers))
    return *named;
  SmallVector<bool> windowed;
  for (int64_t layer = 0; layer < layers; ++layer)
    windowed.push_back(layer >= unwindowed);
  return windowed;
}

int64_t readWindow(JsonFields &config, int64_t fallback) {
  const json::Value *field = config.fields().get("sliding_window");
  bool isNull = field && field->getAsNull();
  return config.integer("sliding_window", 0, kMostPositions, isNull ? 0 : fallback);
}

void setWindows(ModelSpec &spec, const JsonFields &config, ArrayRef<bool> windowed,
                int64_t positions) {
  for (auto [layer, isWindowed] : zip(spec.layers, windowed))
    if (isWindowed && positions != 0)
      layer.attention.window = {positions, config.place("sliding_window")};
}

} // namespace osscc
