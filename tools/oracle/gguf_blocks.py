#!/usr/bin/env python3
"""Writes test/data/gguf-blocks.json: what gguf-py makes of seeded random blocks of every type that it decodes.

    {"seed": ..., "blocks": n, "types": [{"name", "id", "elements", "bytes", "first": bits of the first values in
     hexadecimal, "digest": FNV-1a over the bits of the values of all n blocks}, ...]}

A block's bytes are the upper bytes of a linear congruential generator, which begins at the seed for each type. All
random scales are there, infinite ones too; a NaN counts as 7fc00000, whatever its payload.
"""
import json
import pathlib
import sys

import gguf
import numpy
from gguf import quants

TARGET = pathlib.Path(__file__).resolve().parent.parent.parent / "test" / "data" / "gguf-blocks.json"
SEED, BLOCKS, FIRST = 20251129, 256, 64


def random_bytes(count):
    state, out = SEED, bytearray()
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out.append(state >> 56)
    return numpy.frombuffer(bytes(out), dtype=numpy.uint8)


def digest(words):
    value = 0xCBF29CE484222325
    for word in words.tolist():
        value = (value ^ word) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def row(kind, elements, size):
    with numpy.errstate(all="ignore"):
        values = quants.dequantize(random_bytes(BLOCKS * size).reshape(1, -1), kind).reshape(-1)
    words = values.astype(numpy.float32).view(numpy.uint32).copy()
    words[numpy.isnan(values)] = 0x7FC00000
    assert len(words) == BLOCKS * elements
    return {"name": kind.name, "id": int(kind), "elements": elements, "bytes": size,
            "first": " ".join(f"{word:08x}" for word in words[:FIRST].tolist()), "digest": digest(words)}


def main():
    rows = []
    for kind, (elements, size) in gguf.GGML_QUANT_SIZES.items():
        try:
            rows.append(row(kind, elements, size))
        except NotImplementedError:
            pass  # integers, F64 and the types of activations
    TARGET.write_text(json.dumps({"seed": SEED, "blocks": BLOCKS, "types": rows}, indent=1) + "\n")
    print(f"{TARGET.name}: {', '.join(entry['name'] for entry in rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
