// Source of names: gguf-py's constants.py; of keys, llama.cpp's converter.
#include "compiler/import/checkpoint/gguf/Architecture.h"
#include "compiler/import/checkpoint/gguf/Complete.h"

using namespace llvm;

namespace osscc {

namespace {

using Key = GgufArchitecture::Key;
using Name = GgufArchitecture::Name;

constexpr Key kKeys[] = {{"ssm.conv_kernel", "linear_conv_kernel_dim", true},
                         {"ssm.state_size", "linear_key_head_dim", true},
                         {"ssm.group_count", "linear_num_key_heads", true},
                         {"ssm.time_step_rank", "linear_num_value_heads", true},
                         {"ssm.inner_size", "ssm.inner_size", true},
                         {"full_attention_interval", "full_attention_interval"},
                         {"nextn_predict_layers", "num_nextn_predict_layers"}};
constexpr Key kKeysOfExperts[] = {
    {"ssm.conv_kernel", "linear_conv_kernel_dim", true},
    {"ssm.state_size", "linear_key_head_dim", true},
    {"ssm.group_count", "linear_num_key_heads", true},
    {"ssm.time_step_rank", "linear_num_value_heads", true},
    {"ssm.inner_size", "ssm.inner_size", true},
    {"full_attention_interval", "full_attention_interval"},
    {"nextn_predict_layers", "num_nextn_predict_layers"},
    {"expert_count", "num_experts", true},
    {"expert_used_count", "num_experts_per_tok", true},
    {"expert_feed_forward_length", "moe_intermediate_size", true},
    {"expert_shared_feed_forward_length", "shared_expert_intermediate_size", true}};
constexpr Name kNames[] = {{"attn_q_norm", "self_attn.q_norm"},
                           {"attn_k_norm", "self_attn.k_norm"},
                           {"post_attention_norm", "post_attention_layernorm"},
                           {"attn_qkv", "linear_attn.in_proj_qkv"},
                           {"attn_gate", "linear_attn.in_proj_z"},
                           {"ssm_in", "linear_attn.in_proj_qkvz"},
                           {"ssm_ba", "linear_attn.in_proj_ba"},
                           {"ssm_alpha", "linear_attn.in_proj_a"},
                           {"ssm_beta", "linear_attn.in_proj_b"},
                           {"ssm_conv1d", "linear_attn.conv1d"},
                           {"ssm_a", "linear_attn.A_log"},
                           {"ssm_dt", "linear_attn.dt_proj"},
                           {"ssm_norm", "linear_attn.norm"},
                           {"ssm_out", "linear_attn.out_proj"},
                           {"ffn_gate_inp", "mlp.gate"},
                           {"ffn_gate_exps", "mlp.experts.gate_proj"},
                           {"ffn_up_exps", "mlp.experts.up_proj"},
                           {"ffn_down_exps", "mlp.experts.down_proj"},
                           {"ffn_gate_inp_shexp", "mlp.shared_expert_gate"},
                           {"ffn_gate_shexp", "mlp.shared_expert.gate_proj"},
                           {"ffn_up_shexp", "mlp.shared_expert.up_proj"},
                           {"ffn_down_shexp", "mlp.shared_expert.down_proj"},
                           {"nextn.eh_proj", "eh_proj"},
                           {"nextn.enorm", "enorm"},
                           {"nextn.hnorm", "hnorm"},
                           {"nextn.embed_tokens", "embed_tokens"},
                           {"nextn.shared_head_head", "shared_head.head"},
                           {"nextn.shared_head_norm", "shared_head.norm"}};

constexpr GgufArchitecture kArchitectures[] = {{.name = "qwen35",
                                                .modelType = "qwen3_5_text",
                                                .paired = false,
                                                .keys = kKeys,
                                                .names = kNames,
                                                .turnsPart = true,
                                                .addsOne = true,
                                                .complete = completeTiledDeltaNets},
                                               {.name = "qwen35moe",
                                                .modelType = "qwen3_5_moe_text",
                                                .paired = false,
                                                .keys = kKeysOfExperts,
                                                .names = kNames,
                                                .turnsPart = true,
                                                .addsOne = true,
                                                .complete = completeTiledDeltaNets},
                                               {.name = "qwen3next",
                                                .modelType = "qwen3_next",
                                                .paired = false,
                                                .keys = kKeysOfExperts,
                                                .names = kNames,
                                                .turnsPart = true,
                                                .addsOne = true,
                                                .complete = completeDeltaNets}};

} // namespace

ArrayRef<GgufArchitecture> ggufDeltaNetArchitectures() {
  return kArchitectures;
}

} // namespace osscc
