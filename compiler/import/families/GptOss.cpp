// gpt-oss: experts chosen by a router, attention with sinks, a window in every other layer, biases
// everywhere. Source: the reference's GptOssConfig, GptOssAttention, GptOssExperts,
// GptOssTopKRouter.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/GptOssLayers.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/Rope.h"
#include "compiler/import/json/UnreadFields.h"

using namespace llvm;

namespace osscc {

namespace {

/// An integer under its newer or its older name.
int64_t readEither(JsonFields &config, StringRef key, StringRef older, int64_t largest,
                   int64_t fallback) {
  bool isOlder = !config.has(key) && config.has(older);
  return config.integer(isOlder ? older : key, 1, largest, fallback);
}

GptOssSizes readSizes(JsonFields &config) {
  GptOssSizes sizes;
  sizes.hidden = config.integer("hidden_size", 1, kMostChannels);
  sizes.mlp = config.integer("intermediate_size", 1, kMostChannels / 2);
  sizes.attention = readHeads(config, sizes.hidden, 8, 64);
  // The makers' own layout has the numbers as fields of their own.
  json::Object yarn{{"rope_type", "yarn"},
                    {"factor", config.number("rope_scaling_factor", 1, 1e9, 32)},
                    {"beta_fast", config.number("rope_ntk_beta", 1e-3, 1e6, 32)},
                    {"beta_slow", config.number("rope_ntk_alpha", 1e-3, 1e6, 1)},
                    {"truncate", false},
                    {"original_max_position_embeddings",
                     config.integer("initial_context_length", 1, kMostPositions, 4096)}};
  sizes.attention.rope = readRope(config, sizes.attention.headSize, {150000, std::move(yarn)});
  sizes.experts = readEither(config, "num_local_experts", "num_experts", 65536, 128);
  sizes.chosen = readEither(config, "num_experts_per_tok", "experts_per_token", 256, 4);
  checkChosen(config, sizes.chosen, sizes.experts);
  sizes.eps = config.number("rms_norm_eps", 1e-30, 1, 1e-5);
  sizes.activation = {ActivationKind::SwigluOai, config.number("swiglu_alpha", 1e-6, 1e6, 1.702),
                      config.number("swiglu_limit", 1e-6, 1e6, 7)};
  config.string("hidden_act", "silu"); // the experts' own activation stands in its place
  if (!config.boolean("attention_bias", true))
    config.fail("attention_bias", "false is not supported: the family's products are biased");
  return sizes;
}

/// The window of each layer that has one: where nothing says which, every other from the first on.
SmallVector<std::optional<WindowSpec>> readWindows(JsonFields &config, int64_t layers) {
  int64_t window = config.integer("sliding_window", 1, kMostPositions, 128);
  std::optional<SmallVector<bool>> named = readLayerTypes(config, layers);
  SmallVector<std::optional<WindowSpec>> windows(layers);
  for (int64_t layer = 0; layer < layers && !config.failed(); ++layer)
    if (named ? (*named)[layer] : layer % 2 == 0)
      windows[layer] = WindowSpec{window, config.place("sliding_window")};
  return windows;
}

/// Says of the checkpoint's quantization only what is read: MXFP4 in two tensors.
bool readQuantization(JsonFields &config) {
  if (!config.has("quantization_config"))
    return false;
  const json::Value &value = *config.fields().get("quantization_config");
  const json::Object *object = value.getAsObject();
  if (object && object->getString("quant_method") == "mxfp4")
    return true;
  config.fail("quantization_config", describe(value) + " is not supported, expected \"mxfp4\"",
              "take the checkpoint that it was made from");
  return false;
}

} // namespace

/// The config of the makers' own layout names no model type.
bool isOriginalGptOss(const json::Object &config) {
  return config.get("rope_ntk_beta") && config.get("experts_per_token");
}

ModelSpec readGptOss(JsonFields &config) {
  ModelSpec spec;
  spec.family = "gpt_oss";
  checkArchitecture(config, "GptOss");
  spec.vocabulary = config.integer("vocab_size", 1, kMostTokens);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  GptOssSizes sizes = readSizes(config);
  SmallVector<std::optional<WindowSpec>> windows = readWindows(config, layers);
  spec.hidden = sizes.hidden;
  spec.positions = config.integer("max_position_embeddings", 1, kMostPositions, 131072);
  bool isOriginal = isOriginalGptOss(config.fields());
  spec.mxfp4Pairs = readQuantization(config) || isOriginal;
  bool tied = config.boolean("tie_word_embeddings", false);
  readTokens(config, spec);
  checkUnreadFields(config);
  if (config.failed())
    return spec;

  spec.tiedHeadName = "lm_head.weight";
  auto whole = [&](const std::string &name, SmallVector<int64_t, 3> shape, const char *fields,
                   const char *own) {
    return WeightSpec{name, std::move(shape), fields, 0, WeightRole::ByShape, {{{name}}, {{own}}}};
  };
  SmallVector<int64_t, 3> table = {spec.vocabulary, spec.hidden};
  const char *fields = "vocab_size, hidden_size";
  spec.embedding = whole("model.embed_tokens.weight", table, fields, "embedding.weight");
  spec.finalNorm = {whole("model.norm.weight", {spec.hidden}, "hidden_size", "norm.scale"),
                    sizes.eps};
  if (!tied)
    spec.head = whole(spec.tiedHeadName, table, fields, "unembedding.weight");
  for (int64_t index = 0; index < layers; ++index)
    spec.layers.push_back(nameGptOssLayer(sizes, index, std::move(windows[index])));
  return spec;
}

} // namespace osscc
