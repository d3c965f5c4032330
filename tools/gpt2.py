"""Checkpoints of GPT-2, as Hugging Face lays them out and as llama.cpp's converter does: what tools/make-checkpoint writes.

Source: transformers' GPT2Config and GPT2LMHeadModel.
"""
TORCH = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}
CLASSES = {"gpt2": "GPT2LMHeadModel"}
# Of the small shapes, as tools/make-checkpoint has them: layers, D, H, K, d, F, V, context, tied, what it shows, further fields.
SHAPES = {
    "tiny-gpt2": (3, 64, 4, 4, 16, 256, 320, 512, True, "a GPT-2: a table of positions, layer norms, transposed matrices",
                  {"model_type": "gpt2"}),
    "tiny-gpt2-odd": (2, 70, 5, 5, 14, 101, 307, 512, False, "a GPT-2 of odd widths, scores scaled by layer, names without a prefix",
                      {"model_type": "gpt2", "scale_attn_by_inverse_layer_idx": True, "activation_function": "gelu"}),
}
NAMES = {"hidden_size": "n_embd", "num_attention_heads": "n_head", "num_hidden_layers": "n_layer",
         "max_position_embeddings": "n_positions", "intermediate_size": "n_inner"}


def config(model_type, dtype, **fields):
    """config.json, under the names that the family has."""
    for other in ("num_key_value_heads", "head_dim"):
        fields.pop(other)
    fields = {NAMES.get(name, name): value for name, value in fields.items()}
    fields["n_ctx"] = fields["n_positions"]
    fixed = {"activation_function": "gelu_new", "architectures": [CLASSES[model_type]], "attn_pdrop": 0.1, "embd_pdrop": 0.1,
             "initializer_range": 0.02, "layer_norm_epsilon": 1e-5, "model_type": model_type, "resid_pdrop": 0.1,
             "summary_activation": None, "summary_first_dropout": 0.1, "summary_proj_to_labels": True,
             "summary_type": "cls_index", "summary_use_proj": True, "torch_dtype": TORCH[dtype]}
    if fields["n_inner"] == 4 * fields["n_embd"]:
        fields["n_inner"] = None
    return dict(sorted({**fixed, **fields}.items()))


def shapes(config):
    """{tensor name: shape}; matrices are [in, out]."""
    D, V = config["n_embd"], config["vocab_size"]
    F = config["n_inner"] or 4 * D
    prefix = "" if config.get("scale_attn_by_inverse_layer_idx") else "transformer."  # as older checkpoints have it
    found = {"wte.weight": (V, D), "wpe.weight": (config["n_positions"], D), "ln_f.weight": (D,), "ln_f.bias": (D,)}
    for layer in range(config["n_layer"]):
        p = f"h.{layer}."
        for norm in ("ln_1", "ln_2"):
            found |= {f"{p}{norm}.weight": (D,), f"{p}{norm}.bias": (D,)}
        for name, width, out in (("attn.c_attn", D, 3 * D), ("attn.c_proj", D, D), ("mlp.c_fc", D, F), ("mlp.c_proj", F, D)):
            found |= {f"{p}{name}.weight": (width, out), f"{p}{name}.bias": (out,)}
    found = {prefix + name: shape for name, shape in found.items()}
    return found if config["tie_word_embeddings"] else {**found, "lm_head.weight": (V, D)}


def draw(config):
    """The arguments of make_weight for each tensor."""
    def of(name):
        if name.endswith(("wte.weight", "wpe.weight")):
            return {"gain": 3.0}
        if name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            return {"gain": 2.0 if "c_attn" in name else 1.0, "width": shapes(config)[name][0]}
        return {}
    return of


GGUF = {"wte": "token_embd", "wpe": "position_embd", "ln_f": "output_norm", "lm_head": "output", "ln_1": "attn_norm",
        "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "ln_2": "ffn_norm", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down"}


def gguf_name(name):
    base, ending = name.removeprefix("transformer.").rsplit(".", 1)
    if not base.startswith("h."):
        return f"{GGUF[base]}.{ending}"
    _, index, base = base.split(".", 2)
    return f"blk.{index}.{GGUF[base]}.{ending}"


def gguf_tensors(_config, tensors):
    """The tensors of a folder by their names in the file, which has matrices as [out, in]."""
    return {gguf_name(name): values.T if is_transposed(name) else values for name, values in tensors.items()}


def folder_tensors(_config, stored, tensors):
    """The other way."""
    return {name: stored[gguf_name(name)].T if is_transposed(name) else stored[gguf_name(name)] for name in tensors}


def is_transposed(name):
    return name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight"))


def gguf_config(config):
    """{key: value}, all of them."""
    D = config["n_embd"]
    return {"context_length": config["n_positions"], "embedding_length": D, "block_count": config["n_layer"],
            "feed_forward_length": config["n_inner"] or 4 * D, "attention.head_count": config["n_head"],
            "attention.layer_norm_epsilon": float(config["layer_norm_epsilon"])}
