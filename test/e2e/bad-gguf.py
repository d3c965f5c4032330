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


def attempt(prepare):
    """(result, seconds, files left beside the output, the output's bytes of logits or None) for the file that `prepare`
    writes into a folder."""
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        model = prepare(place)
        (place / "out").mkdir()
        start = time.monotonic()
        result = harness.run(harness.OSSCC, model, "-o", place / "out" / "assistant", timeout=20)
        seconds = time.monotonic() - start
        left = sorted(path.name for path in (place / "out").iterdir())
        logits = None
        if result.returncode == 0:
            ids = json.dumps(list(range(3, 40)))
            harness.run(place / "out" / "assistant", "score", "--ids", f"--logits={place / 'logits.npy'}", "-", input=ids)
            logits = (place / "logits.npy").read_bytes() if (place / "logits.npy").exists() else None
        return result, seconds, left, logits


def whole(data, change):
    """Writes one file."""
    def prepare(place):
        gguf = damage_gguf.Gguf(data)
        changed = change(gguf)
        (place / "model.gguf").write_bytes(gguf.build() if changed is None else changed)
        return place / "model.gguf"
    return prepare


def split(data, change, given=0):
    """Writes three parts, and gives the first or another."""
    def prepare(place):
        parts = damage_gguf.parts(damage_gguf.Gguf(data))
        change(parts)
        names = [place / f"model-{number:05}-of-{len(parts):05}.gguf" for number in range(1, len(parts) + 1)]
        for name, part in zip(names, parts):
            if part:
                name.write_bytes(part.build())
        present = [name for name in names if name.exists()]
        return present[given]
    return prepare


def refused(name, prepare):
    result, seconds, left, _ = attempt(prepare)
    lines = [line for line in result.stderr.decode(errors="replace").splitlines() if "error:" in line]
    clear = len(lines) == 1 and "model" in lines[0] and ".gguf" in lines[0]
    check(f"refuses: {name}", result.returncode == 1 and clear and seconds < 2 * SECONDS and not left,
          f"exit {result.returncode}, {seconds:.2f} s, left {left}: {lines}")


def main():
    data = harness.gguf(harness.tiny("tiny-untied"), "F32").read_bytes()
    for name, change in damage_gguf.BAD.items():
        refused(name, whole(data, change))
    for name, change in damage_gguf.BAD_PARTS.items():
        refused(name, split(data, change))
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        model = whole(data, lambda gguf: None)(place)
        harness.check_cut("a file", model, model, place / "out")
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        model = split(data, lambda parts: None)(place)
        harness.check_cut("a part", model, place / "model-00003-of-00003.gguf", place / "out")
    expected = attempt(whole(data, lambda gguf: None))[3]
    if check("the undamaged file computes", expected is not None):
        good = [(name, whole(data, change)) for name, change in damage_gguf.GOOD.items()]
        good += [(f"{name}, part {given + 1} given", split(data, change, given))
                 for name, change in damage_gguf.GOOD_PARTS.items() for given in (0, 2)]
        for name, prepare in good:
            result, _, _, logits = attempt(prepare)
            check(f"accepts: {name}", logits == expected, harness.last_line(result))
    harness.finish()


if __name__ == "__main__":
    main()
