// YaRN (Peng et al., 2023): what a config says of it, and the scaling that follows.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"

namespace osscc {

/// Above any factor of a config, so that products stay finite.
inline constexpr double kLargestFactor = 1e9;

/// What a config says, before it is known which frequencies there are.
struct Yarn {
  double factor, attentionFactor;
  double scoreFactor; ///< See RopeSpec.
  double original;    ///< The context of the training.
  double fast, slow; ///< Turns in it from which a frequency is kept, and up to which it is divided.
  bool truncates;    ///< Whether the numbers of those two frequencies are whole ones.
};

/// Reads the fields of an object that says "yarn". Errors stay in `fields`.
Yarn readYarn(JsonFields &fields);

/// The scaling of a rope of `dims` and `theta`. Fails in `config` where no frequency lies between
/// those that it keeps and those that it divides.
RopeScalingSpec scalingOf(const Yarn &yarn, JsonFields &config, int64_t dims, double theta);

/// Reads `llama_4_scaling_beta`: how scores grow with the position, if they do.
std::optional<TemperatureSpec> readGrowth(JsonFields &fields);

} // namespace osscc
