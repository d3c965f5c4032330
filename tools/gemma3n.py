"""Checkpoints of Gemma 3n's model of text, as Hugging Face lays them out: what tools/make-checkpoint writes of it.

Source: transformers' Gemma3nTextConfig and Gemma3nTextModel. Published files hold keys and values of layers that read others' too.
"""
TORCH = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}
CLASSES = {"gemma3n_text": "Gemma3nForCausalLM"}
SLIDING, FULL = "sliding_attention", "full_attention"
# Of the small shapes, as tools/make-checkpoint has them: layers, D, H, K, d, F, V, context, tied, what it shows, further fields.
SHAPES = {
    "tiny-gemma3n": (5, 64, 4, 2, 16, 144, 320, 512, True, "a Gemma 3n: four streams, a branch of low rank, sparse gates, shared keys",
                     {"model_type": "gemma3n_text", "hidden_size_per_layer_input": 8, "vocab_size_per_layer_input": 320,
                      "num_kv_shared_layers": 2, "sliding_window": 24, "laurel_rank": 8, "altup_num_inputs": 4, "final_logit_softcapping": 2.0,
                      "layer_types": [SLIDING, FULL, SLIDING, SLIDING, FULL], "activation_sparsity_pattern": [0.95, 0.5, 0.0, 0.0, 0.8]}),
    "tiny-gemma3n-odd": (4, 70, 5, 1, 14, 101, 307, 512, True, "the same with three streams, odd widths, a table of fewer tokens",
                         {"model_type": "gemma3n_text", "hidden_size_per_layer_input": 6, "vocab_size_per_layer_input": 290,
                          "num_kv_shared_layers": 1, "sliding_window": 70, "laurel_rank": 5, "altup_num_inputs": 3,
                          "altup_correct_scale": False, "final_logit_softcapping": 1.5, "widths": [101, 96, 101, 80],
                          "layer_types": [FULL, SLIDING, SLIDING, FULL], "activation_sparsity_pattern": [0.9, 0.0, 0.7, 0.0]}),
}


def draw(config):
    """The arguments of make_weight for each tensor: routers read rows that are scaled down by their width."""
    return lambda name: {"gain": config["hidden_size"]} if name.endswith("modality_router.weight") else {"table": 1.0}


def config(model_type, dtype, **fields):
    """config.json; `fields` are the sizes and what a case sets otherwise."""
    fixed = {"altup_active_idx": 0, "altup_coef_clip": 120.0, "altup_correct_scale": True, "architectures": [CLASSES[model_type]],
             "attention_bias": False, "attention_dropout": 0.0, "final_logit_softcapping": 30.0,
             "hidden_activation": "gelu_pytorch_tanh", "initializer_range": 0.02, "model_type": model_type, "rms_norm_eps": 1e-6,
             "rope_local_base_freq": 10000.0, "rope_scaling": None, "rope_theta": 1000000.0, "torch_dtype": TORCH[dtype],
             "use_cache": True}
    fields["intermediate_size"] = fields.pop("widths", fields["intermediate_size"])  # of each layer
    return dict(sorted({**fixed, **fields}.items()))


def layer_shapes(config, layer):
    """{name behind the layer: shape}."""
    D, H, K, d, P, S, R = (config[key] for key in (
        "hidden_size", "num_attention_heads", "num_key_value_heads", "head_dim", "hidden_size_per_layer_input",
        "altup_num_inputs", "laurel_rank"))
    widths = config["intermediate_size"]
    F = widths[layer] if isinstance(widths, list) else widths
    shapes = {f"{name}.weight": (D,) for name in (
        "input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm",
        "altup.router_norm", "laurel.post_laurel_norm", "post_per_layer_input_norm")}
    shapes |= {"self_attn.q_proj.weight": (H * d, D), "self_attn.k_proj.weight": (K * d, D), "self_attn.v_proj.weight": (K * d, D),
               "self_attn.o_proj.weight": (D, H * d), "self_attn.q_norm.weight": (d,), "self_attn.k_norm.weight": (d,),
               "mlp.gate_proj.weight": (F, D), "mlp.up_proj.weight": (F, D), "mlp.down_proj.weight": (D, F),
               "altup.correction_coefs.weight": (S, S), "altup.prediction_coefs.weight": (S * S, S),
               "altup.modality_router.weight": (S, D), "altup.correct_output_scale": (D,),
               "laurel.linear_left.weight": (R, D), "laurel.linear_right.weight": (D, R),
               "per_layer_input_gate.weight": (P, D), "per_layer_projection.weight": (D, P)}
    if not config["altup_correct_scale"]:
        del shapes["altup.correct_output_scale"]
    return shapes


def shapes(config):
    """{tensor name: shape} of a checkpoint with this config."""
    V, D, L, P = (config[key] for key in ("vocab_size", "hidden_size", "num_hidden_layers", "hidden_size_per_layer_input"))
    found = {"model.embed_tokens.weight": (V, D), "model.norm.weight": (D,),
             "model.embed_tokens_per_layer.weight": (config["vocab_size_per_layer_input"], L * P),
             "model.per_layer_model_projection.weight": (L * P, D), "model.per_layer_projection_norm.weight": (P,)}
    if not config["tie_word_embeddings"]:
        found["lm_head.weight"] = (V, D)
    for stream in range(config["altup_num_inputs"] - 1):
        found |= {f"model.{name}.{stream}.weight": (D, D) for name in ("altup_projections", "altup_unembed_projections")}
    for layer in range(L):
        found |= {f"model.layers.{layer}.{name}": shape for name, shape in layer_shapes(config, layer).items()}
    return found
