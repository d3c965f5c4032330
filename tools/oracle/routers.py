#!/usr/bin/env python3
"""How much of what int8 activations cost a gpt-oss comes from routers that choose other experts.

    tools/oracle/routers.py FOLDER LOGITS.npy... [--ids=IDS.json]

Runs transformers float32 twice, as it is and with the inputs of the experts' products rounded as `--activations=int8` rounds them, and
tells on which rows every layer chose the same experts. Then the cosine of centred logits over all rows, those and the others: of the
rounded run, and of each LOGITS.npy that `score --ids --logits` wrote. The ids are those of test/data/tiny.json unless given.
"""
import argparse
import json

import reference

reference.environment.require("requirements-oracle.txt")
import numpy as np
import torch
from transformers.models.gpt_oss import modeling_gpt_oss

import compare


def rounded(x, group=32):
    """Codes in +-127 times their scale, a scale for 32 channels: `quantize_rows` in one plane."""
    padded = torch.nn.functional.pad(x, (0, -x.shape[-1] % group)).unflatten(-1, (-1, group))
    scale = padded.abs().amax(-1, keepdim=True) / 127
    codes = torch.where(scale > 0, torch.round(padded / torch.where(scale > 0, scale, 1)), 0)
    return (codes * scale).flatten(-2)[..., :x.shape[-1]]


class Experts:
    """The experts' forward of all layers, which notes the chosen ones and may round its inputs."""

    def __init__(self, rounds):
        self.rounds, self.chosen = rounds, []

    def of_row(self, layer, x, expert):
        gate_up = x @ layer.gate_up_proj[expert].float() + layer.gate_up_proj_bias[expert].float()
        gate, up = gate_up[0::2].clamp(max=layer.limit), gate_up[1::2].clamp(-layer.limit, layer.limit)
        gated = (up + 1) * gate * torch.sigmoid(gate * layer.alpha)
        gated = rounded(gated) if self.rounds else gated
        return gated @ layer.down_proj[expert].float() + layer.down_proj_bias[expert].float()

    def forward(self, layer, hidden_states, router_indices=None, routing_weights=None):
        rows = hidden_states.reshape(-1, hidden_states.shape[-1])
        inputs = rounded(rows) if self.rounds else rows
        self.chosen.append(np.sort(router_indices.numpy(), axis=1))
        out = torch.zeros_like(rows)
        for row, experts in enumerate(router_indices):
            for rank, expert in enumerate(experts):
                weight = routing_weights[row, rank if routing_weights.shape[1] == len(experts) else expert]
                out[row] += weight * self.of_row(layer, inputs[row], expert)
        return out.reshape(hidden_states.shape)


def run(model, ids, rounds):
    """[tokens, vocabulary] and, for each layer, the chosen experts [tokens, k]."""
    experts = Experts(rounds)
    modeling_gpt_oss.GptOssExperts.forward = lambda layer, *words, **named: experts.forward(layer, *words, **named)
    return reference.logits(model, ids), experts.chosen


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("logits", nargs="*")
    parser.add_argument("--ids", default=reference.environment.ROOT / "test" / "data" / "tiny.json")
    options = parser.parse_args()
    ids = json.loads(open(options.ids).read())
    ids = ids["ids"] if isinstance(ids, dict) else ids
    model = reference.load_model(options.folder)
    plain, chosen = run(model, ids, rounds=False)
    coarse, others = run(model, ids, rounds=True)
    same = np.all([(a == b).all(axis=1) for a, b in zip(chosen, others)], axis=0)
    print(f"{same.sum()} of {len(ids)} rows keep their experts in every layer")
    for name, found in [("rounded", coarse), *((name, np.load(name)) for name in options.logits)]:
        cosines = compare.cosines(plain.astype(np.float64), found.astype(np.float64))
        print(f"{name}: mean cosine {cosines.mean():.6f}, of those {cosines[same].mean():.6f}, "
              f"of the others {cosines[~same].mean() if (~same).any() else 1:.6f}")


if __name__ == "__main__":
    main()
