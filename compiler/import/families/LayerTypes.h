// The config field that names the attention of each layer; families whose layers differ read it
// alike.
#pragma once

#include "compiler/import/json/Json.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace osscc {

/// Reads `layer_types`: for each layer whether it is "sliding_attention", not "full_attention";
/// nothing where the field is absent. Errors stay in `config`: a name that is neither, another
/// length than `layers`.
std::optional<llvm::SmallVector<bool>> readLayerTypes(JsonFields &config, int64_t layers);

} // namespace osscc
