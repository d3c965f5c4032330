#!/usr/bin/env python3
"""What --quantize costs: SmolLM2 at int8 and int4 against transformers float32 on the source's weights, 4,096 positions
of real text, with both kinds of activations; and against Q4_0 of the same source, which int4 must not be worse than.
"""
import harness

import compare
import numpy as np
import reference

POSITIONS = 4096
# Percent of perplexity, smallest mean and first percentile of the cosines; None: no bound is stated.
BOUNDS = {"int8": (1.0, 0.999, 0.995), "int4": (5.0, None, None)}


def figures_of(name, source, stored, ids, *flags):
    """The figures of one way of compiling, printed, or None after a failed check."""
    program = harness.compile(source, "--target=native", *flags, out=harness.WORK / "quality.assistant")
    found = program and harness.logits(program, ids)
    if found is None or not program:
        return None
    figures = compare.measure(np.load(stored, mmap_mode="r"), found, ids)
    print(f"{name}: {compare.line(figures)}", flush=True)
    return figures


def check_storage(storage, folder, stored, ids):
    """Holds one storage to its bounds, and returns its perplexity with the default activations."""
    worst, mean, percentile = BOUNDS[storage]
    for activations in ("auto", "int16"):
        name = f"--quantize={storage} --activations={activations}"
        figures = figures_of(name, folder, stored, ids, f"--quantize={storage}", f"--activations={activations}")
        if not figures:
            return None
        reference_perplexity, ours = figures["perplexity"]
        harness.check(f"{name}: perplexity within {worst} %", ours <= reference_perplexity * (1 + worst / 100), figures)
        harness.check(f"{name}: cosines", figures["finite"] and (mean is None or (figures["mean"] >= mean and
                      figures["percentile"] >= percentile)), figures)
        if activations == "auto":
            kept = ours
    return kept


def main():
    folder = harness.smollm2("f32")
    ids = reference.load_tokenizer(folder).encode(reference.licence_text()).ids[:POSITIONS]
    stored = harness.SHARED / f"reference-f32-{POSITIONS}.npy"  # as against-transformers.py keeps it
    with harness.making(stored) as needed:
        if needed:
            np.save(stored, reference.logits(reference.load_model(folder), ids))
    check_storage("int8", folder, stored, ids)
    ours = check_storage("int4", folder, stored, ids)
    q4_0 = figures_of("Q4_0 of the same source", harness.gguf(folder, "Q4_0"), stored, ids)
    if ours and q4_0:
        harness.check("int4 is not worse than Q4_0", ours <= q4_0["perplexity"][1], f"{ours}, {q4_0['perplexity'][1]}")
    harness.finish()


if __name__ == "__main__":
    reference.environment.require("requirements-oracle.txt")
    main()
