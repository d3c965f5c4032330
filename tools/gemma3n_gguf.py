"""How llama.cpp's converter writes Gemma 3n, for tools/make-gguf. Source: gguf-py's constants.py."""
import gemma

ARCHITECTURE = "gemma3n"
NAMES = {**gemma.GGUF_NORMS, "per_layer_input_gate": "inp_gate", "per_layer_projection": "proj", "post_per_layer_input_norm": "post_norm",
         "altup.correction_coefs": "altup_correct_coef", "altup.prediction_coefs": "altup_predict_coef",
         "altup.modality_router": "altup_router", "altup.router_norm": "altup_router_norm",
         "laurel.linear_left": "laurel_l", "laurel.linear_right": "laurel_r", "laurel.post_laurel_norm": "laurel_post_norm"}
WHOLE = {"model.embed_tokens_per_layer": "per_layer_token_embd", "model.per_layer_model_projection": "per_layer_model_proj",
         "model.per_layer_projection_norm": "per_layer_proj_norm"}
STACKS = {"altup_projections": "altup_proj.weight", "altup_unembed_projections": "altup_unembd_proj.weight"}
SCALE = "altup.correct_output_scale"


def keys(config):
    """{key: value}; shares of gates are deviations of a normal distribution, -inf of none."""
    import statistics
    import numpy as np
    shares = [float(np.float32(share)) for share in config["activation_sparsity_pattern"]]
    scales = [statistics.NormalDist().inv_cdf(share) if share else float("-inf") for share in shares]
    return {"attention.sliding_window": config["sliding_window"], "attention.shared_kv_layers": config["num_kv_shared_layers"],
            "attention.sliding_window_pattern": [kind == "sliding_attention" for kind in config["layer_types"]],
            "embedding_length_per_layer_input": config["hidden_size_per_layer_input"], "altup.active_idx": config["altup_active_idx"],
            "altup.num_inputs": config["altup_num_inputs"], "activation_sparsity_scale": scales,
            "final_logit_softcapping": config["final_logit_softcapping"]}


def tensors(_config, folder):
    """The tensors of a folder, of which the streams' matrices are stacks."""
    import numpy as np
    found, stacks = {}, {}
    for name, values in folder.items():
        part = name.split(".")[1]
        if part in STACKS:
            stacks.setdefault(STACKS[part], []).append(values)
        elif name.endswith(SCALE):
            found[f"blk.{name.split('.')[2]}.altup_correct_scale.weight"] = values
        else:
            found[name] = values
    return found | {name: np.stack(parts) for name, parts in stacks.items()}


def folder(_config, stored, names):
    """The other way."""
    found = {}
    for name in names:
        part = name.split(".")[1]
        if part in STACKS:
            found[name] = stored[STACKS[part]][int(name.split(".")[2])]
        elif name.endswith(SCALE):
            found[name] = stored[f"blk.{name.split('.')[2]}.altup_correct_scale.weight"]
        else:
            found[name] = stored[name]
    return found
