#include "compiler/import/families/GemmaLayers.h"

#include "compiler/import/families/Common.h"

#include "llvm/ADT/StringRef.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

/// The weights of one layer, by their names.
class LayerNames {
public:
  LayerNames(const GemmaShape &shape, const GemmaSizes &sizes, int64_t index)
      : shape(shape), sizes(sizes), prefix(layerPrefix(index)),
        windowed(!sizes.windowed.empty() && sizes.windowed[index]) {}

  LayerSpec layer() const {
    LayerSpec layer;
    layer.beforeAttention = norm("input_layernorm");
    layer.attention = attention();
    layer.beforeFeedForward =
        norm(shape.namesFeedForwardNorm ? "pre_feedforward_layernorm" : "post_attention_layernorm");
    layer.feedForward = mlp();
    if (shape.normsOutputs) {
      layer.afterAttention = norm("post_attention_layernorm");
      layer.afterFeedForward = norm("post_feedforward_layernorm");
    }
    return layer;
  }

private:
  NormSpec norm(const char *name) const {
    WeightSpec scale{prefix + name + ".weight", {sizes.hidden}, "hidden_size"};
    return {scale, sizes.eps, /*size=*/0, /*offset=*/1};
  }
  NormSpec headNorm(const char *name) const {
    int64_t size = sizes.attention.headSize;
    WeightSpec scale{prefix + name + ".weight", {size}, "head_dim"};
    return {scale, sizes.eps, size, /*offset=*/1};
  }

  LinearSpec linear(const char *name, int64_t out, int64_t in, StringRef fields) const {
    LinearSpec linear{{prefix + name + ".weight", {out, in}, fields.str()}, std::nullopt};
    if (sizes.biased && StringRef(name).starts_with("self_attn."))
      linear.bias = WeightSpec{prefix + name + ".bias", {out}, fields.split(',').first.str()};
    return linear;
  }

  AttentionSpec attention() const {
    AttentionSpec spec = sizes.attention;
    int64_t queries = spec.heads * spec.headSize, keys = spec.kvHeads * spec.headSize;
    const char *keyFields = "num_key_value_heads * head_dim, hidden_size";
    spec.query = linear("self_attn.q_proj", queries, sizes.hidden,
                        "num_attention_heads * head_dim, hidden_size");
    spec.key = linear("self_attn.k_proj", keys, sizes.hidden, keyFields);
    spec.value = linear("self_attn.v_proj", keys, sizes.hidden, keyFields);
    spec.output = linear("self_attn.o_proj", sizes.hidden, queries,
                         "hidden_size, num_attention_heads * head_dim");
    spec.rope = windowed ? sizes.ropes.sliding : sizes.ropes.full;
    if (windowed)
      spec.window = sizes.window;
    if (shape.normsHeads) {
      spec.queryNorm = headNorm("self_attn.q_norm");
      spec.keyNorm = headNorm("self_attn.k_norm");
    }
    return spec;
  }

  MlpSpec mlp() const {
    const char *fields = "intermediate_size, hidden_size";
    return {{ActivationKind::GeluTanh},
            linear("mlp.gate_proj", sizes.mlp, sizes.hidden, fields),
            linear("mlp.up_proj", sizes.mlp, sizes.hidden, fields),
            linear("mlp.down_proj", sizes.hidden, sizes.mlp, "hidden_size, intermediate_size")};
  }

  const GemmaShape &shape;
  const GemmaSizes &sizes;
  std::string prefix;
  bool windowed;
};

} // namespace

void nameGemma(const GemmaShape &shape, const GemmaSizes &sizes, bool tied, ModelSpec &spec) {
  SmallVector<int64_t, 3> table = {spec.vocabulary, spec.hidden};
  const char *fields = "vocab_size, hidden_size";
  spec.embedding = {"model.embed_tokens.weight", table, fields};
  spec.embeddingScale = std::sqrt(static_cast<double>(spec.hidden));
  spec.roundsEmbeddingScale = true;
  spec.finalNorm = {WeightSpec{"model.norm.weight", {spec.hidden}, "hidden_size"}, sizes.eps,
                    /*size=*/0, /*offset=*/1};
  spec.tiedHeadName = "lm_head.weight";
  if (!tied)
    spec.head = {spec.tiedHeadName, table, fields};
  for (int64_t index = 0; index < sizes.layers; ++index)
    spec.layers.push_back(LayerNames(shape, sizes, index).layer());
  spec.ignoredSuffixes = {".rotary_emb.inv_freq"};
}

} // namespace osscc
