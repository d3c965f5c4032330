#include "compiler/import/families/DeepSeekLayers.h"

#include "compiler/import/families/Common.h"

namespace osscc {

namespace {

/// Of the norms of latents, whatever the config says.
constexpr double kLatentEps = 1e-6;

/// The names of one layer's weights.
class LayerNames {
public:
  LayerNames(const DeepSeekSizes &sizes, int64_t index)
      : sizes(sizes), index(index), prefix(layerPrefix(index)) {}

  LayerSpec layer() const {
    LayerSpec spec;
    spec.beforeAttention = norm("input_layernorm", sizes.hidden, "hidden_size", sizes.eps);
    spec.attention = attention();
    spec.beforeFeedForward =
        norm("post_attention_layernorm", sizes.hidden, "hidden_size", sizes.eps);
    if (sizes.experts.sparse[index])
      spec.feedForward = nameExperts(sizes.experts.sizes, kGroupedNames, index);
    else
      spec.feedForward = mlp();
    return spec;
  }

private:
  NormSpec norm(const std::string &name, int64_t width, const char *field, double eps) const {
    return {WeightSpec{prefix + name + ".weight", {width}, field}, eps};
  }

  LinearSpec matrix(const std::string &name, int64_t out, int64_t in,
                    const std::string &fields) const {
    return {{prefix + name + ".weight", {out, in}, fields}, std::nullopt};
  }

  /// Rows [first, first + some) of each `all` of a tensor, as a weight of its own.
  LinearSpec rowsOf(const std::string &tensor, const char *part,
                    llvm::SmallVector<int64_t, 3> shape, const std::string &fields, int64_t first,
                    int64_t all, int64_t some) const {
    LinearSpec linear{{prefix + tensor + "." + part + ".weight", std::move(shape), fields},
                      std::nullopt};
    StoredForm form{{prefix + tensor + ".weight"}};
    form.firstRow = first;
    form.allRows = all;
    form.someRows = some;
    linear.forms = {form};
    return linear;
  }

  /// The same of rows that rope turns.
  LinearSpec turnedRowsOf(const std::string &tensor, int64_t heads, int64_t in,
                          const std::string &fields, int64_t first) const {
    LinearSpec linear = rowsOf(tensor, "rope", {heads * sizes.turned, in}, fields, first,
                               first + sizes.turned, sizes.turned);
    linear.headRows = sizes.turned;
    linear.paired = sizes.pairs;
    return linear;
  }

  void nameQueries(LatentSpec &latent) const {
    std::string tensor = "self_attn.q_proj";
    const char *width = "hidden_size";
    int64_t in = sizes.hidden;
    if (sizes.queryRank) {
      tensor = "self_attn.q_b_proj";
      width = "q_lora_rank";
      in = *sizes.queryRank;
      latent.queryDown = matrix("self_attn.q_a_proj", in, sizes.hidden, "q_lora_rank, hidden_size");
      latent.queryNorm = norm("self_attn.q_a_layernorm", in, "q_lora_rank", kLatentEps);
    }
    std::string fields =
        std::string("num_attention_heads * (qk_nope_head_dim + qk_rope_head_dim), ") + width;
    latent.queryNope = rowsOf(tensor, "nope", {sizes.heads * sizes.nope, in}, fields, 0,
                              sizes.nope + sizes.turned, sizes.nope);
    latent.queryRope = turnedRowsOf(tensor, sizes.heads, in, fields, sizes.nope);
  }

  void nameKeysAndValues(LatentSpec &latent) const {
    const char *fields = "kv_lora_rank + qk_rope_head_dim, hidden_size";
    std::string down = "self_attn.kv_a_proj_with_mqa", up = "self_attn.kv_b_proj";
    latent.latentDown = rowsOf(down, "latent", {sizes.rank, sizes.hidden}, fields, 0,
                               sizes.rank + sizes.turned, sizes.rank);
    latent.latentNorm = norm("self_attn.kv_a_layernorm", sizes.rank, "kv_lora_rank", kLatentEps);
    latent.keyRope = turnedRowsOf(down, 1, sizes.hidden, fields, sizes.rank);
    fields = "num_attention_heads * (qk_nope_head_dim + v_head_dim), kv_lora_rank";
    latent.keyUp = rowsOf(up, "k", {sizes.heads, sizes.rank, sizes.nope}, fields, 0,
                          sizes.nope + sizes.value, sizes.nope);
    latent.keyUp.forms.front().transposed = true;
    latent.valueUp = rowsOf(up, "v", {sizes.heads, sizes.value, sizes.rank}, fields, sizes.nope,
                            sizes.nope + sizes.value, sizes.value);
    // GGUF has the two as stacks of their own, the first transposed already.
    latent.keyUp.forms.push_back({{prefix + "self_attn.k_b_proj.weight"}});
    latent.valueUp.forms.push_back({{prefix + "self_attn.v_b_proj.weight"}});
  }

  AttentionSpec attention() const {
    AttentionSpec spec;
    spec.heads = sizes.heads;
    spec.kvHeads = 1;
    spec.headSize = sizes.rank + sizes.turned;
    spec.scale = sizes.scale;
    spec.rope = sizes.rope;
    spec.temperature = sizes.rope.growth;
    LatentSpec latent;
    latent.rank = sizes.rank;
    nameQueries(latent);
    nameKeysAndValues(latent);
    spec.latent = std::move(latent);
    spec.output = matrix("self_attn.o_proj", sizes.hidden, sizes.heads * sizes.value,
                         "hidden_size, num_attention_heads * v_head_dim");
    return spec;
  }

  MlpSpec mlp() const {
    const char *fields = "intermediate_size, hidden_size";
    MlpSpec spec;
    spec.gate = matrix("mlp.gate_proj", sizes.mlp, sizes.hidden, fields);
    spec.up = matrix("mlp.up_proj", sizes.mlp, sizes.hidden, fields);
    spec.down = matrix("mlp.down_proj", sizes.hidden, sizes.mlp, "hidden_size, intermediate_size");
    return spec;
  }

  const DeepSeekSizes &sizes;
  int64_t index;
  std::string prefix;
};

} // namespace

LayerSpec nameDeepSeekLayer(const DeepSeekSizes &sizes, int64_t index) {
  return LayerNames(sizes, index).layer();
}

} // namespace osscc
