#!/usr/bin/env python3
"""Compares two logits files, [tokens, vocabulary] float32 each, and fails below the gates.

    tools/oracle/compare.py REFERENCE.npy OURS.npy [--ids=IDS.json] [--cosine=0.9999] [--top1=99.5] [--perplexity=0.1]

Prints one line: the smallest, the first percentile's and the mean cosine of centred logits over the positions, the share of positions with the same most
likely token (percent) and, with --ids, the perplexity of both and their difference (percent).
"""
import argparse
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import environment

environment.require()
import numpy as np


def cosines(a, b):
    """[tokens]: the cosine of each pair of rows, their means taken off first (softmax does not see the mean)."""
    a = a - a.mean(axis=1, keepdims=True)
    b = b - b.mean(axis=1, keepdims=True)
    return (a * b).sum(axis=1) / np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))


def log_probabilities(logits, ids):
    """[tokens - 1]: the log-probability of each next token."""
    rows, targets = logits[:-1], np.asarray(ids[1:])
    peak = rows.max(axis=1)
    sums = np.log(np.exp(rows - peak[:, None]).sum(axis=1)) + peak
    return rows[np.arange(len(targets)), targets] - sums


def measure(reference, ours, ids=None, block=256):
    """A dict of the figures; works through blocks of rows in float64 so that 4,000 x 49,152 fits in memory."""
    found = {"top1": 0, "positions": len(reference), "finite": True}
    sums, all_cosines = [0.0, 0.0], []
    for start in range(0, len(reference), block):
        # One row of overlap: a row's next token belongs to the following block.
        a, b = (np.asarray(x[start:start + block + 1], dtype=np.float64) for x in (reference, ours))
        if ids is not None and len(a) > 1:
            for side, rows in enumerate((a, b)):
                sums[side] += log_probabilities(rows, ids[start:start + len(rows)]).sum()
        a, b = a[:block], b[:block]
        found["finite"] &= bool(np.isfinite(b).all())
        all_cosines.append(cosines(a, b))
        found["top1"] += int((a.argmax(axis=1) == b.argmax(axis=1)).sum())
    found["top1"] *= 100 / len(reference)
    every = np.concatenate(all_cosines)
    found |= {"cosine": float(every.min()), "percentile": float(np.percentile(every, 1)), "mean": float(every.mean())}
    if ids is not None:
        found["perplexity"] = tuple(float(np.exp(-total / (len(reference) - 1))) for total in sums)
        found["difference"] = abs(found["perplexity"][1] / found["perplexity"][0] - 1) * 100
    return found


def line(found):
    text = f"{found['positions']} positions: cosine >= {found['cosine']:.7f} (1 % {found['percentile']:.6f}, mean {found['mean']:.6f}), top-1 {found['top1']:.2f} %"
    if "perplexity" in found:
        text += ", perplexity {:.4f} and {:.4f} (".format(*found["perplexity"]) + f"{found['difference']:.4f} % apart)"
    return text


def passes(found, cosine=0.9999, top1=99.5, perplexity=0.1):
    # Written so that a NaN fails.
    return found["finite"] and found["cosine"] >= cosine and found["top1"] >= top1 and (
        "difference" not in found or found["difference"] <= perplexity)


def main():
    parser = argparse.ArgumentParser(description="compares two logits files")
    parser.add_argument("reference")
    parser.add_argument("ours")
    parser.add_argument("--ids", type=pathlib.Path)
    parser.add_argument("--cosine", type=float, default=0.9999)
    parser.add_argument("--top1", type=float, default=99.5)
    parser.add_argument("--perplexity", type=float, default=0.1)
    arguments = parser.parse_args()
    reference, ours = (np.load(path, mmap_mode="r") for path in (arguments.reference, arguments.ours))
    if reference.shape != ours.shape:
        sys.exit(f"error: {arguments.ours}: shape {ours.shape}, the reference has {reference.shape}")
    ids = json.loads(arguments.ids.read_text()) if arguments.ids else None
    found = measure(reference, ours, ids)
    print(line(found))
    return 0 if passes(found, arguments.cosine, arguments.top1, arguments.perplexity) else 1


if __name__ == "__main__":
    sys.exit(main())
