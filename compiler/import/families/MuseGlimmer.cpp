// Muse Glimmer's model of text: norms of the embedding, of heads and on both sides of attention and
// MLP, a gate of what attention gives, a window in three layers of four, of which the others do not
// know positions. Source: the reference's MuseGlimmerTextConfig and MuseGlimmerTextModel.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"
#include "compiler/import/families/Nested.h"

using namespace llvm;

namespace osscc {

namespace {

/// Whether a layer is none of every fourth, counted from the last.
SmallVector<bool> threeOfFour(int64_t layers) {
  SmallVector<bool> found;
  for (int64_t layer = 0; layer < layers; ++layer)
    found.push_back((layers - 1 - layer) % 4 != 0);
  return found;
}

/// Which layers turn heads: those that `layer_rope_theta` gives a theta, which is that of all.
SmallVector<bool> readTurned(JsonFields &config, int64_t layers) {
  constexpr StringLiteral kKey = "layer_rope_theta";
  if (!config.has(kKey))
    return threeOfFour(layers);
  SmallVector<bool> turned;
  const json::Value &value = *config.fields().get(kKey);
  const json::Array *thetas = value.getAsArray();
  if (!thetas || static_cast<int64_t>(thetas->size()) != layers)
    config.fail(kKey, "expected a number for each of " + Twine(layers) + " layers, found " +
                          describe(value));
  for (const json::Value &theta : thetas ? *thetas : json::Array()) {
    if (!theta.getAsNumber())
      config.fail(kKey, "expected numbers, found " + describe(theta));
    turned.push_back(theta.getAsNumber().value_or(0) != 0);
  }
  return turned;
}

/// Holds the thetas of layers to that of all, which is what the reference turns by.
void checkThetas(JsonFields &config, const ModelSpec &spec) {
  const json::Array *thetas = config.fields().getArray("layer_rope_theta");
  for (auto [layer, theta] : zip(spec.layers, thetas ? *thetas : json::Array()))
    if (double own = theta.getAsNumber().value_or(0);
        own != 0 && own != layer.attention.rope->theta)
      config.fail("layer_rope_theta", describe(theta) + " disagrees with the rope_theta of all, " +
                                          describe(json::Value(layer.attention.rope->theta)));
}

struct Own {
  SmallVector<bool> turned, windowed;
  int64_t window = 0;
  double headScale = 1, eps = 0, eps2 = 0; ///< eps2: of norms behind attention and MLP.
};

Own readOwn(JsonFields &config) {
  Own own;
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  own.turned = readTurned(config, layers);
  own.windowed = readLayerTypes(config, layers).value_or(threeOfFour(layers));
  own.window = readWindow(config, 2048);
  own.headScale = config.number("qk_scale_factor", 1e-9, 1e9, 3.87);
  own.eps = config.number("rms_norm_eps", 1e-30, 1, 1e-5);
  own.eps2 = config.number("post_norm_eps", 1e-30, 1, 1e-8);
  if (std::string act = config.string("hidden_activation", "silu"); act != "silu")
    config.fail("hidden_activation",
                describe(json::Value(act)) + " is not supported, expected \"silu\"");
  return own;
}

void setLayer(LayerSpec &layer, const Own &own, size_t index, int64_t hidden) {
  for (std::optional<NormSpec> *norm : {&layer.beforeAttention, &layer.beforeFeedForward,
                                        &layer.afterAttention, &layer.afterFeedForward})
    (*norm)->offset = 1;
  layer.afterAttention->eps = layer.afterFeedForward->eps = own.eps2;
  AttentionSpec &attention = layer.attention;
  attention.queryNorm = attention.keyNorm = NormSpec{std::nullopt, own.eps, attention.headSize};
  attention.scale *= own.headScale;
  attention.gate =
      LinearSpec{{layerPrefix(static_cast<int64_t>(index)) + "self_attn.gate_proj.weight",
                  {attention.heads * attention.headSize, hidden},
                  "num_attention_heads * head_dim, hidden_size"},
                 std::nullopt};
  if (!own.turned[index])
    attention.rope = std::nullopt;
}

ModelSpec readText(JsonFields &config) {
  Own own = readOwn(config);
  bool biased = config.boolean("attention_bias", false);
  double cap = config.number("final_logit_softcapping", 1e-6, 1e9, 20);
  double scale = config.number("output_multiplier", 1e-9, 1e9, 0.19611613513818404);
  ModelSpec spec =
      readLlamaShape(config, {.family = "muse_glimmer",
                              .prefix = "MuseGlimmer",
                              .positions = 131072,
                              .kvHeads = 2,
                              .queryBias = biased,
                              .outputBias = biased,
                              .headSize = 128,
                              .eps = 1e-5,
                              .norms = {.afterAttention = "post_attention_layernorm",
                                        .beforeFeedForward = "pre_feedforward_layernorm",
                                        .afterFeedForward = "post_feedforward_layernorm"}});
  spec.embeddingNorm = NormSpec{std::nullopt, own.eps};
  spec.logitScale = scale;
  spec.logitSoftcap = cap;
  checkThetas(config, spec);
  setWindows(spec, config, own.windowed, own.window);
  for (auto [index, layer] : enumerate(spec.layers))
    setLayer(layer, own, index, spec.hidden);
  return spec;
}

} // namespace

ModelSpec readMuseGlimmer(JsonFields &config) {
  return readNested(config, "MuseGlimmer", "muse_glimmer_text", readText);
}

} // namespace osscc
