"""How llama.cpp's converter writes Qwen 3.5 and Qwen 3 Next, for tools/make-gguf. Source: gguf-py's constants.py and the converter.

Rates are -exp(A_log). Of Qwen 3.5 value heads are tiled: those of one key head are as many apart as there are key heads. Of Qwen 3
Next the rows of each key head, which its folder has together, are those of q, k and v of all heads, and the gates apart.
"""
NAMES = {"self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm", "post_attention_layernorm": "post_attention_norm",
         "linear_attn.in_proj_qkv": "attn_qkv", "linear_attn.in_proj_z": "attn_gate", "linear_attn.in_proj_ba": "ssm_ba",
         "linear_attn.in_proj_a": "ssm_alpha", "linear_attn.in_proj_b": "ssm_beta", "linear_attn.conv1d": "ssm_conv1d",
         "linear_attn.norm": "ssm_norm", "linear_attn.out_proj": "ssm_out", "mlp.gate": "ffn_gate_inp",
         "mlp.shared_expert_gate": "ffn_gate_inp_shexp",
         **{f"mlp.shared_expert.{part}_proj": f"ffn_{part}_shexp" for part in ("gate", "up", "down")}}
ARCHITECTURES = {"qwen3_5_text": "qwen35", "qwen3_next": "qwen3next"}


def keys(config):
    found = {"ssm.conv_kernel": config["linear_conv_kernel_dim"], "ssm.state_size": config["linear_key_head_dim"],
             "ssm.group_count": config["linear_num_key_heads"], "ssm.time_step_rank": config["linear_num_value_heads"],
             "ssm.inner_size": config["linear_value_head_dim"] * config["linear_num_value_heads"],
             "full_attention_interval": config.get("full_attention_interval", 4),
             "rope.dimension_count": int(config["head_dim"] * config["rope_parameters"]["partial_rotary_factor"] + 1e-9)}
    if "num_experts" in config:
        found |= {"expert_count": config["num_experts"], "expert_used_count": config["num_experts_per_tok"],
                  "expert_feed_forward_length": config["moe_intermediate_size"],
                  "expert_shared_feed_forward_length": config["shared_expert_intermediate_size"]}
    return found


def moved(config, values, axis, width, back=False):
    """Value heads of so many channels along an axis, tiled where the folder has those of one key head together; or `back`."""
    import numpy as np
    H, G = config["linear_num_key_heads"], config["linear_num_value_heads"]
    heads = (G // H, H) if back else (H, G // H)
    shape = values.shape
    split = values.reshape(*shape[:axis], *heads, width, *shape[axis + 1:])
    return np.swapaxes(split, axis, axis + 1).reshape(shape)


def tiled(config, name, values, back=False):
    """A tensor of a Qwen 3.5 whose value heads are tiled, where it has some."""
    import numpy as np
    width = config["linear_value_head_dim"]
    keys = 2 * config["linear_num_key_heads"] * config["linear_key_head_dim"]
    part = name.rsplit("linear_attn.", 1)[-1] if "linear_attn." in name else ""
    if part in ("in_proj_qkv.weight", "conv1d.weight"):
        return np.concatenate([values[:keys], moved(config, values[keys:], 0, width, back)])
    if part == "in_proj_z.weight":
        return moved(config, values, 0, width, back)
    if part in ("in_proj_a.weight", "in_proj_b.weight", "A_log", "dt_bias"):
        return moved(config, values, 0, 1, back)
    return moved(config, values, 1, width, back) if part == "out_proj.weight" else values


def split_rows(config, values):
    """(q, k and v of all heads, the gates of all) of the rows that each key head has together."""
    import numpy as np
    H, keys = config["linear_num_key_heads"], config["linear_key_head_dim"]
    each = config["linear_num_value_heads"] // H * config["linear_value_head_dim"]
    heads = values.reshape(H, -1, values.shape[-1])
    cut = lambda first, count: heads[:, first:first + count].reshape(-1, values.shape[-1])
    return np.concatenate([cut(0, keys), cut(keys, keys), cut(2 * keys, each)]), cut(2 * keys + each, each)


def joined_rows(config, mixed, gates):
    """The other way."""
    import numpy as np
    H, keys = config["linear_num_key_heads"], config["linear_key_head_dim"] * config["linear_num_key_heads"]
    parts = [mixed[:keys], mixed[keys:2 * keys], mixed[2 * keys:], gates]
    return np.concatenate([part.reshape(H, -1, part.shape[-1]) for part in parts], axis=1).reshape(-1, mixed.shape[-1])


def tensors(config, folder):
    """The tensors of a folder, as the file has them."""
    import numpy as np
    found, stacks = {}, {}
    for name, values in folder.items():
        layer, _, part = name.removeprefix("model.layers.").partition(".")
        if config["model_type"] == "qwen3_5_text":
            values = tiled(config, name, values)
        if part == "linear_attn.A_log":
            found[f"blk.{layer}.ssm_a"] = -np.exp(values)
        elif part == "linear_attn.dt_bias":
            found[f"blk.{layer}.ssm_dt.bias"] = values
        elif part == "linear_attn.conv1d.weight":
            found[name] = values[:, 0]
        elif part == "linear_attn.in_proj_qkvz.weight":
            found[f"blk.{layer}.attn_qkv.weight"], found[f"blk.{layer}.attn_gate.weight"] = split_rows(config, values)
        elif part.startswith("mlp.experts."):
            stacks.setdefault(f"blk.{layer}.ffn_{part.split('.')[3].removesuffix('_proj')}_exps.weight", []).append(values)
        else:
            found[name] = values + np.float32(has_offset(name))
    return found | {name: np.stack(parts) for name, parts in stacks.items()}


def has_offset(name):
    """Whether the file's scale is one more than the folder's."""
    return name.endswith("norm.weight") and not name.endswith("linear_attn.norm.weight")


def folder(config, stored, names):
    """The other way."""
    import numpy as np
    found = {}
    for name in names:
        layer, _, part = name.removeprefix("model.layers.").partition(".")
        of = lambda own: stored[f"blk.{layer}.{own}"]
        if part == "linear_attn.A_log":
            values = np.log(-of("ssm_a"))
        elif part == "linear_attn.dt_bias":
            values = of("ssm_dt.bias")
        elif part == "linear_attn.conv1d.weight":
            values = stored[name][:, None]
        elif part == "linear_attn.in_proj_qkvz.weight":
            values = joined_rows(config, of("attn_qkv.weight"), of("attn_gate.weight"))
        elif part.startswith("mlp.experts."):
            _, _, expert, kind, _ = part.split(".")
            values = of(f"ffn_{kind.removesuffix('_proj')}_exps.weight")[int(expert)]
        else:
            values = stored[name] - np.float32(has_offset(name))
        found[name] = tiled(config, name, values, back=True) if config["model_type"] == "qwen3_5_text" else values
    return found
