"""What sets a family apart, switched off in the reference: a test of the family must notice each of them.

`switches(folder)` gives (name, model) for each feature of a tiny checkpoint: transformers' model without it.
"""
import importlib
import json
import pathlib

import reference


def config(**fields):
    """Other values of the config, which the reference reads."""
    return lambda folder: load(folder, **fields)


def load(folder, **fields):
    import torch
    import transformers
    return transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", **fields).eval()


def without(*names):
    """Submodules of each layer that give back what they take."""
    def change(folder):
        import torch
        model = load(folder)
        for layer in model.model.layers:
            for path, name in (name.rpartition(".")[::2] for name in names):
                setattr(layer.get_submodule(path), name, torch.nn.Identity())
        return model
    return change


def zero(*endings):
    """Weights that are nothing."""
    def change(folder):
        model = load(folder)
        found = [value for name, value in model.named_parameters() if name.endswith(endings)]
        assert found, endings
        for value in found:
            value.zero_()
        return model
    return change


def half_split(folder):
    """A rope that turns channels half a head apart, as a Llama's does."""
    import torch
    model = load(folder)
    module = importlib.import_module(type(model).__module__)
    turned = lambda x: torch.cat((-x[..., x.shape[-1] // 2:], x[..., :x.shape[-1] // 2]), dim=-1)

    def apply(q, k, cos, sin, unsqueeze_dim=1):
        cos, sin, width = cos.unsqueeze(unsqueeze_dim), sin.unsqueeze(unsqueeze_dim), cos.shape[-1]
        return [torch.cat((x[..., :width] * cos + turned(x[..., :width]) * sin, x[..., width:]), dim=-1) for x in (q, k)]
    old, module.apply_rotary_pos_emb = module.apply_rotary_pos_emb, apply
    model.undo = lambda: setattr(module, "apply_rotary_pos_emb", old)
    return model


def turned_norms(folder):
    """Norms of heads before the rope, not behind it."""
    model = load(folder)
    for layer in model.model.layers:
        attention = layer.self_attn
        for name, norm in (("q_proj", attention.query_layernorm), ("k_proj", attention.key_layernorm)):
            attention.get_submodule(name).register_forward_hook(
                lambda _module, _inputs, y, norm=norm: norm(y.reshape(*y.shape[:-1], -1, norm.weight.shape[0])).reshape(y.shape))
        import torch
        attention.query_layernorm = attention.key_layernorm = torch.nn.Identity()
    return model


HEADS = {"norms of heads": without("self_attn.q_norm", "self_attn.k_norm")}
BEHIND = {"norms behind": without("post_attention_layernorm", "post_feedforward_layernorm")}
FACTORS = {"embedding_multiplier": config(embedding_multiplier=1.0), "attention_multiplier": config(attention_multiplier=0.7),
           "residual_multiplier": config(residual_multiplier=1.0), "logits_scaling": config(logits_scaling=1.0)}
WINDOWS = {"sliding_window": config(sliding_window=100000)}
FEWER = {"experts": config(num_experts_per_tok=1)}
NEIGHBOURS = {"neighbours": half_split}


def features(fields):
    """{name: what loads the model without it} of a checkpoint with these fields."""
    def share(value):
        return config(rope_parameters={"rope_type": "default", "rope_theta": fields["rope_theta"], "partial_rotary_factor": value})
    found = {
        "arcee": {"relu2": config(hidden_act="silu")},
        "cwm": {},
        "ernie4_5": NEIGHBOURS,
        "exaone4": {**HEADS, **BEHIND},
        "glm": {**NEIGHBOURS, "partial_rotary_factor": share(0.8)},
        "glm4": {**NEIGHBOURS, "partial_rotary_factor": share(0.8),
                 "norms behind": without("post_self_attn_layernorm", "post_mlp_layernorm")},
        "granite": FACTORS,
        "granitemoe": {**FACTORS, **FEWER},
        "helium": NEIGHBOURS,
        "hunyuan_v1_dense": {"norms of heads": without("self_attn.query_layernorm", "self_attn.key_layernorm"),
                             "norms behind the rope": turned_norms},
        "ministral": {},
        "mixtral": FEWER,
        "olmo2": {"norms of q and k": without("self_attn.q_norm", "self_attn.k_norm"), **BEHIND},
        "olmo3": {**BEHIND, "scaled positions": config(rope_parameters={kind: {"rope_type": "default", "rope_theta": 500000.0} for kind in (
            "full_attention", "sliding_attention")})},
        "phi3": {},
        "qwen2_moe": {**FEWER, "shared expert": zero("shared_expert.down_proj.weight"), "its gate": zero("shared_expert_gate.weight"),
                      "norm_topk_prob": config(norm_topk_prob=not fields.get("norm_topk_prob"))},
        "qwen3": HEADS,
        "qwen3_moe": {**HEADS, **FEWER, "norm_topk_prob": config(norm_topk_prob=not fields.get("norm_topk_prob"))},
        "seed_oss": {"biases": zero("q_proj.bias", "k_proj.bias", "v_proj.bias")},
        "smollm3": {"no_rope_layers": config(no_rope_layers=[1] * fields["num_hidden_layers"])},
    }.get(fields["model_type"], {})
    if fields.get("sliding_window") and fields.get("use_sliding_window", True):
        found = {**found, **WINDOWS}
    if fields.get("partial_rotary_factor") and fields["model_type"] == "phi3":
        found = {**found, "partial_rotary_factor": share(1.0)}
    if fields.get("attention_bias") and fields["model_type"] != "seed_oss":
        found = {**found, "biases": zero(".bias")}
    if (fields.get("rope_scaling") or {}).get("alpha"):
        found = {**found, "alpha": config(rope_parameters={"rope_type": "default", "rope_theta": fields["rope_theta"]})}
    return found


def switches(folder, ids):
    """(feature, logits without it), one after the other."""
    fields = json.loads((pathlib.Path(folder) / "config.json").read_text())
    for name, make in features(fields).items():
        model = make(folder)
        yield name, reference.logits(model, ids)
        getattr(model, "undo", lambda: None)()
