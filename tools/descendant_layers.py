"""What families that descend from Llama do to the tensors of a Llama's layer: parts of the rows of tools/descendants.py."""
PREFIX = "self_attn."


def head_norms(layer, config, names=("q_norm", "k_norm")):
    """A norm for each head of q and k."""
    for name in names:
        layer[f"{PREFIX}{name}.weight"] = (config["head_dim"],)


def head_norms_of_glm(layer, config):
    if config["use_qk_norm"]:
        head_norms(layer, config)


def head_norms_of_cohere(layer, config):
    """A norm of its own for each head of q and k."""
    for name, heads in (("q_norm", "num_attention_heads"), ("k_norm", "num_key_value_heads")):
        if config.get("use_qk_norm"):
            layer[f"{PREFIX}{name}.weight"] = (config[heads], config["head_dim"])


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


def biases_by(field):
    """Biases of every product, where the field says so."""
    def change(layer, config):
        for name in [*layer]:
            if name.endswith(("_proj.weight", "c_fc.weight")) and config.get(field):
                layer[name.replace(".weight", ".bias")] = layer[name][:1]
    return change


def query_biases_of_stablelm(layer, config):
    if config["use_qkv_bias"]:
        query_biases(layer, config)


def biased_norms(layer, _config):
    """Layer norms with biases."""
    for name in [*layer]:
        if name.endswith("norm.weight"):
            layer[name.replace(".weight", ".bias")] = layer[name]


def no_norms(layer, _config):
    for name in [*layer]:
        if name.endswith("norm.weight"):
            del layer[name]


def one_norm_of_stablelm(layer, config):
    if config["use_parallel_residual"]:
        one_norm(layer, config)


def one_norm(layer, _config):
    """A norm that attention and MLP read alike."""
    del layer["post_attention_layernorm.weight"]


def norms_of_afmoe(layer, config):
    layer["pre_mlp_layernorm.weight"] = layer["post_mlp_layernorm.weight"] = (config["hidden_size"],)


def output_gate(layer, config):
    layer[f"{PREFIX}gate_proj.weight"] = (config["num_attention_heads"] * config["head_dim"], config["hidden_size"])


def mlp_of_apertus(layer, _config):
    """No gate, and an activation that is learned; norms under other names."""
    del layer["mlp.gate_proj.weight"]
    layer |= {"mlp.act_fn.alpha_p": (1,), "mlp.act_fn.alpha_n": (1,), "mlp.act_fn.beta": (), "mlp.act_fn.eps": ()}
    layer["attention_layernorm.weight"] = layer.pop("input_layernorm.weight")
    layer["feedforward_layernorm.weight"] = layer.pop("post_attention_layernorm.weight")


def mlp_of_starcoder(layer, _config):
    """Two matrices, under other names."""
    del layer["mlp.gate_proj.weight"]
    layer["mlp.c_fc.weight"], layer["mlp.c_proj.weight"] = layer.pop("mlp.up_proj.weight"), layer.pop("mlp.down_proj.weight")


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
    return next(config[key] for key in ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts") if config.get(key))


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


def stacked_experts_of_swa(layer, config):
    """The same under the names that transformers saves."""
    stacked_experts(layer, config)
    for old, new in (("router.layer.weight", "router.weight"), ("input_linear.weight", "experts.gate_up_proj"),
                     ("output_linear.weight", "experts.down_proj")):
        layer[f"block_sparse_moe.{new}"] = layer.pop(f"block_sparse_moe.{old}")


def shared_of_granite(layer, config):
    D, F = config["hidden_size"], config["shared_intermediate_size"]
    if F:
        layer |= {"shared_mlp.input_linear.weight": (2 * F, D), "shared_mlp.output_linear.weight": (D, F)}


def shared_of_hunyuan(layer, config):
    D, F = config["hidden_size"], config["intermediate_size"]
    layer |= {f"mlp.shared_mlp.{name}.weight": shape for name, shape in (
        ("gate_proj", (F, D)), ("up_proj", (F, D)), ("down_proj", (D, F)))}


def shared_expert(layer, config):
    D, F = config["hidden_size"], config["shared_expert_intermediate_size"]
    layer |= {"mlp.shared_expert.gate_proj.weight": (F, D), "mlp.shared_expert.up_proj.weight": (F, D),
              "mlp.shared_expert.down_proj.weight": (D, F), "mlp.shared_expert_gate.weight": (1, D)}


def bias_of_choice(name, *outer):
    def change(layer, config):
        layer[name] = (*outer, count_of_experts(config))
    return change


def shared_experts(prefix):
    """An MLP beside the experts, as wide as so many of them."""
    def change(layer, config):
        D, F = config["hidden_size"], config["moe_intermediate_size"]
        F *= next(config[key] for key in ("n_shared_experts", "num_shared_experts", "moe_num_shared_experts") if key in config)
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
AFMOE_EXPERTS = [experts("mlp.router.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj", "moe_intermediate_size"),
                 bias_of_choice("mlp.expert_bias"), GROUPED[2]]
ERNIE_EXPERTS = [QWEN_EXPERTS, bias_of_choice("mlp.moe_statics.e_score_correction_bias", 1), GROUPED[2]]
HUNYUAN_EXPERTS = [experts("mlp.gate.wg", "mlp.experts", "gate_proj", "up_proj", "down_proj", "intermediate_size"), shared_of_hunyuan]
# What a layer without experts has not.
SPARSE = {QWEN_EXPERTS, shared_expert, *GROUPED, *EXAONE_EXPERTS, *HY_EXPERTS, *AFMOE_EXPERTS, *ERNIE_EXPERTS}
