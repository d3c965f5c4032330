// Source of names: gguf-py's tensor_mapping.py and constants.py.
#include "compiler/import/checkpoint/gguf/Architecture.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

namespace {

using Key = GgufArchitecture::Key;
using Name = GgufArchitecture::Name;

constexpr StringLiteral kLayer = "model.layers.";

constexpr Name kWhole[] = {
    {"token_embd", "model.embed_tokens"}, {"output_norm", "model.norm"}, {"output", "lm_head"}};
constexpr Name kOfLayer[] = {
    {"attn_norm", "input_layernorm"},    {"attn_q", "self_attn.q_proj"},
    {"attn_k", "self_attn.k_proj"},      {"attn_v", "self_attn.v_proj"},
    {"attn_output", "self_attn.o_proj"}, {"ffn_norm", "post_attention_layernorm"},
    {"ffn_gate", "mlp.gate_proj"},       {"ffn_up", "mlp.up_proj"},
    {"ffn_down", "mlp.down_proj"},
};

constexpr Key kKeysOfGptOss[] = {{"expert_count", "num_local_experts", true},
                                 {"expert_used_count", "num_experts_per_tok", true},
                                 {"expert_feed_forward_length", "intermediate_size"},
                                 {"attention.sliding_window", "sliding_window"}};
constexpr Name kNamesOfGptOss[] = {{"post_attention_norm", "post_attention_layernorm"},
                                   {"attn_sinks", "self_attn.sinks"},
                                   {"ffn_gate_inp", "mlp.router"},
                                   {"ffn_gate_exps", "mlp.experts.gate_proj"},
                                   {"ffn_up_exps", "mlp.experts.up_proj"},
                                   {"ffn_down_exps", "mlp.experts.down_proj"}};

constexpr GgufArchitecture kArchitectures[] = {
    {"llama", "llama", true},
    {"qwen2", "qwen2", false},
    {"gpt-oss", "gpt_oss", false, kKeysOfGptOss, kNamesOfGptOss, /*roundsYarn=*/false},
};

/// A name in its parts: "blk.3.", "ffn_up", ".weight".
struct Parts {
  std::string layer; ///< Digits, empty outside a layer.
  StringRef base, ending;
};

std::optional<Parts> partsOf(StringRef name, StringRef layerPrefix) {
  Parts parts;
  for (StringRef ending : {".weight", ".bias"})
    if (name.ends_with(ending))
      parts.ending = name.take_back(ending.size());
  if (parts.ending.empty())
    return std::nullopt;
  parts.base = name.drop_back(parts.ending.size());
  if (!parts.base.consume_front(layerPrefix))
    return parts;
  auto [layer, rest] = parts.base.split('.');
  uint32_t index = 0;
  if (layer.getAsInteger(10, index) || std::to_string(index) != layer)
    return std::nullopt;
  parts.layer = layer.str();
  parts.base = rest;
  return parts;
}

/// The row of a name that `matches`: of the architecture, else of all.
const Name *findName(const GgufArchitecture &architecture, bool ofLayer,
                     function_ref<bool(const Name &)> matches) {
  if (ofLayer)
    if (const Name *own = find_if(architecture.names, matches); own != architecture.names.end())
      return own;
  ArrayRef<Name> names = kWhole;
  if (ofLayer)
    names = kOfLayer;
  const Name *found = find_if(names, matches);
  return found == names.end() ? nullptr : found;
}

} // namespace

std::optional<std::string> GgufArchitecture::modelName(StringRef gguf) const {
  std::optional<Parts> parts = partsOf(gguf, "blk.");
  if (!parts)
    return std::nullopt;
  const Name *found = findName(*this, !parts->layer.empty(),
                               [&](const Name &known) { return known.gguf == parts->base; });
  if (!found)
    return std::nullopt;
  std::string prefix = parts->layer.empty() ? "" : kLayer.str() + parts->layer + ".";
  return prefix + found->name.str() + parts->ending.str();
}

std::string GgufArchitecture::fileName(StringRef name) const {
  std::optional<Parts> parts = partsOf(name, kLayer);
  if (!parts)
    return name.str();
  const Name *found = findName(*this, !parts->layer.empty(),
                               [&](const Name &known) { return known.name == parts->base; });
  if (!found)
    return name.str();
  std::string prefix = parts->layer.empty() ? "" : "blk." + parts->layer + ".";
  return prefix + found->gguf.str() + parts->ending.str();
}

ArrayRef<GgufArchitecture> ggufArchitectures() {
  return kArchitectures;
}

} // namespace osscc
