#!/usr/bin/env python3
"""Compiled SmolLM2 against transformers float32 over 4,096 positions of real text, at f32 and at bf16 storage."""
import harness

import compare
import numpy as np
import reference

POSITIONS = 4096


def main():
    for dtype in ("f32", "bf16"):
        folder = harness.smollm2(dtype)
        ids = reference.load_tokenizer(folder).encode(reference.licence_text()).ids[:POSITIONS]
        harness.check("the text is long enough", len(ids) == POSITIONS, len(ids))
        stored = harness.WORK / f"reference-{dtype}-{POSITIONS}.npy"  # 800 MB: kept in the build folder, never in git
        if not stored.exists():
            np.save(stored, reference.logits(reference.load_model(folder), ids))
        program = harness.compile(folder)
        found = program and harness.logits(program, ids)
        if found is None or not program:
            continue
        figures = compare.measure(np.load(stored, mmap_mode="r"), found, ids)
        print(f"smollm2-{dtype}: {compare.line(figures)}")
        harness.check(f"smollm2-{dtype} logits", compare.passes(figures), compare.line(figures))
    harness.finish()


if __name__ == "__main__":
    reference.environment.require("requirements-oracle.txt")
    main()
