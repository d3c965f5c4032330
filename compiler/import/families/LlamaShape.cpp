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

/// What every layer is alike in.
struct LayerSizes {
  AttentionSpec attention; // without its weights
  std::string activation;
  int64_t mlp = 0; // F
  double eps = 0;
};

void readHeads(JsonFields &config, const LlamaShape &shape, int64_t hidden, AttentionSpec &spec) {
  spec.heads = config.integer("num_attention_heads", 1, kMostHeads);
  // The reference's default stands for an absent field; null always means as many as heads.
  bool absent = !config.fields().get("num_key_value_heads");
  spec.kvHeads = config.integer("num_key_value_heads", 1, kMostHeads,
                                absent ? shape.kvHeads.value_or(spec.heads) : spec.heads);
  spec.headSize = config.integer("head_dim", 1, kMostHeadSize, hidden / spec.heads);
  if (!config.has("head_dim") && hidden % spec.heads != 0)
    config.fail("hidden_size", Twine(hidden) + " is not a whole multiple of num_attention_heads " +
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
      sizes.activation, matrix("mlp.gate_proj", sizes.mlp, hidden, mlpFields, shape.mlpBias),
      matrix("mlp.up_proj", sizes.mlp, hidden, mlpFields, shape.mlpBias),
      matrix("mlp.down_proj", hidden, sizes.mlp, "hidden_size, intermediate_size", shape.mlpBias)};
  return {norm("input_layernorm"), std::move(attention), norm("post_attention_layernorm"),
          std::move(mlp)};
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
std::optional<WindowSpec> readGgufWindow(JsonFields &config) {
  constexpr StringLiteral kKey = "attention.sliding_window";
  if (int64_t window = config.integer(kKey, 0, kMostPositions, 0))
    return WindowSpec{window, config.place(kKey)};
  return std::nullopt;
}

LayerSizes readLayers(JsonFields &config, const LlamaShape &shape, int64_t hidden) {
  LayerSizes sizes;
  sizes.mlp = config.integer("intermediate_size", 1, kMostChannels);
  readHeads(config, shape, hidden, sizes.attention);
  sizes.eps = config.number("rms_norm_eps", 1e-30, 1, 1e-6);
  sizes.attention.rope = readRope(config, sizes.attention.headSize);
  sizes.attention.scale = 1 / std::sqrt(static_cast<double>(sizes.attention.headSize));
  if (std::string act = config.string("hidden_act", "silu"); act != "silu" && act != "swish")
    config.fail("hidden_act", describe(act) + " is not supported, expected \"silu\"");
  sizes.activation = "silu";
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
