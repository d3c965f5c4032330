// The config field that names the attention of each layer; families whose layers differ read it
// alike, and the windows that go with it.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace osscc {

/// Reads `layer_types`: for each layer whether it is `local`, not "full_attention"; nothing where
/// the field is absent. Errors stay in `config`: a name that is neither, another length than
/// `layers`.
std::optional<llvm::SmallVector<bool>> readLayerTypes(JsonFields &config, int64_t layers,
                                                      llvm::StringRef local = "sliding_attention");

/// Which layers turn heads by their position: those with a 1 in `no_rope_layers`, or all but every
/// `no_rope_layer_interval`-th. Errors stay in `config`.
llvm::SmallVector<bool> readTurnedLayers(JsonFields &config, int64_t layers);

/// Which layers of a Qwen have a window: none without `use_sliding_window`; those that
/// `layer_types` names, else those from `max_window_layers` on.
llvm::SmallVector<bool> readUpperWindows(JsonFields &config);

/// Gives each layer that is `windowed` a window of so many positions, which the field
/// `sliding_window` says; no window where they are 0.
void setWindows(ModelSpec &spec, const JsonFields &config, llvm::ArrayRef<bool> windowed,
                int64_t positions);

/// Reads `sliding_window` where null means that no layer has one.
/// \param fallback  where the field is absent.
int64_t readWindow(JsonFields &config, int64_t fallback);

} // namespace osscc
