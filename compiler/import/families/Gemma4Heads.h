// What Gemma 4's layers differ in: heads of their own, and whose keys and values they read.
#pragma once

#include "compiler/import/families/Gemma4Layers.h"
#include "compiler/import/json/Json.h"

namespace osscc {

/// Reads the sizes of every layer's heads, and the layers whose keys and values the last ones read.
/// Errors stay in `config`: a layer that is not there, heads that do not divide or are not even, a
/// last layer without one of its kind before it.
///
/// \param sizes  with its layers, whose kinds are known.
void readGemma4Heads(JsonFields &config, Gemma4Sizes &sizes);

/// Reads `num_kv_shared_layers`, `usual` by default: so many of the last layers read keys and
/// values of the last layer of their kind before them.
void shareGemmaCaches(JsonFields &config, Gemma4Sizes &sizes, int64_t usual);

} // namespace osscc
