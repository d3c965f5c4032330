#!/usr/bin/env python3
"""Damaged GGUF files are refused with one clear error, exit 1, within a second, and leave no file behind.

Unusual but valid ones compile and compute the same numbers. The cases are in damage_gguf.py.
"""
import json
import pathlib
import tempfile
import time

import damage_gguf
import harness
from harness import check

SECONDS = 1.0  # the machine's load may be twice that: the gate below allows for it


def attempt(data, change):
    """(result, seconds, files left beside the output, the output's bytes of logits or None) for a changed file."""
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        gguf = damage_gguf.Gguf(data)
        changed = change(gguf)
        (place / "model.gguf").write_bytes(gguf.build() if changed is None else changed)
        (place / "out").mkdir()
        start = time.monotonic()
        result = harness.run(harness.OSSCC, place / "model.gguf", "-o", place / "out" / "assistant", timeout=20)
        seconds = time.monotonic() - start
        left = sorted(path.name for path in (place / "out").iterdir())
        logits = None
        if result.returncode == 0:
            ids = json.dumps(list(range(3, 40)))
            harness.run(place / "out" / "assistant", "score", "--ids", f"--logits={place / 'logits.npy'}", "-", input=ids)
            logits = (place / "logits.npy").read_bytes() if (place / "logits.npy").exists() else None
        return result, seconds, left, logits


def refused(name, data, change):
    result, seconds, left, _ = attempt(data, change)
    lines = [line for line in result.stderr.decode(errors="replace").splitlines() if "error:" in line]
    clear = len(lines) == 1 and "model.gguf" in lines[0]
    check(f"refuses: {name}", result.returncode == 1 and clear and seconds < 2 * SECONDS and not left,
          f"exit {result.returncode}, {seconds:.2f} s, left {left}: {lines}")


def main():
    data = harness.gguf(harness.tiny("tiny-untied"), "F32").read_bytes()
    for name, change in damage_gguf.BAD.items():
        refused(name, data, change)
    expected = attempt(data, lambda gguf: None)[3]
    if check("the undamaged file computes", expected is not None):
        for name, change in damage_gguf.GOOD.items():
            result, _, _, logits = attempt(data, change)
            check(f"accepts: {name}", logits == expected, harness.last_line(result))
    harness.finish()


if __name__ == "__main__":
    main()
