"""Checkpoints of gpt-oss's form, as Hugging Face lays them out: what tools/make-checkpoint writes of this family.

Experts are MXFP4 in two tensors of bytes, or floats, transposed. Source: transformers' GptOssConfig and
GptOssForCausalLM; the blocks' layout is that of openai/gpt-oss-20b.
"""
import numpy as np

GROUP = 32  # channels under a scale
YARN = {"rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": False,
        "original_max_position_embeddings": 4096}


def config(dtype, layers, quantized=True, **fields):
    """config.json; `fields` are the sizes and what a case sets otherwise."""
    fixed = {"architectures": ["GptOssForCausalLM"], "attention_bias": True, "attention_dropout": 0.0, "hidden_act": "silu",
             "initial_context_length": 4096, "initializer_range": 0.02, "model_type": "gpt_oss", "rms_norm_eps": 1e-5,
             "num_hidden_layers": layers, "output_router_logits": False, "rope_scaling": YARN, "rope_theta": 150000,
             "router_aux_loss_coef": 0.9, "sliding_window": 128, "swiglu_limit": 7.0, "tie_word_embeddings": False,
             "layer_types": ["full_attention" if layer % 2 else "sliding_attention" for layer in range(layers)],
             "torch_dtype": {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}[dtype], "use_cache": True}
    if quantized:
        fixed["quantization_config"] = {"quant_method": "mxfp4", "modules_to_not_convert": [
            "model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]}
    return dict(sorted({**fixed, **fields}.items()))


def shapes(config):
    """{tensor name: shape}."""
    D, F, V, E = (config[key] for key in ("hidden_size", "intermediate_size", "vocab_size", "num_local_experts"))
    H, K, d = config["num_attention_heads"], config["num_key_value_heads"], config["head_dim"]
    found = {"model.embed_tokens.weight": (V, D), "model.norm.weight": (D,)}
    if not config["tie_word_embeddings"]:
        found["lm_head.weight"] = (V, D)
    for layer in range(config["num_hidden_layers"]):
        p = f"model.layers.{layer}."
        found |= {p + "input_layernorm.weight": (D,), p + "post_attention_layernorm.weight": (D,),
                  p + "self_attn.sinks": (H,)}
        for name, out, width in (("self_attn.q_proj", H * d, D), ("self_attn.k_proj", K * d, D),
                                 ("self_attn.v_proj", K * d, D), ("self_attn.o_proj", D, H * d), ("mlp.router", E, D)):
            found |= {f"{p}{name}.weight": (out, width), f"{p}{name}.bias": (out,)}
        for name, out, width in (("gate_up_proj", 2 * F, D), ("down_proj", D, F)):
            stack = f"{p}mlp.experts.{name}"
            found[stack + "_bias"] = (E, out)
            if "quantization_config" in config:
                found |= {stack + "_blocks": (E, out, width // GROUP, GROUP // 2), stack + "_scales": (E, out, width // GROUP)}
            else:
                found[stack] = (E, width, out)
    return found


def random_bytes(name, shape, generator):
    """Codes are any; a scale puts a row's products near 1: 2^(s - 127) times codes of up to 6."""
    if name.endswith("_blocks"):
        return generator.integers(0, 256, shape, dtype=np.uint8)
    width = shape[-1] * GROUP
    middle = 127 - round(np.log2(3 * width ** 0.5))
    return generator.integers(middle - 1, middle + 2, shape, dtype=np.uint8)


GGUF_LAYER = {"input_layernorm": "attn_norm", "post_attention_layernorm": "post_attention_norm", "self_attn.q_proj": "attn_q",
              "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
              "mlp.router": "ffn_gate_inp"}
GGUF_WHOLE = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
              "lm_head.weight": "output.weight"}


def add_gguf_config(writer, config):
    """The metadata that llama.cpp's converter writes of this family."""
    scaling = config["rope_scaling"]
    for key, value in {"block_count": config["num_hidden_layers"], "context_length": config["max_position_embeddings"],
                       "embedding_length": config["hidden_size"], "feed_forward_length": config["intermediate_size"],
                       "expert_feed_forward_length": config["intermediate_size"],
                       "attention.head_count": config["num_attention_heads"],
                       "attention.head_count_kv": config["num_key_value_heads"],
                       "attention.key_length": config["head_dim"], "attention.value_length": config["head_dim"],
                       "attention.sliding_window": config["sliding_window"], "expert_count": config["num_local_experts"],
                       "expert_used_count": config["num_experts_per_tok"], "vocab_size": config["vocab_size"],
                       "rope.scaling.original_context_length": scaling["original_max_position_embeddings"]}.items():
        writer.add_uint32(f"gpt-oss.{key}", value)
    writer.add_float32("gpt-oss.attention.layer_norm_rms_epsilon", config["rms_norm_eps"])
    writer.add_float32("gpt-oss.rope.freq_base", config["rope_theta"])
    writer.add_string("gpt-oss.rope.scaling.type", "yarn")
    writer.add_float32("gpt-oss.rope.scaling.factor", scaling["factor"])


def gguf_blocks(codes, scales):
    """Blocks of 17 bytes as ggml has them: the scale, then channels j and j + 16 in byte j."""
    nibbles = np.stack([codes & 15, codes >> 4], axis=-1).reshape(*codes.shape[:-1], GROUP)
    halves = nibbles[..., :GROUP // 2] | nibbles[..., GROUP // 2:] << 4
    return np.concatenate([scales[..., None], halves], axis=-1).reshape(*scales.shape[:-1], -1)


def gguf_tensors(tensors):
    """(name, array, MXFP4 or not) of each tensor of a .gguf file; `tensors` {name: array}, codes and scales as bytes.

    Gate and up, whose rows take turns in the folder, are two stacks there.
    """
    for name, values in tensors.items():
        if name in GGUF_WHOLE:
            yield GGUF_WHOLE[name], values, False
            continue
        _, _, layer, part = name.split(".", 3)
        if part == "self_attn.sinks":
            yield f"blk.{layer}.attn_sinks.weight", values, False
        elif not part.startswith("mlp.experts."):
            base, ending = part.rsplit(".", 1)
            yield f"blk.{layer}.{GGUF_LAYER[base]}.{ending}", values, False
        elif not part.endswith("_scales"):
            yield from gguf_experts(layer, name, values, tensors)


def gguf_experts(layer, name, values, tensors):
    blocks = name.endswith("_blocks")
    if blocks:
        values = gguf_blocks(values, tensors[name.replace("_blocks", "_scales")])
    elif not name.endswith("_bias"):
        values = values.swapaxes(1, 2)
    ending = "bias" if name.endswith("_bias") else "weight"
    if "down_proj" in name:
        yield f"blk.{layer}.ffn_down_exps.{ending}", values, blocks
    else:
        yield f"blk.{layer}.ffn_gate_exps.{ending}", values[:, 0::2], blocks
        yield f"blk.{layer}.ffn_up_exps.{ending}", values[:, 1::2], blocks


def original_tensors(tensors, config):
    """{name: array} of the layout that the model's makers call `original`: q, k and v are one matrix."""
    names = {"input_layernorm.weight": "attn.norm.scale", "post_attention_layernorm.weight": "mlp.norm.scale",
             "self_attn.sinks": "attn.sinks", "self_attn.o_proj.weight": "attn.out.weight",
             "self_attn.o_proj.bias": "attn.out.bias", "mlp.router.weight": "mlp.gate.weight",
             "mlp.router.bias": "mlp.gate.bias", "mlp.experts.gate_up_proj_blocks": "mlp.mlp1_weight.blocks",
             "mlp.experts.gate_up_proj_scales": "mlp.mlp1_weight.scales", "mlp.experts.gate_up_proj_bias": "mlp.mlp1_bias",
             "mlp.experts.down_proj_blocks": "mlp.mlp2_weight.blocks",
             "mlp.experts.down_proj_scales": "mlp.mlp2_weight.scales", "mlp.experts.down_proj_bias": "mlp.mlp2_bias"}
    found = {"embedding.weight": tensors["model.embed_tokens.weight"], "unembedding.weight": tensors["lm_head.weight"],
             "norm.scale": tensors["model.norm.weight"]}
    for layer in range(config["num_hidden_layers"]):
        p, to = f"model.layers.{layer}.", f"block.{layer}."
        found |= {to + new: tensors[p + old] for old, new in names.items()}
        for ending in ("weight", "bias"):
            found[f"{to}attn.qkv.{ending}"] = np.concatenate(
                [tensors[f"{p}self_attn.{part}_proj.{ending}"] for part in "qkv"])
    return found
