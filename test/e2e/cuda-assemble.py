#!/usr/bin/env python3
"""PTX that osscc writes is accepted by NVIDIA's assembler for every compute capability, and hot kernels stay in registers.

    test/e2e/cuda-assemble.py              a tiny checkpoint of each kind of kernel, for every sm
    test/e2e/cuda-assemble.py table FILE   what ptxas says of each kernel of a checkpoint, for sm_89: registers, spills, shared memory
"""
import pathlib
import re
import subprocess
import sys
import sysconfig

import harness
from harness import OSSCC, WORK, check, run

CAPABILITIES = ["sm_80", "sm_86", "sm_89", "sm_90", "sm_90a", "sm_120", "sm_120a"]
# Checkpoint, its data type and how it is stored: each row has a kernel that no row before it has.
CASES = [("tiny-untied", "bf16", []), ("tiny-untied", "f32", []), ("tiny-odd", "f16", ["--cache=int8"]),
         ("tiny-6x2", "bf16", ["--quantize=int8"]), ("tiny-6x2", "bf16", ["--quantize=int4", "--activations=int16"]),
         ("tiny-long", "bf16", []), ("tiny-gpt-oss", "bf16", []), ("tiny-gemma2", "f32", []), ("tiny-gemma3", "bf16", []),
         ("tiny-gemma4", "f32", []), ("tiny-deepseek-v3", "bf16", []), ("tiny-deepseek-v2", "f32", ["--cache=int8"]),
         ("tiny-qwen3", "f32", []), ("tiny-qwen3-moe", "f32", ["--quantize=int8"]), ("tiny-qwen35", "f32", []), ("tiny-llama4", "f32", []),
         ("tiny-gpt2", "f32", [])]
BLOCKS = ["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS"]
HOT = re.compile(r"matmul|attend")
REGISTERS = 65536  # of a multiprocessor
KERNEL = re.compile(r"Compiling entry function '(\w+)' for.*?(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads"
                    r".*?Used (\d+) registers(?:[^\n]*?(\d+) bytes smem)?", re.DOTALL)


def ptxas():
    """The assembler that the package brings."""
    found = sorted(pathlib.Path(sysconfig.get_path("purelib")).glob("nvidia/cu*/bin/ptxas"))
    return found[0] if found else None


def assemble(text, capability):
    """What ptxas says of a file of PTX: whether it takes it, and of each kernel (name, spilled bytes, registers, shared bytes)."""
    result = subprocess.run([ptxas(), f"-arch={capability}", "-v", "-o", "/dev/null", text], capture_output=True, text=True, timeout=600)
    said = result.stdout + result.stderr
    kernels = [(name, int(stores) + int(loads), int(registers), int(shared or 0))
               for name, _, stores, loads, registers, shared in KERNEL.findall(said)]
    return result.returncode == 0, kernels, said


def one_case(name, source, flags):
    """A checkpoint's kernels for every compute capability."""
    for capability in CAPABILITIES:
        text = WORK / f"{capability}.ptx"
        result = run(OSSCC, source, "-q", f"--target={capability}", "--emit=ptx", *flags, "-o", text)
        if not check(f"{name}: PTX for {capability}", result.returncode == 0, harness.last_line(result)):
            continue
        taken, kernels, said = assemble(text, capability)
        check(f"{name}: ptxas takes it for {capability}", taken and kernels, said.strip().splitlines()[:1])
        spilling = [kernel[0] for kernel in kernels if kernel[1] and HOT.match(kernel[0])]
        check(f"{name}: hot kernels do not spill for {capability}", not spilling, ", ".join(spilling))


def table(source):
    """Prints what ptxas says of each kernel."""
    text = WORK / "table.ptx"
    result = run(OSSCC, source, "-q", "--target=sm_89", "--emit=ptx", "-o", text)
    check("PTX", result.returncode == 0, harness.last_line(result))
    threads = dict(re.findall(r"\.entry (\w+)\(.*?\.maxntid (\d+)", text.read_text(), re.DOTALL))
    print("| kernel | threads | registers | spilled bytes | shared bytes | blocks a multiprocessor by registers |\n|---|---|---|---|---|---|")
    for name, spilled, registers, shared in assemble(text, "sm_89")[1]:
        count = int(threads.get(name, 1))
        print(f"| {name} | {count} | {registers} | {spilled} | {shared} | {REGISTERS // (-(-registers // 8) * 8 * count)} |")


def main():
    harness.environment.require("requirements-cuda.txt")
    if not check("ptxas is there", ptxas() is not None):
        harness.finish()
    if sys.argv[1:2] == ["table"]:
        table(sys.argv[2])
        harness.finish()
    for shape, dtype, flags in CASES:
        one_case(" ".join([shape, dtype, *flags]), harness.tiny(shape, dtype), flags)
    for kind in BLOCKS:
        one_case(f"tiny-super {kind}", harness.gguf(harness.tiny("tiny-super"), kind), [])
    harness.finish()


if __name__ == "__main__":
    main()
