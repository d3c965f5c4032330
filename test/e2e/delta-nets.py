#!/usr/bin/env python3
"""Models of delta nets: how a text is cut into calls, and how many workers there are, changes no byte of the logits, at any storage;
what does not fit together is refused.
"""
import json
import shutil

import harness
from harness import WORK, check

CASES = [("tiny-qwen35", "f32", []), ("tiny-qwen35-odd", "bf16", ["--cache=f32"]), ("tiny-qwen35-moe", "f32", ["--quantize=int8"]),
         ("tiny-qwen3-next", "f16", ["--quantize=int4", "--cache=int8"])]
WAYS = ("--chunk=512 -t1", "--chunk=1 -t2", "--chunk=3 -t3", "--chunk=8 -t5", "--chunk=64")
IDS = json.loads((harness.DATA / "tiny.json").read_text())["ids"]


def same_numbers(shape, dtype, flags):
    program = harness.compile(harness.tiny(shape, dtype), *flags)
    if not program:
        return
    rows = {way: harness.logits(program, IDS, *way.split()) for way in WAYS}
    first = rows[WAYS[0]]
    differing = [way for way, found in rows.items() if found is None or found.tobytes() != first.tobytes()]
    check(f"{shape} {' '.join(flags)}: the same logits in every chunking", not differing, differing)


def refused(name, change, expected):
    """Holds a changed config to exit 1, an error that says `expected`, and no file."""
    folder = harness.tiny("tiny-qwen35", "f32")
    place, out = WORK / f"refused-{name}", WORK / f"refused-{name}.assistant"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(folder, place)
    config = json.loads((folder / "config.json").read_text()) | change
    (place / "config.json").write_text(json.dumps(config))
    result = harness.run(harness.OSSCC, place / "model.safetensors", "-o", out)
    said = result.stderr.decode(errors="replace")
    check(f"{name}: refused", result.returncode == 1 and expected in said and not out.exists(), said[-300:])


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        same_numbers(*case)
    refused("heads", {"linear_num_value_heads": 5}, "linear_num_value_heads: error: 5 is no whole multiple of linear_num_key_heads 2")
    refused("taps", {"linear_conv_kernel_dim": 5}, "shape [192, 1, 4] does not match [192, 5]")
    refused("ungated", {"attn_output_gate": False}, "attn_output_gate: error: false is not supported")
    refused("layers", {"layer_types": ["linear_attention", "sliding_attention"] * 2},
            'layer_types: error: "sliding_attention" is not supported')
    harness.finish()


if __name__ == "__main__":
    main()
