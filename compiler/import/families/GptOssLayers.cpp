#include "compiler/import/families/GptOssLayers.h"

#include "compiler/import/families/Common.h"

#include "llvm/ADT/StringRef.h"

using namespace llvm;

namespace osscc {

namespace {

/// The names of one layer's weights.
class LayerNames {
public:
  LayerNames(const GptOssSizes &sizes, int64_t index)
      : sizes(sizes), prefix(layerPrefix(index)), original("block." + std::to_string(index) + ".") {
  }

  LayerSpec layer(std::optional<WindowSpec> window) const {
    return {norm("input_layernorm", "attn.norm"), attention(std::move(window)),
            norm("post_attention_layernorm", "mlp.norm"), experts()};
  }

private:
  NormSpec norm(const std::string &name, const std::string &own) const {
    std::string whole = prefix + name + ".weight";
    return {WeightSpec{whole,
                       {sizes.hidden},
                       "hidden_size",
                       0,
                       WeightRole::ByShape,
                       {{{whole}}, {{original + own + ".scale"}}}},
            sizes.eps};
  }

  /// A matrix and its biases; in the makers' own layout perhaps rows of a larger one.
  LinearSpec linear(const std::string &name, const std::string &own, int64_t out, int64_t in,
                    StringRef fields, int64_t firstRow = 0, int64_t allRows = 0) const {
    LinearSpec linear{{prefix + name + ".weight", {out, in}, fields.str()},
                      WeightSpec{prefix + name + ".bias", {out}, fields.split(',').first.str()}};
    linear.forms = {{{linear.name}}, {{original + own + ".weight"}}};
    linear.bias->forms = {{{linear.bias->name}}, {{original + own + ".bias"}}};
    for (WeightSpec *weight : {static_cast<WeightSpec *>(&linear), &*linear.bias}) {
      weight->forms.back().firstRow = firstRow;
      weight->forms.back().allRows = allRows;
    }
    return linear;
  }

  AttentionSpec attention(std::optional<WindowSpec> window) const {
    AttentionSpec spec = sizes.attention;
    int64_t queries = spec.heads * spec.headSize, keys = spec.kvHeads * spec.headSize;
    const char *keyFields = "num_key_value_heads * head_dim, hidden_size";
    int64_t all = queries + 2 * keys;
    spec.query = linear("self_attn.q_proj", "attn.qkv", queries, sizes.hidden,
                        "num_attention_heads * head_dim, hidden_size", 0, all);
    spec.key = linear("self_attn.k_proj", "attn.qkv", keys, sizes.hidden, keyFields, queries, all);
    spec.value =
        linear("self_attn.v_proj", "attn.qkv", keys, sizes.hidden, keyFields, queries + keys, all);
    spec.output = linear("self_attn.o_proj", "attn.out", sizes.hidden, queries,
                         "hidden_size, num_attention_heads * head_dim");
    std::string sinks = prefix + "self_attn.sinks";
    spec.sinks = WeightSpec{sinks, {spec.heads}, "num_attention_heads"};
    spec.sinks->forms = {{{sinks}}, {{sinks + ".weight"}}, {{original + "attn.sinks"}}};
    spec.window = std::move(window);
    return spec;
  }

  /// Blocks of MXFP4 keep the rows of gate and up in turns; floats are transposed besides; GGUF has
  /// two tensors.
  ExpertsSpec experts() const {
    ExpertsSpec spec;
    spec.chosen = sizes.chosen;
    spec.activation = sizes.activation;
    spec.router = linear("mlp.router", "mlp.gate", sizes.experts, sizes.hidden,
                         "num_local_experts, hidden_size");
    spec.router.role = WeightRole::Router;
    spec.gateUp = stack("gate_up_proj", "mlp.mlp1", 2 * sizes.mlp, sizes.hidden,
                        "num_local_experts, 2 * intermediate_size, hidden_size");
    takeTurns(spec.gateUp);
    spec.down = stack("down_proj", "mlp.mlp2", sizes.hidden, sizes.mlp,
                      "num_local_experts, hidden_size, intermediate_size");
    return spec;
  }

  LinearSpec stack(const std::string &name, const std::string &own, int64_t out, int64_t in,
                   const char *fields) const {
    std::string whole = prefix + "mlp.experts." + name, bias = whole + "_bias";
    LinearSpec linear{{whole, {sizes.experts, out, in}, fields},
                      WeightSpec{bias, {sizes.experts, out}, fields}};
    linear.bias->role = WeightRole::Vectors;
    linear.forms = {{{whole + "_blocks"}},
                    {{whole}, /*transposed=*/true},
                    {{original + own + "_weight.blocks"}},
                    {{whole + ".weight"}}};
    linear.bias->forms = {{{bias}}, {{original + own + "_bias"}}, {{whole + ".bias"}}};
    return linear;
  }

  /// Makes the rows of gate and up alternate where they are one tensor, or follow where they are
  /// two.
  void takeTurns(LinearSpec &gateUp) const {
    std::string gate = prefix + "mlp.experts.gate_proj", up = prefix + "mlp.experts.up_proj";
    for (auto &[forms, ending] :
         {std::pair(&gateUp.forms, ".weight"), std::pair(&gateUp.bias->forms, ".bias")}) {
      forms->pop_back(); // no file has the two as one
      for (StoredForm &form : *forms)
        form.interleaved = true;
      forms->push_back({{gate + ending, up + ending}});
    }
  }

  const GptOssSizes &sizes;
  std::string prefix, original; // of names in Hugging Face's layout, and in the makers' own
};

} // namespace

LayerSpec nameGptOssLayer(const GptOssSizes &sizes, int64_t index,
                          std::optional<WindowSpec> window) {
  return LayerNames(sizes, index).layer(std::move(window));
}

} // namespace osscc
