#!/usr/bin/env python3
"""Whether the tiny DeepSeeks would notice the absence of each feature: transformers with the feature off against itself.

    tools/oracle/deepseek_features.py      prints the smallest cosine of each; one of 0.9999 or more ends with 1
"""
import pathlib
import random
import subprocess
import sys
import tempfile

import compare
import reference

LARGEST = 0.9999  # a cosine that a test of the whole would pass


def attentions(model):
    return [layer.self_attn for layer in model.model.layers]


def routed(model):
    return [layer.mlp for layer in model.model.layers if hasattr(layer.mlp, "gate")]


def all_of(parts, change):
    def off(model):
        for part in parts(model):
            change(part)
    return off


def without_shared(mlp):
    for weight in mlp.shared_experts.parameters():
        weight.data.zero_()


def without_growth(attention):
    attention.scaling = attention.qk_head_dim ** -0.5


def without_turns(model):
    model.model.rotary_emb.inv_freq.zero_()


def without_factor(model):
    model.model.rotary_emb.attention_scaling = 1.0


def with_other_pairs(model):
    model.config.rope_interleave = not model.config.rope_interleave


def with_other_eps(attention):
    attention.kv_a_layernorm.variance_epsilon = attention.config.rms_norm_eps


SHARED = all_of(routed, without_shared)
GROWTH = all_of(attentions, without_growth)
SCALE = all_of(routed, lambda mlp: setattr(mlp.gate, "routed_scaling_factor", 1.0))
BIAS = all_of(routed, lambda mlp: mlp.gate.e_score_correction_bias.zero_())
SUM = all_of(routed, lambda mlp: setattr(mlp.gate, "norm_topk_prob", not mlp.gate.norm_topk_prob))
FEATURES = {
    "tiny-deepseek-v2": {
        "positions": without_turns, "growth of scores": GROWTH, "shared experts": SHARED,
        "norm of latents": all_of(attentions, lambda part: part.kv_a_layernorm.weight.data.fill_(1))},
    "tiny-deepseek-v2-groups": {
        "groups": all_of(routed, lambda mlp: setattr(mlp.gate, "topk_method", "greedy")), "scale of experts": SCALE,
        "growth of scores": GROWTH, "factor of turns": without_factor,
        "norm of queries": all_of(attentions, lambda part: part.q_a_layernorm.weight.data.fill_(1))},
    "tiny-deepseek-v3": {
        "groups": all_of(routed, lambda mlp: setattr(mlp.gate, "topk_group", mlp.gate.num_group)), "bias of the choice": BIAS,
        "scale of experts": SCALE, "sum of 1": SUM, "shared experts": SHARED, "growth of scores": GROWTH,
        "pairs": with_other_pairs},
    "tiny-deepseek-v3-plain": {
        "epsilon of latents": all_of(attentions, with_other_eps), "bias of the choice": BIAS, "no sum of 1": SUM,
        "scale of experts": SCALE, "halves": with_other_pairs, "positions": without_turns},
}


def main():
    ids, unnoticed = random.Random(1).choices(range(3, 307), k=300), 0
    for shape, features in FEATURES.items():
        with tempfile.TemporaryDirectory() as folder:
            maker = pathlib.Path(__file__).resolve().parent.parent / "make-checkpoint"
            subprocess.run([sys.executable, maker, folder, f"--shape={shape}"], check=True)
            whole = reference.logits(reference.load_model(folder), ids)
            for name, off in features.items():
                model = reference.load_model(folder)
                off(model)
                figures = compare.measure(whole, reference.logits(model, ids))
                print(f"{shape} without {name}: {compare.line(figures)}", flush=True)
                unnoticed += compare.passes(figures, cosine=LARGEST, top1=99.5)
    print(f"{unnoticed} features would not be missed")
    sys.exit(1 if unnoticed else 0)


if __name__ == "__main__":
    reference.environment.require("requirements-oracle.txt")
    main()
