// EXAONE 4: norms behind attention and MLP, and of each head of queries and keys; where layers have
// a window, those without one do not know positions. K-EXAONE has norms before them, and experts.
// Source: the reference's Exaone4Config, Exaone4Attention, Exaone4DecoderLayer, ExaoneMoeConfig and
// ExaoneMoeDecoderLayer.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/GroupedExperts.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"

using namespace llvm;

namespace osscc {

/// Which layers have a window: those that `layer_types` names, or all but every
/// `sliding_window_pattern`-th; a pattern of letters, "LLLG", has as many.
static SmallVector<bool> readWindowed(JsonFields &config, int64_t window) {
  constexpr StringLiteral kPattern = "sliding_window_pattern";
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  const json::Value *pattern = config.fields().get(kPattern);
  std::optional<StringRef> letters = pattern ? pattern->getAsString() : std::nullopt;
  int64_t every = 4;
  if (letters) {
    config.has(kPattern);
    every = static_cast<int64_t>(letters->size());
    if (every == 0 || letters->drop_back().find_first_not_of('L') != StringRef::npos ||
        letters->back() != 'G')
      config.fail(kPattern, describe(*pattern) + " is not supported, expected L's and a last G");
  } else {
    every = config.integer(kPattern, 0, kMostLayers, 4);
  }
  if (std::optional<SmallVector<bool>> named = readLayerTypes(config, layers))
    return *named;
  SmallVector<bool> windowed;
  for (int64_t layer = 0; layer < layers && every > 0; ++layer)
    windowed.push_back(window != 0 && (layer + 1) % every != 0);
  return windowed;
}

static ModelSpec readShape(JsonFields &config, const LlamaShape &shape) {
  int64_t window = readWindow(config, 4096);
  SmallVector<bool> windowed = readWindowed(config, window);
  ModelSpec spec = readLlamaShape(config, shape);
  setWindows(spec, config, windowed, window);
  for (LayerSpec &layer : spec.layers)
    if (window != 0 && !layer.attention.window)
      layer.attention.rope = std::nullopt;
  return spec;
}

ModelSpec readExaone4(JsonFields &config) {
  if (!config.boolean("reorder_and_qk_norm", true))
    config.fail("reorder_and_qk_norm", "false is not supported");
  return readShape(config, {.family = "exaone4",
                            .prefix = "Exaone4",
                            .positions = 2048,
                            .kvHeads = 32,
                            .eps = 1e-5,
                            .norms = {.beforeAttention = "",
                                      .afterAttention = "post_attention_layernorm",
                                      .beforeFeedForward = "",
                                      .afterFeedForward = "post_feedforward_layernorm"},
                            .headNorms = HeadNorms::EachHead});
}

ModelSpec readExaoneMoe(JsonFields &config) {
  GroupedExperts experts = readGroupedExperts(config, {.count = "num_experts",
                                                       .shared = "num_shared_experts",
                                                       .experts = 64,
                                                       .chosen = 8,
                                                       .mlp = 1024,
                                                       .leading = 1,
                                                       .scale = 2.5});
  int64_t guessing = readGuessingLayers(config);
  ModelSpec spec = readShape(config, {.family = "exaone_moe",
                                      .prefix = "ExaoneMoe",
                                      .positions = 2048,
                                      .kvHeads = 32,
                                      .eps = 1e-5,
                                      .headNorms = HeadNorms::EachHead});
  if (config.failed())
    return spec;
  ExpertNames names = kGroupedNames;
  names.bias = "mlp.e_score_correction";
  setExperts(spec, experts, names);
  spareGuessingLayers(spec, guessing);
  return spec;
}

} // namespace osscc
