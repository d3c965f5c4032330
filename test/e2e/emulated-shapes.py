#!/usr/bin/env python3
"""Kernels for ARM over random shapes, under emulation: each instruction set has the bytes of x86's, in every storage.

The shapes are those of blocks.py: grouped heads, widths of no whole blocks or tiles, biases now and then. x86's bytes are held to the
reference evaluator there; here one storage of floats of each shape is, on an emulated CPU, and in blocks by --verify on x86.

    test/e2e/emulated-shapes.py [SHAPES] [FIRST]
"""
import json
import sys

import blocks
import emulated
import harness
from harness import BUILD, WORK, check, run

import compare  # tools/oracle/compare.py

FLOATS = ["f32", "bf16", "f16"]
COSINE = 0.999999  # of centred logits, between the evaluator and what adds in another order


def logits_of(source, target, flags, verify=()):
    """The logits of a checkpoint compiled for a target, or None after a failed check."""
    program = harness.compile(source, f"--target={target}", *flags, *verify, "-q", out=WORK / f"shapes.{target}")
    if not program:
        return None
    if target in emulated.MODELS:
        program = emulated.emulated(program, emulated.MODELS[target])
    return harness.logits(program, blocks.IDS)


def one_way(name, source, flags, verify=()):
    """One storage of one checkpoint on every instruction set; the logits, None after a failed check."""
    expected = logits_of(source, "x86-64-v3", flags, verify)
    for cpu in emulated.TIERS:
        found = logits_of(source, cpu, flags)
        if expected is not None and found is not None:
            check(f"{name}: {cpu} has the bytes of x86", found.tobytes() == expected.tobytes(),
                  compare.line(compare.measure(expected, found)))


def evaluated(folder, cpu):
    """Floats on an emulated CPU, against the reference evaluator."""
    import numpy
    graph, ids, out = WORK / "shapes.mlir", WORK / "shapes.json", WORK / "shapes.evaluated.npy"
    ids.write_text(json.dumps(blocks.IDS))
    flags = ["--quantize=f32", "--cache=f32"]
    found = logits_of(folder, cpu, flags)
    for command in ([harness.OSSCC, folder, "-q", *flags, "--emit=graph", "-o", graph],
                    [BUILD / "bin" / "osscc-eval", graph, f"--weights={folder}", f"--ids={ids}", f"--logits={out}"]):
        result = run(*command)
        if not check(f"{folder.name}: {command[0].name}", result.returncode == 0, harness.last_line(result)):
            return
    if found is not None:
        figures = compare.measure(numpy.load(out), found)
        check(f"{folder.name}: {cpu} is near the evaluator", figures["finite"] and figures["cosine"] >= COSINE, compare.line(figures))


def main():
    shapes = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    if not (BUILD / "lib" / "osscc" / "aarch64-linux-gnu").exists():
        print("this build makes no executables for aarch64")
        harness.finish()
    maker = blocks.make_checkpoint()
    for seed in range(first, first + shapes):
        folder, shape = blocks.random_checkpoint(maker, seed)
        print(f"{folder.name}: {shape}", flush=True)
        evaluated(folder, emulated.TIERS[seed % 3])
        one_way(f"{folder.name} {FLOATS[seed % 3]}", folder, [f"--quantize={FLOATS[seed % 3]}"])
        for i, storage in enumerate(blocks.STORAGES):
            if not storage.startswith("int") and shape.hidden % 32 != 0:
                continue
            activations = "int16" if (i + seed // 2) % 2 else "int8"
            source = folder if storage.startswith("int") else harness.gguf(folder, storage)
            flags = [f"--activations={activations}"] + ([f"--quantize={storage}"] if storage.startswith("int") else [])
            one_way(f"{folder.name} {storage} {activations}", source, flags, ["--verify=4"] if seed == first else [])
    harness.finish()


if __name__ == "__main__":
    main()
