"""Checkpoints of the families that descend from Llama, as they are published: what tools/make-checkpoint writes of them.

A family is what it does to the tensors of a Llama's layer, and the fields that its config has beside a Llama's. Source: the
configs and models of transformers, and its conversion_mapping for the names of experts.
"""
from typing import NamedTuple

from descendant_layers import (AFMOE_EXPERTS, biased_norms, biases_by, ERNIE_EXPERTS, EXAONE_EXPERTS, experts, GROUPED,
                               head_norms, head_norms_of_cohere, head_norms_of_glm, head_norms_of_hunyuan, HUNYUAN_EXPERTS,
                               HY_EXPERTS, joined_gate, joined_heads, MINIMAX_EXPERTS, MIXTRAL_EXPERTS, mlp_of_apertus, mlp_of_starcoder,
                               no_gate, no_norms, norms_around, norms_behind, norms_of_afmoe, norms_of_outputs, OLMO_EXPERTS,
                               one_norm, one_norm_of_stablelm, output_gate, query_biases, query_biases_of_stablelm,
                               QWEN_EXPERTS, shared_expert, shared_experts, shared_of_granite, sinks, SPARSE, stacked_experts, stacked_experts_of_swa,
                               wide_norms)

# The class in `architectures`, and what is done to a layer in turn.
FAMILIES = {
    "afmoe": ("Afmoe", [head_norms, norms_of_afmoe, output_gate, *AFMOE_EXPERTS]),
    "apertus": ("Apertus", [head_norms, mlp_of_apertus]),
    "arcee": ("Arcee", [no_gate]),
    "cohere": ("Cohere", [one_norm, head_norms_of_cohere]),
    "cohere2": ("Cohere2", [one_norm]),
    "cwm": ("Cwm", []),
    "dots1": ("Dots1", [head_norms, *GROUPED]),
    "ernie4_5": ("Ernie4_5", [biases_by("use_bias")]),
    "ernie4_5_moe": ("Ernie4_5_Moe", ERNIE_EXPERTS),
    "exaone4": ("Exaone4", [norms_behind, head_norms]),
    "exaone_moe": ("ExaoneMoe", [head_norms, *EXAONE_EXPERTS]),
    "flex_olmo": ("FlexOlmo", [norms_behind, wide_norms, OLMO_EXPERTS]),
    "glm": ("Glm", [query_biases, joined_gate]),
    "glm4": ("Glm4", [query_biases, joined_gate, norms_around]),
    "glm4_moe": ("Glm4Moe", [head_norms_of_glm, query_biases, *GROUPED]),
    "granite": ("Granite", []),
    "granite_swa": ("GraniteSWA", [sinks]),
    "granitemoe": ("GraniteMoe", [stacked_experts]),
    "granitemoe_swa": ("GraniteMoeSWA", [stacked_experts_of_swa, shared_of_granite, sinks]),
    "granitemoeshared": ("GraniteMoeShared", [stacked_experts, shared_of_granite]),
    "helium": ("Helium", []),
    "hunyuan_v1_dense": ("HunYuanDenseV1", [head_norms_of_hunyuan]),
    "hunyuan_v1_moe": ("HunYuanMoEV1", [head_norms_of_hunyuan, *HUNYUAN_EXPERTS]),
    "hy_v3": ("HYV3", [head_norms, *HY_EXPERTS]),
    "hyperclovax": ("HyperCLOVAX", [norms_of_outputs]),
    "internlm3": ("InternLM3", [biases_by("qkv_bias")]),
    "iquestcoder": ("IQuestCoder", []),
    "jais2": ("Jais2", [no_gate, biased_norms]),
    "mellum": ("Mellum", [head_norms, QWEN_EXPERTS]),
    "minimax_m2": ("MiniMaxM2", [wide_norms, *MINIMAX_EXPERTS]),
    "ministral": ("Ministral", []),
    "ministral3": ("Ministral3", []),
    "mixtral": ("Mixtral", [MIXTRAL_EXPERTS]),
    "nemotron": ("Nemotron", [no_gate, biased_norms]),
    "olmo": ("Olmo", [no_norms]),
    "olmo2": ("Olmo2", [norms_behind, wide_norms]),
    "olmo3": ("Olmo3", [norms_behind, wide_norms]),
    "olmoe": ("Olmoe", [wide_norms, OLMO_EXPERTS]),
    "phi3": ("Phi3", [joined_heads, joined_gate]),
    "qwen2_moe": ("Qwen2Moe", [query_biases, QWEN_EXPERTS, shared_expert]),
    "qwen3": ("Qwen3", [head_norms]),
    "qwen3_moe": ("Qwen3Moe", [head_norms, QWEN_EXPERTS]),
    "sarvam_moe": ("SarvamMoE", [head_norms_of_glm, query_biases, *GROUPED]),
    "seed_oss": ("SeedOss", [query_biases]),
    "smollm3": ("SmolLM3", []),
    "solar_open": ("SolarOpen", [query_biases, *GROUPED]),
    "stablelm": ("StableLm", [one_norm_of_stablelm, biased_norms, query_biases_of_stablelm]),
    "starcoder2": ("Starcoder2", [mlp_of_starcoder, biased_norms, biases_by("use_bias")]),
}
# What is done to the tensors outside of layers, and what models add to the scales of their norms.
WHOLE = {**dict.fromkeys(("nemotron", "jais2", "stablelm", "starcoder2"), biased_norms), "olmo": no_norms}
OFFSETS = {"nemotron": 1.0}


def config(family, dtype, **fields):
    """config.json of a family; `fields` are the sizes and what a case sets otherwise."""
    import huggingface
    base = huggingface.llama_config(dtype, **fields)
    if "attention_bias" not in fields:  # whose defaults differ, and which some do not have
        del base["attention_bias"], base["mlp_bias"], base["pretraining_tp"]
    if base.get("rope_parameters"):  # which say it
        base = {key: value for key, value in base.items() if key not in ("rope_theta", "rope_scaling") or value is not None}
    return dict(sorted({**base, "model_type": family, "architectures": [FAMILIES[family][0] + "ForCausalLM"]}.items()))


def dense_layers(config):
    """The layers that have no experts in a model of experts."""
    if "mlp_layer_types" in config:
        return [layer for layer, kind in enumerate(config["mlp_layer_types"]) if kind == "dense"]
    if "moe_layer_start_index" in config:
        last = config.get("moe_layer_end_index", config["num_hidden_layers"])
        return [layer for layer in range(config["num_hidden_layers"]) if not config["moe_layer_start_index"] <= layer <= last]
    return config.get("mlp_only_layers", range(config.get("num_dense_layers", config.get("first_k_dense_replace", 0))))


def shapes(config):
    """{tensor name: shape} of a checkpoint with this config."""
    import huggingface
    plain = {"attention_bias": False, "mlp_bias": False, **config, "model_type": "llama"}
    found, layers = {}, {}
    for name, shape in huggingface.llama_shapes(plain).items():
        if name.startswith("model.layers."):
            index, rest = name.removeprefix("model.layers.").split(".", 1)
            layers.setdefault(index, {})[rest] = shape
        else:
            found[name] = shape
    WHOLE.get(config["model_type"], lambda _found, _config: None)(found, config)
    dense = dense_layers(config)
    for index, layer in layers.items():
        for change in FAMILIES[config["model_type"]][1]:
            if int(index) not in dense or change not in SPARSE:
                change(layer, config)
        found |= {f"model.layers.{index}.{name}": shape for name, shape in layer.items()}
    return found


class Gguf(NamedTuple):
    """How llama.cpp's converter writes a family."""
    architecture: str
    permuted: bool      # rows of q and k, into pairs
    names: dict = {}    # of a layer, other than Llama's
    keys: dict = {}     # field of the config: key
    windows: bool = False  # some layers have one, as a list says


HEADS = {"self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm"}
BEHIND = {"post_attention_layernorm": "post_attention_norm", "post_feedforward_layernorm": "post_ffw_norm"}
QWEN = {"num_experts": "expert_count", "num_experts_per_tok": "expert_used_count", "moe_intermediate_size": "expert_feed_forward_length",
        "shared_expert_intermediate_size": "expert_shared_feed_forward_length"}
FACTORS = {"attention_multiplier": "attention.scale", "embedding_multiplier": "embedding_scale", "residual_multiplier": "residual_scale",
           "logits_scaling": "logit_scale"}
MIXTRAL = {"num_local_experts": "expert_count", "num_experts_per_tok": "expert_used_count"}
GROUPED_NAMES = {**HEADS, "mlp.gate": "ffn_gate_inp",
                 **{f"mlp.shared_experts.{part}_proj": f"ffn_{part}_shexp" for part in ("gate", "up", "down")}}
GROUPED_KEYS = {"n_routed_experts": "expert_count", "num_experts_per_tok": "expert_used_count",
                "moe_intermediate_size": "expert_feed_forward_length", "n_shared_experts": "expert_shared_count",
                "first_k_dense_replace": "leading_dense_block_count", "routed_scaling_factor": "expert_weights_scale",
                "norm_topk_prob": "expert_weights_norm", "n_group": "expert_group_count", "topk_group": "expert_group_used_count"}
SIGMOID = 2  # of expert_gating_func
GGUF = {
    "arcee": Gguf("arcee", True),
    "cohere": Gguf("command-r", False, HEADS, keys={"layer_norm_eps": "attention.layer_norm_epsilon", "logit_scale": "logit_scale"}),
    "cohere2": Gguf("cohere2", False, keys={"layer_norm_eps": "attention.layer_norm_epsilon", "logit_scale": "logit_scale",
                                            "sliding_window": "attention.sliding_window"}),
    "dots1": Gguf("dots1", False, GROUPED_NAMES, GROUPED_KEYS),
    "ernie4_5": Gguf("ernie4_5", False),  # which are pairs already
    "ernie4_5_moe": Gguf("ernie4_5-moe", False, {key: name for key, name in GROUPED_NAMES.items() if key.startswith("mlp.")}, {
        "moe_num_experts": "expert_count", "moe_k": "expert_used_count", "moe_intermediate_size": "expert_feed_forward_length",
        "moe_num_shared_experts": "expert_shared_count", "moe_layer_start_index": "leading_dense_block_count"}),
    "exaone4": Gguf("exaone4", False, {**HEADS, **BEHIND}, windows=True),
    "glm": Gguf("chatglm", False, {"mlp.gate_up_proj": "ffn_up"}),
    "glm4": Gguf("glm4", False, {"post_self_attn_layernorm": "post_attention_norm", "post_mlp_layernorm": "post_ffw_norm",
                                 "mlp.gate_up_proj": "ffn_up"}),
    "glm4_moe": Gguf("glm4moe", False, {**GROUPED_NAMES, "post_attention_layernorm": "post_attention_norm"}, GROUPED_KEYS),
    "granite": Gguf("granite", True, keys=FACTORS),
    "granitemoe": Gguf("granitemoe", True, {"block_sparse_moe.router.layer": "ffn_gate_inp"}, {**FACTORS, **MIXTRAL}),
    "granitemoeshared": Gguf("granitemoe", True, {"block_sparse_moe.router.layer": "ffn_gate_inp"}, {
        **FACTORS, **MIXTRAL, "shared_intermediate_size": "expert_shared_feed_forward_length"}),
    "hunyuan_v1_moe": Gguf("hunyuan-moe", False, {
        "self_attn.query_layernorm": "attn_q_norm", "self_attn.key_layernorm": "attn_k_norm", "mlp.gate.wg": "ffn_gate_inp",
        **{f"mlp.shared_mlp.{part}_proj": f"ffn_{part}_shexp" for part in ("gate", "up", "down")}}, {
            "num_experts": "expert_count", "moe_topk": "expert_used_count", "moe_intermediate_size": "expert_feed_forward_length",
            "intermediate_size": "expert_shared_feed_forward_length"}),
    "hunyuan_v1_dense": Gguf("hunyuan-dense", False, {"self_attn.query_layernorm": "attn_q_norm", "self_attn.key_layernorm": "attn_k_norm"}),
    "minimax_m2": Gguf("minimax-m2", False, {**HEADS, "block_sparse_moe.gate": "ffn_gate_inp"},
                       {**MIXTRAL, "intermediate_size": "expert_feed_forward_length", "rotary_dim": "rope.dimension_count"}),
    "mixtral": Gguf("llama", True, {"block_sparse_moe.gate": "ffn_gate_inp"}, MIXTRAL),
    "nemotron": Gguf("nemotron", False, keys={"norm_eps": "attention.layer_norm_epsilon"}),
    "olmo2": Gguf("olmo2", False, {**HEADS, **BEHIND}),
    "olmoe": Gguf("olmoe", False, {**HEADS, "mlp.gate": "ffn_gate_inp"},
                  {"num_experts": "expert_count", "num_experts_per_tok": "expert_used_count"}),
    "olmo3": Gguf("olmo2", False, {**HEADS, **BEHIND}, windows=True),
    "phi3": Gguf("phi3", False, {"self_attn.qkv_proj": "attn_qkv", "mlp.gate_up_proj": "ffn_up"}, {"sliding_window": "attention.sliding_window"}),
    "qwen2_moe": Gguf("qwen2moe", False, {"mlp.gate": "ffn_gate_inp", "mlp.shared_expert_gate": "ffn_gate_inp_shexp", **{
        f"mlp.shared_expert.{part}_proj": f"ffn_{part}_shexp" for part in ("gate", "up", "down")}}, QWEN),
    "qwen3": Gguf("qwen3", False, HEADS),
    "qwen3_moe": Gguf("qwen3moe", False, {**HEADS, "mlp.gate": "ffn_gate_inp"}, QWEN),
    "seed_oss": Gguf("seed_oss", False, {"post_attention_layernorm": "post_attention_norm"}),
    "smollm3": Gguf("smollm3", True),
    "starcoder2": Gguf("starcoder2", False, {"mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down"}, {
        "norm_epsilon": "attention.layer_norm_epsilon"}),
}
PARTS = {"gate_proj": "gate", "up_proj": "up", "down_proj": "down", "w1": "gate", "w3": "up", "w2": "down"}


def gguf_keys(config):
    """{key: value}, beside a Llama's."""
    keys = GGUF[config["model_type"]].keys
    found = {keys[field]: config[field] for field in keys if config.get(field) is not None}
    found = {key: value[0] if isinstance(value, list) else value for key, value in found.items()}  # of all layers alike
    if config["model_type"] in ("dots1", "glm4_moe", "minimax_m2"):
        found["expert_gating_func"] = SIGMOID
    if GGUF[config["model_type"]].windows and config.get("sliding_window"):
        types = config.get("layer_types") or ["full_attention" if (layer + 1) % 4 == 0 else "sliding_attention"
                                              for layer in range(config["num_hidden_layers"])]
        found |= {"attention.sliding_window": config["sliding_window"],
                  "attention.sliding_window_pattern": [kind == "sliding_attention" for kind in types]}
    if "partial_rotary_factor" in config:
        found["rope.dimension_count"] = int(config["head_dim"] * config["partial_rotary_factor"])
    return found


def gguf_tensors(config, tensors):
    """The tensors of a folder, the experts of each layer as stacks: {name in the folder or of a stack in GGUF: values}."""
    import numpy as np
    found, stacks = {}, {}
    for name, values in tensors.items():
        layer, _, part = name.removeprefix("model.layers.").partition(".")
        if part.startswith(("mlp.experts.", "block_sparse_moe.experts.")):
            _, _, expert, kind, _ = part.split(".")
            stacks.setdefault(f"blk.{layer}.ffn_{PARTS[kind]}_exps.weight", {})[int(expert)] = values
        elif part.endswith("e_score_correction_bias"):
            found[f"blk.{layer}.exp_probs_b.bias"] = values.reshape(-1)
        elif part == "shared_mlp.input_linear.weight":
            gate, up = np.split(values, 2)
            found |= {f"blk.{layer}.ffn_gate_shexp.weight": gate, f"blk.{layer}.ffn_up_shexp.weight": up}
        elif part == "shared_mlp.output_linear.weight":
            found[f"blk.{layer}.ffn_down_shexp.weight"] = values
        elif part == "block_sparse_moe.input_linear.weight":
            half = values.shape[1] // 2
            found |= {f"blk.{layer}.ffn_gate_exps.weight": values[:, :half], f"blk.{layer}.ffn_up_exps.weight": values[:, half:]}
        elif part == "block_sparse_moe.output_linear.weight":
            found[f"blk.{layer}.ffn_down_exps.weight"] = values
        else:
            found[name] = values
    return found | {name: np.stack([stack[expert] for expert in sorted(stack)]) for name, stack in stacks.items()}


def folder_tensors(config, stored, tensors):
    """The other way: what the folder's tensors are after their stacks were stored."""
    import numpy as np
    found = {}
    for name in tensors:
        layer, _, part = name.removeprefix("model.layers.").partition(".")
        stack = lambda kind: stored[f"blk.{layer}.ffn_{kind}_exps.weight"]
        if part.startswith(("mlp.experts.", "block_sparse_moe.experts.")):
            _, _, expert, kind, _ = part.split(".")
            found[name] = stack(PARTS[kind])[int(expert)]
        elif part.endswith("e_score_correction_bias"):
            found[name] = stored[f"blk.{layer}.exp_probs_b.bias"].reshape(tensors[name].shape)
        elif part == "shared_mlp.input_linear.weight":
            found[name] = np.concatenate([stored[f"blk.{layer}.ffn_{kind}_shexp.weight"] for kind in ("gate", "up")])
        elif part == "shared_mlp.output_linear.weight":
            found[name] = stored[f"blk.{layer}.ffn_down_shexp.weight"]
        elif part == "block_sparse_moe.input_linear.weight":
            found[name] = np.concatenate([stack("gate"), stack("up")], axis=1)
        elif part == "block_sparse_moe.output_linear.weight":
            found[name] = stack("down")
        else:
            found[name] = stored[name]
    return found
