// The fields of config.json that DeepSeek and the families with its attention share. Source: the
// reference's DeepseekV3Config and its defaults.
#include "compiler/import/families/DeepSeekShape.h"

#include "compiler/import/families/Common.h"
#include "compiler/import/families/DeepSeekLayers.h"
#include "compiler/import/families/Fp8.h"
#include "compiler/import/families/Rope.h"
#include "compiler/import/json/UnreadFields.h"
#include <cmath>

using namespace llvm;

namespace osscc {

static void readAttention(JsonFields &config, const DeepSeekShape &shape, DeepSeekSizes &sizes) {
  constexpr int64_t kMostRank = 1 << 16;
  sizes.heads = config.integer("num_attention_heads", 1, kMostHeads);
  int64_t keyHeads = config.integer("num_key_value_heads", 1, kMostHeads, sizes.heads);
  sizes.rank = config.integer("kv_lora_rank", 1, kMostRank, shape.rank);
  // Null says that queries have no latent, absence that theirs has the reference's width.
  bool isAbsent = !config.fields().get("q_lora_rank");
  if (config.has("q_lora_rank") || (isAbsent && shape.queryRank))
    sizes.queryRank = config.integer("q_lora_rank", 1, kMostRank, shape.queryRank);
  sizes.nope = config.integer("qk_nope_head_dim", 1, kMostHeadSize, shape.nope);
  sizes.turned = config.integer("qk_rope_head_dim", 2, kMostHeadSize, shape.turned);
  sizes.value = config.integer("v_head_dim", 1, kMostHeadSize,
                               shape.value.value_or(sizes.hidden / sizes.heads));
  sizes.pairs = shape.pairs == TurnedPairs::Chosen ? config.boolean("rope_interleave", true)
                                                   : shape.pairs == TurnedPairs::Neighbours;
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
  RopeDefaults defaults;
  defaults.grows = shape.grows;
  if (shape.grows)
    defaults.whole = sizes.nope + sizes.turned;
  if (shape.rope)
    defaults.parameters = *shape.rope;
  sizes.rope = readRope(config, sizes.turned, defaults);
  sizes.scale = sizes.rope.scoreFactor / std::sqrt(static_cast<double>(sizes.nope + sizes.turned));
}

ModelSpec readDeepSeekShape(JsonFields &config, const DeepSeekShape &shape) {
  ModelSpec spec;
  spec.family = shape.family.str();
  checkArchitecture(config, shape.prefix);
  DeepSeekSizes sizes;
  spec.vocabulary = config.integer("vocab_size", 1, kMostTokens);
  spec.hidden = sizes.hidden = config.integer("hidden_size", 1, kMostChannels);
  sizes.mlp = config.integer("intermediate_size", 1, kMostChannels);
  sizes.eps = config.number("rms_norm_eps", 1e-30, 1, shape.eps);
  readAttention(config, shape, sizes);
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  if (shape.hasExperts)
    sizes.experts = readGroupedExperts(config, shape.experts);
  else
    sizes.experts.sparse.assign(layers, false);
  if (std::string act = config.string("hidden_act", "silu"); act != "silu" && act != "swish")
    config.fail("hidden_act", "\"" + Twine(act) + "\" is not supported, expected \"silu\"");
  spec.positions = config.integer("max_position_embeddings", 1, kMostPositions, shape.positions);
  readFp8(config, spec);
  int64_t guessing = readGuessingLayers(config);
  bool tied = config.boolean("tie_word_embeddings", shape.tied);
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
  spareGuessingLayers(spec, guessing);
  spec.ignoredSuffixes.emplace_back(".rotary_emb.inv_freq");
  return spec;
}

} // namespace osscc
