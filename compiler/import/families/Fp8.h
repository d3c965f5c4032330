// The config field of checkpoints in floats of 8 bits, as their makers publish them.
#pragma once

#include "compiler/import/json/Json.h"

namespace osscc {

/// Reads `quantization_config`: the rows and channels of the square blocks that share a scale; 0
/// where the field is absent. Errors stay in `config`: any other quantization.
int64_t readFp8Block(JsonFields &config);

} // namespace osscc
