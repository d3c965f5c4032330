#!/usr/bin/env python3
"""Damaged checkpoints are refused with a clear message, exit 1, within a second, and leave no file behind.

Unusual but valid ones compile and compute the same numbers. The cases are in damage.py.
"""
import json
import pathlib
import shutil
import tempfile
import time

import damage
import harness
from harness import check

SECONDS = 1.0  # the machine's load may be twice that: the gate below allows for it


def attempt(change):
    """(result, seconds, files left beside the output, the output's bytes of logits or None) for a changed checkpoint."""
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        shutil.copytree(harness.tiny("tiny-6x2"), place / "model")
        change(place / "model")
        (place / "out").mkdir()
        start = time.monotonic()
        result = harness.run(harness.OSSCC, place / "model" / "model.safetensors", "-o", place / "out" / "assistant",
                             timeout=20)
        seconds = time.monotonic() - start
        left = sorted(path.name for path in (place / "out").iterdir())
        logits = None
        if result.returncode == 0:
            ids = json.dumps(list(range(3, 40)))
            harness.run(place / "out" / "assistant", "score", "--ids", f"--logits={place / 'logits.npy'}", "-", input=ids)
            logits = (place / "logits.npy").read_bytes() if (place / "logits.npy").exists() else None
        return result, seconds, left, logits


def refused(name, change):
    result, seconds, left, _ = attempt(change)
    lines = [line for line in result.stderr.decode(errors="replace").splitlines() if "error:" in line]
    clear = len(lines) == 1 and any(word in lines[0] for word in (".safetensors", ".json", "jinja", "model/"))
    check(f"refuses: {name}", result.returncode == 1 and clear and seconds < 2 * SECONDS and not left,
          f"exit {result.returncode}, {seconds:.2f} s, left {left}: {lines}")


def main():
    for name, change in damage.BAD.items():
        refused(name, change)
    with tempfile.TemporaryDirectory() as place:
        model = pathlib.Path(shutil.copytree(harness.tiny("tiny-6x2"), pathlib.Path(place) / "model"))
        harness.check_cut("a checkpoint", model, model / "model.safetensors", pathlib.Path(place) / "out")
    expected = attempt(lambda folder: None)[3]
    if check("the undamaged checkpoint computes", expected is not None):
        for name, change in damage.GOOD.items():
            result, _, _, logits = attempt(change)
            check(f"accepts: {name}", logits == expected, harness.last_line(result))
    harness.finish()


if __name__ == "__main__":
    main()
