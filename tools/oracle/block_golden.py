#!/usr/bin/env python3
"""Writes test/data/blocks.txt: blocks of every type that the compiler keeps, and what gguf-py makes of them.

    tools/oracle/block_golden.py LIBGGML_BASE.so

A line is a type's name, the bytes of a row of 256 channels and the row's values as little-endian float32, both in
hexadecimal. The first row of a type is quantized by ggml's own `ggml_quantize_chunk` from seeded numbers, the second has
random codes and scales, so that every bit of a block counts.
"""
import pathlib
import sys

import numpy as np
from gguf import GGMLQuantizationType, quants

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "test" / "data" / "blocks.txt"
sys.path.insert(0, str(OUT.parent.parent.parent / "tools"))
import ggml  # noqa: E402
import random_blocks  # noqa: E402

TYPES = ["Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "MXFP4", "IQ4_NL", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS"]
CHANNELS = 256


def main():
    quantize = ggml.Quantizer(sys.argv[1])
    dice = np.random.default_rng(15)
    lines = []
    for name in TYPES:
        kind = GGMLQuantizationType[name]
        values = dice.standard_normal(CHANNELS).astype(np.float32)
        for blocks in (quantize(values[None], kind)[0], random_blocks.make(kind, 1, CHANNELS, 0.02, dice)[0]):
            decoded = quants.dequantize(blocks[None], kind).astype("<f4")
            lines.append(f"{name} {blocks.tobytes().hex()} {decoded.tobytes().hex()}\n")
    OUT.write_text("".join(lines))


if __name__ == "__main__":
    main()
