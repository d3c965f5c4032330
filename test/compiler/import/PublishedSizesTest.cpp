// The configs of published models, cut to the fields that say a size: the weights that import then
// asks for are as many as the model is said to have.
#include "compiler/import/families/Families.h"

#include "gtest/gtest.h"

using namespace osscc;

namespace {

struct Published {
  const char *name, *config;
  double billions; ///< Parameters.
};

constexpr Published kModels[] = {
    {"DeepSeek LLM 7B", R"({"model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008,
      "num_hidden_layers": 30, "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 102400})",
     6.910},
    {"DeepSeek Coder 33B",
     R"({"model_type": "llama", "hidden_size": 7168, "intermediate_size": 19200,
      "num_hidden_layers": 62, "num_attention_heads": 56, "num_key_value_heads": 8, "vocab_size": 32256,
      "rope_theta": 100000, "rope_scaling": {"type": "linear", "factor": 4.0}})",
     33.343},
    {"R1 distilled to Qwen 1.5B",
     R"({"model_type": "qwen2", "hidden_size": 1536, "intermediate_size": 8960,
      "num_hidden_layers": 28, "num_attention_heads": 12, "num_key_value_heads": 2, "vocab_size": 151936,
      "use_sliding_window": false, "sliding_window": 4096, "max_window_layers": 21, "use_mrope": false})",
     1.777},
    {"Reka Flash 3", R"({"model_type": "llama", "hidden_size": 6144, "intermediate_size": 19648,
      "num_hidden_layers": 44, "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 96,
      "vocab_size": 100352, "rope_theta": 8000000})",
     20.905},
    {"Qwen 3 0.6B", R"({"model_type": "qwen3", "hidden_size": 1024, "intermediate_size": 3072,
      "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128,
      "vocab_size": 151936, "tie_word_embeddings": true, "use_sliding_window": false,
      "sliding_window": null, "max_window_layers": 28})",
     0.596},
    {"Qwen 3 32B", R"({"model_type": "qwen3", "hidden_size": 5120, "intermediate_size": 25600,
      "num_hidden_layers": 64, "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 128,
      "vocab_size": 151936})",
     32.762},
    {"Qwen 3 30B-A3B",
     R"({"model_type": "qwen3_moe", "hidden_size": 2048, "intermediate_size": 6144,
      "moe_intermediate_size": 768, "num_experts": 128, "num_experts_per_tok": 8, "norm_topk_prob": true,
      "num_hidden_layers": 48, "num_attention_heads": 32, "num_key_value_heads": 4, "head_dim": 128,
      "decoder_sparse_step": 1, "mlp_only_layers": [], "output_router_logits": false,
      "router_aux_loss_coef": 0.001, "vocab_size": 151936})",
     30.53},
    {"Qwen 3 235B-A22B",
     R"({"model_type": "qwen3_moe", "hidden_size": 4096, "intermediate_size": 12288,
      "moe_intermediate_size": 1536, "num_experts": 128, "num_experts_per_tok": 8, "norm_topk_prob": true,
      "num_hidden_layers": 94, "num_attention_heads": 64, "num_key_value_heads": 4, "head_dim": 128,
      "vocab_size": 151936})",
     235.09},
    {"Mixtral 8x7B", R"({"model_type": "mixtral", "hidden_size": 4096, "intermediate_size": 14336,
      "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
      "num_local_experts": 8, "num_experts_per_tok": 2, "sliding_window": null, "rope_theta": 1000000.0,
      "output_router_logits": false, "router_aux_loss_coef": 0.02, "vocab_size": 32000})",
     46.703},
    {"Mixtral 8x22B", R"({"model_type": "mixtral", "hidden_size": 6144, "intermediate_size": 16384,
      "num_hidden_layers": 56, "num_attention_heads": 48, "num_key_value_heads": 8,
      "num_local_experts": 8, "num_experts_per_tok": 2, "vocab_size": 32768})",
     140.63},
    {"SmolLM3 3B", R"({"model_type": "smollm3", "hidden_size": 2048, "intermediate_size": 11008,
      "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 4, "vocab_size": 128256,
      "max_position_embeddings": 65536, "max_window_layers": 28, "mlp_bias": false, "no_rope_layer_interval": 4,
      "rope_scaling": null, "rope_theta": 5000000.0, "sliding_window": null, "use_sliding_window": false})",
     3.075},
    {"Phi-3 mini", R"({"model_type": "phi3", "hidden_size": 3072, "intermediate_size": 8192,
      "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 32064,
      "original_max_position_embeddings": 4096, "rope_scaling": null, "sliding_window": 2047})",
     3.821},
    {"Phi-4", R"({"model_type": "phi3", "hidden_size": 5120, "intermediate_size": 17920,
      "num_hidden_layers": 40, "num_attention_heads": 40, "num_key_value_heads": 10, "vocab_size": 100352,
      "max_position_embeddings": 16384, "original_max_position_embeddings": 16384, "rope_theta": 250000})",
     14.66},
    {"OLMo 2 7B", R"({"model_type": "olmo2", "hidden_size": 4096, "intermediate_size": 11008,
      "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 100352,
      "rope_theta": 500000})",
     7.299},
    {"OLMo 2 32B", R"({"model_type": "olmo2", "hidden_size": 5120, "intermediate_size": 27648,
      "num_hidden_layers": 64, "num_attention_heads": 40, "num_key_value_heads": 8, "vocab_size": 100352,
      "rope_theta": 500000})",
     32.23},
    {"OLMo 3 7B", R"({"model_type": "olmo3", "hidden_size": 4096, "intermediate_size": 11008,
      "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 100278,
      "max_position_embeddings": 65536, "sliding_window": 4096, "rope_theta": 500000, "rope_scaling": {
      "rope_type": "yarn", "factor": 8.0, "beta_fast": 32, "beta_slow": 1, "attention_factor": 1.2079441541679836,
      "original_max_position_embeddings": 8192}})",
     7.298},
    {"Granite 3.1 8B", R"({"model_type": "granite", "hidden_size": 4096, "intermediate_size": 12800,
      "num_hidden_layers": 40, "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 49155,
      "tie_word_embeddings": true, "attention_multiplier": 0.0078125, "embedding_multiplier": 12.0,
      "logits_scaling": 16.0, "residual_multiplier": 0.22, "rope_theta": 10000000.0})",
     8.171},
    {"Granite 3.1 1B-A400M",
     R"({"model_type": "granitemoe", "hidden_size": 1024, "intermediate_size": 512,
      "num_hidden_layers": 24, "num_attention_heads": 16, "num_key_value_heads": 8, "vocab_size": 49155,
      "num_local_experts": 32, "num_experts_per_tok": 8, "tie_word_embeddings": true,
      "attention_multiplier": 0.015625, "embedding_multiplier": 12.0, "logits_scaling": 6.0,
      "residual_multiplier": 0.22})",
     1.335},
    {"GLM-4 9B", R"({"model_type": "glm", "hidden_size": 4096, "intermediate_size": 13696,
      "num_hidden_layers": 40, "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 128,
      "vocab_size": 151552, "partial_rotary_factor": 0.5, "attention_bias": true})",
     9.40},
    {"GLM-4 32B 0414", R"({"model_type": "glm4", "hidden_size": 6144, "intermediate_size": 23040,
      "num_hidden_layers": 61, "num_attention_heads": 48, "num_key_value_heads": 2, "head_dim": 128,
      "vocab_size": 151552, "partial_rotary_factor": 0.5, "attention_bias": false})",
     32.57},
    {"Seed-OSS 36B", R"({"model_type": "seed_oss", "hidden_size": 5120, "intermediate_size": 27648,
      "num_hidden_layers": 64, "num_attention_heads": 80, "num_key_value_heads": 8, "head_dim": 128,
      "vocab_size": 155136, "attention_bias": true, "attention_out_bias": false, "mlp_bias": false,
      "attention_dropout": 0.1, "residual_dropout": 0.1, "rope_theta": 10000000.0,
      "rope_scaling": {"rope_type": "default"}})",
     36.15},
    {"CWM 32B", R"({"model_type": "cwm", "hidden_size": 6144, "intermediate_size": 21504,
      "num_hidden_layers": 64, "num_attention_heads": 48, "num_key_value_heads": 8, "head_dim": 128,
      "vocab_size": 128256, "sliding_window": 8192})",
     32.6},
    {"EXAONE 4.0 32B", R"({"model_type": "exaone4", "hidden_size": 5120, "intermediate_size": 27392,
      "num_hidden_layers": 64, "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128,
      "vocab_size": 102400, "sliding_window": 4096, "sliding_window_pattern": "LLLG",
      "rope_theta": 1000000, "rope_scaling": {"rope_type": "llama3", "factor": 16.0,
      "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}})",
     32.0},
    {"ERNIE 4.5 0.3B", R"({"model_type": "ernie4_5", "hidden_size": 1024, "intermediate_size": 3072,
      "num_hidden_layers": 18, "num_attention_heads": 16, "num_key_value_heads": 2, "head_dim": 128,
      "vocab_size": 103424, "tie_word_embeddings": true, "use_bias": false, "rope_theta": 500000.0})",
     0.361},
    {"Qwen 1.5 MoE A2.7B",
     R"({"model_type": "qwen2_moe", "hidden_size": 2048, "intermediate_size": 5632,
      "moe_intermediate_size": 1408, "shared_expert_intermediate_size": 5632, "num_experts": 60,
      "num_experts_per_tok": 4, "norm_topk_prob": false, "decoder_sparse_step": 1, "num_hidden_layers": 24,
      "num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": 151936,
      "use_sliding_window": false, "sliding_window": 32768, "max_window_layers": 21})",
     14.316},
    {"GPT-2",
     R"({"model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12, "n_positions": 1024,
      "n_ctx": 1024, "vocab_size": 50257, "activation_function": "gelu_new", "resid_pdrop": 0.1,
      "summary_use_proj": true, "task_specific_params": {"text-generation": {"do_sample": true}}})",
     0.12444},
    {"GPT-2 XL",
     R"({"model_type": "gpt2", "n_embd": 1600, "n_layer": 48, "n_head": 25, "vocab_size": 50257})",
     1.55761},
    {"Llama 4 Scout, its text",
     R"({"model_type": "llama4", "text_config": {"model_type": "llama4_text",
      "hidden_size": 5120, "intermediate_size": 8192, "intermediate_size_mlp": 16384, "num_hidden_layers": 48,
      "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 202048,
      "num_local_experts": 16, "num_experts_per_tok": 1, "interleave_moe_layer_step": 1, "no_rope_layers": [],
      "attention_chunk_size": 8192, "attn_temperature_tuning": 4, "floor_scale": 8192, "attn_scale": 0.1,
      "use_qk_norm": true, "max_position_embeddings": 10485760, "rope_theta": 500000.0, "rope_scaling": {
      "factor": 16.0, "high_freq_factor": 1.0, "low_freq_factor": 1.0, "original_max_position_embeddings": 8192,
      "rope_type": "llama3"}}, "vision_config": {"model_type": "llama4_vision_model"}})",
     107.77},
    {"Llama 4 Maverick, its text", R"({"model_type": "llama4_text", "hidden_size": 5120,
      "intermediate_size": 8192, "intermediate_size_mlp": 16384, "num_hidden_layers": 48,
      "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 202048,
      "num_local_experts": 128, "num_experts_per_tok": 1, "interleave_moe_layer_step": 2, "use_qk_norm": false,
      "max_position_embeddings": 1048576, "rope_theta": 500000.0})",
     400.7},
    {"Gemma 4 26B-A4B", R"({"model_type": "gemma4", "text_config": {"model_type": "gemma4_text",
      "hidden_size": 2816, "intermediate_size": 2112, "num_hidden_layers": 30, "num_attention_heads": 16,
      "num_key_value_heads": 8, "num_global_key_value_heads": 2, "head_dim": 256, "global_head_dim": 512,
      "vocab_size": 262144, "attention_k_eq_v": true, "enable_moe_block": true, "num_experts": 128,
      "top_k_experts": 8, "moe_intermediate_size": 704, "hidden_size_per_layer_input": 0,
      "sliding_window": 1024, "final_logit_softcapping": 30.0, "max_position_embeddings": 262144}})",
     25.233},
    {"Muse Glimmer 30B, its text", R"({"model_type": "muse_glimmer", "tie_word_embeddings": false,
      "text_config": {"model_type": "muse_glimmer_text", "hidden_size": 6656, "intermediate_size": 19968,
      "num_hidden_layers": 52, "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 128,
      "vocab_size": 202048, "sliding_window": 2048, "qk_scale_factor": 3.87, "rope_theta": 500000.0,
      "output_multiplier": 0.19611613513818404, "final_logit_softcapping": 20.0, "post_norm_eps": 1e-8}})",
     27.855},
    {"Minitron 4B", R"({"model_type": "nemotron", "hidden_size": 3072, "intermediate_size": 9216,
      "num_hidden_layers": 32, "num_attention_heads": 24, "num_key_value_heads": 8, "head_dim": 128,
      "vocab_size": 256000, "hidden_act": "relu2", "norm_eps": 1e-5, "partial_rotary_factor": 0.5,
      "rope_theta": 10000.0})",
     4.191},
    {"Command R", R"({"model_type": "cohere", "hidden_size": 8192, "intermediate_size": 22528,
      "num_hidden_layers": 40, "num_attention_heads": 64, "num_key_value_heads": 64, "vocab_size": 256000,
      "logit_scale": 0.0625, "layer_norm_eps": 1e-5, "use_qk_norm": false, "rope_theta": 8000000.0})",
     34.98},
    {"Command R7B", R"({"model_type": "cohere2", "hidden_size": 4096, "intermediate_size": 14336,
      "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
      "vocab_size": 256000, "logit_scale": 0.25, "layer_norm_eps": 1e-5, "sliding_window": 4096,
      "sliding_window_pattern": 4, "position_embedding_type": "rope_gptj", "rotary_pct": 1.0,
      "use_gated_activation": true, "use_parallel_block": true, "use_embedding_sharing": true,
      "order_of_interleaved_layers": "local_attn_first", "rope_theta": 50000, "rope_scaling": null})",
     8.028},
    {"Qwen 3.5 9B", R"({"model_type": "qwen3_5", "tie_word_embeddings": false, "text_config": {
      "model_type": "qwen3_5_text", "hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 32,
      "num_attention_heads": 16, "num_key_value_heads": 4, "head_dim": 256, "vocab_size": 248320,
      "attn_output_gate": true, "full_attention_interval": 4, "linear_conv_kernel_dim": 4,
      "linear_key_head_dim": 128, "linear_num_key_heads": 16, "linear_num_value_heads": 32,
      "linear_value_head_dim": 128, "mamba_ssm_dtype": "float32", "mtp_num_hidden_layers": 1,
      "rope_parameters": {"mrope_interleaved": true, "mrope_section": [11, 11, 10], "rope_type": "default",
      "rope_theta": 10000000, "partial_rotary_factor": 0.25}}, "vision_config": {"depth": 27}})",
     8.954},
    {"Qwen 3.5 35B-A3B", R"({"model_type": "qwen3_5_moe", "text_config": {
      "model_type": "qwen3_5_moe_text", "hidden_size": 2048, "num_hidden_layers": 40,
      "num_attention_heads": 16, "num_key_value_heads": 2, "head_dim": 256, "vocab_size": 248320,
      "moe_intermediate_size": 512, "shared_expert_intermediate_size": 512, "num_experts": 256,
      "num_experts_per_tok": 8}})",
     34.66},
    {"Qwen 3 Next 80B-A3B",
     R"({"model_type": "qwen3_next", "hidden_size": 2048, "intermediate_size": 5120,
      "num_hidden_layers": 48, "num_attention_heads": 16, "num_key_value_heads": 2, "head_dim": 256,
      "vocab_size": 151936, "moe_intermediate_size": 512, "shared_expert_intermediate_size": 512,
      "num_experts": 512, "num_experts_per_tok": 10, "norm_topk_prob": true, "decoder_sparse_step": 1,
      "mlp_only_layers": [], "partial_rotary_factor": 0.25, "rope_theta": 10000000, "rope_scaling": null})",
     79.67},
};

double parametersOf(const ModelSpec &spec) {
  double sum = 0;
  spec.forEachWeight([&](const WeightSpec &weight) {
    double values = 1;
    for (int64_t extent : weight.shape)
      values *= static_cast<double>(extent);
    sum += values;
  });
  return sum;
}

class PublishedSizes : public testing::TestWithParam<Published> {};

TEST_P(PublishedSizes, AreThoseOfTheSpec) {
  llvm::Expected<llvm::json::Value> value = parseJson("config.json", GetParam().config);
  ASSERT_TRUE(static_cast<bool>(value));
  JsonFields config("config.json", *value->getAsObject());
  llvm::Expected<ModelSpec> spec = readModelSpec(config);
  ASSERT_TRUE(static_cast<bool>(spec)) << GetParam().name << ": " << toString(spec.takeError());
  double billions = parametersOf(*spec) / 1e9;
  EXPECT_NEAR(billions / GetParam().billions, 1, 0.002) << GetParam().name << ": " << billions;
}

INSTANTIATE_TEST_SUITE_P(Models, PublishedSizes, testing::ValuesIn(kModels));

} // namespace
