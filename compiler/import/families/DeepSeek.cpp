// DeepSeek V2 and V3, from which R1 and V3.1 differ in nothing but weights: latent attention,
// experts chosen in groups beside shared ones, leading layers without experts. Source: the
// reference's DeepseekV2Config, DeepseekV3Config and their models; the makers' config.json.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/DeepSeekLayers.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/Fp8.h"
#include "compiler/import/families/Rope.h"
#include "compiler/import/json/UnreadFields.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

/// What sets the generations apart.
struct Generation {
  StringLiteral family, prefix;
  int64_t positions, experts, mlp, shared; ///< Defaults.
  std::optional<int64_t> chosen, groups, kept;
  int64_t dense;
  double scale;
  bool isSigmoid;
};
constexpr Generation kV2 = {"deepseek_v2", "DeepseekV2", 2048, 64, 1407, 2, {}, {}, {}, 0, 1,
                            false};
constexpr Generation kV3 = {"deepseek_v3", "DeepseekV3", 4096, 256, 2048, 1, 8, 8, 4, 3, 2.5, true};

/// Fails unless a field that is there has this value.
void expectString(JsonFields &config, StringRef key, StringRef expected) {
  if (std::string found = config.string(key, expected); found != expected)
    config.fail(key, "\"" + Twine(found) + "\" is not supported, expected \"" + expected + "\"");
}

void readAttention(JsonFields &config, DeepSeekSizes &sizes, bool choosesPairs) {
  constexpr int64_t kMostRank = 1 << 16;
  sizes.heads = config.integer("num_attention_heads", 1, kMostHeads);
  int64_t keyHeads = config.integer("num_key_value_heads", 1, kMostHeads, sizes.heads);
  sizes.rank = config.integer("kv_lora_rank", 1, kMostRank, 512);
  // Null says that queries have no latent, absence that theirs has the reference's width.
  if (!config.fields().get("q_lora_rank") || config.has("q_lora_rank"))
    sizes.queryRank = config.integer("q_lora_rank", 1, kMostRank, 1536);
  sizes.nope = config.integer("qk_nope_head_dim", 1, kMostHeadSize, 128);
  sizes.turned = config.integer("qk_rope_head_dim", 2, kMostHeadSize, 64);
  sizes.value = config.integer("v_head_dim", 1, kMostHeadSize, 128);
  sizes.pairs = !choosesPairs || config.boolean("rope_interleave", true);
  if (keyHeads != sizes.heads)
    config.fail("num_key_value_heads", Twine(keyHeads) + " is not num_attention_heads " +
                                           Twine(sizes.heads) + ": every head has its own keys");
  if (sizes.turned % 2 != 0)
    config.fail("qk_rope_head_dim",
                Twine(sizes.turned) + " is not even, but rope turns pairs of channels");
  int64_t widest = std::max(sizes.nope + std::max(sizes.turned, sizes.value), sizes.rank);
  if (!config.failed() && sizes.heads * widest > kMostChannels * 4)
    config.fail("num_attention_heads", Twine(sizes.heads) + " heads of " + Twine(widest) +
                                           " channels are above " + Twine(kMostChannels * 4));
  if (config.boolean("attention_bias", false))
    config.fail("attention_bias", "true is not supported: the family's products have no biases");
  sizes.rope = readRope(config, sizes.turned);
  sizes.scale = sizes.rope.scoreFactor / std::sqrt(static_cast<double>(sizes.nope + sizes.turned));
}

/// The groups that experts are chosen in.
void readGroups(JsonFields &config, const Generation &generation, DeepSeekSizes &sizes) {
  constexpr int64_t kMost = 65536;
  int64_t groups = config.integer("n_group", 1, kMost, generation.groups.value_or(1));
  int64_t kept = config.integer("topk_group", 1, kMost, generation.kept.value_or(groups));
  bool limits = true;
  if (generation.isSigmoid) {
    expectString(config, "topk_method", "noaux_tc");
  } else {
    std::string method = config.string("topk_method", "greedy");
    if (method != "greedy" && method != "group_limited_greedy")
      config.fail("topk_method", "\"" + Twine(method) +
                                     "\" is not supported, expected \"greedy\" or "
                                     "\"group_limited_greedy\"");
    limits = method != "greedy";
  }
  if (config.failed() || !limits)
    return;
  int64_t best = generation.isSigmoid ? 2 : 1, ofGroup = sizes.experts / groups;
  if (sizes.experts % groups != 0)
    config.fail("n_group",
                Twine(groups) + " groups do not divide n_routed_experts " + Twine(sizes.experts));
  if (ofGroup < best)
    config.fail("n_group", Twine(groups) + " groups of n_routed_experts " + Twine(sizes.experts) +
                               " leave fewer than " + Twine(best) + " in each");
  if (kept > groups || kept * ofGroup < sizes.chosen)
    config.fail("topk_group", Twine(kept) + " of " + Twine(groups) + " groups of " +
                                  Twine(ofGroup) + " experts cannot give num_experts_per_tok " +
                                  Twine(sizes.chosen));
  sizes.routing.groups = groups;
  sizes.routing.kept = kept;
  sizes.routing.best = groups == 1 ? 1 : best;
}

void readExperts(JsonFields &config, const Generation &generation, DeepSeekSizes &sizes) {
  constexpr int64_t kMost = 65536;
  sizes.dense = config.integer("first_k_dense_replace", 0, kMostLayers, generation.dense);
  sizes.experts = config.integer("n_routed_experts", 1, kMost, generation.experts);
  sizes.chosen = config.integer("num_experts_per_tok", 1, 256, generation.chosen);
  sizes.shared = config.integer("n_shared_experts", 0, 256, generation.shared);
  sizes.expertMlp = config.integer("moe_intermediate_size", 1, kMostChannels / 2, generation.mlp);
  if (int64_t every = config.integer("moe_layer_freq", 1, kMostLayers, 1); every != 1)
    config.fail("moe_layer_freq", Twine(every) + " is not supported, expected 1");
  checkChosen(config, sizes.chosen, sizes.experts);
  if (sizes.shared * sizes.expertMlp > kMostChannels)
    config.fail("n_shared_experts", Twine(sizes.shared) + " times moe_intermediate_size " +
                                        Twine(sizes.expertMlp) + " is above " +
                                        Twine(kMostChannels));
  expectString(config, "scoring_func", generation.isSigmoid ? "sigmoid" : "softmax");
  bool norms = config.boolean("norm_topk_prob", generation.isSigmoid);
  if (norms && !generation.isSigmoid)
    config.fail("norm_topk_prob", "true is not supported: the reference reads it as false");
  sizes.routing.kind = !generation.isSigmoid ? RoutingKind::Softmax
                       : norms               ? RoutingKind::SigmoidOfChosen
                                             : RoutingKind::Sigmoid;
  sizes.routing.scale = config.number("routed_scaling_factor", 1e-6, 1e6, generation.scale);
  sizes.hasBias = generation.isSigmoid;
  readGroups(config, generation, sizes);
}

ModelSpec readDeepSeek(JsonFields &config, const Generation &generation) {
  ModelSpec spec;
  spec.family = generation.family.str();
  checkArchitecture(config, generation.prefix);
  DeepSeekSizes sizes;
  spec.vocabulary = config.integer("vocab_size", 1, kMostTokens);
  spec.hidden = sizes.hidden = config.integer("hidden_size", 1, kMostChannels);
  sizes.mlp = config.integer("intermediate_size", 1, kMostChannels);
  sizes.eps = config.number("rms_norm_eps", 1e-30, 1, 1e-6);
  readAttention(config, sizes, generation.isSigmoid);
  readExperts(config, generation, sizes);
  if (std::string act = config.string("hidden_act", "silu"); act != "silu" && act != "swish")
    config.fail("hidden_act", "\"" + Twine(act) + "\" is not supported, expected \"silu\"");
  spec.positions =
      config.integer("max_position_embeddings", 1, kMostPositions, generation.positions);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  spec.fp8Block = readFp8Block(config);
  int64_t guessing = config.integer("num_nextn_predict_layers", 0, kMostLayers, 0);
  bool tied = config.boolean("tie_word_embeddings", false);
  readTokens(config, spec);
  checkUnreadFields(config);
  if (config.failed())
    return spec;

  SmallVector<int64_t, 3> table = {spec.vocabulary, spec.hidden};
  spec.embedding = {"model.embed_tokens.weight", table, "vocab_size, hidden_size"};
  spec.finalNorm = {WeightSpec{"model.norm.weight", {spec.hidden}, "hidden_size"}, sizes.eps};
  spec.tiedHeadName = "lm_head.weight";
  if (!tied)
    spec.head = {spec.tiedHeadName, table, "vocab_size, hidden_size"};
  for (int64_t index = 0; index < layers; ++index)
    spec.layers.push_back(nameDeepSeekLayer(sizes, index));
  for (int64_t index = 0; index < guessing; ++index)
    spec.sparePrefixes.push_back(layerPrefix(layers + index));
  spec.ignoredSuffixes = {".rotary_emb.inv_freq"};
  return spec;
}

} // namespace

ModelSpec readDeepSeekV2(JsonFields &config) {
  return readDeepSeek(config, kV2);
}

ModelSpec readDeepSeekV3(JsonFields &config) {
  return readDeepSeek(config, kV3);
}

} // namespace osscc
