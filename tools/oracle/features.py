"""What sets a family apart, switched off in the reference: a test of the family must notice each of them.

`switches(folder)` gives (name, model) for each feature of a tiny checkpoint: transformers' model without it.
"""
import importlib
import json
import pathlib

import delta_nets
import reference


def config(**fields):
    """Other values of the config, which the reference reads."""
    return lambda folder: load(folder, **fields)


def load(folder, **fields):
    """The model with these fields of its config, of a nested one those of its text_config."""
    import torch
    config = json.loads((pathlib.Path(folder) / "config.json").read_text())
    if "text_config" in config:
        fields = {"text_config": {**config["text_config"], **fields}} if fields else {}
    return reference.model_class(folder).from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", **fields).eval()


def layers_of(model):
    return next(module for name, module in model.named_modules() if name.rsplit(".", 1)[-1] in ("layers", "h") and "vision" not in name)


def on_layers(change):
    """Calls `change` with every layer."""
    def apply(folder):
        model = load(folder)
        for layer in layers_of(model):
            change(layer)
        return model
    return apply


def without(*names):
    """Submodules of each layer that give back what they take."""
    def change(folder):
        import torch
        model = load(folder)
        for layer in layers_of(model):
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


def zero_buffers(*endings):
    """The same of what is no parameter."""
    def change(folder):
        model = load(folder)
        found = [value for name, value in model.named_buffers() if name.endswith(endings)]
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


def sinkless(folder):
    """Sinks so low that they take nothing."""
    model = load(folder)
    for layer in model.model.layers:
        layer.self_attn.sinks.data.fill_(-1e9)
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


def root_mean_square(folder):
    """Norms that subtract no mean."""
    import torch
    model = load(folder)
    for module in model.modules():
        if type(module).__name__.endswith(("LayerNorm", "LayerNorm1P")):
            eps = getattr(module, "eps", None) or getattr(module, "variance_epsilon", 1e-5)
            scale = getattr(module, "weight", None)
            scale = torch.ones(()) if scale is None else scale + (1 if type(module).__name__.endswith("1P") else 0)
            shift = module.bias if getattr(module, "bias", None) is not None else torch.zeros_like(scale)
            module.forward = lambda x, eps=eps, scale=scale, shift=shift: (
                x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * scale + shift)
    return model


def in_turn(layer):
    """The MLP of a layer reads what attention gave, normed again, not what attention reads."""
    def forward(hidden_states, **kwargs):
        x = hidden_states + layer.self_attn(layer.input_layernorm(hidden_states), **kwargs)[0]
        return x + layer.mlp(layer.input_layernorm(x))
    layer.forward = forward


def ungated(layer):
    """Attention whose gate is open."""
    import torch
    layer.self_attn.gate_proj.forward = lambda x: torch.full((), 100.0)


def weighs_outputs(layer):
    """Experts whose weights are of what they give."""
    import torch
    if not getattr(layer, "is_moe_layer", False):
        return
    moe = layer.feed_forward
    def forward(hidden_states):
        rows = hidden_states.reshape(-1, moe.hidden_dim)
        scores, logits = moe.router(rows)
        given = moe.experts(rows.repeat(scores.shape[1], 1)).reshape(scores.shape[1], -1, moe.hidden_dim)
        return moe.shared_expert(rows) + (given * scores.T[..., None]).sum(dim=0), logits
    moe.forward = forward


def unnormed_embedding(folder):
    import torch
    model = load(folder)
    model.get_input_embeddings().embed_norm = torch.nn.Identity()
    return model


HEADS = {"norms of heads": without("self_attn.q_norm", "self_attn.k_norm")}
BEHIND = {"norms behind": without("post_attention_layernorm", "post_feedforward_layernorm")}
FACTORS = {"embedding_multiplier": config(embedding_multiplier=1.0), "attention_multiplier": config(attention_multiplier=0.7),
           "residual_multiplier": config(residual_multiplier=1.0), "logits_scaling": config(logits_scaling=1.0)}
WINDOWS = {"sliding_window": config(sliding_window=100000)}
FEWER = {"experts": config(num_experts_per_tok=1)}
NEIGHBOURS = {"neighbours": half_split}
CHOICE = {"bias of the choice": zero_buffers("e_score_correction_bias")}
SHARED = {"shared experts": zero("shared_experts.down_proj.weight")}
GROUPED = {**FEWER, **CHOICE, **SHARED}
WIDE = {"norms of q and k": without("self_attn.q_norm", "self_attn.k_norm")}


def all_turned(folder):
    """Layers without a window that know positions."""
    model = load(folder)
    for layer in layers_of(model):
        layer.self_attn.sliding_window = layer.self_attn.sliding_window or 100000
    return model


def turned_locals(layer):
    """Layers without a window that know positions, of an AFMoE."""
    layer.self_attn.is_local_attention = True


def ungrown(fields):
    """Scores that do not grow with the position."""
    return {"growth of scores": config(rope_parameters={**fields["rope_parameters"], "llama_4_scaling_beta": 0.0})}


COHERE = {"mean": root_mean_square, "side by side": on_layers(in_turn), "logit_scale": config(logit_scale=0.0625), **NEIGHBOURS}
LLAMA4 = {"chunks": config(attention_chunk_size=100000), "temperature": config(attn_temperature_tuning=False),
          "unturned layers": config(no_rope_layers=[1] * 8), "weights of inputs": on_layers(weighs_outputs),
          "shared experts": zero("shared_expert.down_proj.weight")}


def features(fields):
    """{name: what loads the model without it} of a checkpoint with these fields."""
    def share(value):
        return config(rope_parameters={"rope_type": "default", "rope_theta": fields.get("rope_theta", 1e4), "partial_rotary_factor": value})
    found = {
        "afmoe": {**HEADS, **GROUPED, "bias of the choice": zero("expert_bias"), "gate": on_layers(ungated), "unturned layers": on_layers(
            turned_locals), "norms behind": without("post_attention_layernorm", "post_mlp_layernorm"), "scale of experts": config(
            route_scale=1.0), **({"scale of the embedding": config(mup_enabled=False)} if fields.get("mup_enabled") else {})},
        "apertus": {**HEADS, "activation": config(hidden_act="silu"), "what it learned": zero("alpha_p", "alpha_n"),
                    "beta": zero_buffers("act_fn.beta")},
        "arcee": {"relu2": config(hidden_act="silu")},
        "cohere": {**COHERE, **(HEADS if fields.get("use_qk_norm") else {})},
        "cohere2": {**COHERE, "unturned layers": lambda folder: all_turned(folder)},
        "cwm": {},
        "dots1": {**HEADS, **GROUPED},
        "ernie4_5": NEIGHBOURS,
        "ernie4_5_moe": {**NEIGHBOURS, **FEWER, **SHARED, "bias of the choice": zero("e_score_correction_bias")},
        "exaone4": {**HEADS, **BEHIND},
        "exaone_moe": {**HEADS, **GROUPED, "scale of experts": config(routed_scaling_factor=1.0)},
        "flex_olmo": {**WIDE, **BEHIND, **FEWER},
        "gemma3n_text": {"streams": zero("prediction_coefs.weight", "correction_coefs.weight"), "branch": zero("post_laurel_norm.weight"),
                         "sparse gates": config(activation_sparsity_pattern=[0.0] * fields.get("num_hidden_layers", 0)),
                         "inputs of layers": zero("per_layer_projection.weight"), "norms of queries": without("self_attn.q_norm"),
                         "soft cap": config(final_logit_softcapping=1000.0), "streams at the end": zero("unembed_projections.0.weight"),
                         **({"scale of the first": config(altup_correct_scale=False)} if fields.get("altup_correct_scale") else {})},
        "glm": {**NEIGHBOURS, "partial_rotary_factor": share(0.8)},
        "glm4": {**NEIGHBOURS, "partial_rotary_factor": share(0.8),
                 "norms behind": without("post_self_attn_layernorm", "post_mlp_layernorm")},
        "gpt2": {"positions": zero("wpe.weight"), "biases": zero(".bias"), "mean": root_mean_square,
                 "activation": config(activation_function="relu"), **({"scale of layers": config(
                     scale_attn_by_inverse_layer_idx=False)} if fields.get("scale_attn_by_inverse_layer_idx") else {})},
        "glm4_moe": {**GROUPED, "scale of experts": config(routed_scaling_factor=1.0), "partial_rotary_factor": share(0.8),
                     **(HEADS if fields.get("use_qk_norm") else {})},
        "granite": FACTORS,
        "granite_swa": {**FACTORS, "sinks": sinkless},
        "granitemoe": {**FACTORS, **FEWER},
        "granitemoe_swa": {**FACTORS, **FEWER, "sinks": sinkless},
        "granitemoeshared": {**FACTORS, **FEWER, "shared MLP": zero("shared_mlp.output_linear.weight")},
        "helium": NEIGHBOURS,
        "hunyuan_v1_dense": {"norms of heads": without("self_attn.query_layernorm", "self_attn.key_layernorm"),
                             "norms behind the rope": turned_norms},
        "hunyuan_v1_moe": {**FEWER, "norms of heads": without("self_attn.query_layernorm", "self_attn.key_layernorm"),
                           "norms behind the rope": turned_norms, "shared expert": zero("shared_mlp.down_proj.weight")},
        "internlm3": {"biases": zero(".bias")} if fields.get("qkv_bias") else {},
        "jais2": {"mean": root_mean_square, "biases of norms": zero("norm.bias"), "relu2": config(hidden_act="silu")},
        "llama4": LLAMA4,
        "llama4_text": {**LLAMA4, "norms of heads": config(use_qk_norm=False)},
        "hy_v3": {**HEADS, **GROUPED, "scale of experts": config(router_scaling_factor=1.0)},
        "hyperclovax": {**FACTORS, **({"norms behind": without("post_norm1", "post_norm2")} if fields.get("use_post_norm") else {})},
        "mellum": {**HEADS, **FEWER, "norm_topk_prob": config(norm_topk_prob=not fields.get("norm_topk_prob"))},
        "minimax_m2": {**WIDE, **FEWER, **CHOICE, "rotary_dim": share(1.0)},
        "ministral": {},
        "ministral3": ungrown(fields) if "rope_parameters" in fields else {},
        "mistral3": ungrown(fields) if "rope_parameters" in fields else {},
        "mistral4": {**FEWER, **SHARED, **(ungrown(fields) if "rope_parameters" in fields else {}),
                     "norm_topk_prob": config(norm_topk_prob=not fields.get("norm_topk_prob"))},
        "mixtral": FEWER,
        "muse_glimmer": {"gate": on_layers(ungated), "norm of the embedding": unnormed_embedding, "qk_scale_factor": config(
            qk_scale_factor=1.0), "output_multiplier": config(output_multiplier=0.1), "soft cap": config(final_logit_softcapping=1000.0),
            "windows": config(sliding_window=100000), "norms of heads": without("self_attn.qk_norm"), **BEHIND},
        "nemotron": {"mean": root_mean_square, "biases of norms": zero("norm.bias"), "relu2": config(hidden_act="silu"),
                     "partial_rotary_factor": share(1.0)},
        "olmo": {"mean": root_mean_square},
        "olmo2": {"norms of q and k": without("self_attn.q_norm", "self_attn.k_norm"), **BEHIND},
        "olmo3": {**BEHIND, "scaled positions": config(rope_parameters={kind: {"rope_type": "default", "rope_theta": 500000.0} for kind in (
            "full_attention", "sliding_attention")})},
        "olmoe": {**WIDE, **FEWER, "norm_topk_prob": config(norm_topk_prob=not fields.get("norm_topk_prob"))},
        "phi3": {},
        "qwen2_moe": {**FEWER, "shared expert": zero("shared_expert.down_proj.weight"), "its gate": zero("shared_expert_gate.weight"),
                      "norm_topk_prob": config(norm_topk_prob=not fields.get("norm_topk_prob"))},
        "qwen3": HEADS,
        "qwen3_vl": HEADS,
        "qwen3_vl_moe": {**HEADS, **FEWER},
        "qwen3_moe": {**HEADS, **FEWER, "norm_topk_prob": config(norm_topk_prob=not fields.get("norm_topk_prob"))},
        "sarvam_moe": {**GROUPED, **HEADS, "scale of experts": config(routed_scaling_factor=1.0)},
        "seed_oss": {"biases": zero("q_proj.bias", "k_proj.bias", "v_proj.bias")},
        "solar_open": {**GROUPED, "scale of experts": config(routed_scaling_factor=1.0)},
        "stablelm": {"mean": root_mean_square, "biases of norms": zero("norm.bias"), "partial_rotary_factor": share(1.0), **(
            {"biases": zero("_proj.bias")} if fields.get("use_qkv_bias") else {}), **(
            {"side by side": on_layers(in_turn)} if fields.get("use_parallel_residual") else {})},
        "starcoder2": {"mean": root_mean_square, "biases of norms": zero("norm.bias"), "activation": config(hidden_act="relu"), **(
            {"biases": zero("_proj.bias", "c_fc.bias")} if fields.get("use_bias") else {})},
        "smollm3": {"no_rope_layers": config(no_rope_layers=[1] * fields.get("num_hidden_layers", 0))},
    }.get(fields["model_type"], {})
    if fields["model_type"].startswith(("qwen3_5", "qwen3_next")):
        text = fields.get("text_config", fields)
        found = {name: on_layers(change) for name, change in delta_nets.NETS.items()}
        found["partial_rotary_factor"] = config(rope_parameters={**text["rope_parameters"], "partial_rotary_factor": 0.5})
        if "num_experts" in text:
            found |= {**FEWER, **{name: on_layers(change) for name, change in delta_nets.SHARED.items()}}
        if text.get("mlp_only_layers"):
            found["norm_topk_prob"] = config(norm_topk_prob=False)
    if (fields.get("rope_scaling") or {}).get("type") == "longrope":
        found = {**found, "long rope": config(rope_parameters={"rope_type": "default", "rope_theta": fields.get("rope_theta", 1e4)})}
    if fields.get("n_group", 1) > 1:
        found = {**found, "groups": config(topk_group=fields["n_group"])}
    if fields.get("sliding_window") and fields.get("use_sliding_window", True):
        found = {**found, **WINDOWS}
    if fields.get("partial_rotary_factor") and fields["model_type"] == "phi3":
        found = {**found, "partial_rotary_factor": share(1.0)}
    if fields.get("attention_bias") and fields["model_type"] != "seed_oss":
        found = {**found, "biases": zero(".bias")}
    if (fields.get("rope_scaling") or {}).get("alpha"):
        found = {**found, "alpha": config(rope_parameters={"rope_type": "default", "rope_theta": fields.get("rope_theta", 1e4)})}
    return found


def switches(folder, ids):
    """(feature, logits without it), one after the other."""
    fields = json.loads((pathlib.Path(folder) / "config.json").read_text())
    fields = {**fields.get("text_config", {}), **fields}
    for name, make in features(fields).items():
        model = make(folder)
        yield name, reference.logits(model, ids)
        getattr(model, "undo", lambda: None)()
