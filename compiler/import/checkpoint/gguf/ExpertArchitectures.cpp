// Source of names: gguf-py's tensor_mapping.py and constants.py, and llama.cpp's converter.
#include "compiler/import/checkpoint/gguf/Architecture.h"
#include "compiler/import/checkpoint/gguf/Complete.h"

using namespace llvm;

namespace osscc {

namespace {

using Key = GgufArchitecture::Key;
using Name = GgufArchitecture::Name;

constexpr Key kKeysOfErnie[] = {{"expert_count", "moe_num_experts", true},
                                {"expert_used_count", "moe_k", true},
                                {"expert_feed_forward_length", "moe_intermediate_size", true},
                                {"expert_shared_count", "moe_num_shared_experts"},
                                {"interleave_moe_layer_step", "moe_layer_interval"},
                                {"leading_dense_block_count", "moe_layer_start_index"}};
constexpr Name kNamesOfErnie[] = {{"ffn_gate_inp", "mlp.gate"},
                                  {"exp_probs_b", "mlp.moe_statics.e_score_correction"},
                                  {"ffn_gate_exps", "mlp.experts.gate_proj"},
                                  {"ffn_up_exps", "mlp.experts.up_proj"},
                                  {"ffn_down_exps", "mlp.experts.down_proj"},
                                  {"ffn_gate_shexp", "mlp.shared_experts.gate_proj"},
                                  {"ffn_up_shexp", "mlp.shared_experts.up_proj"},
                                  {"ffn_down_shexp", "mlp.shared_experts.down_proj"}};

constexpr Key kKeysOfHunYuan[] = {{"expert_count", "num_experts", true},
                                  {"expert_used_count", "moe_topk", true},
                                  {"expert_feed_forward_length", "moe_intermediate_size"},
                                  {"expert_shared_count", "num_shared_expert"}};
constexpr Name kNamesOfHunYuan[] = {{"attn_q_norm", "self_attn.query_layernorm"},
                                    {"attn_k_norm", "self_attn.key_layernorm"},
                                    {"ffn_gate_inp", "mlp.gate"},
                                    {"ffn_gate_exps", "mlp.experts.gate_proj"},
                                    {"ffn_up_exps", "mlp.experts.up_proj"},
                                    {"ffn_down_exps", "mlp.experts.down_proj"},
                                    {"ffn_gate_shexp", "mlp.shared_mlp.gate_proj"},
                                    {"ffn_up_shexp", "mlp.shared_mlp.up_proj"},
                                    {"ffn_down_shexp", "mlp.shared_mlp.down_proj"}};

constexpr Key kKeysOfGranite[] = {
    {"attention.scale", "attention_multiplier"},
    {"embedding_scale", "embedding_multiplier"},
    {"residual_scale", "residual_multiplier"},
    {"logit_scale", "logits_scaling"},
    {"expert_count", "num_local_experts", true},
    {"expert_used_count", "num_experts_per_tok", true},
    {"expert_shared_feed_forward_length", "shared_intermediate_size"}};
constexpr Name kNamesOfGranite[] = {{"ffn_gate_inp", "mlp.gate"},
                                    {"ffn_gate_exps", "mlp.experts.gate_proj"},
                                    {"ffn_up_exps", "mlp.experts.up_proj"},
                                    {"ffn_down_exps", "mlp.experts.down_proj"},
                                    {"ffn_gate_shexp", "shared_mlp.input_linear.gate"},
                                    {"ffn_up_shexp", "shared_mlp.input_linear.up"},
                                    {"ffn_down_shexp", "shared_mlp.output_linear"}};

constexpr GgufArchitecture kArchitectures[] = {
    {.name = "ernie4_5-moe",
     .modelType = "ernie4_5_moe",
     .paired = true,
     .keys = kKeysOfErnie,
     .names = kNamesOfErnie,
     .complete = completeErnieExperts},
    {.name = "granitemoe",
     .modelType = "granitemoeshared",
     .paired = true,
     .keys = kKeysOfGranite,
     .names = kNamesOfGranite,
     .when = "expert_shared_feed_forward_length",
     .saysBiases = true},
    {.name = "hunyuan-moe",
     .modelType = "hunyuan_v1_moe",
     .paired = false,
     .keys = kKeysOfHunYuan,
     .names = kNamesOfHunYuan,
     .saysBiases = true,
     .complete = completeSharedWidth},
};

} // namespace

ArrayRef<GgufArchitecture> ggufExpertArchitectures() {
  return kArchitectures;
}

} // namespace osscc
