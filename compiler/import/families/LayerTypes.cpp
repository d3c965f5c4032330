#include "compiler/import/families/LayerTypes.h"

using namespace llvm;

namespace osscc {

std::optional<SmallVector<bool>> readLayerTypes(JsonFields &config, int64_t layers) {
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
    sliding.push_back(type == json::Value("sliding_attention"));
    if (!sliding.back() && type != json::Value("full_attention")) {
      config.fail(kKey, describe(type) + " is not supported, expected \"sliding_attention\" or "
                                         "\"full_attention\"");
      return sliding;
    }
  }
  if (static_cast<int64_t>(sliding.size()) != layers)
    config.fail(kKey, "names " + Twine(sliding.size()) + " layers, but num_hidden_layers is " +
                          Twine(layers));
  return sliding;
}

} // namespace osscc
