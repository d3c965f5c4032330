"""Checkpoints of the forms of DeepSeek V2 and V3 and of families with their attention, as their makers publish them: what
tools/make-checkpoint writes of them.

A tensor an expert; q, k and v by way of latents. Source: transformers' DeepseekV2Config, DeepseekV3Config and their models.
"""
V2 = {"architectures": ["DeepseekV2ForCausalLM"], "model_type": "deepseek_v2", "scoring_func": "softmax",
      "topk_method": "greedy", "norm_topk_prob": False, "routed_scaling_factor": 1.0, "n_group": 1, "topk_group": 1}
V3 = {"architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3", "scoring_func": "sigmoid",
      "topk_method": "noaux_tc", "norm_topk_prob": True, "routed_scaling_factor": 2.5, "num_nextn_predict_layers": 0}
LITE = {"architectures": ["Glm4MoeLiteForCausalLM"], "model_type": "glm4_moe_lite", "norm_topk_prob": True, "n_group": 1,
        "topk_group": 1, "routed_scaling_factor": 1.8, "num_nextn_predict_layers": 0}
SARVAM = {"architectures": ["SarvamMLAForCausalLM"], "model_type": "sarvam_mla", "norm_topk_prob": True, "n_group": 1, "topk_group": 1,
          "routed_scaling_factor": 2.5, "first_k_dense_replace": 1}
YOUTU = {"architectures": ["YoutuForCausalLM"], "model_type": "youtu"}
MINICPM3 = {"architectures": ["MiniCPM3ForCausalLM"], "model_type": "minicpm3"}
MISTRAL4 = {"architectures": ["Mistral4ForCausalLM"], "model_type": "mistral4", "norm_topk_prob": True, "n_group": 1, "topk_group": 1,
            "routed_scaling_factor": 1.0, "first_k_dense_replace": 0}
GENERATIONS = {row["model_type"]: row for row in (V2, V3, LITE, SARVAM, YOUTU, MINICPM3, MISTRAL4)}


def config(dtype, layers, generation, **fields):
    """config.json; `fields` are the sizes and what a case sets otherwise."""
    fixed = {"attention_bias": False, "attention_dropout": 0.0, "hidden_act": "silu", "initializer_range": 0.02,
             "num_hidden_layers": layers, "q_lora_rank": None, "rms_norm_eps": 1e-5, "rope_theta": 10000,
             "torch_dtype": {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}[dtype], "use_cache": True}
    if generation["model_type"].startswith("deepseek"):
        fixed |= {"aux_loss_alpha": 0.001, "ep_size": 1, "first_k_dense_replace": 1, "moe_layer_freq": 1, "pretraining_tp": 1,
                  "seq_aux": True}
    if not fields.get("n_routed_experts"):
        fields.pop("n_routed_experts", None)
    fields.pop("head_dim", None)  # the reference takes it from the parts of a head
    found = {**fixed, **generation, **fields}
    if found["rope_theta"] is None:  # which rope_parameters say
        del found["rope_theta"]
    return dict(sorted(found.items()))


def mlp(prefix, hidden, width):
    return {f"{prefix}gate_proj.weight": (width, hidden), f"{prefix}up_proj.weight": (width, hidden),
            f"{prefix}down_proj.weight": (hidden, width)}


def dense_layers(config):
    """The layers that have no experts."""
    if not config.get("n_routed_experts"):
        return range(config["num_hidden_layers"])
    if "mlp_layer_types" in config:
        return [layer for layer, kind in enumerate(config["mlp_layer_types"]) if kind == "dense"]
    return range(config.get("first_k_dense_replace", 1))


def shapes(config):
    """{tensor name: shape}."""
    D, F, V, E = (config.get(key, 0) for key in ("hidden_size", "intermediate_size", "vocab_size", "n_routed_experts"))
    H, rank, queries = config["num_attention_heads"], config["kv_lora_rank"], config["q_lora_rank"]
    nope, turned, value = config["qk_nope_head_dim"], config["qk_rope_head_dim"], config["v_head_dim"]
    found = {"model.embed_tokens.weight": (V, D), "model.norm.weight": (D,)}
    if not config["tie_word_embeddings"]:
        found["lm_head.weight"] = (V, D)
    for layer in range(config["num_hidden_layers"]):
        p = f"model.layers.{layer}."
        found |= {p + "input_layernorm.weight": (D,), p + "post_attention_layernorm.weight": (D,)}
        if queries:
            found |= {p + "self_attn.q_a_proj.weight": (queries, D), p + "self_attn.q_a_layernorm.weight": (queries,),
                      p + "self_attn.q_b_proj.weight": (H * (nope + turned), queries)}
        else:
            found[p + "self_attn.q_proj.weight"] = (H * (nope + turned), D)
        found |= {p + "self_attn.kv_a_proj_with_mqa.weight": (rank + turned, D),
                  p + "self_attn.kv_a_layernorm.weight": (rank,),
                  p + "self_attn.kv_b_proj.weight": (H * (nope + value), rank),
                  p + "self_attn.o_proj.weight": (D, H * value)}
        if layer in dense_layers(config):
            found |= mlp(p + "mlp.", D, F)
            continue
        found[p + "mlp.gate.weight"] = (E, D)
        if config["model_type"] not in ("deepseek_v2", "mistral4"):
            found[p + "mlp.gate.e_score_correction_bias"] = (E,)
        width = config["moe_intermediate_size"]
        if config["model_type"] == "mistral4":  # whose stacks transformers saves as it has them
            found |= {f"{p}mlp.experts.gate_up_proj": (E, 2 * width, D), f"{p}mlp.experts.down_proj": (E, D, width)}
        else:
            for expert in range(E):
                found |= mlp(f"{p}mlp.experts.{expert}.", D, width)
        found |= mlp(p + "mlp.shared_experts.", D, width * config["n_shared_experts"])
    for layer in range(config.get("num_nextn_predict_layers", 0)):  # which guess further tokens: left out
        p = f"model.layers.{config['num_hidden_layers'] + layer}."
        found |= {p + "enorm.weight": (D,), p + "hnorm.weight": (D,), p + "eh_proj.weight": (D, 2 * D)}
    return found
