"""A Llama in numpy's float64, straight from a checkpoint folder: the judge of shapes that no stored numbers cover.

It shares no code with the compiler. Plain rope, biases where the checkpoint has them, a tied head or its own.
"""
import json
import struct

import numpy as np


def read_tensors(folder):
    """{name: float64 array} of model.safetensors."""
    data = (folder / "model.safetensors").read_bytes()
    begin = 8 + struct.unpack("<Q", data[:8])[0]
    tensors = {}
    for name, entry in json.loads(data[8:begin]).items():
        if name == "__metadata__":
            continue
        first, last = entry["data_offsets"]
        raw = data[begin + first:begin + last]
        if entry["dtype"] == "BF16":
            values = (np.frombuffer(raw, "<u2").astype(np.uint32) << 16).view(np.float32)
        else:
            values = np.frombuffer(raw, {"F16": "<f2", "F32": "<f4"}[entry["dtype"]])
        tensors[name] = values.astype(np.float64).reshape(entry["shape"])
    return tensors


def rotate(x, theta):
    """x [T, heads, d]: channels i and i + d/2 of a head turn by position * theta^(-2i/d)."""
    half = x.shape[2] // 2
    angles = np.outer(np.arange(len(x)), float(theta) ** (-np.arange(half) / half))[:, None, :]
    a, b = x[:, :, :half], x[:, :, half:]
    return np.concatenate([a * np.cos(angles) - b * np.sin(angles), b * np.cos(angles) + a * np.sin(angles)], axis=2)


def windows(config):
    """Of each layer the positions that it sees, or None for all."""
    layers, window = config["num_hidden_layers"], config.get("sliding_window")
    if config["model_type"] == "mistral":
        return [window] * layers
    if not config.get("use_sliding_window"):
        return [None] * layers
    return [window if layer >= config["max_window_layers"] else None for layer in range(layers)]


def attend(q, k, v, window=None):
    """q [T, H, d], k and v [T, K, d] -> [T, H * d]: causal, a key-value head for H / K query heads; with `window` a row sees so
    many positions, its own among them.
    """
    T, H, d = q.shape
    k, v = (np.repeat(x, H // x.shape[1], axis=1) for x in (k, v))
    scores = np.einsum("thd,shd->hts", q, k) / np.sqrt(d)
    seen = np.tril(np.ones((T, T), dtype=bool))
    if window:
        seen &= ~np.tril(seen, -window)
    scores = np.where(seen, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    return np.einsum("hts,shd->thd", weights / weights.sum(axis=2, keepdims=True), v).reshape(T, H * d)


def logits(folder, ids):
    """[tokens, vocabulary] of a checkpoint."""
    config, tensors = json.loads((folder / "config.json").read_text()), read_tensors(folder)
    H, K = config["num_attention_heads"], config["num_key_value_heads"]
    eps, theta = config["rms_norm_eps"], config["rope_theta"]

    def linear(x, name):
        y = x @ tensors[f"{name}.weight"].T
        return y + tensors[f"{name}.bias"] if f"{name}.bias" in tensors else y

    def norm(x, name):
        return x / np.sqrt((x * x).mean(axis=1, keepdims=True) + eps) * tensors[f"{name}.weight"]

    x = tensors["model.embed_tokens.weight"][ids]
    for layer in range(config["num_hidden_layers"]):
        p = f"model.layers.{layer}."
        n = norm(x, p + "input_layernorm")
        q, k, v = (linear(n, f"{p}self_attn.{name}_proj").reshape(len(ids), heads, -1)
                   for name, heads in (("q", H), ("k", K), ("v", K)))
        x = x + linear(attend(rotate(q, theta), rotate(k, theta), v, windows(config)[layer]), p + "self_attn.o_proj")
        n = norm(x, p + "post_attention_layernorm")
        gate = linear(n, p + "mlp.gate_proj")
        x = x + linear(gate / (1 + np.exp(-gate)) * linear(n, p + "mlp.up_proj"), p + "mlp.down_proj")
    head = "lm_head" if "lm_head.weight" in tensors else "model.embed_tokens"
    return linear(norm(x, "model.norm"), head)
