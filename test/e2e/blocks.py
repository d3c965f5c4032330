#!/usr/bin/env python3
"""Products of block-quantized weights over random shapes, storages, activations and instruction sets.

What is computed in integers is exact, and the floats around it are added in one order on every instruction set with
fused multiply-adds: AVX2, AVX-VNNI, AVX-512, AVX512-VNNI and AMX give the same bytes. The plain path rounds its products, so
it is held to a bound; and each way of compiling is held to the reference evaluator by --verify.

    test/e2e/blocks.py [SHAPES]
"""
import importlib.machinery
import importlib.util
import pathlib
import random
import sys

import harness
from harness import ROOT, WORK, check

import compare  # tools/oracle/compare.py

IDS = list(range(3, 45))
STORAGES = ["int8", "int4", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "IQ4_NL"]
SUPER = ["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS", "mixed"]  # rows of whole blocks of 256
# Targets with fused multiply-adds, by the flag of a CPU that runs them: AVX2, AVX-512 without VNNI, AVX512-VNNI...
FUSED = {"avx2": "x86-64-v3", "avx512vl": "x86-64-v4", "avx512_vnni": "znver4", "avx_vnni": "alderlake",
         "amx_int8": "sapphirerapids"}
# Smallest cosine of centred logits between the plain path and the others. With int8 a product's last bit can move an
# activation to the next code, which is worth a 254th of the row's largest.
PLAIN = {"int16": 0.999999, "int8": 0.995}


def make_checkpoint():
    """tools/make-checkpoint as a module."""
    path = str(ROOT / "tools" / "make-checkpoint")
    loader = importlib.machinery.SourceFileLoader("make_checkpoint", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def random_checkpoint(maker, seed):
    """A folder of a random shape: grouped heads, widths of no whole blocks or tiles, biases now and then."""
    dice = random.Random(seed)
    kv_heads, group, head_dim = dice.choice((1, 2, 3)), dice.choice((1, 2, 3)), 2 * dice.randint(3, 20)
    biases = {"attention_bias": dice.random() < 0.3, "mlp_bias": dice.random() < 0.3}
    # GGUF has blocks only in rows of whole blocks; our own storages have them in any.
    hidden = 32 * dice.randint(1, 5) if seed % 2 == 0 else 2 * dice.randint(16, 90)
    shape = maker.Shape(dice.randint(1, 2), hidden, kv_heads * group, kv_heads, head_dim, dice.randint(40, 300),
                        dice.randint(300, 350), 512, dice.random() < 0.5, "random", biases)
    folder = WORK / f"random-blocks-{seed}"
    if not (folder / "model.safetensors").exists():
        maker.SHAPES["random"] = shape
        sys.argv[1:] = [str(folder), "--shape=random", f"--seed={seed}"]
        maker.main()
    return folder, shape


def targets():
    """Those with fused multiply-adds that this CPU runs."""
    flags = set(pathlib.Path("/proc/cpuinfo").read_text().split())
    return [target for flag, target in FUSED.items() if flag in flags]


def one_way(folder, storage, activations):
    """One storage of one checkpoint: the same bytes everywhere, and near the plain path and the evaluator."""
    name = f"{folder.name} {storage} {activations}"
    source = folder if storage.startswith("int") else harness.gguf(folder, storage)
    flags = [f"--activations={activations}"] + ([f"--quantize={storage}"] if storage.startswith("int") else [])
    found = {}
    for target in [*targets(), "x86-64"]:
        verify = ["--verify=4"] if target == targets()[-1] else []
        program = harness.compile(source, f"--target={target}", *flags, *verify, "-q", out=WORK / f"blocks.{target}")
        logits = program and harness.logits(program, IDS)
        if logits is None or not program:
            return
        found[target] = logits
    first = found[targets()[0]]
    for target, logits in found.items():
        if target != "x86-64":
            check(f"{name}: {target} has the bytes of {targets()[0]}", logits.tobytes() == first.tobytes(),
                  compare.line(compare.measure(first, logits)))
    figures = compare.measure(first, found["x86-64"])
    check(f"{name}: the plain path", figures["finite"] and figures["cosine"] >= PLAIN[activations], compare.line(figures))


def main():
    shapes = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    maker = make_checkpoint()
    for seed in range(shapes):
        folder, shape = random_checkpoint(maker, seed)
        print(f"{folder.name}: {shape}", flush=True)
        # Each storage meets each kind of activations, spread over the shapes.
        for i, storage in enumerate(STORAGES):
            if storage.startswith("int") or shape.hidden % 32 == 0:
                one_way(folder, storage, "int16" if (i + seed // 2) % 2 else "int8")
    for i, storage in enumerate(SUPER):
        one_way(harness.tiny("tiny-super"), storage, "int16" if i % 2 else "int8")
    one_way(harness.tiny("tiny-super"), "mixed", "int8")
    harness.finish()


if __name__ == "__main__":
    main()
