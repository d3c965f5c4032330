// Gemma 1, 2 and 3, and VaultGemma: norms that store scale - 1, an embedding scaled by the root of
// its width, a gate of gelu. From Gemma 2 on norms behind attention and MLP, and layers with a
// window between full ones; in Gemma 2 soft caps; in Gemma 3 norms of queries and keys, and a rope
// of their own for layers with a window. Source: the reference's GemmaConfig, Gemma2Config,
// Gemma3TextConfig and VaultGemmaConfig, and their models.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/GemmaLayers.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/Nested.h"
#include "compiler/import/json/UnreadFields.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

constexpr GemmaShape kGemma = {.family = "gemma",
                               .prefix = "Gemma",
                               .positions = 8192,
                               .kvHeads = 16,
                               .activation = "hidden_act",
                               .namesFeedForwardNorm = false};
constexpr GemmaShape kGemma2 = {.family = "gemma2",
                                .prefix = "Gemma2",
                                .positions = 8192,
                                .kvHeads = 4,
                                .activation = "hidden_activation",
                                .pattern = 2,
                                .normsOutputs = true,
                                .attentionCap = 50,
                                .logitCap = 30};
constexpr GemmaShape kGemma3 = {.family = "gemma3",
                                .prefix = "Gemma3",
                                .positions = 131072,
                                .kvHeads = 4,
                                .activation = "hidden_activation",
                                .pattern = 6,
                                .normsOutputs = true,
                                .normsHeads = true,
                                .hasLocalRope = true};
constexpr GemmaShape kVaultGemma = {.family = "vaultgemma",
                                    .prefix = "VaultGemma",
                                    .positions = 8192,
                                    .kvHeads = 4,
                                    .activation = "hidden_activation",
                                    .pattern = 2,
                                    .attentionCap = 50,
                                    .logitCap = 30};

/// A number under whose absence the reference has a default and under null nothing.
double readCap(JsonFields &config, StringRef key, double fallback) {
  const json::Value *field = config.fields().get(key);
  bool isNull = field && field->kind() == json::Value::Null;
  return config.number(key, 1e-6, 1e9, isNull ? 0 : fallback);
}

/// Which layers have a window: by layer_types, or all but every `pattern`-th.
SmallVector<bool> readWindowed(JsonFields &config, int64_t layers, int64_t pattern) {
  if (std::optional<SmallVector<bool>> named = readLayerTypes(config, layers))
    return *named;
  SmallVector<bool> windowed;
  for (int64_t layer = 0; layer < layers; ++layer)
    windowed.push_back(pattern != 0 && (layer + 1) % pattern != 0);
  return windowed;
}

/// The gate's activation is the approximation of gelu by tanh; Gemma 1 calls it "gelu" as well.
void checkActivation(JsonFields &config, const GemmaShape &shape) {
  std::string name = config.string(shape.activation, "gelu_pytorch_tanh");
  bool isOlder = shape.activation == "hidden_act" && name == "gelu";
  if (name != "gelu_pytorch_tanh" && !isOlder)
    config.fail(shape.activation,
                describe(json::Value(name)) + " is not supported, expected \"gelu_pytorch_tanh\"");
  if (shape.activation == "hidden_act") // which the reference does not read
    config.string("hidden_activation", "");
}

void readAttention(JsonFields &config, const GemmaShape &shape, GemmaSizes &sizes) {
  sizes.attention = readHeads(config, sizes.hidden, shape.kvHeads, 256);
  if (shape.pattern != 0) // from Gemma 2 on
    sizes.attention.scale = 1 / std::sqrt(config.number("query_pre_attn_scalar", 1e-6, 1e9, 256));
  sizes.attention.softcap = readCap(config, "attn_logit_softcapping", shape.attentionCap);
  if (shape.hasLocalRope && sizes.attention.softcap != 0)
    config.fail("attn_logit_softcapping",
                describe(*config.fields().get("attn_logit_softcapping")) +
                    " is not supported: the reference's model does not apply it");
  if (config.boolean("use_bidirectional_attention", false))
    config.fail("use_bidirectional_attention",
                "true is not supported: a text is read from left to right");
}

GemmaSizes readSizes(JsonFields &config, const GemmaShape &shape, int64_t layers) {
  GemmaSizes sizes;
  sizes.layers = layers;
  sizes.hidden = config.integer("hidden_size", 1, kMostChannels);
  sizes.mlp = config.integer("intermediate_size", 1, kMostChannels);
  readAttention(config, shape, sizes);
  sizes.eps = config.number("rms_norm_eps", 1e-30, 1, 1e-6);
  checkActivation(config, shape);
  sizes.biased = config.boolean("attention_bias", false);
  int64_t head = sizes.attention.headSize;
  if (shape.hasLocalRope)
    sizes.ropes = readLayerRopes(config, {{head, 1e6, {}}, {head, 1e4, {}}});
  else
    sizes.ropes.full = sizes.ropes.sliding = readRope(config, head);
  if (shape.pattern == 0)
    return sizes;
  const json::Value *window = config.fields().get("sliding_window");
  if (!window || window->kind() != json::Value::Null)
    sizes.window = WindowSpec{config.integer("sliding_window", 1, kMostPositions, 4096),
                              config.place("sliding_window")};
  int64_t pattern = shape.hasLocalRope
                        ? config.integer("sliding_window_pattern", 1, kMostLayers, shape.pattern)
                        : shape.pattern;
  sizes.windowed = readWindowed(config, layers, pattern);
  return sizes;
}

ModelSpec readShape(JsonFields &config, const GemmaShape &shape) {
  ModelSpec spec;
  spec.family = shape.family.str();
  checkArchitecture(config, shape.prefix);
  spec.vocabulary = config.integer("vocab_size", 1, kMostTokens);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  GemmaSizes sizes = readSizes(config, shape, layers);
  spec.hidden = sizes.hidden;
  spec.positions = config.integer("max_position_embeddings", 1, kMostPositions, shape.positions);
  spec.logitSoftcap = readCap(config, "final_logit_softcapping", shape.logitCap);
  bool tied = config.boolean("tie_word_embeddings", true);
  readTokens(config, spec);
  checkUnreadFields(config);
  if (!config.failed())
    nameGemma(shape, sizes, tied, spec);
  return spec;
}

} // namespace

ModelSpec readGemma(JsonFields &config) {
  return readShape(config, kGemma);
}

ModelSpec readGemma2(JsonFields &config) {
  return readShape(config, kGemma2);
}

ModelSpec readGemma3Text(JsonFields &config) {
  return readShape(config, kGemma3);
}

ModelSpec readGemma3(JsonFields &config) {
  return readNested(config, kGemma3.prefix, "gemma3_text", readGemma3Text);
}

ModelSpec readVaultGemma(JsonFields &config) {
  return readShape(config, kVaultGemma);
}

} // namespace osscc
