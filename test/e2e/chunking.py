#!/usr/bin/env python3
"""Rows of models whose layers differ do not depend on what they are computed with: layers with a window between full ones, soft caps,
two ropes, heads of two sizes, layers that read the keys and values of others, inputs of each layer's token.
"""
import json

import harness

IDS = json.loads((harness.DATA / "tiny.json").read_text())["ids"]
CASES = [("tiny-gemma2", "f32", []), ("tiny-gemma3", "f32", ["--quantize=int8"]), ("tiny-gemma3", "bf16", []),
         ("tiny-gemma3-27b", "f32", ["--cache=int8"]), ("tiny-gemma4", "bf16", ["--quantize=int4"]), ("tiny-gemma4", "f32", []),
         ("tiny-gemma4-e2b", "f32", []), ("tiny-gemma4-e4b", "bf16", ["--quantize=int8"]), ("tiny-gemma3n", "f32", []),
         ("tiny-gemma3n-odd", "bf16", ["--quantize=int8"])]


def main():
    for shape, dtype, flags in CASES:
        harness.same_in_every_chunking(shape, dtype, IDS, *flags)
    harness.finish()


if __name__ == "__main__":
    main()
