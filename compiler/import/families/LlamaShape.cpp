// The fields of config.json that Llama and its descendants share, and the names of their tensors.
// Source: the reference's LlamaConfig and its defaults.
#include "compiler/import/families/LlamaShape.h"

#include "compiler/import/families/Common.h"
#include "compiler/import/families/Fp8.h"
#include "compiler/import/families/LlamaLayers.h"
#include "compiler/import/families/Rope.h"
#include "compiler/import/json/UnreadFields.h"

using namespace llvm;

namespace osscc {

namespace {

/// Holds `hidden_act` to the activation of the shape.
void checkActivation(JsonFields &config, const LlamaShape &shape) {
  bool isSilu = shape.activation == ActivationKind::Silu && !shape.learns;
  StringRef usual = "gelu_pytorch_tanh";
  if (shape.learns)
    usual = "xielu";
  else if (isSilu || shape.activation == ActivationKind::Relu2)
    usual = isSilu ? "silu" : "relu2";
  std::string act = config.string("hidden_act", usual);
  if (act != usual && (!isSilu || act != "swish"))
    config.fail("hidden_act", describe(act) + " is not supported, expected " + describe(usual));
}

/// Whether a quantization is one of floats, whatever they look like.
bool isFp8(const json::Object *object) {
  return object && (object->getString("quant_method") == "fp8" ||
                    object->getString("format") == "float-quantized");
}

/// Floats of 8 bits are read; a quantization that says of every way that it is off is none.
void readQuantization(JsonFields &config, ModelSpec &spec) {
  for (StringRef key : {"quantization_config", "quantization"}) {
    if (!config.has(key))
      continue;
    const json::Value &value = *config.fields().get(key);
    const json::Object *object = value.getAsObject();
    bool none = object && object->getBoolean("load_in_4bit") == false &&
                object->getBoolean("load_in_8bit") == false;
    if (none)
      config.note(key, "says that nothing is quantized");
    else if (isFp8(object))
      readFp8(config, spec);
    else if (!object || !object->empty())
      config.fail(key, describe(value) + ": weights that are quantized so cannot be compiled",
                  "take the checkpoint that they were made from; --quantize=int8 or int4 stores "
                  "it in fewer bits");
  }
}

/// GGUF's key of a window. It is no left-over of a converter: a llama of GGUF can be a Mistral.
std::optional<WindowSpec> readGgufWindow(JsonFields &config) {
  constexpr StringLiteral kKey = "attention.sliding_window";
  if (int64_t window = config.integer(kKey, 0, kMostPositions, 0))
    return WindowSpec{window, config.place(kKey)};
  return std::nullopt;
}

LlamaSizes readLayers(JsonFields &config, const LlamaShape &shape, int64_t hidden) {
  LlamaSizes sizes;
  sizes.hidden = hidden;
  sizes.mlp = config.integer("intermediate_size", 1, kMostChannels,
                             shape.hasMlp ? std::optional<int64_t>() : 1);
  sizes.attention = readHeads(config, hidden, shape.kvHeads, shape.headSize);
  sizes.eps = config.number(shape.epsField, 1e-30, 1, shape.eps);
  RopeDefaults defaults{shape.theta};
  defaults.share = shape.share;
  defaults.grows = shape.grows;
  if (shape.rope)
    defaults.parameters = *shape.rope;
  if (shape.hasRope)
    sizes.attention.rope = readRope(config, sizes.attention.headSize, defaults);
  if (shape.hasRope)
    sizes.attention.temperature = sizes.attention.rope->growth;
  checkActivation(config, shape);
  sizes.attention.window = readGgufWindow(config);
  return sizes;
}

} // namespace

ModelSpec readLlamaShape(JsonFields &config, const LlamaShape &shape) {
  ModelSpec spec;
  spec.family = shape.family.str();
  checkArchitecture(config, shape.prefix);
  readQuantization(config, spec);
  spec.vocabulary = config.integer("vocab_size", 1, kMostTokens);
  spec.hidden = config.integer("hidden_size", 1, kMostChannels);
  LlamaSizes sizes = readLayers(config, shape, spec.hidden);
  spec.positions = config.integer("max_position_embeddings", 1, kMostPositions, shape.positions);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  bool tied = config.boolean("tie_word_embeddings", shape.tied);
  readTokens(config, spec);
  checkUnreadFields(config);
  if (config.failed())
    return spec;

  spec.embedding = {
      "model.embed_tokens.weight", {spec.vocabulary, spec.hidden}, "vocab_size, hidden_size"};
  spec.finalNorm = nameLlamaNorm(sizes, shape, "model.norm");
  spec.tiedHeadName = "lm_head.weight";
  if (!tied)
    spec.head = {spec.tiedHeadName, {spec.vocabulary, spec.hidden}, "vocab_size, hidden_size"};
  for (int64_t index = 0; index < layers; ++index)
    spec.layers.push_back(nameLlamaLayer(sizes, shape, index));
  spec.ignoredSuffixes.emplace_back(".rotary_emb.inv_freq");
  return spec;
}

} // namespace osscc
