// Older configs have the two thetas beside each other, newer ones an object for each kind of layer.
// Source: the reference's Gemma3TextConfig.
#include "compiler/import/families/LayerRopes.h"

using namespace llvm;

namespace osscc {

LayerRopes readLayerRopes(JsonFields &config, const LayerRopes &defaults) {
  constexpr StringLiteral kParameters = "rope_parameters", kFull = "full_attention",
                          kSliding = "sliding_attention";
  const json::Object *named =
      config.has(kParameters) ? config.fields().getObject(kParameters) : nullptr;
  if (!named || (!named->get(kFull) && !named->get(kSliding))) {
    LayerRopes ropes{readRope(config, defaults.full.dims, {defaults.full.theta}), defaults.sliding};
    if (!ropes.full.scaling)
      ropes.full.scaling = defaults.full.scaling;
    ropes.sliding.theta =
        config.number("rope_local_base_freq", 1.001, 1e15, defaults.sliding.theta);
    return ropes;
  }
  for (StringRef older : {"rope_theta", "rope_local_base_freq"})
    if (config.has(older))
      config.note(older, "is left over: rope_parameters says it of each kind of layer");
  JsonFields kinds(config.file(), *named, (kParameters + ".").str());
  kinds.collect(config.notes());
  auto read = [&](StringRef kind, const RopeSpec &fallback) {
    return kinds.has(kind) ? readRopeOf(kinds, kind, fallback) : fallback;
  };
  LayerRopes ropes{read(kFull, defaults.full), read(kSliding, defaults.sliding)};
  for (const auto &[kind, value] : *named)
    if (StringRef name = kind; name != kFull && name != kSliding)
      kinds.fail(name, "is no kind of layer, expected " + describe(json::Value(kFull)) + " or " +
                           describe(json::Value(kSliding)));
  config.adopt(kinds);
  return ropes;
}

} // namespace osscc
