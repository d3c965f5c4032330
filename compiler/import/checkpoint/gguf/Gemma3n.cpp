// Source of names: gguf-py's constants.py; of keys, llama.cpp's converter.
#include "compiler/import/checkpoint/gguf/Architecture.h"
#include "compiler/import/checkpoint/gguf/Complete.h"

namespace osscc {

namespace {

using Key = GgufArchitecture::Key;
using Name = GgufArchitecture::Name;

constexpr Key kKeys[] = {{"attention.sliding_window", "sliding_window", true},
                         {"attention.sliding_window_pattern", "layer_types"},
                         {"attention.shared_kv_layers", "num_kv_shared_layers"},
                         {"embedding_length_per_layer_input", "hidden_size_per_layer_input", true},
                         {"altup.active_idx", "altup_active_idx"},
                         {"altup.num_inputs", "altup_num_inputs"},
                         {"activation_sparsity_scale", "activation_sparsity_pattern"},
                         {"rope.freq_base_swa", "rope_local_base_freq"},
                         {"final_logit_softcapping", "final_logit_softcapping"}};
constexpr Name kNames[] = {{"attn_q_norm", "self_attn.q_norm"},
                           {"attn_k_norm", "self_attn.k_norm"},
                           {"post_attention_norm", "post_attention_layernorm"},
                           {"ffn_norm", "pre_feedforward_layernorm"},
                           {"post_ffw_norm", "post_feedforward_layernorm"},
                           {"inp_gate", "per_layer_input_gate"},
                           {"proj", "per_layer_projection"},
                           {"post_norm", "post_per_layer_input_norm"},
                           {"altup_correct_coef", "altup.correction_coefs"},
                           {"altup_correct_scale", "altup.correct_output_scale"},
                           {"altup_predict_coef", "altup.prediction_coefs"},
                           {"altup_router", "altup.modality_router"},
                           {"altup_router_norm", "altup.router_norm"},
                           {"laurel_l", "laurel.linear_left"},
                           {"laurel_r", "laurel.linear_right"},
                           {"laurel_post_norm", "laurel.post_laurel_norm"}};
constexpr Name kWhole[] = {{"per_layer_token_embd", "model.embed_tokens_per_layer"},
                           {"per_layer_model_proj", "model.per_layer_model_projection"},
                           {"per_layer_proj_norm", "model.per_layer_projection_norm"},
                           {"altup_proj", "model.altup_projections"},
                           {"altup_unembd_proj", "model.altup_unembed_projections"}};

} // namespace

const GgufArchitecture &ggufGemma3n() {
  static constexpr GgufArchitecture kGemma3n = {.name = "gemma3n",
                                                .modelType = "gemma3n_text",
                                                .paired = false,
                                                .keys = kKeys,
                                                .names = kNames,
                                                .wholeNames = kWhole,
                                                .ownsHeadSize = true,
                                                .complete = completeGemma3n};
  return kGemma3n;
}

} // namespace osscc
