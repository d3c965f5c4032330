"""Checkpoints of Gemma 4's model of text, as Hugging Face lays them out: what tools/make-checkpoint writes of it.

Source: transformers' Gemma4TextConfig, Gemma4UnifiedTextConfig and Gemma4TextModel.
"""
TORCH = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}
CLASSES = {"gemma4_text": "Gemma4ForCausalLM", "gemma4_unified_text": "Gemma4UnifiedForCausalLM"}
SLIDING, FULL = "sliding_attention", "full_attention"
ROPES = {SLIDING: {"rope_type": "default", "rope_theta": 10000.0},
         FULL: {"rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1000000.0}}
# Of the small shapes, as tools/make-checkpoint has them: layers, D, H, K, d, F, V, context, tied, what it shows, further fields.
SHAPES = {
    "tiny-gemma4": (6, 64, 4, 2, 16, 144, 320, 512, True, "a Gemma 4: full layers with other heads, whose value is the key's product",
                    {"model_type": "gemma4_text", "global_head_dim": 32, "num_global_key_value_heads": 1,
                     "attention_k_eq_v": True, "hidden_size_per_layer_input": 0, "sliding_window": 24,
                     "final_logit_softcapping": 6.0, "rope_parameters": ROPES}),
    "tiny-gemma4-odd": (3, 70, 6, 3, 14, 101, 307, 512, False, "a Gemma 4 whose layers are named, odd widths, every layer its values",
                        {"model_type": "gemma4_unified_text", "global_head_dim": 26, "sliding_window": 40,
                         "layer_types": [FULL, SLIDING, FULL], "rope_parameters": {
                             **ROPES, FULL: {**ROPES[FULL], "partial_rotary_factor": 0.5, "factor": 2.0}}}),
    "tiny-gemma4-e2b": (7, 64, 4, 1, 16, 80, 320, 512, True, "a Gemma 4 with inputs of layers, whose last layers read others' keys",
                        {"model_type": "gemma4_text", "global_head_dim": 32, "hidden_size_per_layer_input": 8,
                         "vocab_size_per_layer_input": 320, "num_kv_shared_layers": 3, "use_double_wide_mlp": True,
                         "sliding_window": 30, "final_logit_softcapping": 30.0, "rope_parameters": ROPES,
                         "layer_types": [SLIDING, SLIDING, FULL, SLIDING, FULL, SLIDING, FULL]}),
    "tiny-gemma4-e4b": (5, 70, 4, 2, 14, 101, 307, 512, True, "the same of odd widths, all MLPs alike, its layers' heads named one by one",
                        {"model_type": "gemma4_text", "hidden_size_per_layer_input": 6, "vocab_size_per_layer_input": 307,
                         "num_kv_shared_layers": 2, "sliding_window": 70, "rope_parameters": ROPES,
                         "layer_types": [SLIDING, FULL, SLIDING, SLIDING, FULL],
                         "per_layer_config": {"1": {"head_dim": 18, "num_key_value_heads": 1},
                                              "4": {"head_dim": 18, "num_key_value_heads": 1}}}),
    "tiny-gemma4-moe": (4, 64, 4, 2, 16, 80, 320, 512, True, "a Gemma 4 with experts beside its MLPs",
                        {"model_type": "gemma4_text", "global_head_dim": 32, "num_global_key_value_heads": 1,
                         "attention_k_eq_v": True, "hidden_size_per_layer_input": 0, "sliding_window": 24,
                         "final_logit_softcapping": 6.0, "rope_parameters": ROPES, "layer_types": [SLIDING, FULL] * 2,
                         "enable_moe_block": True, "num_experts": 6, "top_k_experts": 2, "moe_intermediate_size": 48}),
    "tiny-gemma4-moe-odd": (3, 72, 6, 3, 14, 101, 307, 512, False, "the same of odd widths with 5 experts, 3 chosen",
                            {"model_type": "gemma4_text", "global_head_dim": 26, "sliding_window": 40, "hidden_size_per_layer_input": 0,
                             "layer_types": [FULL, SLIDING, FULL], "rope_parameters": ROPES, "enable_moe_block": True,
                             "num_experts": 5, "top_k_experts": 3, "moe_intermediate_size": 36}),
}


def draw(config):
    """The arguments of make_weight for each tensor."""
    def of(name):
        if name.endswith("router.proj.weight"):
            return {"gain": 3.0}
        if ".experts." in name:  # whose rows are the last axis
            return {"width": shapes(config)[name][-1]}
        return {"table": 1.0}
    return of


def config(model_type, dtype, **fields):
    """config.json; `fields` are the sizes and what a case sets otherwise."""
    fixed = {"architectures": [CLASSES[model_type]], "attention_bias": False, "attention_dropout": 0.0,
             "hidden_activation": "gelu_pytorch_tanh", "initializer_range": 0.02, "model_type": model_type,
             "rms_norm_eps": 1e-6, "torch_dtype": TORCH[dtype], "use_cache": True}
    return dict(sorted({**fixed, **fields}.items()))


def layer_types(config):
    types = list(config.get("layer_types") or [FULL if (i + 1) % 6 == 0 else SLIDING for i in range(config["num_hidden_layers"])])
    return [*types[:-1], FULL]


def heads(config, layer):
    """Key-value heads and the width of a head."""
    kv_heads, size = config["num_key_value_heads"], config["head_dim"]
    if "per_layer_config" in config:
        own = config["per_layer_config"].get(str(layer), {})
        return own.get("num_key_value_heads", kv_heads), own.get("head_dim", size)
    if layer_types(config)[layer] == SLIDING:
        return kv_heads, size
    if config.get("attention_k_eq_v"):
        kv_heads = config.get("num_global_key_value_heads") or kv_heads
    return kv_heads, config["global_head_dim"]


def layer_shapes(config, layer):
    """{name behind the layer: shape}."""
    D, H, P = config["hidden_size"], config["num_attention_heads"], config.get("hidden_size_per_layer_input", 0)
    K, d = heads(config, layer)
    shares = layer >= config["num_hidden_layers"] - config.get("num_kv_shared_layers", 0)
    F = config["intermediate_size"] * (2 if shares and config.get("use_double_wide_mlp") else 1)
    shapes = {f"{name}.weight": (D,) for name in ("input_layernorm", "post_attention_layernorm",
                                                  "pre_feedforward_layernorm", "post_feedforward_layernorm")}
    shapes |= {"self_attn.q_proj.weight": (H * d, D), "self_attn.o_proj.weight": (D, H * d), "self_attn.q_norm.weight": (d,),
               "mlp.gate_proj.weight": (F, D), "mlp.up_proj.weight": (F, D), "mlp.down_proj.weight": (D, F), "layer_scalar": (1,)}
    if not shares:
        shapes |= {"self_attn.k_proj.weight": (K * d, D), "self_attn.k_norm.weight": (d,)}
        if not config.get("attention_k_eq_v") or layer_types(config)[layer] == SLIDING:
            shapes["self_attn.v_proj.weight"] = (K * d, D)
    if config.get("enable_moe_block"):
        E, M = config["num_experts"], config["moe_intermediate_size"]
        shapes |= {"router.proj.weight": (E, D), "router.scale": (D,), "router.per_expert_scale": (E,),
                   "experts.gate_up_proj": (E, 2 * M, D), "experts.down_proj": (E, D, M),
                   **{f"{name}.weight": (D,) for name in ("pre_feedforward_layernorm_2", "post_feedforward_layernorm_1",
                                                          "post_feedforward_layernorm_2")}}
    if P:
        shapes |= {"per_layer_input_gate.weight": (P, D), "per_layer_projection.weight": (D, P),
                   "post_per_layer_input_norm.weight": (D,)}
    return shapes


def shapes(config):
    """{tensor name: shape} of a checkpoint with this config."""
    V, D, L, P = (config.get(key, 0) for key in ("vocab_size", "hidden_size", "num_hidden_layers", "hidden_size_per_layer_input"))
    found = {"model.embed_tokens.weight": (V, D), "model.norm.weight": (D,)}
    if not config["tie_word_embeddings"]:
        found["lm_head.weight"] = (V, D)
    if P:
        found |= {"model.embed_tokens_per_layer.weight": (V, L * P), "model.per_layer_model_projection.weight": (L * P, D),
                  "model.per_layer_projection_norm.weight": (P,)}
    for layer in range(L):
        found |= {f"model.layers.{layer}.{name}": shape for name, shape in layer_shapes(config, layer).items()}
    return found
