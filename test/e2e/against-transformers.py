#!/usr/bin/env python3
"""Compiled SmolLM2 against transformers float32 over 4,096 positions of real text: at f32 and at bf16 storage, and the
GGUF file with its blocks kept against float32 on what they decode to.
"""
import harness

import compare
import numpy as np
import reference

POSITIONS = 4096


def held(name, program, stored, ids):
    """Holds a program's logits over `ids` to the stored reference."""
    found = program and harness.logits(program, ids)
    if found is None or not program:
        return
    figures = compare.measure(np.load(stored, mmap_mode="r"), found, ids)
    print(f"{name}: {compare.line(figures)}")
    harness.check(f"{name} logits", compare.passes(figures), compare.line(figures))


def main():
    for dtype in ("f32", "bf16"):
        folder = harness.smollm2(dtype)
        ids = reference.load_tokenizer(folder).encode(reference.licence_text()).ids[:POSITIONS]
        harness.check("the text is long enough", len(ids) == POSITIONS, len(ids))
        stored = harness.SHARED / f"reference-{dtype}-{POSITIONS}.npy"  # 800 MB: kept in the build folder, never in git
        with harness.making(stored) as needed:
            if needed:
                np.save(stored, reference.logits(reference.load_model(folder), ids))
        held(f"smollm2-{dtype}", harness.compile(folder), stored, ids)
        if dtype == "f32":
            held("smollm2.gguf", harness.compile(harness.smollm2_gguf()), stored, ids)
    harness.finish()


if __name__ == "__main__":
    reference.environment.require("requirements-oracle.txt")
    main()
