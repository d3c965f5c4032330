"""Checkpoints of Muse Glimmer's model of text beside one of images: what tools/make-checkpoint writes of it.

Source: transformers' MuseGlimmerConfig and MuseGlimmerForConditionalGeneration.
"""
TORCH = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}
CLASSES = {"muse_glimmer": "MuseGlimmerForConditionalGeneration"}
SLIDING, FULL = "sliding_attention", "full_attention"
# Of the small shapes, as tools/make-checkpoint has them: layers, D, H, K, d, F, V, context, tied, what it shows, further fields.
SHAPES = {
    "tiny-muse-glimmer": (5, 64, 4, 2, 16, 144, 320, 512, False, "a Muse Glimmer: a gate of attention, a normed embedding, scaled heads",
                          {"model_type": "muse_glimmer", "sliding_window": 24, "final_logit_softcapping": 6.0, "output_multiplier": 0.5}),
    "tiny-muse-glimmer-odd": (3, 70, 5, 1, 14, 101, 307, 2048, True, "a Muse Glimmer whose layers are named, with biases, odd widths",
                              {"model_type": "muse_glimmer", "sliding_window": 70, "layer_types": [SLIDING, FULL, SLIDING],
                               "layer_rope_theta": [20000.0, 20000.0, 0], "rope_theta": 20000.0, "attention_bias": True,
                               "qk_scale_factor": 2.5, "post_norm_eps": 0.05, "final_logit_softcapping": 3.0,
                               "output_multiplier": 0.8}),
}
VISION = {"model_type": "muse_glimmer_vision", "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1,
          "num_attention_heads": 2, "patch_size": 14}
NORMS = ("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm")


def config(model_type, dtype, **fields):
    """config.json; `fields` are those of the model of text."""
    fixed = {"attention_bias": False, "attention_dropout": 0.0, "hidden_activation": "silu", "initializer_range": 0.02,
             "model_type": "muse_glimmer_text", "qk_scale_factor": 3.87, "rms_norm_eps": 1e-5, "use_cache": True}
    text = dict(sorted({**fixed, **fields}.items()))
    ids = {key: text.pop(key) for key in ("bos_token_id", "eos_token_id", "pad_token_id")}
    tied = {"tie_word_embeddings": text.pop("tie_word_embeddings")}
    return dict(sorted({"architectures": [CLASSES[model_type]], "torch_dtype": TORCH[dtype], **ids, **tied, "model_type": model_type,
                        "text_config": text, "vision_config": VISION, "image_token_id": 305, "video_token_id": 306,  # which no text has
                        "out_hidden_size": 64, "projector_hidden_size": 16}.items()))


def shapes(config):
    """{tensor name: shape}, with a tensor of the model of images."""
    text = config["text_config"]
    D, F, V = text["hidden_size"], text["intermediate_size"], text["vocab_size"]
    H, K, d = text["num_attention_heads"], text["num_key_value_heads"], text["head_dim"]
    p = "model.language_model."
    found = {p + "embed_tokens.weight": (V, D), p + "norm.weight": (D,), "model.vision_projection.weight": (D, 16)}
    if not config["tie_word_embeddings"]:
        found["lm_head.weight"] = (V, D)
    for layer in range(text["num_hidden_layers"]):
        at = f"{p}layers.{layer}."
        found |= {f"{at}{norm}.weight": (D,) for norm in NORMS}
        for name, out, width in (("q_proj", H * d, D), ("k_proj", K * d, D), ("v_proj", K * d, D), ("o_proj", D, H * d)):
            found[f"{at}self_attn.{name}.weight"] = (out, width)
            if text["attention_bias"]:
                found[f"{at}self_attn.{name}.bias"] = (out,)
        found |= {at + "self_attn.gate_proj.weight": (H * d, D), at + "mlp.gate_proj.weight": (F, D), at + "mlp.up_proj.weight": (F, D),
                  at + "mlp.down_proj.weight": (D, F)}
    return found


def draw(_config):
    """The arguments of make_weight for each tensor: norms of layers store their scales less 1, the last does not."""
    return lambda name: {"offset": 1.0} if name.endswith("layernorm.weight") else {}
