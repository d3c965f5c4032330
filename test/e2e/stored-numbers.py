#!/usr/bin/env python3
"""Compiled models against transformers' numbers as stored in test/data: tiny shapes, then SmolLM2.

    test/e2e/stored-numbers.py [SHAPE...]       all, or these tiny shapes alone

The stored files come from tools/oracle/{tiny,score,greedy}.py.
"""
import json
import sys

import harness
from harness import DATA, check

import compare  # tools/oracle/compare.py
import numpy as np

# The largest difference between our log-probabilities and the reference's, which sums in another order.
CLOSE = 2e-3
# With keys and values in f16, whose last bit is 2^-11 of a number: keys of this model reach 20.
CLOSE_HALVES = 0.1
# Where the two best logits are nearer than this, a greedy text may go another way (and only one text may).
CLEAR_GAP = 1e-3


def tiny_shapes():
    stored = json.loads((DATA / "tiny.json").read_text())
    for case in stored["cases"]:
        if sys.argv[1:] and case["shape"] not in sys.argv[1:]:
            continue
        name = f"{case['shape']}-{case['dtype']}"
        program = harness.compile(harness.tiny(case["shape"], case["dtype"]), *case.get("flags", []))
        found = program and harness.logits(program, stored["ids"])
        if found is None or not program:
            continue
        expected = np.load(DATA / f"{name}.npy")
        if check(f"{name} shape", found.shape == (len(stored["ids"]), expected.shape[1]), found.shape):
            ours = found[stored["rows"]]
            figures = compare.measure(expected, ours)
            check(f"{name} logits", compare.passes(figures, cosine=0.99999, top1=100), compare.line(figures))
            multiple = float((ours * expected).sum() / (expected * expected).sum())  # which no cosine shows
            check(f"{name} logits' size", abs(multiple - 1) < 1e-3, multiple)


def scores(program, dtype, close):
    """The next token's log-probability and the 8 most likely tokens at 200 places of real text."""
    stored = json.loads((DATA / f"score-smollm2-{dtype}.json").read_text())
    lines = harness.score(program, stored["ids"], "--top=8")
    if lines is None or not check("score: a line for each token", len(lines) == len(stored["ids"]), len(lines)):
        return
    check("score: the last line has no next token", lines[-1]["token"] is None and lines[-1]["logprob"] is None)
    far, differing, worst = 0, 0, 0.0
    for ours, reference in zip(lines, stored["rows"]):
        known = dict(ours["top"])
        pairs = [(known[i], x) for i, x in reference["top"] if i in known] + [(ours["logprob"], reference["logprob"])]
        distance = max(abs(a - b) for a, b in pairs)
        worst = max(worst, distance)
        far += distance > close or ours["token"] != reference["token"]
        differing += ours["top"][0][0] != reference["top"][0][0]
    check(f"smollm2-{dtype}: log-probabilities", far == 0, f"{far} places of 200 differ by more than {close}: {worst:.5f}")
    check(f"smollm2-{dtype}: most likely token", differing <= 1, f"differs at {differing} places of 200")


def greedy(program, dtype, prompts):
    """The greedy answers through the chat template, each equal to the reference's text."""
    stored = json.loads((DATA / f"greedy-smollm2-{dtype}.json").read_text())
    excused = 0
    for answer in stored[:prompts]:
        result = harness.run(program, "--temperature=0", "--max-tokens=128", answer["prompt"])
        ours = result.stdout.decode(errors="replace").rstrip("\n")
        # One text may differ, if the reference itself was nearly undecided somewhere in it.
        if ours != answer["text"].rstrip("\n") and not excused and answer["smallest_gap"] < CLEAR_GAP:
            excused += 1
            continue
        check(f"smollm2-{dtype} greedy: {answer['prompt']}", ours == answer["text"].rstrip("\n"),
              f"{harness.last_line(result)}: {ours!r}, not {answer['text']!r}")


def main():
    tiny_shapes()
    if sys.argv[1:]:
        harness.finish()
    for dtype, prompts in (("f32", 8), ("bf16", 2)):
        program = harness.compile(harness.smollm2(dtype), "--cache=f32")
        if program:
            scores(program, dtype, CLOSE)
            greedy(program, dtype, prompts)
    program = harness.compile(harness.smollm2("bf16"))  # its cache is f16
    if program:
        scores(program, "bf16", CLOSE_HALVES)
        greedy(program, "bf16", 2)
    harness.finish()


if __name__ == "__main__":
    main()
