#!/usr/bin/env python3
"""Whether the tiny checkpoints would show that a feature is missing: transformers with it against transformers without it.

    tools/oracle/without.py [SHAPE...]     all shapes that have features here unless some are named

Prints for each feature the smallest cosine of centred logits; a feature whose loss leaves it at 0.9999 or above is no feature
that the stored numbers hold, and the exit status is 1.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import reference

DIFFERS = 0.9999


def config_without(**fields):
    """Changes fields of the config, those of a text_config there."""
    def change(config):
        (config.get("text_config") or config).update(fields)
    return change, None


def on_modules(kind, change):
    """Calls `change` with every module whose class is named `kind` behind the family's own name."""
    def apply(model):
        found = [module for module in model.modules() if type(module).__name__.endswith(kind)]
        assert found, kind
        for module in found:
            change(module)
    return None, apply


def pass_through(*names):
    """Lets the modules of these names give back what they get."""
    import torch
    def apply(model):
        found = [name for name, _ in model.named_modules() if name.rsplit(".", 1)[-1] in names]
        assert found, names
        for name in found:
            parent, _, last = name.rpartition(".")
            setattr(model.get_submodule(parent), last, torch.nn.Identity())
    return None, apply


def other_gate(module):
    import torch
    module.act_fn = torch.nn.SiLU()


def plain_scale(module):
    module.weight.sub_(1)


def one_scalar(module):
    module.layer_scalar.fill_(1)


def no_input(module):
    module.hidden_size_per_layer_input = 0


def unscaled(module):
    module.embed_scale.fill_(1)


GEMMA = {"embedding scale": on_modules("TextScaledWordEmbedding", unscaled), "scale - 1": on_modules("RMSNorm", plain_scale),
         "gelu": on_modules("MLP", other_gate)}
WINDOWS = {"windows": config_without(sliding_window=512)}
CAPS = {"attention cap": config_without(attn_logit_softcapping=None), "logit cap": config_without(final_logit_softcapping=None)}
BEHIND = {"norms behind": pass_through("post_attention_layernorm", "post_feedforward_layernorm")}
SCALAR = {"query scalar": config_without(query_pre_attn_scalar=64)}
HEADS = {"norms of heads": pass_through("q_norm", "k_norm")}
def unscaled_experts(module):
    module.per_expert_scale.fill_(1)


def unscaled_router(module):
    module.scale.fill_(1)


EXPERTS = {"scales of experts": on_modules("TextRouter", unscaled_experts), "scale of the router": on_modules("TextRouter", unscaled_router),
           "norms of experts": pass_through("post_feedforward_layernorm_1", "post_feedforward_layernorm_2"),
           "norm before experts": pass_through("pre_feedforward_layernorm_2"), "more experts": config_without(top_k_experts=1)}
SCALARS = {"layer scalars": on_modules("DecoderLayer", one_scalar)}
INPUTS = {"inputs of layers": on_modules("DecoderLayer", no_input)}
ALL_TURN = {"sliding_attention": {"rope_type": "default", "rope_theta": 1e4}, "full_attention": {"rope_type": "default", "rope_theta": 1e6}}
FEATURES = {
    "tiny-gemma": GEMMA,
    "tiny-gemma-7b": GEMMA,
    "tiny-gemma2": {**GEMMA, **WINDOWS, **CAPS, **BEHIND, **SCALAR},
    "tiny-gemma2-27b": {**GEMMA, **WINDOWS, **BEHIND, **SCALAR, "named layers": config_without(layer_types=None)},
    "tiny-gemma3": {**GEMMA, **WINDOWS, **BEHIND, **SCALAR, **HEADS, "local rope": config_without(rope_local_base_freq=1e6),
                    "pattern": config_without(sliding_window_pattern=2)},
    "tiny-gemma3-27b": {**WINDOWS, **HEADS, "logit cap": config_without(final_logit_softcapping=None),
                        "scaling": config_without(rope_scaling=None), "pattern": config_without(sliding_window_pattern=6)},
    "tiny-gemma3-nested": {**WINDOWS, **HEADS, "ropes": config_without(rope_parameters=None),
                           "named layers": config_without(layer_types=None)},
    "tiny-vaultgemma": {**GEMMA, **WINDOWS, **CAPS, **SCALAR},
    "tiny-vaultgemma-odd": {**GEMMA, **WINDOWS},
    "tiny-gemma4": {"embedding scale": GEMMA["embedding scale"], **WINDOWS, "logit cap": CAPS["logit cap"], **HEADS, **SCALARS,
                    "norm of values": pass_through("v_norm"), "share of the pairs": config_without(rope_parameters=ALL_TURN)},
    "tiny-gemma4-odd": {**WINDOWS, **HEADS, **SCALARS, "norm of values": pass_through("v_norm")},
    "tiny-gemma4-e2b": {**WINDOWS, **HEADS, **SCALARS, **INPUTS, "share of the pairs": config_without(rope_parameters=ALL_TURN)},
    "tiny-gemma4-moe": {**WINDOWS, **HEADS, **EXPERTS},
    "tiny-gemma4-moe-odd": {**WINDOWS, **EXPERTS},
    "tiny-gemma4-e4b": {**WINDOWS, **HEADS, **SCALARS, **INPUTS},
}


def main():
    import compare
    import tiny
    ids, failed = tiny.token_ids(), 0
    for shape in sys.argv[1:] or FEATURES:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            maker = reference.environment.ROOT / "tools" / "make-checkpoint"
            subprocess.run([sys.executable, maker, folder, f"--shape={shape}", "--dtype=f32"], check=True)
            original = (folder / "config.json").read_text()
            expected = reference.logits(reference.load_model(folder), ids)
            for name, (change, apply) in FEATURES[shape].items():
                config = json.loads(original)
                if change:
                    change(config)
                (folder / "config.json").write_text(json.dumps(config))
                model = reference.load_model(folder)
                if apply:
                    apply(model)
                cosine = compare.measure(expected, reference.logits(model, ids))["cosine"]
                failed += cosine >= DIFFERS
                print(f"{shape} without {name}: smallest cosine {cosine:.6f}" + " NOT SEEN" * (cosine >= DIFFERS), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    reference.environment.require("requirements-oracle.txt")
    main()
