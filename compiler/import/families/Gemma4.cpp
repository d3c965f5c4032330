// Gemma 4's model of text: heads of two sizes, norms of queries, keys and values, scores that are
// not scaled, full layers whose rope turns a share of the pairs. Large ones take the key's product
// as the value in full layers, and may have experts beside their MLPs; small ones have an input of
// its token for every layer, and their last layers read keys and values of layers before. Source:
// the reference's Gemma4TextConfig, Gemma4UnifiedTextConfig and Gemma4TextModel.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/Gemma4Heads.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/Nested.h"
#include "compiler/import/json/UnreadFields.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

/// Whether each layer has a window: the last never has.
SmallVector<bool> readWindowed(JsonFields &config, int64_t layers) {
  SmallVector<bool> windowed;
  for (int64_t layer = 0; layer < layers; ++layer)
    windowed.push_back((layer + 1) % 6 != 0);
  if (std::optional<SmallVector<bool>> named = readLayerTypes(config, layers))
    windowed = *named;
  if (!windowed.empty())
    windowed.back() = false;
  return windowed;
}

void readLayers(JsonFields &config, Gemma4Sizes &sizes) {
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  sizes.attention = readHeads(config, sizes.hidden, 4, 256);
  sizes.attention.scale = 1;
  sizes.keyIsValue = config.boolean("attention_k_eq_v", false);
  for (bool windowed : readWindowed(config, layers))
    sizes.layers.push_back({windowed, sizes.attention.headSize, sizes.attention.kvHeads, {}});
  if (config.failed())
    return;
  readGemma4Heads(config, sizes);
  bool doubles = config.boolean("use_double_wide_mlp", false);
  for (Gemma4Layer &layer : sizes.layers)
    layer.mlp = sizes.mlp * (doubles && layer.source ? 2 : 1);
}

/// The ropes of both kinds of layers; by default the full ones turn a quarter of their pairs.
LayerRopes readRopes(JsonFields &config, const Gemma4Sizes &sizes) {
  auto sizeOf = [&](bool windowed) {
    auto layer =
        find_if(sizes.layers, [&](const Gemma4Layer &known) { return known.windowed == windowed; });
    return layer == sizes.layers.end() ? sizes.attention.headSize : layer->headSize;
  };
  RopeSpec full = {sizeOf(false), 1e6, RopeScalingSpec{"proportional", 1, 0, 0, 0}};
  full.scaling->low = std::floor(static_cast<double>(full.dims) / 8);
  if (full.scaling->low == 0)
    full.scaling.reset(); // whatever the config says, a pair turns
  return readLayerRopes(config, {full, {sizeOf(true), 1e4, {}}});
}

Gemma4Sizes readSizes(JsonFields &config, int64_t window) {
  Gemma4Sizes sizes;
  sizes.hidden = config.integer("hidden_size", 1, kMostChannels);
  sizes.mlp = config.integer("intermediate_size", 1, kMostChannels / 2);
  sizes.vocabulary = config.integer("vocab_size", 1, kMostTokens);
  readLayers(config, sizes);
  sizes.eps = config.number("rms_norm_eps", 1e-30, 1, 1e-6);
  if (std::string act = config.string("hidden_activation", "gelu_pytorch_tanh");
      act != "gelu_pytorch_tanh")
    config.fail("hidden_activation",
                describe(json::Value(act)) + " is not supported, expected \"gelu_pytorch_tanh\"");
  if (config.boolean("attention_bias", false))
    config.fail("attention_bias", "true is not supported");
  if (std::string ways = config.string("use_bidirectional_attention", ""); ways == "all")
    config.fail("use_bidirectional_attention",
                "\"all\" is not supported: a text is read from left to right");
  sizes.experts = readGemma4Experts(config);
  sizes.window = {config.integer("sliding_window", 1, kMostPositions, window),
                  config.place("sliding_window")};
  if (!config.failed())
    sizes.ropes = readRopes(config, sizes);
  return sizes;
}

/// The table that gives each layer an input of its token; in the reference's default there is one.
void readPerLayerInputs(JsonFields &config, Gemma4Sizes &sizes, int64_t channels) {
  sizes.inputChannels = config.integer("hidden_size_per_layer_input", 0, kMostChannels, channels);
  int64_t rows = config.integer("vocab_size_per_layer_input", 1, kMostTokens, 262144);
  sizes.inputRows = rows;
  if (sizes.inputChannels == 0)
    return;
  auto layers = static_cast<int64_t>(sizes.layers.size());
  if (rows != sizes.vocabulary)
    config.fail("vocab_size_per_layer_input",
                Twine(rows) + " is not supported, expected vocab_size " + Twine(sizes.vocabulary));
  if (sizes.inputChannels * layers > kMostChannels)
    config.fail("hidden_size_per_layer_input", Twine(sizes.inputChannels) + " times " +
                                                   Twine(layers) + " layers is above " +
                                                   Twine(kMostChannels));
}

ModelSpec readText(JsonFields &config, StringRef prefix, int64_t positions, int64_t window,
                   int64_t inputChannels) {
  ModelSpec spec;
  spec.family = "gemma4";
  checkArchitecture(config, prefix);
  Gemma4Sizes sizes = readSizes(config, window);
  readPerLayerInputs(config, sizes, inputChannels);
  spec.hidden = sizes.hidden;
  spec.vocabulary = sizes.vocabulary;
  spec.positions = config.integer("max_position_embeddings", 1, kMostPositions, positions);
  spec.logitSoftcap = config.number("final_logit_softcapping", 1e-6, 1e9, 0);
  bool tied = config.boolean("tie_word_embeddings", true);
  readTokens(config, spec);
  checkUnreadFields(config);
  if (!config.failed())
    nameGemma4(sizes, tied, spec);
  return spec;
}

} // namespace

ModelSpec readGemma4Text(JsonFields &config) {
  return readText(config, "Gemma4", 131072, 512, 256);
}

ModelSpec readGemma4UnifiedText(JsonFields &config) {
  if (config.boolean("enable_moe_block", false))
    config.fail("enable_moe_block", "true is not supported: models of this family have no experts");
  return readText(config, "Gemma4Unified", 262144, 1024, 0);
}

ModelSpec readGemma4(JsonFields &config) {
  return readNested(config, "Gemma4", "gemma4_text", readGemma4Text);
}

ModelSpec readGemma4Unified(JsonFields &config) {
  return readNested(config, "Gemma4Unified", "gemma4_unified_text", readGemma4UnifiedText);
}

} // namespace osscc
