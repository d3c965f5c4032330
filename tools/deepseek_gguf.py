"""A .gguf file of DeepSeek V2 or V3, as llama.cpp's converter writes it: what tools/make-gguf takes of the families.

Since 2025 the file has the two halves of `kv_b_proj` as stacks a head, that of keys transposed; before, the matrix itself.
"""
ARCHITECTURE = "deepseek2"
PART = "self_attn."
EXPERTS = {"gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down"}
NAMES = {PART + "q_a_proj": "attn_q_a", PART + "q_a_layernorm": "attn_q_a_norm", PART + "q_b_proj": "attn_q_b",
         PART + "kv_a_proj_with_mqa": "attn_kv_a_mqa", PART + "kv_a_layernorm": "attn_kv_a_norm", PART + "kv_b_proj": "attn_kv_b",
         PART + "k_b_proj": "attn_k_b", PART + "v_b_proj": "attn_v_b", "mlp.gate": "ffn_gate_inp",
         **{f"mlp.shared_experts.{name}": f"{gguf}_shexp" for name, gguf in EXPERTS.items()}}
WHOLE = {}
BIAS = "e_score_correction_bias"
SOFTMAX, SIGMOID = 1, 2


def parts(config):
    return config["qk_nope_head_dim"], config["qk_rope_head_dim"], config["v_head_dim"]


def keys(config, splits=True):
    """{key: value}, beside a Llama's or other than its."""
    nope, turned, value = parts(config)
    rank, is_sigmoid = config["kv_lora_rank"], config["scoring_func"] == "sigmoid"
    found = {"rope.dimension_count": turned, "attention.kv_lora_rank": rank,
             "leading_dense_block_count": config["first_k_dense_replace"], "expert_count": config["n_routed_experts"],
             "expert_used_count": config["num_experts_per_tok"], "expert_shared_count": config["n_shared_experts"],
             "expert_feed_forward_length": config["moe_intermediate_size"],
             "expert_weights_scale": float(config["routed_scaling_factor"]), "expert_group_count": config["n_group"],
             "expert_group_used_count": config["topk_group"], "expert_gating_func": SIGMOID if is_sigmoid else SOFTMAX}
    if config["q_lora_rank"]:
        found["attention.q_lora_rank"] = config["q_lora_rank"]
    if config["norm_topk_prob"]:
        found["expert_weights_norm"] = True
    head = {"key_length": nope + turned, "value_length": value}
    if splits:
        found["attention.head_count_kv"] = 1
        head = {"key_length": rank + turned, "value_length": rank, "key_length_mla": nope + turned, "value_length_mla": value}
    found |= {f"attention.{name}": width for name, width in head.items()}
    if scaling := config.get("rope_scaling"):
        assert scaling["mscale"] == scaling["mscale_all_dim"], "no key tells of another factor of turns"
        found["rope.scaling.yarn_log_multiplier"] = 0.1 * scaling["mscale_all_dim"]
    return found


def halves(config, values):
    """kv_b_proj as [H, rank, nope] and [H, value, rank]."""
    nope, _, value = parts(config)
    heads = values.reshape(config["num_attention_heads"], nope + value, -1)
    return heads[:, :nope].swapaxes(1, 2), heads[:, nope:]


def tensors(config, tensors, splits=True):
    """The folder's, the experts of each layer as stacks, layers that guess left out."""
    import numpy as np
    found, stacks = {}, {}
    for name, values in tensors.items():
        layer, _, part = name.removeprefix("model.layers.").partition(".")
        if name.startswith("model.layers.") and int(layer) >= config["num_hidden_layers"]:
            continue
        if part.startswith("mlp.experts."):
            _, _, expert, kind, _ = part.split(".")
            stacks.setdefault(f"blk.{layer}.{EXPERTS[kind]}_exps.weight", {})[int(expert)] = values
        elif part.endswith(BIAS):
            found[f"blk.{layer}.exp_probs_b.bias"] = values
        elif splits and part == PART + "kv_b_proj.weight":
            found |= dict(zip((name.replace("kv_b", "k_b"), name.replace("kv_b", "v_b")), halves(config, values)))
        else:
            found[name] = values
    return found | {name: np.stack([stack[expert] for expert in sorted(stack)]) for name, stack in stacks.items()}


def folder(config, stored, tensors):
    """The other way: the folder's tensors after these were stored."""
    import numpy as np
    found = {}
    for name in tensors:
        layer, _, part = name.removeprefix("model.layers.").partition(".")
        if part.startswith("mlp.experts."):
            _, _, expert, kind, _ = part.split(".")
            found[name] = stored[f"blk.{layer}.{EXPERTS[kind]}_exps.weight"][int(expert)]
        elif part.endswith(BIAS):
            found[name] = stored[f"blk.{layer}.exp_probs_b.bias"]
        elif part == PART + "kv_b_proj.weight" and name not in stored:
            keys_up, values_up = stored[name.replace("kv_b", "k_b")], stored[name.replace("kv_b", "v_b")]
            whole = np.concatenate([keys_up.swapaxes(1, 2), values_up], axis=1)
            found[name] = whole.reshape(-1, whole.shape[-1])
        else:
            found[name] = stored[name] if name in stored else tensors[name]
    return found
