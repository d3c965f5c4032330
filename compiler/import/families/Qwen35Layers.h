// The layers in which Qwen 3.5 and Qwen 3 Next differ from a Llama: delta nets, and attention whose
// output is gated.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"

namespace osscc {

/// The sizes that delta nets are alike in.
struct DeltaNetSizes {
  int64_t hidden = 0;
  int64_t keyHeads = 0, valueHeads = 0, keySize = 0, valueSize = 0, taps = 0;
  double eps = 0; ///< Of the norm of value heads.
  /// Whether the projections are two tensors, in which each key head has the rows of its q, k,
  /// values and gates together.
  bool joins = false;
  bool logRates = true, tiled = false; ///< As DeltaNetSpec has them; files in GGUF have others.
};

/// Reads the fields `linear_*`. Errors stay in `config`.
DeltaNetSizes readDeltaNet(JsonFields &config);

/// The delta net of layer `index`.
DeltaNetSpec nameDeltaNet(const DeltaNetSizes &sizes, int64_t index);

/// Makes a Llama's attention in layer `index` one whose product of queries has the gates beside
/// them: of each head the rows of q, then those of its gate.
void gateAttention(AttentionSpec &attention, int64_t hidden, int64_t index);

} // namespace osscc
