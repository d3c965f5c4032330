#include "compiler/import/families/LlamaLayers.h"

#include "compiler/import/families/Common.h"

using namespace llvm;

namespace osscc {

namespace {

/// The weights of one layer, by their names.
class LayerNames {
public:
  LayerNames(const LlamaSizes &sizes, const LlamaShape &shape, int64_t index)
      : sizes(sizes), shape(shape), hidden(sizes.hidden), prefix(layerPrefix(index)) {}

  LayerSpec layer() const {
    LayerSpec layer;
    layer.beforeAttention = norm(shape.norms.beforeAttention);
    layer.attention = attention();
    layer.afterAttention = norm(shape.norms.afterAttention);
    layer.beforeFeedForward = norm(shape.norms.beforeFeedForward);
    if (shape.hasMlp)
      layer.feedForward = mlp();
    layer.afterFeedForward = norm(shape.norms.afterFeedForward);
    layer.parallel = shape.parallel;
    return layer;
  }

private:
  std::optional<NormSpec> norm(StringRef name) const {
    if (name.empty())
      return std::nullopt;
    return nameLlamaNorm(sizes, shape, prefix + name.str());
  }

  /// Of the channels of q or k.
  std::optional<NormSpec> headNorm(StringRef name, int64_t heads, StringRef fields) const {
    int64_t size = sizes.attention.headSize;
    bool shared = shape.headNorms == HeadNorms::EachHead;
    if (shape.headNorms == HeadNorms::None)
      return std::nullopt;
    WeightSpec scale{prefix + name.str() + ".weight",
                     {shared ? size : heads * size},
                     shared ? "head_dim" : fields.str()};
    if (shape.headNorms == HeadNorms::OwnHeads)
      scale.forms = {{.tensors = {scale.name}, .isFlat = true}};
    turnRows(scale); // of the channels of rows that positions turn
    NormSpec norm{std::move(scale), sizes.eps, shape.headNorms == HeadNorms::AllHeads ? 0 : size};
    norm.centered = shape.centered;
    return norm;
  }

  LinearSpec linear(StringRef name, int64_t out, int64_t in, StringRef fields, bool biased) const {
    LinearSpec linear{{prefix + name.str() + ".weight", {out, in}, fields.str()}, std::nullopt};
    if (biased)
      linear.bias = WeightSpec{prefix + name.str() + ".bias", {out}, fields.split(',').first.str()};
    return linear;
  }

  /// Lets the linears be parts of one tensor, whose rows are theirs in turn.
  void join(StringRef whole, std::initializer_list<LinearSpec *> parts) const {
    int64_t all = 0, first = 0;
    for (LinearSpec *part : parts)
      all += part->shape[0];
    for (LinearSpec *part : parts) {
      part->forms.push_back(
          {.tensors = {prefix + whole.str() + ".weight"}, .firstRow = first, .allRows = all});
      if (part->bias)
        part->bias->forms.push_back(
            {.tensors = {prefix + whole.str() + ".bias"}, .firstRow = first, .allRows = all});
      first += part->shape[0];
    }
  }

  AttentionSpec attention() const {
    AttentionSpec spec = sizes.attention;
    int64_t queries = spec.heads * spec.headSize, keys = spec.kvHeads * spec.headSize;
    const char *queryFields = "num_attention_heads * head_dim, hidden_size";
    const char *keyFields = "num_key_value_heads * head_dim, hidden_size";
    spec.query = linear("self_attn.q_proj", queries, hidden, queryFields, shape.queryBias);
    spec.key = linear("self_attn.k_proj", keys, hidden, keyFields, shape.queryBias);
    spec.value = linear("self_attn.v_proj", keys, hidden, keyFields, shape.queryBias);
    spec.output = linear("self_attn.o_proj", hidden, queries,
                         "hidden_size, num_attention_heads * head_dim", shape.outputBias);
    for (LinearSpec *turned : {&spec.query, &spec.key}) {
      turnRows(*turned);
      if (turned->bias)
        turnRows(*turned->bias);
    }
    if (shape.joinsHeads)
      join("self_attn.qkv_proj", {&spec.query, &spec.key, &spec.value});
    spec.queryNorm = headNorm(shape.queryNorm, spec.heads, "num_attention_heads * head_dim");
    spec.keyNorm = headNorm(shape.keyNorm, spec.kvHeads, "num_key_value_heads * head_dim");
    for (std::optional<NormSpec> *norm : {&spec.queryNorm, &spec.keyNorm})
      if (*norm && spec.rope && (shape.pairs || spec.rope->turned != 0))
        turnRows(*(*norm)->scale);
    spec.normsTurned = shape.normsTurned;
    return spec;
  }

  /// Says which rows positions turn together.
  void turnRows(WeightSpec &turned) const {
    turned.headRows = sizes.attention.headSize;
    turned.paired = shape.pairs;
    if (sizes.attention.rope)
      turned.turnedRows = sizes.attention.rope->turned;
  }

  MlpSpec mlp() const {
    const char *fields = "intermediate_size, hidden_size";
    MlpSpec spec;
    spec.activation.kind = shape.activation;
    if (shape.gated)
      spec.gate = linear("mlp.gate_proj", sizes.mlp, hidden, fields, shape.mlpBias);
    spec.up = linear(shape.up, sizes.mlp, hidden, fields, shape.mlpBias);
    spec.down =
        linear(shape.down, hidden, sizes.mlp, "hidden_size, intermediate_size", shape.mlpBias);
    if (shape.joinsGate)
      join("mlp.gate_up_proj", {&*spec.gate, &spec.up});
    return spec;
  }

  const LlamaSizes &sizes;
  const LlamaShape &shape;
  int64_t hidden;
  std::string prefix;
};

} // namespace

NormSpec nameLlamaNorm(const LlamaSizes &sizes, const LlamaShape &shape, const std::string &name) {
  NormSpec norm{std::nullopt, sizes.eps};
  if (shape.normScales) {
    norm.scale = WeightSpec{name + ".weight", {sizes.hidden}, "hidden_size"};
    norm.offset = shape.normOffset;
  }
  norm.centered = shape.centered;
  if (shape.normBias)
    norm.bias = WeightSpec{name + ".bias", {sizes.hidden}, "hidden_size"};
  return norm;
}

LayerSpec nameLlamaLayer(const LlamaSizes &sizes, const LlamaShape &shape, int64_t index) {
  return LayerNames(sizes, shape, index).layer();
}

} // namespace osscc
