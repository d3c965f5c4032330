#!/usr/bin/env python3
"""Executables for NVIDIA's cards on a machine without one: the stand-in driver (docs/design/cuda-testing.md) runs what they give to the
driver. Their logits are those of the CPU's executable within each format's bound, they do not depend on what they are computed with,
and what is wrong is told.

    test/e2e/cuda.py              two tiny checkpoints and the errors
    test/e2e/cuda.py all          a tiny checkpoint of every kind of kernel, in several orders of the card's threads
    test/e2e/cuda.py smollm2      SmolLM2-135M: 32 greedy tokens to two prompts are those of the CPU
"""
import json
import os
import pathlib
import re
import sys

import harness
from harness import BUILD, DATA, WORK, check, run

DRIVER = BUILD / "test" / "cuda" / "libcuda.so.1"
TARGET = "--target=sm_89"
NO_DEVICE, NO_MEMORY, FAILED = 69, 75, 1  # exit statuses
# Of the logits' range: how far they may be from the CPU's. Floats are summed in another order; where activations are rounded to codes,
# a sum that lies near the middle of two codes may become the other one.
OF_FLOATS, OF_CODES = 2e-4, 3e-2
OF_MANY_LAYERS = 1e-3  # SmolLM2's 30, each of which rounds keys and values for the cache
PROMPTS = 2

# Checkpoint, its data type and how it is stored; the first ones are run without `all`.
CASES = [("tiny-6x2", "bf16", []), ("tiny-gpt-oss", "bf16", []),
         ("tiny-untied", "f32", []), ("tiny-odd", "f16", ["--cache=int8"]), ("tiny-odd", "bf16", []),
         ("tiny-6x2", "bf16", ["--quantize=int8"]), ("tiny-6x2", "f32", ["--quantize=int4", "--activations=int8"]),
         ("tiny-6x2", "bf16", ["--quantize=int4", "--activations=int16"]), ("tiny-windows", "f32", []),
         ("tiny-gemma2", "f32", []), ("tiny-gemma3", "bf16", []), ("tiny-gemma4", "f32", []), ("tiny-deepseek-v3", "bf16", []),
         ("tiny-deepseek-v2", "f32", ["--cache=int8"]), ("tiny-qwen3", "f32", []), ("tiny-qwen3-moe", "f32", ["--quantize=int8"]),
         ("tiny-qwen35", "f32", []), ("tiny-llama4", "f32", []), ("tiny-gpt2", "f32", []),
         ("tiny-gemma3n", "f32", []), ("tiny-ernie-moe", "f32", []), ("tiny-apertus", "f32", []), ("tiny-phi4-mini", "f32", [])]
BLOCKS = ["Q4_K", "Q6_K", "IQ4_XS"]
OF_CASES = 2  # what is run without `all`
CHUNKINGS = ("--chunk=1", "--chunk=3", "--chunk=16", "--chunk=64")
ORDERS = (1, 2, 7)  # seeds of the order in which the card's threads run; of odd ones asynchronous copies are done at once


def driven(program, **settings):
    """A program that runs `program` with the stand-in driver, and with the driver's settings of these names."""
    # The shell that runs it takes a word with "=" for a variable.
    name = re.sub(r"\W", "", "".join(f"{key}{value}" for key, value in settings.items()))
    script = program.with_name(f"{program.name}.driven{name}")
    variables = {"OSSCC_CUDA_DRIVER": DRIVER, "OSSCC_STANDIN_CACHE": harness.SHARED / "cuda-kernels"}
    variables |= {key if key.startswith("OSSCC_") else f"OSSCC_STANDIN_{key}": value for key, value in settings.items()}
    words = " ".join(f"{key}={value}" for key, value in variables.items())
    script.write_text(f'#!/bin/sh\nexec env {words} {program} "$@"\n')
    script.chmod(0o755)
    return script


def bound(flags):
    """How far logits may be from the CPU's, of their range."""
    return OF_CODES if any(flag.startswith(("--quantize", "--cache", "blocks")) for flag in flags) else OF_FLOATS


def compiled(source, flags, name):
    """The executable for a card alone, which cannot answer from the CPU, and that for this machine."""
    flags = [flag for flag in flags if flag.startswith("--")]
    return (harness.compile(source, TARGET, "-q", *flags, out=WORK / f"{name}.card"),
            harness.compile(source, "--target=native", "-q", *flags, out=WORK / f"{name}.cpu"))


def near(name, found, expected, limit):
    """Logits within a bound of others."""
    if found is None or expected is None:
        return
    width = float(expected.max() - expected.min())
    error = float(abs(found - expected).max()) / width
    check(f"{name}: logits near the CPU's", error <= limit, f"{error:.2e} of the range, at most {limit:.0e}")


def one_case(name, source, flags, ids, orders):
    """A checkpoint on the card and on the CPU, in chunks, and in several orders of threads; races are looked for once."""
    card, cpu = compiled(source, flags, re.sub(r"\W+", "-", name))
    if not card or not cpu:
        return
    found = harness.logits(driven(card, WATCH=1), ids)
    near(name, found, harness.logits(cpu, ids), bound(flags))
    if found is None:
        return
    expected = found.tobytes()
    chunked = {way: harness.logits(driven(card), ids, way) for way in CHUNKINGS}
    check(f"{name}: the same logits in every chunking",
          not [way for way, rows in chunked.items() if rows is None or rows.tobytes() != expected],
          [way for way, rows in chunked.items() if rows is None or rows.tobytes() != expected])
    for order in orders:
        rows = harness.logits(driven(card, ORDER=order), ids)
        check(f"{name}: the same logits in order {order}", rows is not None and rows.tobytes() == expected)


def refused(name, program, status, *words):
    """A run ends with a status and says each of the words."""
    result = run(program, "-n", "4", "--temperature=0", "hello", timeout=120)
    said = result.stderr.decode(errors="replace")
    missing = [word for word in words if word not in said]
    check(f"refuses: {name}", result.returncode == status and not missing, f"{harness.last_line(result)}; not said: {missing}")


def errors(card):
    """What can be wrong with a card and its driver."""
    refused("no driver", driven(card, OSSCC_CUDA_DRIVER="/nonexistent/libcuda.so.1"), NO_DEVICE, "no CUDA driver", "install")
    refused("no card", driven(card, DEVICES=0), NO_DEVICE, "no CUDA device")
    refused("an old driver", driven(card, DRIVER=11040), NO_DEVICE, "PTX", "install an NVIDIA driver")
    refused("another card", driven(card, SM=80), NO_DEVICE, "compute capability 8.0", "--target=sm_80")
    refused("too little memory", driven(card, MEMORY=1 << 16), NO_MEMORY, "memory")
    refused("a card that is lost in mid-answer", driven(card, LOSE=40), FAILED, "device was lost")


def with_cpu(source):
    """A file with code for a card and for a CPU answers with either."""
    both = harness.compile(source, "--target=sm_89,x86-64-v3", "-q", out=WORK / "both")
    if not both:
        return
    answers = [run(program, "-n", "8", "--temperature=0", *flags, "hello") for program, flags in
               ((driven(both), ["--device=cuda"]), (driven(both), ["--device=cpu"]), (driven(both, DEVICES=0), []))]
    check("one file for a card and a CPU answers with either", all(not answer.returncode for answer in answers)
          and len({answer.stdout for answer in answers}) == 1, [harness.last_line(answer) for answer in answers])
    check("the CPU says that it answers instead", b"the CPU answers" in answers[2].stderr, answers[2].stderr[-200:])


def smollm2():
    """A real model: greedy answers are the CPU's."""
    card, cpu = compiled(harness.smollm2("bf16"), [], "smollm2")
    if not card or not cpu:
        return
    stored = json.loads((DATA / "greedy-smollm2-bf16.json").read_text())
    for answer in stored[:PROMPTS]:
        ours, theirs = (run(program, "--temperature=0", "-n", "32", answer["prompt"], timeout=1800) for program in (driven(card), cpu))
        check(f"smollm2: the card answers as the CPU: {answer['prompt']}",
              ours.returncode == 0 and ours.stdout == theirs.stdout != b"",
              f"{harness.last_line(ours)}: {ours.stdout[:200]} instead of {theirs.stdout[:200]}")
    near("smollm2", harness.logits(driven(card), list(range(500, 560))), harness.logits(cpu, list(range(500, 560))), OF_MANY_LAYERS)


def main():
    if not check("the stand-in driver is built", DRIVER.exists(), DRIVER):
        harness.finish()
    # What a test says of a program must not depend on who runs it.
    for name in [name for name in os.environ if name.startswith("OSSCC_STANDIN_")]:
        del os.environ[name]
    if sys.argv[1:] == ["smollm2"]:
        smollm2()
        harness.finish()
    ids = json.loads((DATA / "tiny.json").read_text())["ids"][:42]
    everything = sys.argv[1:] == ["all"]
    for shape, dtype, flags in CASES if everything else CASES[:OF_CASES]:
        one_case(" ".join([shape, dtype, *flags]), harness.tiny(shape, dtype), flags, ids, ORDERS if everything else ORDERS[:1])
    for kind in BLOCKS if everything else []:
        one_case(f"tiny-super {kind}", harness.gguf(harness.tiny("tiny-super"), kind), ["blocks"], ids, ORDERS)
    errors(pathlib.Path(WORK / "tiny-6x2-bf16.card"))
    with_cpu(harness.tiny("tiny-6x2", "bf16"))
    harness.finish()


if __name__ == "__main__":
    main()
