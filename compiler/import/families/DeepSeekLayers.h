// The names of a DeepSeek's tensors, as Hugging Face's layout and GGUF have them.
#pragma once

#include "compiler/import/families/GroupedExperts.h"

namespace osscc {

/// What the layers of a DeepSeek are alike in.
struct DeepSeekSizes {
  int64_t hidden = 0; ///< D
  int64_t heads = 0;  ///< H
  int64_t rank = 0;   ///< Of the latent of keys and values.
  std::optional<int64_t> queryRank;
  int64_t nope = 0, turned = 0; ///< Channels of a head's query without and with rope.
  int64_t value = 0;            ///< Channels of a head's value.
  bool pairs = true;            ///< Whether rope turns neighbours.
  RopeSpec rope;
  double scale = 0; ///< Of scores.
  double eps = 0;

  int64_t mlp = 0; ///< F of layers without experts.
  GroupedExperts experts;
};

LayerSpec nameDeepSeekLayer(const DeepSeekSizes &sizes, int64_t index);

} // namespace osscc
