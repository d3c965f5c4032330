#!/usr/bin/env python3
"""--quantize: matrices of another storage give the numbers of matrices rounded to it, to the last byte.

Weights of 16 bits are widened exactly before they are used (docs/design/numerics.md). So the executable must agree with
one of a checkpoint in float32 whose matrices were rounded beforehand, here with numpy.
"""
import json
import shutil
import struct

import harness
from harness import DATA, WORK, check

import compare  # tools/oracle/compare.py
import huggingface  # tools/huggingface.py
import numpy as np

# The smallest cosine to the logits of the weights before rounding: 11 and 8 bits of significand.
COSINE = {"f16": 0.9999, "bf16": 0.999}


def rounded(values, dtype):
    """float32 -> the nearest value that `dtype` has, as float32."""
    stored = huggingface.encode(values, dtype)
    if dtype == "f16":
        return stored.astype(np.float32)
    return (stored.astype(np.uint32) << 16).view(np.float32)


def rounded_checkpoint(folder, dtype):
    """A copy of a float32 checkpoint with every matrix rounded to `dtype` and written as float32."""
    copy = WORK / f"{folder.name}-rounded-{dtype}"
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    data = (folder / "model.safetensors").read_bytes()
    begin = 8 + struct.unpack_from("<Q", data)[0]
    header = {name: entry for name, entry in json.loads(data[8:begin]).items() if name != "__metadata__"}

    def load(name):
        first, last = header[name]["data_offsets"]
        values = np.frombuffer(data[begin + first:begin + last], dtype="<f4").reshape(header[name]["shape"])
        return rounded(values, dtype) if values.ndim == 2 else values

    huggingface.write_safetensors(copy / "model.safetensors", "f32", {n: e["shape"] for n, e in header.items()}, load)
    return copy


def logits_of(folder, ids, *flags):
    """(logits, bytes of the executable) of a checkpoint compiled with `flags`, or None after a failed check."""
    program = harness.compile(folder, "--target=native", "--cache=f32", *flags, out=WORK / f"{folder.name}.quantize")
    found = program and harness.logits(program, ids)
    return None if found is None or not program else (np.array(found), program.stat().st_size)


def one_shape(shape, ids):
    folder = harness.tiny(shape)
    matrices = (folder / "model.safetensors").stat().st_size  # norms and the header are little beside them
    kept = logits_of(folder, ids)
    for dtype in ("f16", "bf16") if kept else ():
        ours, expected = logits_of(folder, ids, f"--quantize={dtype}"), logits_of(rounded_checkpoint(folder, dtype), ids)
        if not ours or not expected:
            continue
        name = f"{shape} --quantize={dtype}"
        check(f"{name}: the bytes of rounded matrices", ours[0].tobytes() == expected[0].tobytes(),
              f"largest difference {np.abs(ours[0] - expected[0]).max()}")
        figures = compare.measure(kept[0], ours[0])
        print(f"{name}: {compare.line(figures)}")
        check(f"{name}: near float32", compare.passes(figures, cosine=COSINE[dtype], top1=0), compare.line(figures))
        saved = kept[1] - ours[1]
        check(f"{name}: half the bytes", 0.4 * matrices <= saved <= 0.6 * matrices, f"{saved} of {matrices}")
    wide, stored = (logits_of(harness.tiny(shape, "bf16"), ids, *flags) for flags in (["--quantize=f32"], []))
    check(f"{shape}: bf16 widened by --quantize=f32 gives the same bytes",
          wide and stored and wide[0].tobytes() == stored[0].tobytes())


def main():
    ids = json.loads((DATA / "tiny.json").read_text())["ids"]
    for shape in ("tiny-odd", "tiny-untied", "tiny-biases"):
        one_shape(shape, ids)
    harness.finish()


if __name__ == "__main__":
    main()
