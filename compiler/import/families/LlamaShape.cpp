// The fields of config.json that Llama and its descendants share, and the names of their tensors.
// Source: the reference's LlamaConfig and its defaults.
#include "compiler/import/families/LlamaShape.h"

#include "compiler/import/families/Rope.h"
#include "compiler/import/json/TokenIds.h"
#include "compiler/import/json/UnreadFields.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

// Upper bounds, far above any model: the bytes of every weight and of the longest cache fit 63
// bits.
constexpr int64_t kMostHeads = 65536, kMostHeadSize = 65536;
constexpr int64_t kMostChannels = 1 << 20, kMostTokens = 1 << 24;

void readSizes(JsonFields &config, const LlamaShape &shape, ModelSpec &spec) {
  spec.vocabulary = config.integer("vocab_size", 1, kMostTokens);
  spec.hidden = config.integer("hidden_size", 1, kMostChannels);
  spec.mlp = config.integer("intermediate_size", 1, kMostChannels);
  spec.heads = config.integer("num_attention_heads", 1, kMostHeads);
  // The reference's default stands for an absent field; null always means as many as heads.
  bool absent = !config.fields().get("num_key_value_heads");
  spec.kvHeads = config.integer("num_key_value_heads", 1, kMostHeads,
                                absent ? shape.kvHeads.value_or(spec.heads) : spec.heads);
  spec.positions = config.integer("max_position_embeddings", 1, kMostPositions, shape.positions);
  spec.headSize = config.integer("head_dim", 1, kMostHeadSize, spec.hidden / spec.heads);
  if (!config.has("head_dim") && spec.hidden % spec.heads != 0)
    config.fail("hidden_size", Twine(spec.hidden) +
                                   " is not a whole multiple of num_attention_heads " +
                                   Twine(spec.heads) + ", and there is no head_dim");
  if (spec.headSize < 2 || spec.headSize % 2 != 0)
    config.fail("head_dim",
                Twine(spec.headSize) + " is not even, but rope turns pairs of channels");
  if (spec.heads % spec.kvHeads != 0)
    config.fail("num_key_value_heads",
                Twine(spec.kvHeads) + " does not divide num_attention_heads " + Twine(spec.heads));
  if (spec.heads * spec.headSize > kMostChannels)
    config.fail("head_dim", Twine(spec.headSize) + " times num_attention_heads " +
                                Twine(spec.heads) + " is above " + Twine(kMostChannels));
}

void readTokens(JsonFields &config, ModelSpec &spec) {
  spec.endTokens = readTokenIds(config, "eos_token_id", spec.vocabulary);
  if (auto begin = readTokenIds(config, "bos_token_id", spec.vocabulary); !begin.empty())
    spec.beginToken = begin.front();
  skipTokenId(config, "pad_token_id");
}

LayerSpec nameLayer(const ModelSpec &spec, const LlamaShape &shape, int64_t index) {
  std::string prefix = "model.layers." + std::to_string(index) + ".";
  int64_t queries = spec.heads * spec.headSize, keys = spec.kvHeads * spec.headSize;
  auto matrix = [&](const char *name, int64_t out, int64_t in, StringRef fields, bool biased) {
    LinearSpec linear{{prefix + name + ".weight", {out, in}, fields.str()}, std::nullopt};
    if (biased)
      linear.bias = WeightSpec{prefix + name + ".bias", {out}, fields.split(',').first.str()};
    return linear;
  };
  auto norm = [&](const char *name) {
    return WeightSpec{prefix + name + ".weight", {spec.hidden}, "hidden_size"};
  };
  const char *keyFields = "num_key_value_heads * head_dim, hidden_size";
  const char *mlpFields = "intermediate_size, hidden_size";
  return {
      .attentionNorm = norm("input_layernorm"),
      .query = matrix("self_attn.q_proj", queries, spec.hidden,
                      "num_attention_heads * head_dim, hidden_size", shape.queryBias),
      .key = matrix("self_attn.k_proj", keys, spec.hidden, keyFields, shape.queryBias),
      .value = matrix("self_attn.v_proj", keys, spec.hidden, keyFields, shape.queryBias),
      .output = matrix("self_attn.o_proj", spec.hidden, queries,
                       "hidden_size, num_attention_heads * head_dim", shape.outputBias),
      .mlpNorm = norm("post_attention_layernorm"),
      .gate = matrix("mlp.gate_proj", spec.mlp, spec.hidden, mlpFields, shape.mlpBias),
      .up = matrix("mlp.up_proj", spec.mlp, spec.hidden, mlpFields, shape.mlpBias),
      .down = matrix("mlp.down_proj", spec.hidden, spec.mlp, "hidden_size, intermediate_size",
                     shape.mlpBias),
  };
}

/// The classes of the reference whose weights are this model's. Those without a head of words save
/// the same layers, most of them with a head that judges texts.
void checkArchitecture(JsonFields &config, StringRef prefix) {
  if (!config.has("architectures"))
    return;
  const json::Value &value = *config.fields().get("architectures");
  const json::Array *names = value.getAsArray();
  std::string words = (prefix + "ForCausalLM").str();
  // The first converters spelled it LLaMA.
  auto has = [&](StringRef name) {
    return any_of(*names, [&](const json::Value &value) {
      return value.getAsString() && value.getAsString()->equals_insensitive(name);
    });
  };
  if (names && (names->empty() || has(words)))
    return;
  for (StringRef ending : {"Model", "ForSequenceClassification", "ForTokenClassification",
                           "ForQuestionAnswering", "ForCausalLMWithValueHead"})
    if (std::string other = (prefix + ending).str(); names && has(other))
      return config.note("architectures", other + " is compiled as " + words);
  config.fail("architectures", (names ? describe(names->front()) : describe(value)) +
                                   " is not supported, expected " + describe(words));
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
void readGgufWindow(JsonFields &config, ModelSpec &spec) {
  constexpr StringLiteral kKey = "attention.sliding_window";
  if (int64_t window = config.integer(kKey, 0, kMostPositions, 0))
    spec.window = {window, config.place(kKey)};
}

} // namespace

ModelSpec readLlamaShape(JsonFields &config, const LlamaShape &shape) {
  ModelSpec spec;
  spec.family = shape.family.str();
  checkArchitecture(config, shape.prefix);
  checkQuantization(config);
  readSizes(config, shape, spec);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  spec.normEps = config.number("rms_norm_eps", 1e-30, 1, 1e-6);
  spec.rope = readRope(config, spec.headSize);
  spec.attentionScale = 1 / std::sqrt(static_cast<double>(spec.headSize));
  if (std::string act = config.string("hidden_act", "silu"); act != "silu" && act != "swish")
    config.fail("hidden_act", describe(act) + " is not supported, expected \"silu\"");
  spec.activation = "silu";
  bool tied = config.boolean("tie_word_embeddings", false);
  readTokens(config, spec);
  readGgufWindow(config, spec);
  checkUnreadFields(config);
  if (config.failed())
    return spec;

  spec.embedding = {
      "model.embed_tokens.weight", {spec.vocabulary, spec.hidden}, "vocab_size, hidden_size"};
  spec.finalNorm = {"model.norm.weight", {spec.hidden}, "hidden_size"};
  spec.tiedHeadName = "lm_head.weight";
  if (!tied)
    spec.head = {spec.tiedHeadName, {spec.vocabulary, spec.hidden}, "vocab_size, hidden_size"};
  for (int64_t index = 0; index < layers; ++index)
    spec.layers.push_back(nameLayer(spec, shape, index));
  spec.ignoredSuffixes = {".rotary_emb.inv_freq"};
  return spec;
}

} // namespace osscc
