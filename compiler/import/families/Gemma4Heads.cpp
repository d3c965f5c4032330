#include "compiler/import/families/Gemma4Heads.h"

#include "compiler/import/families/Common.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

namespace {

/// Heads of the layer that `fields` overrides, as they are without.
void readOverrides(JsonFields &fields, Gemma4Layer &layer) {
  layer.headSize = fields.integer("head_dim", 2, kMostHeadSize, layer.headSize);
  layer.kvHeads = fields.integer("num_key_value_heads", 1, kMostHeads, layer.kvHeads);
  for (const auto &[key, value] : fields.fields())
    if (!fields.wasRead(key))
      fields.fail(key, describe(value) + " is not supported: layers differ in their heads alone");
}

/// `per_layer_config`: an object for each layer that is not as the others, by its number.
void readPerLayer(JsonFields &config, MutableArrayRef<Gemma4Layer> layers) {
  constexpr StringLiteral kKey = "per_layer_config";
  const json::Object *all = config.fields().getObject(kKey);
  if (!all)
    return config.fail(kKey, "expected an object, found " + describe(*config.fields().get(kKey)));
  for (const auto &[key, value] : *all) {
    StringRef name = key;
    uint64_t index = 0;
    const json::Object *object = value.getAsObject();
    if (name.getAsInteger(10, index) || index >= layers.size() || !object)
      return config.fail(kKey, describe(json::Value(name)) + " is no layer's number from 0 to " +
                                   Twine(layers.size() - 1) + " with an object");
    JsonFields fields(config.file(), *object, (kKey + "." + name + ".").str());
    readOverrides(fields, layers[index]);
    config.adopt(fields);
  }
}

/// The sizes of every layer's heads: the full ones have their own.
void readHeadSizes(JsonFields &config, Gemma4Sizes &sizes) {
  if (config.has("per_layer_config"))
    return readPerLayer(config, sizes.layers);
  int64_t size = config.integer("global_head_dim", 2, kMostHeadSize, 512);
  int64_t kvHeads =
      config.integer("num_global_key_value_heads", 1, kMostHeads, sizes.attention.kvHeads);
  for (Gemma4Layer &layer : sizes.layers)
    if (!layer.windowed) {
      layer.headSize = size;
      if (sizes.keyIsValue)
        layer.kvHeads = kvHeads;
    }
}

void checkHeadSizes(JsonFields &config, const Gemma4Sizes &sizes) {
  for (const Gemma4Layer &layer : sizes.layers) {
    if (layer.headSize % 2 != 0)
      config.fail("head_dim", Twine(layer.headSize) + " is not even, but rope turns pairs");
    if (sizes.attention.heads % layer.kvHeads != 0)
      config.fail("num_key_value_heads", Twine(layer.kvHeads) + " does not divide " +
                                             Twine(sizes.attention.heads) + " heads");
    if (sizes.attention.heads * layer.headSize > kMostChannels)
      config.fail("head_dim",
                  Twine(layer.headSize) + " times the heads is above " + Twine(kMostChannels));
    auto alike = find_if(
        sizes.layers, [&](const Gemma4Layer &other) { return other.windowed == layer.windowed; });
    if (alike->headSize != layer.headSize)
      config.fail("per_layer_config", "gives layers of one kind heads of " +
                                          Twine(alike->headSize) + " and " + Twine(layer.headSize) +
                                          " channels");
  }
}

} // namespace

void shareGemmaCaches(JsonFields &config, Gemma4Sizes &sizes, int64_t usual) {
  auto count = static_cast<int64_t>(sizes.layers.size());
  int64_t shared = config.integer("num_kv_shared_layers", 0, count, std::min(usual, count));
  for (int64_t index = count - shared; index < count; ++index) {
    Gemma4Layer &layer = sizes.layers[index];
    for (int64_t before = count - shared; before-- > 0 && !layer.source;)
      if (sizes.layers[before].windowed == layer.windowed)
        layer.source = before;
    if (!layer.source)
      return config.fail("num_kv_shared_layers",
                         Twine(shared) + " layers at the end leave layer " + Twine(index) +
                             " none of its kind whose keys and values it could read");
    if (sizes.layers[*layer.source].kvHeads != layer.kvHeads)
      return config.fail("per_layer_config", "layer " + Twine(index) +
                                                 " has other heads than the layer whose keys and "
                                                 "values it reads");
  }
}

void readGemma4Heads(JsonFields &config, Gemma4Sizes &sizes) {
  readHeadSizes(config, sizes);
  checkHeadSizes(config, sizes);
  shareGemmaCaches(config, sizes, 0);
}

} // namespace osscc
