"""Checkpoints of Llama 4's model of text, alone or beside a model of images: what tools/make-checkpoint writes of it.

Source: transformers' Llama4TextConfig, Llama4Config and Llama4ForCausalLM.
"""
TORCH = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}
CLASSES = {"llama4": "Llama4ForConditionalGeneration", "llama4_text": "Llama4ForCausalLM"}
LLAMA3_ROPE = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
               "original_max_position_embeddings": 64}
# Of the small shapes, as tools/make-checkpoint has them: layers, D, H, K, d, F, V, context, tied, what it shows, further fields.
SHAPES = {
    "tiny-llama4": (4, 64, 4, 2, 16, 48, 320, 512, False, "a Llama 4: chunks, temperature, experts that read weighed rows",
                    {"model_type": "llama4_text", "intermediate_size_mlp": 144, "num_local_experts": 4, "num_experts_per_tok": 1,
                     "interleave_moe_layer_step": 2, "attention_chunk_size": 40, "floor_scale": 50, "attn_scale": 0.5,
                     "rope_theta": 500000.0, "rope_scaling": LLAMA3_ROPE}),
    "tiny-llama4-odd": (3, 70, 5, 1, 14, 36, 307, 2048, False, "a Llama 4 beside a model of images, two experts a row, odd widths",
                        {"model_type": "llama4", "intermediate_size_mlp": 101, "num_local_experts": 5, "num_experts_per_tok": 2,
                         "moe_layers": [1, 2], "no_rope_layers": [0, 1, 1], "attention_chunk_size": 90, "floor_scale": 64,
                         "attn_scale": 1.0, "use_qk_norm": False, "attention_bias": True, "rope_theta": 10000.0}),
    "tiny-llama4-usual": (4, 64, 4, 2, 16, 48, 320, 512, False, "a Llama 4 whose chunks and temperature are those of all, as GGUF knows them",
                          {"model_type": "llama4_text", "intermediate_size_mlp": 144, "num_local_experts": 4, "num_experts_per_tok": 1,
                           "interleave_moe_layer_step": 2, "attention_chunk_size": 8192, "floor_scale": 8192, "attn_scale": 0.1,
                           "rope_theta": 500000.0}),
}
VISION = {"model_type": "llama4_vision_model", "hidden_size": 16, "intermediate_size": 64, "num_hidden_layers": 1,
          "num_attention_heads": 2, "image_size": 28, "patch_size": 14, "vision_output_dim": 16, "projector_input_dim": 16,
          "projector_output_dim": 16}


def config(model_type, dtype, **fields):
    """config.json; `fields` are those of the model of text."""
    fixed = {"attention_dropout": 0.0, "hidden_act": "silu", "initializer_range": 0.02, "model_type": "llama4_text",
             "output_router_logits": False, "rms_norm_eps": 1e-5, "router_aux_loss_coef": 0.001, "router_jitter_noise": 0.0,
             "use_cache": True}
    text = dict(sorted({**fixed, **fields}.items()))
    outer = {"architectures": [CLASSES[model_type]], "torch_dtype": TORCH[dtype]}
    if model_type == "llama4_text":
        return dict(sorted({**text, **outer}.items()))
    return dict(sorted({**outer, "model_type": "llama4", "text_config": text, "vision_config": VISION, "boi_token_index": 301,
                        "eoi_token_index": 302, "image_token_index": 300}.items()))


def layer_shapes(text, layer):
    """{name behind the layer: shape}; stacks are [E, in, out]."""
    D, F, E = text["hidden_size"], text["intermediate_size"], text["num_local_experts"]
    H, K, d = text["num_attention_heads"], text["num_key_value_heads"], text["head_dim"]
    found = {"input_layernorm.weight": (D,), "post_attention_layernorm.weight": (D,)}
    for name, out, width in (("q_proj", H * d, D), ("k_proj", K * d, D), ("v_proj", K * d, D), ("o_proj", D, H * d)):
        found[f"self_attn.{name}.weight"] = (out, width)
        if text.get("attention_bias"):
            found[f"self_attn.{name}.bias"] = (out,)
    mlp = lambda part, width: {f"feed_forward.{part}gate_proj.weight": (width, D), f"feed_forward.{part}up_proj.weight": (width, D),
                               f"feed_forward.{part}down_proj.weight": (D, width)}
    step = text.get("interleave_moe_layer_step", 1)
    if layer not in text.get("moe_layers", range(step - 1, text["num_hidden_layers"], step)):
        return found | mlp("", text["intermediate_size_mlp"])
    return found | mlp("shared_expert.", F) | {"feed_forward.router.weight": (E, D), "feed_forward.experts.gate_up_proj": (E, D, 2 * F),
                                               "feed_forward.experts.down_proj": (E, F, D)}


def shapes(config):
    """{tensor name: shape}; of the nested form with two tensors of the model of images."""
    text, nested = config.get("text_config", config), "text_config" in config
    outer = "language_model." if nested else ""
    table = (text["vocab_size"], text["hidden_size"])
    found = {"model.embed_tokens.weight": table, "model.norm.weight": table[1:], "lm_head.weight": table}
    for layer in range(text["num_hidden_layers"]):
        found |= {f"model.layers.{layer}.{name}": shape for name, shape in layer_shapes(text, layer).items()}
    found = {outer + name: shape for name, shape in found.items()}
    if nested:
        found |= {"vision_model.class_embedding": (16,), "multi_modal_projector.linear_1.weight": (text["hidden_size"], 16)}
    return found


def draw(_config):
    """The arguments of make_weight for each tensor: routers have clear favourites."""
    return lambda name: {"gain": 3.0} if name.endswith("router.weight") else {}


GGUF_NAMES = {f"feed_forward.{part}_proj": f"ffn_{part}" for part in ("gate", "up", "down")}
GGUF_NAMES |= {f"feed_forward.shared_expert.{part}_proj": f"ffn_{part}_shexp" for part in ("gate", "up", "down")}
GGUF_NAMES |= {"feed_forward.router": "ffn_gate_inp"}
GGUF_FIXED = {"attention_chunk_size": 8192, "floor_scale": 8192, "attn_scale": 0.1}


def gguf_keys(config):
    return {"feed_forward_length": config["intermediate_size_mlp"], "expert_feed_forward_length": config["intermediate_size"],
            "expert_count": config["num_local_experts"], "expert_used_count": config["num_experts_per_tok"],
            "interleave_moe_layer_step": config["interleave_moe_layer_step"]}


def gguf_tensors(_config, tensors):
    """The tensors of a folder, of which stacks are [E, out, in], gate and up apart."""
    found = {}
    for name, values in tensors.items():
        layer = name.removeprefix("model.layers.").partition(".")[0]
        if name.endswith("experts.gate_up_proj"):
            half = values.shape[2] // 2
            found[f"blk.{layer}.ffn_gate_exps.weight"] = values[:, :, :half].swapaxes(1, 2)
            found[f"blk.{layer}.ffn_up_exps.weight"] = values[:, :, half:].swapaxes(1, 2)
        elif name.endswith("experts.down_proj"):
            found[f"blk.{layer}.ffn_down_exps.weight"] = values.swapaxes(1, 2)
        else:
            found[name] = values
    return found


def folder_tensors(_config, stored, tensors):
    """The other way."""
    import numpy as np
    found = {}
    for name in tensors:
        stack = lambda kind: stored[f"blk.{name.removeprefix('model.layers.').partition('.')[0]}.ffn_{kind}_exps.weight"].swapaxes(1, 2)
        if name.endswith("experts.gate_up_proj"):
            found[name] = np.concatenate([stack("gate"), stack("up")], axis=2)
        elif name.endswith("experts.down_proj"):
            found[name] = stack("down")
        else:
            found[name] = stored[name]
    return found
