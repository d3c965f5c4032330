// Llama as SmolLM2 uses it: RMS norms before attention and MLP, grouped-query attention with
// half-split rope on all channels of a head (plain, or scaled as "linear" or "llama3"), a
// silu-gated MLP, no biases, head tied or not. Source: the reference's LlamaConfig and its
// defaults.
#include "compiler/import/UnreadFields.h"
#include "compiler/import/families/Families.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

// Upper bounds, far above any model: the bytes of every weight and of the longest cache fit 63
// bits.
constexpr int64_t kMostLayers = 4096, kMostHeads = 65536, kMostHeadSize = 65536;
constexpr int64_t kMostChannels = 1 << 20, kMostTokens = 1 << 24, kMostPositions = 1 << 27;

constexpr double kDefaultTheta = 10000;

/// Notes the theta of one place in the config; two places must agree.
void mergeTheta(JsonFields &config, JsonFields &fields, std::optional<double> &theta) {
  if (!fields.has("rope_theta"))
    return;
  double found = fields.number("rope_theta", 1.001, 1e15);
  if (theta && *theta != found)
    config.fail("rope_theta", Twine(std::to_string(*theta)) + " disagrees with " +
                                  std::to_string(found) + " in the rope parameters");
  theta = found;
}

/// The fields of one kind of scaling, as models of that kind have them.
RopeScalingSpec readScaling(JsonFields &fields, const std::string &kind) {
  constexpr double kLargest = 1e9;
  RopeScalingSpec scaling = {kind, fields.number("factor", 1, kLargest), 0, 0, 0};
  if (kind == "linear")
    return scaling;
  scaling.low = fields.number("low_freq_factor", 1e-6, kLargest);
  scaling.high = fields.number("high_freq_factor", 1e-6, kLargest);
  scaling.original =
      static_cast<double>(fields.integer("original_max_position_embeddings", 1, kMostPositions));
  if (!fields.failed() && scaling.low > scaling.high)
    fields.fail("low_freq_factor", "is above high_freq_factor");
  return scaling;
}

/// Reads an object that says how positions are scaled: "default" (not at all), "linear" or
/// "llama3".
void readRopeObject(JsonFields &config, StringRef key, std::optional<double> &theta,
                    std::optional<RopeScalingSpec> &scaling) {
  if (!config.has(key))
    return;
  const json::Value &value = *config.fields().get(key);
  const json::Object *object = value.getAsObject();
  if (!object)
    return config.fail(key, "expected an object, found " + describe(value));
  JsonFields fields(config.file(), *object, (key + ".").str());
  for (StringRef typeKey : {"rope_type", "type"}) {
    std::string type = fields.string(typeKey, "default");
    if (type == "default")
      continue;
    if (type != "linear" && type != "llama3")
      fields.fail(typeKey,
                  describe(*object->get(typeKey)) +
                      " is not supported, expected \"default\", \"linear\" or \"llama3\"",
                  "a checkpoint with another scaling of positions cannot be compiled yet");
    else if (scaling && scaling->kind != type)
      fields.fail(typeKey, describe(*object->get(typeKey)) + " disagrees with " + scaling->kind);
    else
      scaling = readScaling(fields, type);
  }
  mergeTheta(config, fields, theta);
  checkUnreadFields(fields);
  config.adopt(fields);
}

RopeSpec readRope(JsonFields &config, int64_t headSize) {
  std::optional<double> theta;
  std::optional<RopeScalingSpec> scaling;
  mergeTheta(config, config, theta);
  readRopeObject(config, "rope_parameters", theta, scaling);
  readRopeObject(config, "rope_scaling", theta, scaling);
  return {headSize, theta.value_or(kDefaultTheta), scaling};
}

void readSizes(JsonFields &config, ModelSpec &spec) {
  spec.vocabulary = config.integer("vocab_size", 1, kMostTokens);
  spec.hidden = config.integer("hidden_size", 1, kMostChannels);
  spec.mlp = config.integer("intermediate_size", 1, kMostChannels);
  spec.heads = config.integer("num_attention_heads", 1, kMostHeads);
  spec.kvHeads = config.integer("num_key_value_heads", 1, kMostHeads, spec.heads);
  spec.positions = config.integer("max_position_embeddings", 1, kMostPositions, 2048);
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
  spec.endTokens = config.integers("eos_token_id", 0, spec.vocabulary - 1);
  if (config.has("bos_token_id"))
    spec.beginToken = config.integer("bos_token_id", 0, spec.vocabulary - 1);
  config.integer("pad_token_id", -1, spec.vocabulary - 1, -1);
}

LayerSpec nameLayer(const ModelSpec &spec, int64_t index) {
  std::string prefix = "model.layers." + std::to_string(index) + ".";
  int64_t queries = spec.heads * spec.headSize, keys = spec.kvHeads * spec.headSize;
  auto matrix = [&](const char *name, int64_t out, int64_t in, const char *fields) {
    return WeightSpec{prefix + name + ".weight", {out, in}, fields};
  };
  auto norm = [&](const char *name) {
    return WeightSpec{prefix + name + ".weight", {spec.hidden}, "hidden_size"};
  };
  const char *keyFields = "num_key_value_heads * head_dim, hidden_size";
  return {
      .attentionNorm = norm("input_layernorm"),
      .query = matrix("self_attn.q_proj", queries, spec.hidden,
                      "num_attention_heads * head_dim, hidden_size"),
      .key = matrix("self_attn.k_proj", keys, spec.hidden, keyFields),
      .value = matrix("self_attn.v_proj", keys, spec.hidden, keyFields),
      .output = matrix("self_attn.o_proj", spec.hidden, queries,
                       "hidden_size, num_attention_heads * head_dim"),
      .mlpNorm = norm("post_attention_layernorm"),
      .gate = matrix("mlp.gate_proj", spec.mlp, spec.hidden, "intermediate_size, hidden_size"),
      .up = matrix("mlp.up_proj", spec.mlp, spec.hidden, "intermediate_size, hidden_size"),
      .down = matrix("mlp.down_proj", spec.hidden, spec.mlp, "hidden_size, intermediate_size"),
  };
}

void checkArchitecture(JsonFields &config) {
  if (!config.has("architectures"))
    return;
  const json::Value &value = *config.fields().get("architectures");
  const json::Array *names = value.getAsArray();
  if (!names || !is_contained(*names, json::Value("LlamaForCausalLM")))
    config.fail("architectures",
                (names && !names->empty() ? describe(names->front()) : describe(value)) +
                    " is not supported, expected \"LlamaForCausalLM\"");
}

} // namespace

ModelSpec readLlama(JsonFields &config) {
  ModelSpec spec;
  spec.family = "llama";
  checkArchitecture(config);
  readSizes(config, spec);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  spec.normEps = config.number("rms_norm_eps", 1e-30, 1, 1e-6);
  spec.rope = readRope(config, spec.headSize);
  spec.attentionScale = 1 / std::sqrt(static_cast<double>(spec.headSize));
  if (std::string act = config.string("hidden_act", "silu"); act != "silu" && act != "swish")
    config.fail("hidden_act", describe(act) + " is not supported, expected \"silu\"");
  spec.activation = "silu";
  bool tied = config.boolean("tie_word_embeddings", false);
  readTokens(config, spec);
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
    spec.layers.push_back(nameLayer(spec, index));
  spec.ignoredSuffixes = {".rotary_emb.inv_freq"};
  return spec;
}

} // namespace osscc
