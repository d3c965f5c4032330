#include "compiler/import/families/Gemma4Layers.h"

#include "compiler/import/families/Common.h"

#include "llvm/ADT/StringRef.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

constexpr const char *kTable = "model.embed_tokens_per_layer.weight";
constexpr const char *kProjection = "model.per_layer_model_projection.weight";
constexpr const char *kInput = "hidden_size_per_layer_input";

/// The weights of one layer.
class LayerNames {
public:
  LayerNames(const Gemma4Sizes &sizes, int64_t index)
      : sizes(sizes), of(sizes.layers[index]), index(index), prefix(layerPrefix(index)) {}

  LayerSpec layer() const {
    LayerSpec layer;
    layer.beforeAttention = norm("input_layernorm");
    layer.attention = attention();
    layer.afterAttention = norm("post_attention_layernorm");
    layer.beforeFeedForward = norm("pre_feedforward_layernorm");
    if (sizes.experts)
      layer.feedForward = nameGemma4Experts(*sizes.experts, sizes.hidden, sizes.eps, mlp(), index);
    else
      layer.feedForward = mlp();
    layer.afterFeedForward = norm("post_feedforward_layernorm");
    if (sizes.inputChannels != 0)
      layer.tokenInput = tokenInput();
    if (!sizes.scalesLayers)
      return layer;
    std::string scalar = prefix + "layer_scalar";
    layer.scalar = WeightSpec{scalar, {1}, "layer_scalar"};
    layer.scalar->forms = {{{scalar}}, {{scalar + ".weight"}}}; // the latter in GGUF
    return layer;
  }

private:
  NormSpec norm(const char *name) const {
    return {WeightSpec{prefix + name + ".weight", {sizes.hidden}, "hidden_size"}, sizes.eps};
  }
  NormSpec headNorm(const char *name) const {
    WeightSpec scale{prefix + name + ".weight", {of.headSize}, "head_dim"};
    return {scale, sizes.eps, of.headSize};
  }
  LinearSpec linear(const char *name, int64_t out, int64_t in, const char *fields) const {
    return {{prefix + name + ".weight", {out, in}, fields}, std::nullopt};
  }

  AttentionSpec attention() const {
    AttentionSpec spec = sizes.attention;
    spec.headSize = of.headSize;
    spec.kvHeads = of.kvHeads;
    spec.source = of.source;
    spec.valueIsKey = sizes.keyIsValue && !of.windowed;
    spec.rope = of.windowed ? sizes.ropes.sliding : sizes.ropes.full;
    if (of.windowed)
      spec.window = sizes.window;
    int64_t queries = spec.heads * spec.headSize, keys = spec.kvHeads * spec.headSize;
    const char *keyFields = "num_key_value_heads * head_dim, hidden_size";
    spec.query = linear("self_attn.q_proj", queries, sizes.hidden,
                        "num_attention_heads * head_dim, hidden_size");
    spec.output = linear("self_attn.o_proj", sizes.hidden, queries,
                         "hidden_size, num_attention_heads * head_dim");
    spec.queryNorm = headNorm("self_attn.q_norm");
    if (spec.source)
      return spec;
    spec.key = linear("self_attn.k_proj", keys, sizes.hidden, keyFields);
    spec.keyNorm = headNorm("self_attn.k_norm");
    if (!spec.valueIsKey)
      spec.value = linear("self_attn.v_proj", keys, sizes.hidden, keyFields);
    spec.valueNorm = NormSpec{std::nullopt, sizes.eps, spec.headSize};
    return spec;
  }

  MlpSpec mlp() const {
    const char *fields = "intermediate_size, hidden_size";
    return {{ActivationKind::GeluTanh},
            linear("mlp.gate_proj", of.mlp, sizes.hidden, fields),
            linear("mlp.up_proj", of.mlp, sizes.hidden, fields),
            linear("mlp.down_proj", sizes.hidden, of.mlp, "hidden_size, intermediate_size")};
  }

  TokenInputSpec tokenInput() const {
    TokenInputSpec spec;
    int64_t channels = sizes.inputChannels;
    spec.first = index * channels;
    spec.projection = linear("per_layer_model_projection", channels, sizes.hidden, kInput);
    spec.projection.forms = {{{kProjection}}};
    spec.projection.forms.front().firstRow = spec.first;
    spec.projection.forms.front().allRows = static_cast<int64_t>(sizes.layers.size()) * channels;
    spec.activation = {ActivationKind::GeluTanh};
    spec.gate = linear("per_layer_input_gate", channels, sizes.hidden, kInput);
    spec.output = linear("per_layer_projection", sizes.hidden, channels, kInput);
    spec.after = norm("post_per_layer_input_norm");
    return spec;
  }

  const Gemma4Sizes &sizes;
  const Gemma4Layer &of;
  int64_t index;
  std::string prefix;
};

PerLayerInputsSpec perLayerInputs(const Gemma4Sizes &sizes) {
  PerLayerInputsSpec spec;
  spec.channels = sizes.inputChannels;
  int64_t width = spec.channels * static_cast<int64_t>(sizes.layers.size());
  spec.table = {kTable, {sizes.vocabulary, width}, kInput};
  if (int64_t others = sizes.vocabulary - sizes.inputRows; others > 0)
    spec.table.forms = {{.tensors = {kTable}, .copies = others}};
  spec.tableScale = std::sqrt(static_cast<double>(spec.channels));
  spec.projectionScale = 1 / std::sqrt(static_cast<double>(sizes.hidden));
  spec.sumScale = std::sqrt(0.5);
  spec.norm = {WeightSpec{"model.per_layer_projection_norm.weight", {spec.channels}, kInput},
               sizes.eps, spec.channels};
  return spec;
}

} // namespace

void nameGemma4(const Gemma4Sizes &sizes, bool tied, ModelSpec &spec) {
  SmallVector<int64_t, 3> table = {sizes.vocabulary, sizes.hidden};
  const char *fields = "vocab_size, hidden_size";
  spec.embedding = {"model.embed_tokens.weight", table, fields};
  spec.embeddingScale = std::sqrt(static_cast<double>(sizes.hidden));
  spec.roundsEmbeddingScale = true;
  spec.finalNorm = {WeightSpec{"model.norm.weight", {sizes.hidden}, "hidden_size"}, sizes.eps};
  spec.tiedHeadName = "lm_head.weight";
  if (!tied)
    spec.head = {spec.tiedHeadName, table, fields};
  if (sizes.inputChannels != 0)
    spec.perLayerInputs = perLayerInputs(sizes);
  for (size_t number = 0; number < sizes.layers.size(); ++number) {
    auto index = static_cast<int64_t>(number);
    spec.layers.push_back(LayerNames(sizes, index).layer());
    if (!sizes.layers[number].source)
      continue;
    for (const char *own : {"k_proj.", "v_proj.", "k_norm.", "v_norm."}) // published, and not read
      spec.leftOut.push_back({layerPrefix(index) + "self_attn." + own, ModelSpec::kUnread});
  }
}

} // namespace osscc
