// GPT-2: a table of positions, layer norms with biases, an MLP without a gate, every product
// biased, matrices stored [in, out]. Source: the reference's GPT2Config, GPT2Attention, GPT2MLP.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/Rope.h"
#include "compiler/import/json/UnreadFields.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

struct Sizes {
  int64_t hidden = 0, layers = 0, heads = 0, mlp = 0, positions = 0; ///< D, H, F
  double eps = 0;
  ActivationSpec activation;
  bool scales = true;         ///< Scores, by 1 over the root of a head's width,
  bool scalesByLayer = false; ///< and by 1 over the layer's number from 1 on.
};

/// An integer under GPT-2's own name, or under the name that all families have.
int64_t readEither(JsonFields &config, StringRef own, StringRef usual, int64_t largest,
                   int64_t fallback) {
  bool isUsual = !config.has(own) && config.has(usual);
  return config.integer(isUsual ? usual : own, 1, largest, fallback);
}

ActivationSpec readActivation(JsonFields &config) {
  std::string name = config.string("activation_function", "gelu_new");
  if (name == "gelu_new" || name == "gelu_pytorch_tanh")
    return {ActivationKind::GeluTanh};
  if (name != "gelu")
    config.fail("activation_function", describe(json::Value(name)) +
                                           " is not supported, expected \"gelu_new\", "
                                           "\"gelu_pytorch_tanh\" or \"gelu\"");
  return {ActivationKind::Gelu};
}

Sizes readSizes(JsonFields &config) {
  Sizes sizes;
  sizes.hidden = readEither(config, "n_embd", "hidden_size", kMostChannels / 3, 768);
  sizes.layers = readEither(config, "n_layer", "num_hidden_layers", kMostLayers, 12);
  sizes.heads = readEither(config, "n_head", "num_attention_heads", kMostHeads, 12);
  sizes.positions = readEither(config, "n_positions", "max_position_embeddings", kMostTokens, 1024);
  sizes.mlp = readEither(config, "n_inner", "intermediate_size", kMostChannels, 4 * sizes.hidden);
  if (sizes.hidden % sizes.heads != 0)
    config.fail("n_embd",
                Twine(sizes.hidden) + " is not a whole multiple of n_head " + Twine(sizes.heads));
  if (int64_t kvHeads = config.integer("num_key_value_heads", 1, kMostHeads, sizes.heads);
      kvHeads != sizes.heads)
    config.fail("num_key_value_heads", Twine(kvHeads) + " is not supported, expected n_head " +
                                           Twine(sizes.heads) + ": every head has its own keys");
  sizes.eps = config.number("layer_norm_epsilon", 1e-30, 1, 1e-5);
  sizes.activation = readActivation(config);
  sizes.scales = config.boolean("scale_attn_weights", true);
  sizes.scalesByLayer = config.boolean("scale_attn_by_inverse_layer_idx", false);
  config.boolean("reorder_and_upcast_attn", false); // scores are f32 in any case
  for (StringRef judged : {"summary_activation", "summary_first_dropout", "summary_proj_to_labels",
                           "summary_type", "summary_use_proj"})
    config.has(judged); // of a head that judges texts
  return sizes;
}

/// Names of tensors behind `base` in the three ways in which checkpoints have them: as the
/// reference saves them, as the first checkpoints have them, and as GGUF does.
class Names {
public:
  Names(std::string own, std::string gguf) : own(std::move(own)), gguf(std::move(gguf)) {}

  WeightSpec weight(const std::string &name, SmallVector<int64_t, 3> shape, const char *fields,
                    const std::string &inGguf = "") const {
    WeightSpec spec{"transformer." + own + name, std::move(shape), fields};
    for (const std::string &tensor :
         {spec.name, own + name, gguf + (inGguf.empty() ? name : inGguf)})
      spec.forms.push_back({{tensor}});
    return spec;
  }

  NormSpec norm(const std::string &name, const Sizes &sizes, const std::string &inGguf = "") const {
    auto part = [&](const std::string &ending) {
      return weight(name + ending, {sizes.hidden}, "n_embd", inGguf.empty() ? "" : inGguf + ending);
    };
    NormSpec spec{part(".weight"), sizes.eps};
    spec.centered = true;
    spec.bias = part(".bias");
    return spec;
  }

  /// A product of `out` channels; of a tensor that serves several those from `firstRow` on of
  /// `allRows`, which is called `part` then.
  LinearSpec linear(const std::string &name, int64_t out, int64_t in, const char *fields,
                    const std::string &part = "", int64_t firstRow = 0, int64_t allRows = 0) const {
    LinearSpec spec{weight(name + ".weight", {out, in}, fields),
                    weight(name + ".bias", {out}, fields)};
    spec.forms[0].transposed = spec.forms[1].transposed = true; // GGUF has rows
    for (WeightSpec *one : {static_cast<WeightSpec *>(&spec), &*spec.bias}) {
      one->name += part;
      for (StoredForm &form : one->forms) {
        form.firstRow = firstRow;
        form.allRows = allRows;
      }
    }
    return spec;
  }

private:
  std::string own, gguf;
};

LayerSpec nameLayer(const Sizes &sizes, int64_t index) {
  Names names("h." + std::to_string(index) + ".", layerPrefix(index));
  LayerSpec layer;
  layer.beforeAttention = names.norm("ln_1", sizes);
  AttentionSpec &attention = layer.attention;
  int64_t hidden = sizes.hidden;
  attention.heads = attention.kvHeads = sizes.heads;
  attention.headSize = hidden / sizes.heads;
  attention.scale = sizes.scales ? 1 / std::sqrt(static_cast<double>(attention.headSize)) : 1;
  if (sizes.scalesByLayer)
    attention.scale /= static_cast<double>(index + 1);
  LinearSpec *parts[] = {&attention.query, &attention.key, &attention.value};
  const char *partNames[] = {".query", ".key", ".value"};
  for (int64_t part = 0; part < 3; ++part)
    *parts[part] = names.linear("attn.c_attn", hidden, hidden, "n_embd, n_embd", partNames[part],
                                part * hidden, 3 * hidden);
  attention.output = names.linear("attn.c_proj", hidden, hidden, "n_embd, n_embd");
  layer.beforeFeedForward = names.norm("ln_2", sizes);
  MlpSpec mlp{sizes.activation, std::nullopt, {}, {}};
  mlp.up = names.linear("mlp.c_fc", sizes.mlp, hidden, "n_inner, n_embd");
  mlp.down = names.linear("mlp.c_proj", hidden, sizes.mlp, "n_embd, n_inner");
  layer.feedForward = std::move(mlp);
  return layer;
}

} // namespace

ModelSpec readGpt2(JsonFields &config) {
  ModelSpec spec;
  spec.family = "gpt2";
  checkArchitecture(config, "GPT2", "LMHeadModel");
  spec.vocabulary = config.integer("vocab_size", 1, kMostTokens, 50257);
  Sizes sizes = readSizes(config);
  spec.hidden = sizes.hidden;
  spec.positions = sizes.positions;
  bool tied = config.boolean("tie_word_embeddings", true);
  readTokens(config, spec);
  checkUnreadFields(config);
  if (config.failed())
    return spec;

  Names names("", "model.");
  SmallVector<int64_t, 3> table = {spec.vocabulary, spec.hidden};
  spec.embedding = names.weight("wte.weight", table, "vocab_size, n_embd", "embed_tokens.weight");
  spec.positionTable =
      names.weight("wpe.weight", {spec.positions, spec.hidden}, "n_positions, n_embd");
  spec.finalNorm = names.norm("ln_f", sizes, "norm");
  spec.tiedHeadName = "lm_head.weight";
  if (!tied)
    spec.head = WeightSpec{spec.tiedHeadName, table, "vocab_size, n_embd"};
  for (int64_t index = 0; index < sizes.layers; ++index)
    spec.layers.push_back(nameLayer(sizes, index));
  spec.ignoredSuffixes = {".attn.bias", ".attn.masked_bias"}; // masks of older releases
  return spec;
}

} // namespace osscc
