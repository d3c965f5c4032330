"""Checkpoints of the forms of DeepSeek V2 and V3, as their makers publish them: what tools/make-checkpoint writes of them.

A tensor an expert; q, k and v by way of latents. Source: transformers' DeepseekV2Config, DeepseekV3Config and their models.
"""
import numpy as np

FP8_BLOCK = 32  # rows and channels that share a scale; published checkpoints have 128
FP8 = {"quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "activation_scheme": "dynamic",
                               "weight_block_size": [FP8_BLOCK, FP8_BLOCK]}}
V2 = {"architectures": ["DeepseekV2ForCausalLM"], "model_type": "deepseek_v2", "scoring_func": "softmax",
      "topk_method": "greedy", "norm_topk_prob": False, "routed_scaling_factor": 1.0, "n_group": 1, "topk_group": 1}
V3 = {"architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3", "scoring_func": "sigmoid",
      "topk_method": "noaux_tc", "norm_topk_prob": True, "routed_scaling_factor": 2.5, "num_nextn_predict_layers": 0}


def config(dtype, layers, generation, **fields):
    """config.json; `fields` are the sizes and what a case sets otherwise."""
    fixed = {"attention_bias": False, "attention_dropout": 0.0, "aux_loss_alpha": 0.001, "ep_size": 1, "first_k_dense_replace": 1,
             "hidden_act": "silu", "initializer_range": 0.02, "moe_layer_freq": 1, "num_hidden_layers": layers,
             "pretraining_tp": 1, "q_lora_rank": None, "rms_norm_eps": 1e-5, "rope_theta": 10000, "seq_aux": True,
             "torch_dtype": {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}[dtype], "use_cache": True}
    fields.pop("head_dim", None)  # the reference takes it from the parts of a head
    return dict(sorted({**fixed, **generation, **fields}.items()))


def mlp(prefix, hidden, width):
    return {f"{prefix}gate_proj.weight": (width, hidden), f"{prefix}up_proj.weight": (width, hidden),
            f"{prefix}down_proj.weight": (hidden, width)}


def shapes(config):
    """{tensor name: shape}."""
    D, F, V, E = (config[key] for key in ("hidden_size", "intermediate_size", "vocab_size", "n_routed_experts"))
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
        if layer < config["first_k_dense_replace"]:
            found |= mlp(p + "mlp.", D, F)
            continue
        found[p + "mlp.gate.weight"] = (E, D)
        if config["model_type"] == "deepseek_v3":
            found[p + "mlp.gate.e_score_correction_bias"] = (E,)
        width = config["moe_intermediate_size"]
        for expert in range(E):
            found |= mlp(f"{p}mlp.experts.{expert}.", D, width)
        found |= mlp(p + "mlp.shared_experts.", D, width * config["n_shared_experts"])
    for layer in range(config.get("num_nextn_predict_layers", 0)):  # which guess further tokens: left out
        p = f"model.layers.{config['num_hidden_layers'] + layer}."
        found |= {p + "enorm.weight": (D,), p + "hnorm.weight": (D,), p + "eh_proj.weight": (D, 2 * D)}
    return found


def is_fp8(name):
    return name.endswith(("proj.weight", "proj_with_mqa.weight"))


def decoded(values):
    """The floats that a matrix's codes and scales stand for, each product rounded once."""
    codes, scales = fp8(values)
    factors = np.repeat(np.repeat(scales, FP8_BLOCK, axis=0), FP8_BLOCK, axis=1)[:codes.shape[0], :codes.shape[1]]
    return e4m3_values().astype(np.float32)[codes] * factors


def decoded_tensors(shapes, load):
    """The same with what the floats of 8 bits stand for in their place; the other tensors are stored alike."""
    found = {name: (lambda name=name: decoded(load(name))) for name in shapes if is_fp8(name)}
    found |= {name: (lambda name=name: load(name)) for name in shapes if name.endswith("e_score_correction_bias")}
    return found, {name: "F32" for name in found}


def fp8_tensors(shapes, load):
    """What is stored of a checkpoint in floats of 8 bits: ({name: shape} with the scales', {name: function that gives its
    bytes}, {name: type}). Products are quantized; norms, the router, the tables are not."""
    stored, found, types = dict(shapes), {}, {}
    for name, shape in shapes.items():
        if not is_fp8(name):
            if name.endswith("e_score_correction_bias"):
                found[name], types[name] = (lambda name=name: load(name)), "F32"
            continue
        scales = name + "_scale_inv"
        stored[scales] = tuple(-(-extent // FP8_BLOCK) for extent in shape)
        found[name] = lambda name=name: fp8(load(name))[0]
        found[scales] = lambda name=name: fp8(load(name))[1]
        types |= {name: "F8_E4M3", scales: "F32"}
    return stored, found, types


def fp8(values):
    """(codes, scales) of a matrix: the largest of a block is 448, the largest code."""
    rows, columns = (-(-extent // FP8_BLOCK) for extent in values.shape)
    whole = np.zeros((rows * FP8_BLOCK, columns * FP8_BLOCK), np.float32)
    whole[:values.shape[0], :values.shape[1]] = values
    blocks = whole.reshape(rows, FP8_BLOCK, columns, FP8_BLOCK)
    scales = (np.abs(blocks).max(axis=(1, 3)) / 448).astype(np.float32)
    table = e4m3_values()
    order = np.argsort(table, kind="stable")
    scaled = (blocks / scales[:, None, :, None]).reshape(whole.shape)[:values.shape[0], :values.shape[1]]
    places = np.searchsorted((table[order][1:] + table[order][:-1]) / 2, scaled)
    return order[places].astype(np.uint8), scales


def e4m3_values():
    """What each code stands for; those that are no number stand for 0, so that none is chosen."""
    code = np.arange(256)
    exponent, mantissa = code >> 3 & 15, code & 7
    magnitude = np.where(exponent == 0, mantissa * 2.0 ** -9, (8 + mantissa) * 2.0 ** (exponent - 10.0))
    magnitude[code & 127 == 127] = 0
    return np.where(code & 128, -magnitude, magnitude)
