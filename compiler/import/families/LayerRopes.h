// The fields of config.json that give layers with a window a rope of their own.
#pragma once

#include "compiler/import/families/Rope.h"

namespace osscc {

/// The ropes of a model whose layers with a window have another than the full ones.
struct LayerRopes {
  RopeSpec full, sliding;
};

/// Reads both: `rope_parameters` with an object for each kind of layer, "full_attention" and
/// "sliding_attention", or in older configs `rope_theta` and a scaling, which are the full layers',
/// and `rope_local_base_freq`, which is the others'.
///
/// \param defaults  with the head sizes and thetas of both.
LayerRopes readLayerRopes(JsonFields &config, const LayerRopes &defaults);

} // namespace osscc
