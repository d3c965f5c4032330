// Source of names: gguf-py's tensor_mapping.py and constants.py.
#include "compiler/import/checkpoint/gguf/Architecture.h"

#include "compiler/import/checkpoint/gguf/Complete.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

namespace {

using Key = GgufArchitecture::Key;
using Name = GgufArchitecture::Name;

constexpr StringLiteral kLayer = "model.layers.";

constexpr Name kWhole[] = {{"token_embd", "model.embed_tokens"},
                           {"position_embd", "model.wpe"},
                           {"output_norm", "model.norm"},
                           {"output", "lm_head"}};
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

constexpr Key kKeysOfGemma2[] = {{"attention.sliding_window", "sliding_window"},
                                 {"attn_logit_softcapping", "attn_logit_softcapping"},
                                 {"final_logit_softcapping", "final_logit_softcapping"}};
constexpr Key kKeysOfGemma3[] = {{"attention.sliding_window", "sliding_window", true},
                                 {"rope.freq_base_swa", "rope_local_base_freq"},
                                 {"final_logit_softcapping", "final_logit_softcapping"}};
constexpr Name kNamesOfGemma2[] = {{"attn_q_norm", "self_attn.q_norm"},
                                   {"attn_k_norm", "self_attn.k_norm"},
                                   {"post_attention_norm", "post_attention_layernorm"},
                                   {"ffn_norm", "pre_feedforward_layernorm"},
                                   {"post_ffw_norm", "post_feedforward_layernorm"}};

constexpr Key kKeysOfMixtral[] = {{"expert_count", "num_local_experts", true},
                                  {"expert_used_count", "num_experts_per_tok", true}};
constexpr Key kKeysOfGranite[] = {{"attention.scale", "attention_multiplier"},
                                  {"embedding_scale", "embedding_multiplier"},
                                  {"residual_scale", "residual_multiplier"},
                                  {"logit_scale", "logits_scaling"}};
constexpr Key kKeysOfGraniteMoe[] = {{"attention.scale", "attention_multiplier"},
                                     {"embedding_scale", "embedding_multiplier"},
                                     {"residual_scale", "residual_multiplier"},
                                     {"logit_scale", "logits_scaling"},
                                     {"expert_count", "num_local_experts", true},
                                     {"expert_used_count", "num_experts_per_tok", true}};
constexpr Key kKeysOfQwenExperts[] = {
    {"expert_count", "num_experts", true},
    {"expert_used_count", "num_experts_per_tok", true},
    {"expert_feed_forward_length", "moe_intermediate_size", true},
    {"expert_shared_feed_forward_length", "shared_expert_intermediate_size"}};

constexpr Name kNamesOfExperts[] = {{"attn_q_norm", "self_attn.q_norm"},
                                    {"attn_k_norm", "self_attn.k_norm"},
                                    {"ffn_gate_inp", "mlp.gate"},
                                    {"ffn_gate_exps", "mlp.experts.gate_proj"},
                                    {"ffn_up_exps", "mlp.experts.up_proj"},
                                    {"ffn_down_exps", "mlp.experts.down_proj"},
                                    {"ffn_gate_inp_shexp", "mlp.shared_expert_gate"},
                                    {"ffn_gate_shexp", "mlp.shared_expert.gate_proj"},
                                    {"ffn_up_shexp", "mlp.shared_expert.up_proj"},
                                    {"ffn_down_shexp", "mlp.shared_expert.down_proj"}};
constexpr Key kKeysOfLlama4[] = {{"feed_forward_length", "intermediate_size_mlp", true},
                                 {"expert_count", "num_local_experts", true},
                                 {"expert_used_count", "num_experts_per_tok", true},
                                 {"expert_feed_forward_length", "intermediate_size", true},
                                 {"interleave_moe_layer_step", "interleave_moe_layer_step", true}};
constexpr Name kNamesOfGpt2[] = {{"attn_norm", "ln_1"},          {"attn_qkv", "attn.c_attn"},
                                 {"attn_output", "attn.c_proj"}, {"ffn_norm", "ln_2"},
                                 {"ffn_up", "mlp.c_fc"},         {"ffn_down", "mlp.c_proj"}};
constexpr Name kNamesOfStarcoder2[] = {{"ffn_up", "mlp.c_fc"}, {"ffn_down", "mlp.c_proj"}};
constexpr Key kKeysOfCohere[] = {{"logit_scale", "logit_scale", true}};
constexpr Key kKeysOfCohere2[] = {{"logit_scale", "logit_scale", true},
                                  {"attention.sliding_window", "sliding_window", true}};
constexpr Name kNamesOfHeadNorms[] = {{"attn_q_norm", "self_attn.q_norm"},
                                      {"attn_k_norm", "self_attn.k_norm"}};
constexpr Name kNamesOfHunYuan[] = {{"attn_q_norm", "self_attn.query_layernorm"},
                                    {"attn_k_norm", "self_attn.key_layernorm"}};
constexpr Name kNamesOfOlmo2[] = {{"attn_q_norm", "self_attn.q_norm"},
                                  {"attn_k_norm", "self_attn.k_norm"},
                                  {"post_attention_norm", "post_attention_layernorm"},
                                  {"post_ffw_norm", "post_feedforward_layernorm"}};
constexpr Name kNamesOfGlm4[] = {{"post_attention_norm", "post_self_attn_layernorm"},
                                 {"post_ffw_norm", "post_mlp_layernorm"},
                                 {"ffn_up", "mlp.gate_up_proj"}};
constexpr Name kNamesOfPhi3[] = {{"attn_qkv", "self_attn.qkv_proj"},
                                 {"ffn_up", "mlp.gate_up_proj"}};
constexpr Name kNamesOfGlm[] = {{"ffn_up", "mlp.gate_up_proj"}};
constexpr Key kKeysOfWindows[] = {{"attention.sliding_window", "sliding_window"},
                                  {"attention.sliding_window_pattern", "layer_types"}};

constexpr Key kKeysOfGemma4[] = {
    {"attention.sliding_window", "sliding_window", true},
    {"attention.sliding_window_pattern", "layer_types", true},
    {"attention.key_length_swa", "head_dim", true},
    {"attention.key_length", "global_head_dim", true},
    {"attention.shared_kv_layers", "num_kv_shared_layers"},
    {"embedding_length_per_layer_input", "hidden_size_per_layer_input"},
    {"final_logit_softcapping", "final_logit_softcapping"},
    {"expert_count", "num_experts"},
    {"expert_used_count", "top_k_experts"},
    {"expert_feed_forward_length", "moe_intermediate_size"}};
constexpr Name kNamesOfGemma4[] = {{"attn_q_norm", "self_attn.q_norm"},
                                   {"attn_k_norm", "self_attn.k_norm"},
                                   {"post_attention_norm", "post_attention_layernorm"},
                                   {"ffn_norm", "pre_feedforward_layernorm"},
                                   {"post_ffw_norm", "post_feedforward_layernorm"},
                                   {"layer_output_scale", "layer_scalar"},
                                   {"inp_gate", "per_layer_input_gate"},
                                   {"proj", "per_layer_projection"},
                                   {"post_norm", "post_per_layer_input_norm"}};
constexpr Name kWholeOfGemma4[] = {{"per_layer_token_embd", "model.embed_tokens_per_layer"},
                                   {"per_layer_model_proj", "model.per_layer_model_projection"},
                                   {"per_layer_proj_norm", "model.per_layer_projection_norm"}};

constexpr Key kKeysOfDeepSeek[] = {{"attention.q_lora_rank", "q_lora_rank"},
                                   {"attention.kv_lora_rank", "kv_lora_rank", true},
                                   {"rope.dimension_count", "qk_rope_head_dim", true},
                                   {"leading_dense_block_count", "first_k_dense_replace"},
                                   {"expert_count", "n_routed_experts", true},
                                   {"expert_used_count", "num_experts_per_tok", true},
                                   {"expert_shared_count", "n_shared_experts"},
                                   {"expert_feed_forward_length", "moe_intermediate_size", true},
                                   {"expert_weights_scale", "routed_scaling_factor"},
                                   {"expert_weights_norm", "norm_topk_prob"},
                                   {"expert_group_count", "n_group"},
                                   {"expert_group_used_count", "topk_group"},
                                   {"expert_gating_func", "scoring_func"},
                                   {"nextn_predict_layers", "num_nextn_predict_layers"}};
constexpr Key kKeysOfGrouped[] = {{"leading_dense_block_count", "first_k_dense_replace"},
                                  {"expert_count", "n_routed_experts", true},
                                  {"expert_used_count", "num_experts_per_tok", true},
                                  {"expert_shared_count", "n_shared_experts"},
                                  {"expert_feed_forward_length", "moe_intermediate_size", true},
                                  {"expert_weights_scale", "routed_scaling_factor"},
                                  {"expert_weights_norm", "norm_topk_prob"},
                                  {"expert_group_count", "n_group"},
                                  {"expert_group_used_count", "topk_group"},
                                  {"expert_gating_func", "scoring_func"},
                                  {"nextn_predict_layers", "num_nextn_predict_layers"}};
constexpr Name kNamesOfGrouped[] = {{"attn_q_norm", "self_attn.q_norm"},
                                    {"attn_k_norm", "self_attn.k_norm"},
                                    {"post_attention_norm", "post_attention_layernorm"},
                                    {"ffn_gate_inp", "mlp.gate"},
                                    {"exp_probs_b", "mlp.gate.e_score_correction"},
                                    {"ffn_gate_exps", "mlp.experts.gate_proj"},
                                    {"ffn_up_exps", "mlp.experts.up_proj"},
                                    {"ffn_down_exps", "mlp.experts.down_proj"},
                                    {"ffn_gate_shexp", "mlp.shared_experts.gate_proj"},
                                    {"ffn_up_shexp", "mlp.shared_experts.up_proj"},
                                    {"ffn_down_shexp", "mlp.shared_experts.down_proj"},
                                    {"nextn.eh_proj", "eh_proj"},
                                    {"nextn.enorm", "enorm"},
                                    {"nextn.hnorm", "hnorm"},
                                    {"nextn.embed_tokens", "embed_tokens"},
                                    {"nextn.shared_head_head", "shared_head.head"},
                                    {"nextn.shared_head_norm", "shared_head.norm"}};
constexpr Key kKeysOfOlmoe[] = {{"expert_count", "num_experts", true},
                                {"expert_used_count", "num_experts_per_tok", true}};
constexpr Key kKeysOfMiniMax[] = {{"expert_count", "num_local_experts", true},
                                  {"expert_used_count", "num_experts_per_tok", true},
                                  {"expert_feed_forward_length", "intermediate_size"},
                                  {"expert_gating_func", "expert_gating_func"}};
constexpr Name kNamesOfMiniMax[] = {{"attn_q_norm", "self_attn.q_norm"},
                                    {"attn_k_norm", "self_attn.k_norm"},
                                    {"ffn_gate_inp", "mlp.gate"},
                                    {"exp_probs_b", "block_sparse_moe.e_score_correction"},
                                    {"ffn_gate_exps", "mlp.experts.gate_proj"},
                                    {"ffn_up_exps", "mlp.experts.up_proj"},
                                    {"ffn_down_exps", "mlp.experts.down_proj"}};
constexpr Name kNamesOfDeepSeek[] = {{"attn_q_a", "self_attn.q_a_proj"},
                                     {"attn_q_a_norm", "self_attn.q_a_layernorm"},
                                     {"attn_q_b", "self_attn.q_b_proj"},
                                     {"attn_kv_a_mqa", "self_attn.kv_a_proj_with_mqa"},
                                     {"attn_kv_a_norm", "self_attn.kv_a_layernorm"},
                                     {"attn_kv_b", "self_attn.kv_b_proj"},
                                     {"attn_k_b", "self_attn.k_b_proj"},
                                     {"attn_v_b", "self_attn.v_b_proj"},
                                     {"ffn_gate_inp", "mlp.gate"},
                                     {"exp_probs_b", "mlp.gate.e_score_correction"},
                                     {"ffn_gate_exps", "mlp.experts.gate_proj"},
                                     {"ffn_up_exps", "mlp.experts.up_proj"},
                                     {"ffn_down_exps", "mlp.experts.down_proj"},
                                     {"ffn_gate_shexp", "mlp.shared_experts.gate_proj"},
                                     {"ffn_up_shexp", "mlp.shared_experts.up_proj"},
                                     {"ffn_down_shexp", "mlp.shared_experts.down_proj"},
                                     {"nextn.eh_proj", "eh_proj"},
                                     {"nextn.enorm", "enorm"},
                                     {"nextn.hnorm", "hnorm"},
                                     {"nextn.embed_tokens", "embed_tokens"},
                                     {"nextn.shared_head_head", "shared_head.head"},
                                     {"nextn.shared_head_norm", "shared_head.norm"}};
constexpr Name kNamesOfSeedOss[] = {{"post_attention_norm", "post_attention_layernorm"}};

// Of several rows of one name the first whose key `when` a file has is its row.
constexpr GgufArchitecture kArchitectures[] = {
    {.name = "arcee", .modelType = "arcee", .paired = true, .saysBiases = true},
    {.name = "chatglm",
     .modelType = "glm",
     .paired = true,
     .names = kNamesOfGlm,
     .saysBiases = true,
     .turnsPart = true},
    {.name = "deepseek2",
     .modelType = "deepseek_v3",
     .paired = false,
     .keys = kKeysOfDeepSeek,
     .names = kNamesOfDeepSeek,
     .when = "expert_gating_func",
     .whenIs = kSigmoidGating,
     .complete = completeDeepSeek,
     .completesHeads = true},
    {.name = "deepseek2",
     .modelType = "deepseek_v2",
     .paired = false,
     .keys = kKeysOfDeepSeek,
     .names = kNamesOfDeepSeek,
     .complete = completeDeepSeek,
     .completesHeads = true},
    {.name = "dots1",
     .modelType = "dots1",
     .paired = false,
     .keys = kKeysOfGrouped,
     .names = kNamesOfGrouped,
     .saysBiases = true,
     .complete = completeGrouped},
    {.name = "ernie4_5", .modelType = "ernie4_5", .paired = true},
    {.name = "exaone4",
     .modelType = "exaone4",
     .paired = false,
     .keys = kKeysOfWindows,
     .names = kNamesOfOlmo2,
     .complete = completeWindows},
    {.name = "glm4",
     .modelType = "glm4",
     .paired = true,
     .names = kNamesOfGlm4,
     .saysBiases = true,
     .turnsPart = true},
    {.name = "glm4moe",
     .modelType = "glm4_moe",
     .paired = false,
     .keys = kKeysOfGrouped,
     .names = kNamesOfGrouped,
     .saysBiases = true,
     .turnsPart = true,
     .complete = completeGlm4Moe},
    {.name = "gpt-oss",
     .modelType = "gpt_oss",
     .paired = false,
     .keys = kKeysOfGptOss,
     .names = kNamesOfGptOss,
     .roundsYarn = false},
    {.name = "gemma", .modelType = "gemma", .paired = false, .addsOne = true, .ownsHeadSize = true},
    {.name = "gemma2",
     .modelType = "gemma2",
     .paired = false,
     .keys = kKeysOfGemma2,
     .names = kNamesOfGemma2,
     .addsOne = true,
     .ownsHeadSize = true,
     .scalesQueries = true,
     .widestLayers = 46},
    {.name = "gemma3",
     .modelType = "gemma3_text",
     .paired = false,
     .keys = kKeysOfGemma3,
     .names = kNamesOfGemma2,
     .addsOne = true,
     .ownsHeadSize = true,
     .scalesQueries = true,
     .widestLayers = 62},
    {.name = "gpt2",
     .modelType = "gpt2",
     .paired = false,
     .names = kNamesOfGpt2,
     .layerNorm = "layer_norm_epsilon"},
    {.name = "command-r",
     .modelType = "cohere",
     .paired = true,
     .keys = kKeysOfCohere,
     .names = kNamesOfHeadNorms,
     .saysBiases = true,
     .layerNorm = "layer_norm_eps",
     .complete = completeHeadNorms},
    {.name = "cohere2",
     .modelType = "cohere2",
     .paired = true,
     .keys = kKeysOfCohere2,
     .saysBiases = true,
     .layerNorm = "layer_norm_eps"},
    {.name = "gemma4",
     .modelType = "gemma4_text",
     .paired = false,
     .keys = kKeysOfGemma4,
     .names = kNamesOfGemma4,
     .wholeNames = kWholeOfGemma4,
     .complete = completeGemma4,
     .completesHeads = true},
    {.name = "granite",
     .modelType = "granite",
     .paired = true,
     .keys = kKeysOfGranite,
     .saysBiases = true},
    {.name = "granitemoe",
     .modelType = "granitemoe",
     .paired = true,
     .keys = kKeysOfGraniteMoe,
     .names = kNamesOfExperts,
     .saysBiases = true},
    {.name = "hunyuan-dense",
     .modelType = "hunyuan_v1_dense",
     .paired = false,
     .names = kNamesOfHunYuan,
     .saysBiases = true},
    {.name = "llama",
     .modelType = "mixtral",
     .paired = true,
     .keys = kKeysOfMixtral,
     .names = kNamesOfExperts,
     .when = "expert_count"},
    {.name = "llama", .modelType = "llama", .paired = true, .saysBiases = true},
    {.name = "llama4",
     .modelType = "llama4_text",
     .paired = true,
     .keys = kKeysOfLlama4,
     .names = kNamesOfExperts,
     .saysBiases = true,
     .complete = completeLlama4},
    {.name = "nemotron",
     .modelType = "nemotron",
     .paired = false,
     .saysBiases = true,
     .layerNorm = "norm_eps",
     .turnsPart = true,
     .addsOne = true},
    {.name = "minimax-m2",
     .modelType = "minimax_m2",
     .paired = false,
     .keys = kKeysOfMiniMax,
     .names = kNamesOfMiniMax,
     .turnsPart = true,
     .complete = completeMiniMax},
    {.name = "olmoe",
     .modelType = "olmoe",
     .paired = false,
     .keys = kKeysOfOlmoe,
     .names = kNamesOfExperts,
     .saysBiases = true},
    {.name = "olmo2",
     .modelType = "olmo3",
     .paired = false,
     .keys = kKeysOfWindows,
     .names = kNamesOfOlmo2,
     .when = "attention.sliding_window",
     .saysBiases = true,
     .complete = completeWindows},
    {.name = "olmo2",
     .modelType = "olmo2",
     .paired = false,
     .names = kNamesOfOlmo2,
     .saysBiases = true},
    {.name = "phi3",
     .modelType = "phi3",
     .paired = false,
     .names = kNamesOfPhi3,
     .turnsPart = true},
    {.name = "qwen2", .modelType = "qwen2", .paired = false},
    {.name = "qwen2moe",
     .modelType = "qwen2_moe",
     .paired = false,
     .keys = kKeysOfQwenExperts,
     .names = kNamesOfExperts},
    {.name = "qwen3",
     .modelType = "qwen3",
     .paired = false,
     .names = kNamesOfHeadNorms,
     .saysBiases = true},
    {.name = "qwen3moe",
     .modelType = "qwen3_moe",
     .paired = false,
     .keys = kKeysOfQwenExperts,
     .names = kNamesOfExperts,
     .saysBiases = true,
     .isTrue = "norm_topk_prob"},
    {.name = "seed_oss",
     .modelType = "seed_oss",
     .paired = false,
     .names = kNamesOfSeedOss,
     .saysBiases = true,
     .outputBias = "attention_out_bias"},
    {.name = "smollm3", .modelType = "smollm3", .paired = true, .saysBiases = true},
    {.name = "starcoder2",
     .modelType = "starcoder2",
     .paired = false,
     .names = kNamesOfStarcoder2,
     .isTrue = "use_bias",
     .layerNorm = "norm_epsilon"},
};

/// A name in its parts: "blk.3.", "ffn_up", ".weight".
struct Parts {
  std::string layer;      ///< Digits, empty outside a layer.
  StringRef base, ending; ///< The latter may be empty.
};

std::optional<Parts> partsOf(StringRef name, StringRef layerPrefix) {
  Parts parts;
  for (StringRef ending : {".weight", ".bias"})
    if (name.ends_with(ending))
      parts.ending = name.take_back(ending.size());
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
  ArrayRef<Name> owned = ofLayer ? architecture.names : architecture.wholeNames;
  if (const Name *own = find_if(owned, matches); own != owned.end())
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
  static const SmallVector<GgufArchitecture> kAll = [] { // those with a key `when` first
    SmallVector<GgufArchitecture> all(ggufExpertArchitectures());
    append_range(all, ggufDeltaNetArchitectures());
    all.push_back(ggufGemma3n());
    append_range(all, kArchitectures);
    return all;
  }();
  return kAll;
}

} // namespace osscc
