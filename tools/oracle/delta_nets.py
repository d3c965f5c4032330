"""What sets the layers of Qwen 3.5 and Qwen 3 Next apart, switched off: each takes a layer of transformers' model."""


def net(change):
    """Calls `change` with the delta net of a layer that has one."""
    return lambda layer: change(layer.linear_attn) if hasattr(layer, "linear_attn") else None


def attention(change):
    return lambda layer: change(layer.self_attn) if hasattr(layer, "self_attn") else None


def experts(change):
    return lambda layer: change(layer.mlp) if hasattr(layer.mlp, "shared_expert") else None


def no_taps(part):
    """A convolution that sees the row's own value alone."""
    part.conv1d.weight[..., :-1].zero_()


def no_memory(part):
    part.A_log.fill_(10)


def no_shift(part):
    part.dt_bias.zero_()


def no_gate_of_net(part):
    """A norm whose result is not gated: silu(z) is 1 there."""
    import torch
    part.norm.forward = lambda x, gate=None: (
        part.norm.weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + part.norm.variance_epsilon))


def same_beta(part):
    """Every row writes half of what is wrong."""
    projection = getattr(part, "in_proj_b", None)
    if projection is not None:
        projection.weight.zero_()
        return
    rows = 2 * part.num_v_heads // part.num_k_heads
    part.in_proj_ba.weight.view(part.num_k_heads, rows, -1)[:, :rows // 2].zero_()


def no_gate(part):
    """Attention all of whose gates are half open."""
    weight = part.q_proj.weight
    weight.view(-1, 2, part.head_dim, weight.shape[-1])[:, 1].zero_()


def no_norms(part):
    import torch
    part.q_norm = part.k_norm = torch.nn.Identity()


def plain_scales(layer):
    """Norms that add nothing to their scale."""
    for module in layer.modules():
        if type(module).__name__.endswith("RMSNorm"):
            module.weight.sub_(1)


def no_shared_expert(mlp):
    mlp.shared_expert.down_proj.weight.zero_()


def no_shared_gate(mlp):
    mlp.shared_expert_gate.weight.zero_()


NETS = {"taps": net(no_taps), "memory": net(no_memory), "shift of the decay": net(no_shift), "gate of the net": net(no_gate_of_net),
        "beta": net(same_beta), "gate of attention": attention(no_gate), "norms of heads": attention(no_norms),
        "scale - 1": plain_scales}
SHARED = {"shared expert": experts(no_shared_expert), "its gate": experts(no_shared_gate)}
