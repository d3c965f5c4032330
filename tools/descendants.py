"""Checkpoints of the families that descend from Llama, as they are published: what tools/make-checkpoint writes of them.

A family is what it does to the tensors of a Llama's layer, and the fields that its config has beside a Llama's. Source: the
configs and models of transformers, and its conversion_mapping for the names of experts.
"""
from typing import NamedTuple

PREFIX = "self_attn."


def head_norms(layer, config, names=("q_norm", "k_norm")):
    """A norm for each head of q and k."""
    for name in names:
        layer[f"{PREFIX}{name}.weight"] = (config["head_dim"],)


def head_norms_of_glm(layer, config):
    if config["use_qk_norm"]:
        head_norms(layer, config)


def head_norms_of_hunyuan(layer, config):
    head_norms(layer, config, ("query_layernorm", "key_layernorm"))


def wide_norms(layer, config):
    """Norms over all heads of q and of k."""
    layer[f"{PREFIX}q_norm.weight"] = (config["num_attention_heads"] * config["head_dim"],)
    layer[f"{PREFIX}k_norm.weight"] = (config["num_key_value_heads"] * config["head_dim"],)


def norms_behind(layer, config):
    """Norms of what attention and MLP give, none of what they take."""
    del layer["input_layernorm.weight"]
    layer["post_feedforward_layernorm.weight"] = (config["hidden_size"],)


def norms_around(layer, config):
    """Two norms more, as GLM 4 calls them."""
    layer["post_self_attn_layernorm.weight"] = layer["post_mlp_layernorm.weight"] = (config["hidden_size"],)


def query_biases(layer, config):
    """Biases of q, k and v alone."""
    layer.pop(f"{PREFIX}o_proj.bias", None)
    for name in ("q_proj", "k_proj", "v_proj") if config.get("attention_bias", True) else ():
        layer[f"{PREFIX}{name}.bias"] = layer[f"{PREFIX}{name}.weight"][:1]


def all_biases(layer, config):
    for name in [*layer]:
        if name.endswith("_proj.weight") and config.get("use_bias"):
            layer[name.replace(".weight", ".bias")] = layer[name][:1]


def biased_norms(layer, _config):
    """Layer norms with biases."""
    for name in [*layer]:
        if name.endswith("norm.weight"):
            layer[name.replace(".weight", ".bias")] = layer[name]


def one_norm(layer, _config):
    """A norm that attention and MLP read alike."""
    del layer["post_attention_layernorm.weight"]


def no_gate(layer, _config):
    for ending in ("weight", "bias"):
        layer.pop(f"mlp.gate_proj.{ending}", None)


def joined(layer, parts, whole):
    """Makes one tensor of the rows of several."""
    rows = sum(layer[f"{part}.weight"][0] for part in parts)
    layer[f"{whole}.weight"] = (rows, *layer[f"{parts[0]}.weight"][1:])
    for part in parts:
        del layer[f"{part}.weight"]


def joined_heads(layer, _config):
    joined(layer, [f"{PREFIX}{name}_proj" for name in "qkv"], f"{PREFIX}qkv_proj")


def joined_gate(layer, _config):
    joined(layer, ["mlp.gate_proj", "mlp.up_proj"], "mlp.gate_up_proj")


def no_mlp(layer):
    for name in ("gate_proj", "up_proj", "down_proj"):
        layer.pop(f"mlp.{name}.weight")


def count_of_experts(config):
    return next(config[key] for key in ("num_experts", "num_local_experts", "n_routed_experts") if config.get(key))


def experts(router, each, gate, up, down, width):
    """Tensors of each expert, of `config[width]` channels, in the place of the MLP."""
    def change(layer, config):
        D, F, E = config["hidden_size"], config[width], count_of_experts(config)
        no_mlp(layer)
        layer[f"{router}.weight"] = (E, D)
        for expert in range(E):
            layer |= {f"{each}.{expert}.{gate}.weight": (F, D), f"{each}.{expert}.{up}.weight": (F, D),
                      f"{each}.{expert}.{down}.weight": (D, F)}
    return change


def stacked_experts(layer, config):
    """One tensor for each stack, as Granite has them."""
    D, F, E = config["hidden_size"], config["intermediate_size"], config["num_local_experts"]
    no_mlp(layer)
    layer |= {"block_sparse_moe.router.layer.weight": (E, D), "block_sparse_moe.input_linear.weight": (E, 2 * F, D),
              "block_sparse_moe.output_linear.weight": (E, D, F)}


def shared_expert(layer, config):
    D, F = config["hidden_size"], config["shared_expert_intermediate_size"]
    layer |= {"mlp.shared_expert.gate_proj.weight": (F, D), "mlp.shared_expert.up_proj.weight": (F, D),
              "mlp.shared_expert.down_proj.weight": (D, F), "mlp.shared_expert_gate.weight": (1, D)}


def bias_of_choice(name):
    def change(layer, config):
        layer[name] = (count_of_experts(config),)
    return change


def shared_experts(prefix):
    """An MLP beside the experts, as wide as so many of them."""
    def change(layer, config):
        D, F = config["hidden_size"], config["moe_intermediate_size"]
        F *= next(config[key] for key in ("n_shared_experts", "num_shared_experts") if key in config)
        layer |= {f"{prefix}.gate_proj.weight": (F, D), f"{prefix}.up_proj.weight": (F, D), f"{prefix}.down_proj.weight": (D, F)}
    return change


def norms_of_outputs(layer, config):
    if not config["use_post_norm"]:
        return
    layer["post_norm1.weight"] = layer["post_norm2.weight"] = (config["hidden_size"],)


def sinks(layer, config):
    layer[f"{PREFIX}sinks"] = (config["num_attention_heads"],)


QWEN_EXPERTS = experts("mlp.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj", "moe_intermediate_size")
MIXTRAL_EXPERTS = experts("block_sparse_moe.gate", "block_sparse_moe.experts", "w1", "w3", "w2", "intermediate_size")
GROUPED = [QWEN_EXPERTS, bias_of_choice("mlp.gate.e_score_correction_bias"), shared_experts("mlp.shared_experts")]
EXAONE_EXPERTS = [QWEN_EXPERTS, bias_of_choice("mlp.e_score_correction_bias"), GROUPED[2]]
HY_EXPERTS = [experts("mlp.router.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj", "moe_intermediate_size"),
              bias_of_choice("mlp.expert_bias"), shared_experts("mlp.shared_mlp")]
OLMO_EXPERTS = experts("mlp.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj", "intermediate_size")
MINIMAX_EXPERTS = [MIXTRAL_EXPERTS, bias_of_choice("block_sparse_moe.e_score_correction_bias")]
# What a layer without experts has not.
SPARSE = {QWEN_EXPERTS, shared_expert, *GROUPED, *EXAONE_EXPERTS, *HY_EXPERTS}

# The class in `architectures`, and what is done to a layer in turn.
FAMILIES = {
    "arcee": ("Arcee", [no_gate]),
    "cohere": ("Cohere", [one_norm]),
    "cohere2": ("Cohere2", [one_norm]),
    "cwm": ("Cwm", []),
    "dots1": ("Dots1", [head_norms, *GROUPED]),
    "ernie4_5": ("Ernie4_5", [all_biases]),
    "exaone4": ("Exaone4", [norms_behind, head_norms]),
    "exaone_moe": ("ExaoneMoe", [head_norms, *EXAONE_EXPERTS]),
    "flex_olmo": ("FlexOlmo", [norms_behind, wide_norms, OLMO_EXPERTS]),
    "glm": ("Glm", [query_biases, joined_gate]),
    "glm4": ("Glm4", [query_biases, joined_gate, norms_around]),
    "glm4_moe": ("Glm4Moe", [head_norms_of_glm, query_biases, *GROUPED]),
    "granite": ("Granite", []),
    "granite_swa": ("GraniteSWA", [sinks]),
    "granitemoe": ("GraniteMoe", [stacked_experts]),
    "helium": ("Helium", []),
    "hunyuan_v1_dense": ("HunYuanDenseV1", [head_norms_of_hunyuan]),
    "hy_v3": ("HYV3", [head_norms, *HY_EXPERTS]),
    "hyperclovax": ("HyperCLOVAX", [norms_of_outputs]),
    "mellum": ("Mellum", [head_norms, QWEN_EXPERTS]),
    "minimax_m2": ("MiniMaxM2", [wide_norms, *MINIMAX_EXPERTS]),
    "ministral": ("Ministral", []),
    "mixtral": ("Mixtral", [MIXTRAL_EXPERTS]),
    "nemotron": ("Nemotron", [no_gate, biased_norms]),
    "olmo2": ("Olmo2", [norms_behind, wide_norms]),
    "olmo3": ("Olmo3", [norms_behind, wide_norms]),
    "olmoe": ("Olmoe", [wide_norms, OLMO_EXPERTS]),
    "phi3": ("Phi3", [joined_heads, joined_gate]),
    "qwen2_moe": ("Qwen2Moe", [query_biases, QWEN_EXPERTS, shared_expert]),
    "qwen3": ("Qwen3", [head_norms]),
    "qwen3_moe": ("Qwen3Moe", [head_norms, QWEN_EXPERTS]),
    "seed_oss": ("SeedOss", [query_biases]),
    "smollm3": ("SmolLM3", []),
    "solar_open": ("SolarOpen", [query_biases, *GROUPED]),
}
# What is done to the tensors outside of layers, and what models add to the scales of their norms.
WHOLE = {"nemotron": biased_norms}
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
    return config.get("mlp_only_layers", range(config.get("first_k_dense_replace", 0)))


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
    "cohere": Gguf("command-r", False, keys={"layer_norm_eps": "attention.layer_norm_epsilon", "logit_scale": "logit_scale"}),
    "cohere2": Gguf("cohere2", False, keys={"layer_norm_eps": "attention.layer_norm_epsilon", "logit_scale": "logit_scale",
                                            "sliding_window": "attention.sliding_window"}),
    "dots1": Gguf("dots1", False, GROUPED_NAMES, GROUPED_KEYS),
    "ernie4_5": Gguf("ernie4_5", False),  # which are pairs already
    "exaone4": Gguf("exaone4", False, {**HEADS, **BEHIND}, windows=True),
    "glm": Gguf("chatglm", False, {"mlp.gate_up_proj": "ffn_up"}),
    "glm4": Gguf("glm4", False, {"post_self_attn_layernorm": "post_attention_norm", "post_mlp_layernorm": "post_ffw_norm",
                                 "mlp.gate_up_proj": "ffn_up"}),
    "glm4_moe": Gguf("glm4moe", False, {**GROUPED_NAMES, "post_attention_layernorm": "post_attention_norm"}, GROUPED_KEYS),
    "granite": Gguf("granite", True, keys=FACTORS),
    "granitemoe": Gguf("granitemoe", True, {"block_sparse_moe.router.layer": "ffn_gate_inp"}, {**FACTORS, **MIXTRAL}),
    "hunyuan_v1_dense": Gguf("hunyuan-dense", False, {"self_attn.query_layernorm": "attn_q_norm", "self_attn.key_layernorm": "attn_k_norm"}),
    "minimax_m2": Gguf("minimax-m2", False, {**HEADS, "block_sparse_moe.gate": "ffn_gate_inp"},
                       {**MIXTRAL, "intermediate_size": "expert_feed_forward_length", "rotary_dim": "rope.dimension_count"}),
    "mixtral": Gguf("llama", True, {"block_sparse_moe.gate": "ffn_gate_inp"}, MIXTRAL),
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
}
PARTS = {"gate_proj": "gate", "up_proj": "up", "down_proj": "down", "w1": "gate", "w3": "up", "w2": "down"}


def gguf_keys(config):
    """{key: value}, beside a Llama's."""
    found = {GGUF[config["model_type"]].keys[field]: config[field] for field in GGUF[config["model_type"]].keys if config.get(field) is not None}
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
            found[f"blk.{layer}.exp_probs_b.bias"] = values
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
    found = {}
    for name in tensors:
        layer, _, part = name.removeprefix("model.layers.").partition(".")
        stack = lambda kind: stored[f"blk.{layer}.ffn_{kind}_exps.weight"]
        if part.startswith(("mlp.experts.", "block_sparse_moe.experts.")):
            _, _, expert, kind, _ = part.split(".")
            found[name] = stack(PARTS[kind])[int(expert)]
        elif part.endswith("e_score_correction_bias"):
            found[name] = stored[f"blk.{layer}.exp_probs_b.bias"]
        elif part == "block_sparse_moe.input_linear.weight":
            import numpy as np
            found[name] = np.concatenate([stack("gate"), stack("up")], axis=1)
        elif part == "block_sparse_moe.output_linear.weight":
            found[name] = stack("down")
        else:
            found[name] = stored[name]
    return found
