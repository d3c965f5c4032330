"""Small shapes of families with experts beside or as DeepSeek V3's, and of others of 2025 and 2026: rows of tools/make-checkpoint."""
YARN = {"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 64, "beta_fast": 8.0, "beta_slow": 0.5}
GROUPED = {"n_routed_experts": 8, "num_experts_per_tok": 3, "moe_intermediate_size": 48, "n_shared_experts": 1, "n_group": 1,
           "topk_group": 1, "norm_topk_prob": True, "routed_scaling_factor": 1.5, "first_k_dense_replace": 1}
GLM = {"model_type": "glm4_moe", **GROUPED, "use_qk_norm": True, "attention_bias": True, "partial_rotary_factor": 0.5,
       "num_nextn_predict_layers": 0}
DOTS = {"model_type": "dots1", **GROUPED, "n_shared_experts": 2, "sliding_window": None, "max_window_layers": 4}
SOLAR = {"model_type": "solar_open", "attention_bias": False, **{key: value for key, value in GROUPED.items() if key != "first_k_dense_replace"}}
EXAONE = {"model_type": "exaone_moe", "num_experts": 8, "num_shared_experts": 1, "num_experts_per_tok": 3, "moe_intermediate_size": 48,
          "n_group": 1, "topk_group": 1, "norm_topk_prob": True, "routed_scaling_factor": 2.5, "first_k_dense_replace": 1,
          "sliding_window": 40, "sliding_window_pattern": 4}
HY = {"model_type": "hy_v3", "num_experts": 8, "num_shared_experts": 1, "num_experts_per_tok": 3, "moe_intermediate_size": 48,
      "router_scaling_factor": 2.0, "mlp_layer_types": ["dense", "sparse", "sparse"]}
MINIMAX = {"model_type": "minimax_m2", "num_local_experts": 6, "num_experts_per_tok": 2, "rope_theta": 5e6, "rotary_dim": 8}
OLMOE = {"model_type": "olmoe", "num_experts": 6, "num_experts_per_tok": 2, "norm_topk_prob": False}
MELLUM = {"model_type": "mellum", "num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 48, "norm_topk_prob": True,
          "sliding_window": 40, "layer_types": ["sliding_attention", "full_attention"] * 2, "rope_theta": None, "rope_parameters": {
              "full_attention": {"rope_type": "default", "rope_theta": 500000.0},
              "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}}}
CLOVA = {"model_type": "hyperclovax", "embedding_multiplier": 6.0, "attention_multiplier": 0.2, "residual_multiplier": 0.6,
         "logits_scaling": 0.25, "use_post_norm": True}
SWA = {"model_type": "granite_swa", "embedding_multiplier": 6.0, "attention_multiplier": 0.2, "residual_multiplier": 0.6,
       "logits_scaling": 5.0, "sliding_window": 24}
LONG = {"type": "longrope", "short_factor": [1.0, 1.05, 1.1, 1.2, 1.3, 1.4, 1.6, 2.0],
        "long_factor": [1.0, 1.2, 1.5, 2.0, 3.0, 4.5, 6.0, 8.0]}
MINISTRAL3 = {"model_type": "ministral3", "sliding_window": None, "rope_theta": None, "rope_parameters": {
    **YARN, "rope_theta": 1e6, "mscale": 1.0, "mscale_all_dim": 1.0, "llama_4_scaling_beta": 0.5}}
ERNIE = {"model_type": "ernie4_5_moe", "moe_num_experts": 6, "moe_k": 2, "moe_num_shared_experts": 1, "moe_intermediate_size": 48,
         "moe_layer_start_index": 1, "use_bias": False}
HUNYUAN = {"model_type": "hunyuan_v1_moe", "attention_bias": False, "num_experts": 6, "moe_topk": 2, "moe_intermediate_size": [96, 96]}
SHARED = {"model_type": "granitemoeshared", "embedding_multiplier": 6.0, "attention_multiplier": 0.2, "residual_multiplier": 0.6,
          "logits_scaling": 5.0, "num_local_experts": 5, "num_experts_per_tok": 2, "shared_intermediate_size": 80}
AFMOE = {"model_type": "afmoe", "num_experts": 8, "num_shared_experts": 1, "num_experts_per_tok": 3, "moe_intermediate_size": 48,
         "route_scale": 2.0, "num_dense_layers": 1, "mup_enabled": True, "sliding_window": 40}
SARVAM = {"model_type": "sarvam_moe", **GROUPED, "use_qk_norm": True, "attention_bias": False}
PLUS = {"model_type": "cohere", "use_qk_norm": True, "layer_norm_eps": 1e-5}
JAIS = {"model_type": "jais2", "hidden_act": "relu2", "layer_norm_eps": 1e-5, "attention_bias": True, "mlp_bias": True}
STARCODER = {"model_type": "starcoder2", "hidden_act": "gelu_pytorch_tanh", "norm_epsilon": 1e-5, "sliding_window": None,
             "use_bias": True, "residual_dropout": 0.0, "embedding_dropout": 0.0}
STABLE = {"model_type": "stablelm", "layer_norm_eps": 1e-5, "partial_rotary_factor": 0.5, "use_qkv_bias": False, "use_parallel_residual": False}
#                     L    D   H  K   d     F      V   ctx   tied
SHAPES = {
    "tiny-glm4-moe":        (3,  64,  4, 2, 16,  144,   320,  512, False, "a GLM 4.5: half of a head turns, experts by sigmoids", GLM),
    "tiny-glm4-moe-odd":    (4,  84,  5, 1, 20,  112,   307,  512, True, "the same without norms of heads and biases, two groups",
                             {**GLM, "use_qk_norm": False, "attention_bias": False, "partial_rotary_factor": 0.3, "n_group": 2,
                              "topk_group": 1, "norm_topk_prob": False, "first_k_dense_replace": 2}),
    "tiny-solar-open":      (3,  64,  4, 2, 16,  144,   320,  512, False, "a Solar Open: every layer has experts", SOLAR),
    "tiny-solar-open-odd":  (2,  80,  5, 5, 14,  101,   307,  512, True, "the same of odd widths, with biases",
                             {**SOLAR, "attention_bias": True, "n_routed_experts": 5, "n_shared_experts": 2, "rope_scaling": YARN}),
    "tiny-dots1":           (3,  64,  4, 2, 32,  144,   320,  512, False, "a dots.llm1: a Qwen 3 with DeepSeek V3's experts", DOTS),
    "tiny-dots1-odd":       (4,  80,  5, 1, 14,  101,   307, 2048, True, "the same with windows and two groups",
                             {**DOTS, "attention_bias": True, "sliding_window": 40, "max_window_layers": 2, "n_group": 4,
                              "topk_group": 2, "norm_topk_prob": False}),
    "tiny-exaone-moe":      (5,  64,  4, 2, 16,  144,   320, 2048, False, "a K-EXAONE: full layers unturned, experts", EXAONE),
    "tiny-exaone-moe-odd":  (3,  84,  5, 1, 14,  101,   307,  512, True, "the same with its layers named",
                             {**EXAONE, "sliding_window": 70, "layer_types": ["full_attention", "sliding_attention", "full_attention"], "mlp_layer_types": [
                                 "sparse", "dense", "sparse"]}),
    "tiny-hy-v3":           (3,  64,  4, 2, 16,  144,   320,  512, False, "a Hunyuan 3: experts by sigmoids, heads normed", HY),
    "tiny-hy-v3-odd":       (2,  80,  5, 1, 14,  101,   307,  512, True, "the same with biases, all layers sparse",
                             {**HY, "attention_bias": True, "num_experts": 5, "num_shared_experts": 2,
                              "mlp_layer_types": ["sparse", "sparse"]}),
    "tiny-minimax-m2":      (2,  64,  4, 2, 16,   96,   320,  512, False, "a MiniMax M2: wide norms, part of a head turns", MINIMAX),
    "tiny-minimax-m2-odd":  (3,  80,  5, 5, 14,   72,   307,  512, True, "the same of odd widths, 7 experts, 3 chosen",
                             {**MINIMAX, "num_local_experts": 7, "num_experts_per_tok": 3, "rotary_dim": 6}),
    "tiny-olmoe":           (2,  64,  4, 4, 16,   96,   320,  512, False, "an OLMoE: wide norms of q and k, experts", OLMOE),
    "tiny-olmoe-odd":       (3,  60,  5, 1, 12,   72,   307,  512, True, "the same with weights of a sum of 1",
                             {**OLMOE, "num_experts": 7, "num_experts_per_tok": 3, "norm_topk_prob": True}),
    "tiny-flex-olmo":       (2,  64,  4, 2, 16,   96,   320,  512, False, "a FlexOlmo: an OLMoE with norms behind",
                             {**OLMOE, "model_type": "flex_olmo", "rope_theta": 500000.0}),
    "tiny-flex-olmo-odd":   (3,  80,  5, 1, 16,   72,   307,  512, True, "the same of odd widths",
                             {**OLMOE, "model_type": "flex_olmo", "num_experts": 5, "num_experts_per_tok": 3, "norm_topk_prob": True}),
    "tiny-mellum":          (4,  64,  4, 2, 16,  144,   320,  512, False, "a Mellum 2: two ropes, windows, experts", MELLUM),
    "tiny-mellum-odd":      (3,  80,  5, 1, 14,  101,   307, 2048, True, "the same with an MLP in one layer, scaled full layers",
                             {**MELLUM, "sliding_window": 70, "layer_types": ["full_attention", "sliding_attention", "full_attention"],
                              "norm_topk_prob": False, "mlp_layer_types": ["sparse", "dense", "sparse"], "rope_parameters": {
                                  "full_attention": {**YARN, "rope_theta": 50000.0},
                                  "sliding_attention": {"rope_type": "default", "rope_theta": 20000.0}}}),
    "tiny-qwen3-fp8":       (2,  96,  4, 2, 32,  160,   320,  512, True, "a Qwen 3 in floats of 8 bits, scales of 16",
                             {"model_type": "qwen3", "use_sliding_window": False, "sliding_window": None, "max_window_layers": 2}),
    "tiny-phi3-long":       (2,  64,  4, 2, 16,  144,   320,  512, False, "a Phi-3 whose context is longer than its training's",
                             {"model_type": "phi3", "sliding_window": None, "original_max_position_embeddings": 64, "rope_scaling": LONG}),
    "tiny-phi4-mini":       (2, 100,  5, 1, 20,  144,   320,  512, True, "a Phi-4 mini: four fifths of a head turn by a long rope",
                             {"model_type": "phi3", "sliding_window": None, "original_max_position_embeddings": 64, "partial_rotary_factor": 0.8,
                              "rope_scaling": LONG}),
    "tiny-phi4-mini-odd":   (3,  70,  5, 5, 14,  101,   307, 2048, False, "the same of odd widths, with a window",
                             {"model_type": "phi3", "sliding_window": 90, "original_max_position_embeddings": 64,
                              "partial_rotary_factor": 0.86, "rope_scaling": {
                                  "type": "longrope", "short_factor": [1.0, 1.1, 1.2, 1.3, 1.5, 1.8], "long_factor": [1.0, 1.5, 2.0, 3.0, 5.0, 8.0]}}),
    "tiny-hyperclovax":     (2,  64,  4, 2, 16,  144,   320,  512, False, "a HyperCLOVA X: four factors, norms of outputs", CLOVA),
    "tiny-hyperclovax-odd": (3,  70,  5, 1, 14,  101,   307,  512, True, "the same without norms of outputs, scores as a Llama's",
                             {**CLOVA, "use_post_norm": False, "attention_multiplier": None}),
    "tiny-granite-swa":     (5,  64,  4, 2, 16,  144,   320,  512, True, "a Granite with sinks, windows, and layers unturned",
                             {**SWA, "layer_rope_theta": [0, 10000.0, 10000.0, 20000.0, 0]}),
    "tiny-granite-swa-odd": (3,  70,  5, 1, 14,  101,   307, 2048, False, "the same with biases, its layers named, one theta",
                             {**SWA, "attention_bias": True, "mlp_bias": True, "sliding_window": 70, "layer_types": [
                                 "sliding_attention", "full_attention", "sliding_attention"]}),
    "tiny-ministral3":      (2,  64,  4, 2, 16,  144,   320,  512, True, "a Ministral 3: scores grow with the position", MINISTRAL3),
    "tiny-ministral3-odd":  (3,  70,  5, 1, 14,  101,   307, 2048, False, "the same with windows, odd widths",
                             {**MINISTRAL3, "sliding_window": 90}),
    "tiny-ernie-moe":       (3,  64,  4, 2, 16,  144,   320,  512, True, "an ERNIE 4.5 with experts by softmaxes with a bias", ERNIE),
    "tiny-ernie-moe-odd":   (4,  80,  5, 1, 16,  101,   307,  512, False, "the same of odd widths, MLPs at both ends",
                             {**ERNIE, "moe_num_experts": 5, "moe_k": 3, "moe_num_shared_experts": 2, "moe_layer_end_index": 2}),
    "tiny-hunyuan-moe":     (2,  64,  4, 2, 16,   96,   320,  512, True, "a HunYuan with experts and one beside them", HUNYUAN),
    "tiny-hunyuan-moe-odd": (3,  80,  5, 1, 14,   72,   307,  512, False, "the same whose theta grows, numbers named a layer",
                             {**HUNYUAN, "num_experts": 5, "moe_topk": [3, 3, 3], "moe_intermediate_size": 72, "rope_scaling": {
                                 "rope_type": "dynamic", "alpha": 1000.0, "factor": 1.0}}),
    "tiny-granitemoeshared":     (2, 64, 4, 2, 16, 96, 320, 512, True, "a Granite with experts and an MLP beside them", SHARED),
    "tiny-granitemoeshared-odd": (3, 80, 5, 1, 14, 72, 307, 512, False, "the same of odd widths, with biases",
                                  {**SHARED, "attention_bias": True, "num_local_experts": 7, "shared_intermediate_size": 101}),
    "tiny-granitemoe-swa":       (5, 64, 4, 2, 16, 96, 320, 512, True, "a Granite with experts, sinks, windows, layers unturned",
                                  {**SHARED, "model_type": "granitemoe_swa", "sliding_window": 24, "shared_intermediate_size": 0,
                                   "layer_rope_theta": [0, 10000.0, 10000.0, 20000.0, 0]}),
    "tiny-granitemoe-swa-odd":   (3, 80, 5, 1, 14, 72, 307, 2048, False, "the same of odd widths, its layers named",
                                  {**SHARED, "model_type": "granitemoe_swa", "sliding_window": 70, "layer_types": [
                                      "sliding_attention", "full_attention", "sliding_attention"]}),
    "tiny-afmoe":           (5,  64,  4, 2, 16,  144,   320, 2048, False, "an AFMoE: a gate of attention, full layers unturned", AFMOE),
    "tiny-afmoe-odd":       (3,  84,  5, 1, 14,  101,   307,  512, True, "the same with its layers named, the embedding as it is",
                             {**AFMOE, "mup_enabled": False, "num_shared_experts": 2, "num_dense_layers": 2, "sliding_window": 70,
                              "layer_types": ["full_attention", "sliding_attention", "full_attention"]}),
    "tiny-sarvam-moe":      (3,  64,  4, 2, 16,  144,   320,  512, False, "a Sarvam 30B: a GLM 4.5 whose heads turn wholly", SARVAM),
    "tiny-sarvam-moe-odd":  (2,  80,  5, 1, 14,  101,   307,  512, True, "the same with biases, two groups",
                             {**SARVAM, "attention_bias": True, "n_group": 2, "topk_group": 1, "n_shared_experts": 2}),
    "tiny-cohere-plus":     (2,  64,  4, 2, 16,  144,   320,  512, True, "a Command R+: each head has a norm of its own", {**PLUS, "logit_scale": 0.5}),
    "tiny-cohere-plus-odd": (3,  70,  5, 1, 14,  101,   307,  512, False, "the same of odd widths", {**PLUS, "logit_scale": 2.0}),
    "tiny-apertus":         (2,  64,  4, 2, 16,  144,   320,  512, False, "an Apertus: an activation that is learned, heads normed",
                             {"model_type": "apertus", "hidden_act": "xielu", "rope_theta": 12000000.0}),
    "tiny-apertus-odd":     (3,  70,  5, 1, 14,  101,   307,  512, True, "the same with biases, positions scaled",
                             {"model_type": "apertus", "hidden_act": "xielu", "attention_bias": True, "rope_scaling": {
                                 "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                 "original_max_position_embeddings": 64}}),
    "tiny-internlm3":       (2,  64,  4, 2, 16,  144,   320,  512, False, "an InternLM 3", {"model_type": "internlm3", "qkv_bias": False, "bias": False}),
    "tiny-internlm3-odd":   (3,  75,  5, 1, 14,  101,   307,  512, True, "the same with biases everywhere",
                             {"model_type": "internlm3", "qkv_bias": True, "bias": True}),
    "tiny-iquestcoder":     (2,  64,  4, 2, 16,  144,   320,  512, False, "an IQuest Coder", {"model_type": "iquestcoder"}),
    "tiny-iquestcoder-odd": (3,  70,  5, 1, 14,  101,   307,  512, True, "the same of odd widths", {"model_type": "iquestcoder"}),
    "tiny-jais2":           (2,  64,  4, 2, 16,  160,   320,  512, False, "a Jais 2: layer norms, biases, no gate", JAIS),
    "tiny-jais2-odd":       (3,  70,  5, 1, 14,  101,   307,  512, True, "the same without biases of attention",
                             {**JAIS, "attention_bias": False, "layer_norm_eps": 1e-3}),
    "tiny-starcoder2":      (2,  64,  4, 2, 16,  160,   320,  512, True, "a StarCoder 2: layer norms, biases, no gate, a smooth activation", STARCODER),
    "tiny-starcoder2-odd":  (3,  70,  5, 1, 14,  101,   307, 2048, False, "the same with windows, without biases",
                             {**STARCODER, "use_bias": False, "sliding_window": 70, "norm_epsilon": 1e-3}),
    "tiny-stablelm":        (2,  64,  4, 2, 16,  144,   320,  512, False, "a StableLM: layer norms, half of a head turns", STABLE),
    "tiny-stablelm-odd":    (3, 100,  5, 1, 20,  101,   307,  512, True, "the same side by side, with biases",
                             {**STABLE, "partial_rotary_factor": 0.3, "use_qkv_bias": True, "use_parallel_residual": True}),
    "tiny-olmo":            (2,  64,  4, 2, 16,  144,   320,  512, False, "an OLMo: norms without scales", {"model_type": "olmo", "clip_qkv": None}),
    "tiny-olmo-odd":        (3,  70,  5, 5, 14,  101,   307,  512, True, "the same with biases",
                             {"model_type": "olmo", "clip_qkv": None, "attention_bias": True}),
}
MISTRAL4 = {"model_type": "mistral4", "kv_lora_rank": 32, "qk_nope_head_dim": 8, "qk_rope_head_dim": 8, "v_head_dim": 16, "q_lora_rank": 24,
            "moe_intermediate_size": 48, "n_shared_experts": 1, "num_experts_per_tok": 3, "rope_theta": None, "rope_parameters": {
                **YARN, "rope_theta": 10000.0, "mscale": 1.0, "mscale_all_dim": 1.0, "llama_4_scaling_beta": 0.5, "partial_rotary_factor": 0.5}}
# With the attention of DeepSeek; the number of experts last.
LATENT = {
    "tiny-mistral4":        (3,  64,  4, 4, 16,  160,   320,  512, False, "a Mistral 4: latents, scores that grow, experts by softmaxes",
                             {**MISTRAL4, "routed_scaling_factor": 4.0}, 8),
    "tiny-mistral4-odd":    (3,  60,  5, 5, 20,  101,   307,  512, True, "the same of odd widths, weights not scaled to 1",
                             {**MISTRAL4, "kv_lora_rank": 28, "qk_nope_head_dim": 14, "qk_rope_head_dim": 6, "v_head_dim": 13,
                              "moe_intermediate_size": 36, "norm_topk_prob": False, "first_k_dense_replace": 1, "routed_scaling_factor": 8.0, "rope_parameters": {
                                  **MISTRAL4["rope_parameters"], "partial_rotary_factor": 0.3}}, 6),
}
