#!/usr/bin/env python3
"""Executables for ARM, compiled here and run under emulation: the numbers are those of x86.

Integer sums are exact and floats are added in one order on every instruction set with fused multiply-adds, so that each CPU's
logits are the bytes of x86-64-v3's: by widening multiplications, by dot products and by products of matrices. The weights in the
file are the same bytes as well. An executable that uses what a CPU lacks says so instead of dying.

    test/e2e/emulated.py              tiny checkpoints of every kind, each on one instruction set, in turn
    test/e2e/emulated.py all          each on every instruction set, and more of them
    test/e2e/emulated.py smollm2      SmolLM2-135M for five CPUs: logits, and what is answered to four prompts. It takes hours: a token
                                      in f32 some seconds. smollm2 CPU[,CPU] [STORAGE[,STORAGE]] does a part of that
"""
import json
import pathlib
import struct
import sys

import harness
from harness import BUILD, DATA, OSSCC, WORK, check, run

# What the emulator has of each CPU, or of one with the same instructions as far as kernels use them.
MODELS = {"cortex-a72": "cortex-a72", "cortex-a76": "cortex-a76", "neoverse-v1": "max", "neoverse-v2": "max",
          "apple-m1": "cortex-a76"}
TIERS = ["cortex-a72", "cortex-a76", "neoverse-v1"]  # a CPU of each instruction set
CPU_LACKS_FEATURES = 69
PATIENCE = 7200  # seconds, of a real model
ALIGN = 1 << 21  # of the payload's segment
PROMPTS = ["Give me three uses for a brick.", "Write a haiku about rain.", "What is 17 times 3?", "Qui a peint la Joconde ?"]

# Checkpoint, its data type, and how it is stored and multiplied; the last ones in `all` alone.
CASES = [("tiny-odd", "bf16", []), ("tiny-odd", "f16", ["--cache=int8"]), ("tiny-odd", "f32", ["--quantize=int4", "--activations=int8"]),
         ("tiny-6x2", "f32", ["--quantize=int8", "--activations=int8"]), ("tiny-6x2", "f32", ["--quantize=int8", "--activations=int16"]),
         ("tiny-5x1", "f32", ["--quantize=int4", "--activations=int16"]),
         ("tiny-gpt-oss", "bf16", []), ("tiny-gemma3", "bf16", ["--quantize=int8"]), ("tiny-deepseek-v3", "bf16", ["--quantize=int4"]),
         ("tiny-qwen3-odd", "f32", []), ("tiny-odd", "f32", []), ("tiny-qwen2-moe", "f32", ["--quantize=int8", "--activations=int16"])]
# Files in blocks, whose groups are of 16 and of 32 channels: every way of unpacking.
BLOCKS = [("tiny-super", kind) for kind in ("mixed", "Q2_K", "IQ4_XS", "Q3_K", "Q4_K", "Q5_K", "Q6_K")]
BLOCKS += [("tiny-6x2", kind) for kind in ("Q4_0", "Q5_1", "IQ4_NL")]
OF_CASES, OF_BLOCKS = 10, 3  # what is run without `all`


def emulated(program, model, *flags):
    """A program that runs `program` on an emulated CPU."""
    script = program.with_name(f"{program.name}.on-{model}")
    words = " ".join(["qemu-aarch64", "-cpu", model, *flags])
    script.write_text(f'#!/bin/sh\nexec {words} {program} "$@"\n')
    script.chmod(0o755)
    return script


def weights(program):
    """The bytes of an executable's weights."""
    data = program.read_bytes()
    offset, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for i in range(count):
        kind, _, begin, _, _, _, _, align = struct.unpack_from("<II6Q", data, offset + i * size)
        if kind == 1 and align == ALIGN and data[begin + 1:begin + 6] == b"OSSCC":
            first, length = struct.unpack_from("<QQ", data, begin + 24)
            return data[begin + first:begin + first + length]
    return b""


def one_case(name, source, flags, ids, tiers):
    """A checkpoint on x86 and on some tiers of ARM: the same weights and the same logits."""
    reference = harness.compile(source, "--target=x86-64-v3", "-q", *flags, out=WORK / "x86")
    expected = reference and harness.logits(reference, ids)
    if expected is None or not reference:
        return
    for cpu in tiers:
        program = harness.compile(source, f"--target={cpu}", "-q", *flags, out=WORK / cpu)
        if not program:
            continue
        check(f"{name}: {cpu} has the weights of x86", weights(program) == weights(reference) != b"")
        found = harness.logits(emulated(program, MODELS[cpu]), ids)
        check(f"{name}: {cpu} has the logits of x86", found is not None and found.tobytes() == expected.tobytes(),
              "" if found is None else f"largest difference {abs(found - expected).max()}")


def several_cpus(folder, ids):
    """One file for three CPUs takes what each has; one for a newer CPU is refused by an older one."""
    program = harness.compile(folder, f"--target={','.join(TIERS)}", "-q", "--quantize=int8", out=WORK / "several")
    newer = harness.compile(folder, "--target=neoverse-v1", "-q", "--quantize=int8", out=WORK / "newer")
    if not program or not newer:
        return
    found = {cpu: harness.logits(emulated(program, MODELS[cpu]), ids) for cpu in TIERS}
    check("one file gives the same on three CPUs", len({logits.tobytes() for logits in found.values() if logits is not None}) == 1)
    for model, lacking, fitting in (("cortex-a72", "lacks lse, dotprod, i8mm", "--target=armv8-a"),
                                    ("cortex-a76", "lacks i8mm", "--target=armv8.4-a")):
        result = run(emulated(newer, model), "-n", "1", "hello")
        said = result.stderr.decode(errors="replace")
        check(f"{model} refuses what it lacks", result.returncode == CPU_LACKS_FEATURES and lacking in said and fitting in said,
              harness.last_line(result))


def pages(program, ids):
    """Memory in pages of 4, 16 and 64 KiB."""
    found = {size: harness.logits(emulated(program, "cortex-a76", "-p", str(size << 10)), ids) for size in (4, 16, 64)}
    check("pages of any size give the same", len({logits.tobytes() for logits in found.values() if logits is not None}) == 1)


def answer(program, prompt):
    """What is answered without chance."""
    result = run(program, "--temperature=0", "-n", "64", prompt, timeout=PATIENCE)
    return result.returncode, result.stdout


def smollm2(cpus, storages):
    """A real model for each CPU: logits, then what is answered."""
    folder = harness.smollm2("bf16")
    ids = list(range(500, 532))
    for storage in storages:
        compiled = {cpu: harness.compile(folder, f"--target={cpu}", "-q", f"--quantize={storage}", out=WORK / f"smollm2.{cpu}")
                    for cpu in ["x86-64-v3", *cpus]}
        if not all(compiled.values()):
            return
        reference = compiled.pop("x86-64-v3")
        scripts = {cpu: emulated(program, MODELS[cpu]) for cpu, program in compiled.items()}
        expected = harness.logits(reference, ids)
        for cpu, script in scripts.items():
            found = harness.logits(script, ids, timeout=PATIENCE)
            told(f"smollm2 {storage}: {cpu} has the logits of x86",
                 found is not None and expected is not None and found.tobytes() == expected.tobytes())
        for prompt in PROMPTS:
            said = answer(reference, prompt)
            for cpu, script in scripts.items():
                told(f"smollm2 {storage}: {cpu} answers '{prompt}' as x86", answer(script, prompt) == said)
        for program in compiled.values():
            program.unlink()


def told(name, holds):
    """A check that takes minutes: told of when it held, too."""
    if check(name, holds):
        print(f"ok   {name}", flush=True)


def refused(folder):
    """A build that could not get the libraries of ARM says what it lacks, before any work."""
    result = run(OSSCC, folder, "--target=cortex-a76", "-o", WORK / "none")
    check("osscc says that it makes no executables for aarch64", result.returncode == 1
          and b"aarch64-linux-gnu" in result.stderr and b"--print-targets" in result.stderr, harness.last_line(result))


def main():
    listed = run(OSSCC, "--print-targets").stdout.decode().split()
    installed = (BUILD / "lib" / "osscc" / "aarch64-linux-gnu").exists()
    check("--print-targets lists what can be made here", ("cortex-a76" in listed) == installed and "znver4" in listed)
    if not installed:
        refused(harness.tiny("tiny-6x2"))
        harness.finish()
    if sys.argv[1:2] == ["smollm2"]:
        cpus, storages = (sys.argv[2:] + [",".join(MODELS), "f32,int8,int4"][len(sys.argv) - 2:])[:2]
        smollm2(cpus.split(","), storages.split(","))
        harness.finish()
    ids = json.loads((DATA / "tiny.json").read_text())["ids"][:42]
    everything = sys.argv[1:] == ["all"]
    for i, (shape, dtype, flags) in enumerate(CASES if everything else CASES[:OF_CASES]):
        one_case(" ".join([shape, dtype, *flags]), harness.tiny(shape, dtype), flags, ids, TIERS if everything else [TIERS[i % 3]])
    for i, (shape, kind) in enumerate(BLOCKS if everything else BLOCKS[:OF_BLOCKS]):
        tiers = TIERS if everything else [TIERS[i % 3]]
        one_case(f"{shape} {kind}", harness.gguf(harness.tiny(shape), kind), [], ids, tiers)
    several_cpus(harness.tiny("tiny-6x2"), ids)
    pages(pathlib.Path(WORK / "several"), ids)
    harness.finish()


if __name__ == "__main__":
    main()
