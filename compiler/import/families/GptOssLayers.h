// What the layers of gpt-oss are made of, and what their weights are called in each layout of its
// checkpoints.
#pragma once

#include "compiler/import/ModelSpec.h"

namespace osscc {

/// What every layer is alike in.
struct GptOssSizes {
  AttentionSpec attention; // without its weights, and without a window
  ActivationSpec activation;
  int64_t hidden = 0, mlp = 0, experts = 0, chosen = 0; // D, F, E, k
  double eps = 0;
};

/// The layer of a number, with the names of its weights in Hugging Face's layout, in the makers'
/// own
/// ("original") and in GGUF as its reader renames them.
LayerSpec nameGptOssLayer(const GptOssSizes &sizes, int64_t index,
                          std::optional<WindowSpec> window);

} // namespace osscc
