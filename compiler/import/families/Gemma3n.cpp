// Gemma 3n's model of text: layers with keys and values shared and with inputs of their token as
// Gemma 4's small models have them, over four streams of rows, with a branch of low rank beside
// attention, and gates of which the first layers keep a share. Source: the reference's
// Gemma3nTextConfig, Gemma3nTextModel, Gemma3nTextAltUp and Gemma3nTextMLP.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/Gemma3nLayers.h"
#include "compiler/import/families/Gemma4Heads.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/Nested.h"
#include "compiler/import/json/UnreadFields.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

/// How many deviations above the mean of a normal distribution this share of it lies below.
double quantileOf(double share) {
  double low = -40, high = 40;
  for (int step = 0; step < 200; ++step) {
    double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < share ? low : high) = middle;
  }
  return low;
}

/// What each layer keeps of its gate; by default the first ten of more keep a twentieth.
void readCutoffs(JsonFields &config, Gemma3nSizes &sizes) {
  constexpr StringLiteral kKey = "activation_sparsity_pattern";
  size_t layers = sizes.base.layers.size();
  SmallVector<double> shares;
  if (!config.has(kKey)) {
    for (size_t layer = 0; layer < layers; ++layer)
      shares.push_back(layers > 10 && layer < 10 ? 0.95 : 0);
  } else {
    const json::Value &value = *config.fields().get(kKey);
    const json::Array *listed = value.getAsArray();
    for (const json::Value &share : listed ? *listed : json::Array{})
      if (double found = share.getAsNumber().value_or(-1); found >= 0 && found < 1)
        shares.push_back(found);
    if (shares.size() != layers)
      config.fail(kKey, describe(value) + ", expected a number from 0 to less than 1 for each of " +
                            Twine(layers) + " layers");
  }
  for (double share : shares) // which the reference rounds to f32
    sizes.cutoffs.push_back(share == 0 ? std::nullopt
                                       : std::optional(quantileOf(static_cast<float>(share))));
}

/// Which layers have a window, and how wide their MLPs are.
void readLayers(JsonFields &config, Gemma4Sizes &sizes) {
  constexpr StringLiteral kWidths = "intermediate_size";
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  std::optional<SmallVector<bool>> windowed = readLayerTypes(config, layers);
  SmallVector<int64_t> widths = config.integers(kWidths, 1, kMostChannels);
  if (widths.size() <= 1)
    widths.assign(layers, widths.empty() ? 16384 : widths.front());
  if (static_cast<int64_t>(widths.size()) != layers)
    return config.fail(kWidths,
                       "names " + Twine(widths.size()) + " layers, but there are " + Twine(layers));
  for (int64_t layer = 0; layer < layers; ++layer) {
    bool isWindowed = windowed && !config.failed() ? (*windowed)[layer] : (layer + 1) % 5 != 0;
    sizes.layers.push_back({isWindowed, sizes.attention.headSize, sizes.attention.kvHeads, {}});
    sizes.layers.back().mlp = widths[layer];
  }
}

void readInputs(JsonFields &config, Gemma4Sizes &sizes) {
  constexpr StringLiteral kRows = "vocab_size_per_layer_input";
  sizes.inputChannels = config.integer("hidden_size_per_layer_input", 1, kMostChannels, 256);
  sizes.inputRows = config.integer(kRows, 1, kMostTokens, 262144);
  if (sizes.inputRows > sizes.vocabulary)
    config.fail(kRows, Twine(sizes.inputRows) + " is above vocab_size " + Twine(sizes.vocabulary));
  if (sizes.inputChannels * static_cast<int64_t>(sizes.layers.size()) > kMostChannels)
    config.fail("hidden_size_per_layer_input",
                Twine(sizes.inputChannels) + " times the layers is above " + Twine(kMostChannels));
}

Gemma4Sizes readBase(JsonFields &config) {
  Gemma4Sizes sizes;
  sizes.hidden = config.integer("hidden_size", 1, kMostChannels);
  sizes.vocabulary = config.integer("vocab_size", 1, kMostTokens);
  sizes.attention = readHeads(config, sizes.hidden, 2, 256);
  sizes.attention.scale = 1;
  readLayers(config, sizes);
  if (config.failed())
    return sizes;
  shareGemmaCaches(config, sizes, 15);
  sizes.eps = config.number("rms_norm_eps", 1e-30, 1, 1e-6);
  sizes.scalesLayers = false;
  sizes.window = {config.integer("sliding_window", 1, kMostPositions, 512),
                  config.place("sliding_window")};
  int64_t head = sizes.attention.headSize;
  sizes.ropes = readLayerRopes(config, {{head, 1e6, {}}, {head, 1e4, {}}});
  readInputs(config, sizes);
  if (std::string act = config.string("hidden_activation", "gelu_pytorch_tanh");
      act != "gelu_pytorch_tanh")
    config.fail("hidden_activation",
                describe(json::Value(act)) + " is not supported, expected \"gelu_pytorch_tanh\"");
  if (config.boolean("attention_bias", false))
    config.fail("attention_bias", "true is not supported");
  return sizes;
}

Gemma3nSizes readSizes(JsonFields &config) {
  Gemma3nSizes sizes;
  sizes.base = readBase(config);
  sizes.streams = config.integer("altup_num_inputs", 2, 64, 4);
  sizes.rank = config.integer("laurel_rank", 1, kMostChannels, 64);
  sizes.scalesFirst = config.boolean("altup_correct_scale", true);
  config.has("altup_coef_clip"); // of training
  if (int64_t active = config.integer("altup_active_idx", 0, 63, 0); active != 0)
    config.fail("altup_active_idx", Twine(active) + " is not supported, expected 0");
  readCutoffs(config, sizes);
  return sizes;
}

} // namespace

ModelSpec readGemma3nText(JsonFields &config) {
  ModelSpec spec;
  spec.family = "gemma3n";
  checkArchitecture(config, "Gemma3n");
  Gemma3nSizes sizes = readSizes(config);
  spec.hidden = sizes.base.hidden;
  spec.vocabulary = sizes.base.vocabulary;
  spec.positions = config.integer("max_position_embeddings", 1, kMostPositions, 32768);
  const json::Value *cap = config.fields().get("final_logit_softcapping");
  bool uncapped = cap && cap->kind() == json::Value::Null;
  spec.logitSoftcap = config.number("final_logit_softcapping", 1e-6, 1e9, uncapped ? 0 : 30);
  bool tied = config.boolean("tie_word_embeddings", true);
  readTokens(config, spec);
  checkUnreadFields(config);
  if (config.failed())
    return spec;
  nameGemma4(sizes.base, tied, spec);
  addGemma3nParts(sizes, spec);
  return spec;
}

ModelSpec readGemma3n(JsonFields &config) {
  return readNested(config, "Gemma3n", "gemma3n_text", readGemma3nText);
}

} // namespace osscc
