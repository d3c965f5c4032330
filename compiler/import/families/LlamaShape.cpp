// The fields of config.json that Llama and its descendants share, and the names of their tensors.
// Source: the reference's LlamaConfig and its defaults.
#include "compiler/import/families/LlamaShape.h"

#include "compiler/import/families/Common.h"
#include "compiler/import/families/Rope.h"
#include "compiler/import/json/UnreadFields.h"

using namespace llvm;

namespace osscc {

namespace {

/// What every layer is alike in.
struct LayerSizes {
  AttentionSpec attention; // without its weights
  int64_t mlp = 0;         // F
  double eps = 0;
};

LayerSpec nameLayer(int64_t hidden, const LayerSizes &sizes, const LlamaShape &shape,
                    int64_t index) {
  std::string prefix = "model.layers." + std::to_string(index) + ".";
  auto matrix = [&](const char *name, int64_t out, int64_t in, StringRef fields, bool biased) {
    LinearSpec linear{{prefix + name + ".weight", {out, in}, fields.str()}, std::nullopt};
    if (biased)
      linear.bias = WeightSpec{prefix + name + ".bias", {out}, fields.split(',').first.str()};
    return linear;
  };
  auto norm = [&](const char *name) {
    return NormSpec{{prefix + name + ".weight", {hidden}, "hidden_size"}, sizes.eps};
  };
  AttentionSpec attention = sizes.attention;
  int64_t queries = attention.heads * attention.headSize;
  int64_t keys = attention.kvHeads * attention.headSize;
  const char *keyFields = "num_key_value_heads * head_dim, hidden_size";
  const char *mlpFields = "intermediate_size, hidden_size";
  attention.query = matrix("self_attn.q_proj", queries, hidden,
                           "num_attention_heads * head_dim, hidden_size", shape.queryBias);
  attention.key = matrix("self_attn.k_proj", keys, hidden, keyFields, shape.queryBias);
  attention.value = matrix("self_attn.v_proj", keys, hidden, keyFields, shape.queryBias);
  attention.output = matrix("self_attn.o_proj", hidden, queries,
                            "hidden_size, num_attention_heads * head_dim", shape.outputBias);
  for (LinearSpec *turned : {&attention.query, &attention.key}) {
    turned->headRows = attention.headSize;
    if (turned->bias)
      turned->bias->headRows = attention.headSize;
  }
  MlpSpec mlp{
      {ActivationKind::Silu},
      matrix("mlp.gate_proj", sizes.mlp, hidden, mlpFields, shape.mlpBias),
      matrix("mlp.up_proj", sizes.mlp, hidden, mlpFields, shape.mlpBias),
      matrix("mlp.down_proj", hidden, sizes.mlp, "hidden_size, intermediate_size", shape.mlpBias)};
  return {norm("input_layernorm"), std::move(attention), norm("post_attention_layernorm"),
          std::move(mlp)};
}

/// A quantization that says of every way that it is off is none.
void checkQuantization(JsonFields &config) {
  for (StringRef key : {"quantization_config", "quantization"}) {
    if (!config.has(key))
      continue;
    const json::Value &value = *config.fields().get(key);
    const json::Object *object = value.getAsObject();
    bool none = object && object->getBoolean("load_in_4bit") == false &&
                object->getBoolean("load_in_8bit") == false;
    if (none)
      config.note(key, "says that nothing is quantized");
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

LayerSizes readLayers(JsonFields &config, const LlamaShape &shape, int64_t hidden) {
  LayerSizes sizes;
  sizes.mlp = config.integer("intermediate_size", 1, kMostChannels);
  sizes.attention = readHeads(config, hidden, shape.kvHeads);
  sizes.eps = config.number("rms_norm_eps", 1e-30, 1, 1e-6);
  sizes.attention.rope = readRope(config, sizes.attention.headSize);
  if (std::string act = config.string("hidden_act", "silu"); act != "silu" && act != "swish")
    config.fail("hidden_act", describe(act) + " is not supported, expected \"silu\"");
  sizes.attention.window = readGgufWindow(config);
  return sizes;
}

} // namespace

ModelSpec readLlamaShape(JsonFields &config, const LlamaShape &shape) {
  ModelSpec spec;
  spec.family = shape.family.str();
  checkArchitecture(config, shape.prefix);
  checkQuantization(config);
  spec.vocabulary = config.integer("vocab_size", 1, kMostTokens);
  spec.hidden = config.integer("hidden_size", 1, kMostChannels);
  LayerSizes sizes = readLayers(config, shape, spec.hidden);
  spec.positions = config.integer("max_position_embeddings", 1, kMostPositions, shape.positions);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  bool tied = config.boolean("tie_word_embeddings", false);
  readTokens(config, spec);
  checkUnreadFields(config);
  if (config.failed())
    return spec;

  spec.embedding = {
      "model.embed_tokens.weight", {spec.vocabulary, spec.hidden}, "vocab_size, hidden_size"};
  spec.finalNorm = {{"model.norm.weight", {spec.hidden}, "hidden_size"}, sizes.eps};
  spec.tiedHeadName = "lm_head.weight";
  if (!tied)
    spec.head = {spec.tiedHeadName, {spec.vocabulary, spec.hidden}, "vocab_size, hidden_size"};
  for (int64_t index = 0; index < layers; ++index)
    spec.layers.push_back(nameLayer(spec.hidden, sizes, shape, index));
  spec.ignoredSuffixes = {".rotary_emb.inv_freq"};
  return spec;
}

} // namespace osscc
