// LongRoPE (Ding et al., 2024): what a config says of it, and the scaling that follows.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"

namespace osscc {

/// What a config says: a divisor for each frequency, of contexts up to the original one and above.
struct LongRope {
  std::vector<float> shorter, longer;
  double original = 0; ///< The context of the training.
  double attentionFactor = 1;
};

/// Reads the fields of an object that says "longrope". Errors stay in `fields`.
/// \param config  the object around it, which may say the original context, and has the longest.
LongRope readLongRope(JsonFields &fields, JsonFields &config);

/// The scaling of a rope of which `turned` channels turn. Fails in `config` where there is another
/// number of divisors.
RopeScalingSpec scalingOf(const LongRope &rope, JsonFields &config, int64_t turned);

} // namespace osscc
