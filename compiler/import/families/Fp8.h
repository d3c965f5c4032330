// The config field of checkpoints in floats of 8 bits, as their makers publish them.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"

namespace osscc {

/// Reads `quantization_config` into `spec`: the rows and channels of the square blocks of e4m3 that
/// share a scale, which are the whole matrix where there is one scale for it; nothing where the
/// field is absent. Source: transformers' FineGrainedFP8Config, compressed-tensors' config_groups.
/// Errors stay in `config`: any other quantization.
void readFp8(JsonFields &config, ModelSpec &spec);

} // namespace osscc
