"""Checkpoints of Qwen 3.5 and Qwen 3 Next, as Hugging Face lays them out: what tools/make-checkpoint writes of them.

Source: transformers' Qwen3_5TextConfig, Qwen3_5MoeTextConfig, Qwen3NextConfig and their models; nested ones have a text_config
beside a vision_config, and tensors under model.language_model.
"""
TORCH = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}
CLASSES = {"qwen3_5_text": "Qwen3_5ForCausalLM", "qwen3_5": "Qwen3_5ForConditionalGeneration",
           "qwen3_5_moe_text": "Qwen3_5MoeForCausalLM", "qwen3_5_moe": "Qwen3_5MoeForConditionalGeneration",
           "qwen3_next": "Qwen3NextForCausalLM"}
LINEAR, FULL = "linear_attention", "full_attention"
VISION = {"depth": 1, "hidden_size": 16, "intermediate_size": 24, "num_heads": 2, "out_hidden_size": 16, "patch_size": 4}
DELTA = {"linear_conv_kernel_dim": 4, "linear_key_head_dim": 16, "linear_value_head_dim": 32, "linear_num_key_heads": 2,
         "linear_num_value_heads": 4}
ODD = {"linear_conv_kernel_dim": 3, "linear_key_head_dim": 14, "linear_value_head_dim": 13, "linear_num_key_heads": 3,
       "linear_num_value_heads": 3}
EXPERTS = {"moe_intermediate_size": 48, "shared_expert_intermediate_size": 40, "num_experts": 6, "num_experts_per_tok": 2}


def rope(share, theta=10000.0):
    return {"rope_parameters": {"mrope_interleaved": True, "mrope_section": [2, 1, 1], "partial_rotary_factor": share,
                                "rope_theta": theta, "rope_type": "default"}}


# Of the small shapes, as tools/make-checkpoint has them: layers, D, H, K, d, F, V, context, tied, what it shows, further fields.
SHAPES = {
    "tiny-qwen35": (4, 64, 4, 2, 32, 144, 320, 512, True, "a Qwen 3.5: delta nets, gated attention",
                    {"model_type": "qwen3_5_text", **DELTA, **rope(0.25)}),
    "tiny-qwen35-odd": (3, 70, 5, 1, 20, 101, 307, 512, False, "a Qwen 3.5 beside a model of images, its layers named, odd widths",
                        {"model_type": "qwen3_5", **ODD, **rope(0.3, 1e6), "layer_types": [FULL, LINEAR, LINEAR]}),
    "tiny-qwen35-moe": (4, 64, 4, 2, 32, 0, 320, 512, False, "a Qwen 3.5 with experts, a tensor a stack",
                        {"model_type": "qwen3_5_moe_text", **DELTA, **rope(0.25), **EXPERTS, "full_attention_interval": 2}),
    "tiny-qwen35-moe-odd": (3, 80, 5, 1, 20, 0, 307, 512, True, "the same nested, its layers named",
                            {"model_type": "qwen3_5_moe", **ODD, **rope(0.3), **EXPERTS, "num_experts": 5, "num_experts_per_tok": 3,
                             "layer_types": [LINEAR, FULL, LINEAR]}),
    "tiny-qwen3-next": (4, 64, 4, 2, 32, 144, 320, 512, False, "a Qwen 3 Next: projections joined by key head, an MLP in one layer",
                        {"model_type": "qwen3_next", **DELTA, **rope(0.25), **EXPERTS, "mlp_only_layers": [1]}),
    "tiny-qwen3-next-usual": (4, 64, 4, 2, 32, 144, 320, 512, False, "a Qwen 3 Next with experts in every layer, as GGUF knows it",
                              {"model_type": "qwen3_next", **DELTA, **rope(0.25), **EXPERTS}),
    "tiny-qwen3-next-odd": (3, 80, 5, 1, 20, 101, 307, 512, True, "the same of other sizes, weights of experts not scaled to 1",
                            {"model_type": "qwen3_next", **ODD, "linear_num_value_heads": 6, **rope(0.3), **EXPERTS,
                             "norm_topk_prob": False, "layer_types": [LINEAR, FULL, LINEAR]}),
}


def is_family(model_type):
    return model_type in CLASSES


def config(model_type, dtype, **fields):
    """config.json; `fields` are the sizes and what a case sets otherwise."""
    fixed = {"attention_bias": False, "attention_dropout": 0.0, "dtype": TORCH[dtype], "hidden_act": "silu",
             "initializer_range": 0.02, "rms_norm_eps": 1e-6, "use_cache": True}
    if "num_experts" in fields and "mlp_only_layers" not in fields and model_type != "qwen3_next":
        fields.pop("intermediate_size")
    inner = dict(sorted({**fixed, **fields}.items()))
    if model_type in ("qwen3_5", "qwen3_5_moe"):
        ids = {name: inner.pop(name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
        tied = {"tie_word_embeddings": inner["tie_word_embeddings"]}
        inner = {"text_config": {**inner, "model_type": model_type + "_text"}, **ids, **tied, "dtype": TORCH[dtype],
                 "vision_config": {**VISION, "model_type": model_type + "_vision"}}
    return dict(sorted({**inner, "architectures": [CLASSES[model_type]], "model_type": model_type}.items()))


def text_of(config):
    """The fields of the model of text."""
    return {**config, **config.get("text_config", {})}


def layer_types(text):
    interval = text.get("full_attention_interval", 4)
    return text.get("layer_types") or [LINEAR if (i + 1) % interval else FULL for i in range(text["num_hidden_layers"])]


def delta_net(text):
    """{name behind the layer: shape}."""
    D, H, G = text["hidden_size"], text["linear_num_key_heads"], text["linear_num_value_heads"]
    keys, values = H * text["linear_key_head_dim"], G * text["linear_value_head_dim"]
    channels = 2 * keys + values
    if text["model_type"] == "qwen3_next":
        inputs = {"in_proj_qkvz": (channels + values, D), "in_proj_ba": (2 * G, D)}
    else:
        inputs = {"in_proj_qkv": (channels, D), "in_proj_z": (values, D), "in_proj_b": (G, D), "in_proj_a": (G, D)}
    shapes = {f"linear_attn.{name}.weight": shape for name, shape in inputs.items()}
    return {**shapes, "linear_attn.conv1d.weight": (channels, 1, text["linear_conv_kernel_dim"]), "linear_attn.A_log": (G,),
            "linear_attn.dt_bias": (G,), "linear_attn.norm.weight": (text["linear_value_head_dim"],),
            "linear_attn.out_proj.weight": (D, values)}


def attention(text):
    D, H, K, d = (text[name] for name in ("hidden_size", "num_attention_heads", "num_key_value_heads", "head_dim"))
    return {"self_attn.q_proj.weight": (2 * H * d, D), "self_attn.k_proj.weight": (K * d, D), "self_attn.v_proj.weight": (K * d, D),
            "self_attn.o_proj.weight": (D, H * d), "self_attn.q_norm.weight": (d,), "self_attn.k_norm.weight": (d,)}


def mlp(width, hidden, prefix="mlp."):
    return {f"{prefix}gate_proj.weight": (width, hidden), f"{prefix}up_proj.weight": (width, hidden),
            f"{prefix}down_proj.weight": (hidden, width)}


def feed_forward(text, layer):
    D, E = text["hidden_size"], text.get("num_experts", 0)
    if not E or layer in text.get("mlp_only_layers", []):
        return mlp(text["intermediate_size"], D)
    F = text["moe_intermediate_size"]
    shapes = {"mlp.gate.weight": (E, D), "mlp.shared_expert_gate.weight": (1, D),
              **mlp(text["shared_expert_intermediate_size"], D, "mlp.shared_expert.")}
    if text["model_type"] != "qwen3_next":
        return {**shapes, "mlp.experts.gate_up_proj": (E, 2 * F, D), "mlp.experts.down_proj": (E, D, F)}
    for expert in range(E):
        shapes |= mlp(F, D, f"mlp.experts.{expert}.")
    return shapes


def shapes(config):
    """{tensor name: shape} of a checkpoint with this config."""
    text, nested = text_of(config), "text_config" in config
    D, prefix = text["hidden_size"], "model.language_model." if nested else "model."
    found = {prefix + "embed_tokens.weight": (text["vocab_size"], D), prefix + "norm.weight": (D,)}
    if not config["tie_word_embeddings"]:
        found["lm_head.weight"] = (text["vocab_size"], D)
    for layer, kind in enumerate(layer_types(text)):
        mixer = delta_net(text) if kind == LINEAR else attention(text)
        norms = {"input_layernorm.weight": (D,), "post_attention_layernorm.weight": (D,)}
        for name, shape in {**norms, **mixer, **feed_forward(text, layer)}.items():
            found[f"{prefix}layers.{layer}.{name}"] = shape
    if nested:  # what is left out: images, and a head that guesses
        found |= {"model.visual.pos_embed.weight": (16, VISION["hidden_size"]), "mtp.norm.weight": (D,)}
    return found


def draw(_config):
    """The arguments of make_weight for each tensor."""
    return lambda name: {"offset": 1.0, "favourites": True, "own": values}


def values(name, normal):
    """What is neither a matrix nor a scale that one is added to; null for those."""
    if name.endswith("A_log"):  # so that some heads remember a few rows, and some hundreds
        return 1.5 * normal - 2.5
    if name.endswith("linear_attn.norm.weight"):
        return 1 + 0.2 * normal
    if name.endswith(("experts.gate_up_proj", "experts.down_proj")):
        return normal / normal.shape[-1] ** 0.5
    return None
