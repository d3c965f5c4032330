"""A .gguf file of Gemma 4's model of text, as llama.cpp's converter writes it: what tools/make-gguf takes of the family."""
import gemma4

ARCHITECTURE = "gemma4"
NAMES = {"self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm", "post_attention_layernorm": "post_attention_norm",
         "pre_feedforward_layernorm": "ffn_norm", "post_feedforward_layernorm": "post_ffw_norm", "layer_scalar": "layer_output_scale",
         "per_layer_input_gate": "inp_gate", "per_layer_projection": "proj", "post_per_layer_input_norm": "post_norm"}
WHOLE = {"model.embed_tokens_per_layer": "per_layer_token_embd", "model.per_layer_model_projection": "per_layer_model_proj",
         "model.per_layer_projection_norm": "per_layer_proj_norm"}
STAYS = 1e30  # what the frequency of a pair is divided by that does not turn


def share(config):
    full = config["rope_parameters"][gemma4.FULL]
    assert full["rope_type"] == "proportional" and full.get("factor", 1) == 1, "no key tells of another scaling"
    return full["partial_rotary_factor"]


def keys(config):
    """{key: value}, beside a Llama's or other than its."""
    layers, shared = config["num_hidden_layers"], config.get("num_kv_shared_layers", 0)
    types, window = gemma4.layer_types(config), config["head_dim"]
    full, width = config["global_head_dim"], config["intermediate_size"]
    found = {"attention.key_length": full, "attention.value_length": full, "attention.key_length_swa": window,
             "attention.value_length_swa": window, "rope.dimension_count": full, "rope.dimension_count_swa": window,
             "rope.freq_base": float(config["rope_parameters"][gemma4.FULL]["rope_theta"]),
             "rope.freq_base_swa": float(config["rope_parameters"][gemma4.SLIDING]["rope_theta"]),
             "attention.sliding_window": config["sliding_window"], "attention.shared_kv_layers": shared,
             "attention.sliding_window_pattern": [kind == gemma4.SLIDING for kind in types],
             "embedding_length_per_layer_input": config["hidden_size_per_layer_input"],
             "attention.head_count_kv": [gemma4.heads(config, layer)[0] for layer in range(layers)]}
    if config.get("use_double_wide_mlp"):
        found["feed_forward_length"] = [width * (2 if layer >= layers - shared else 1) for layer in range(layers)]
    if config.get("final_logit_softcapping") is not None:
        found["final_logit_softcapping"] = config["final_logit_softcapping"]
    return found


def tensors(config, tensors):
    """The folder's, and the divisors of the full layers' frequencies."""
    import numpy as np
    pairs = config["global_head_dim"] // 2
    turned = int(config["global_head_dim"] * share(config) / 2)
    found = {name + ".weight" * name.endswith("layer_scalar"): values for name, values in tensors.items()}
    return found | {"rope_freqs.weight": np.array([1.0] * turned + [STAYS] * (pairs - turned), np.float32)}


def folder(_config, stored, tensors):
    """The other way: the folder's tensors after these were stored."""
    return {name: stored[name + ".weight" * name.endswith("layer_scalar")] for name in tensors}
