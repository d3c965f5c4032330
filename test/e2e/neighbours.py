#!/usr/bin/env python3
"""Other sequences in the batch, and the width of the CPU's vectors, change no byte of the logits.

Runs neighbours.cpp, linked with each compiled model, and compares `score --logits` between targets.
"""
import json

import harness
from harness import BUILD, DATA, ROOT, WORK, check, run

CLANG = ("clang++-22", "-std=c++23", "-O1", "-DFMT_HEADER_ONLY", f"-I{ROOT}", f"-I{BUILD}/generated")
LINK = ("clang++-22", "-fuse-ld=lld-22", "-static")
SHAPES = ("tiny-6x2", "tiny-odd", "tiny-5x1", "tiny-windows", "tiny-some-windows", "tiny-gpt-oss", "tiny-gemma3", "tiny-gemma4-e2b",
          "tiny-deepseek-v3", "tiny-qwen3-odd", "tiny-exaone4", "tiny-granitemoe", "tiny-qwen2-moe", "tiny-qwen35", "tiny-qwen35-moe-odd",
          "tiny-gemma3n")
TARGETS = ("x86-64-v3", "x86-64-v4")
CPU_LACKS_FEATURES = 69


def built(what, *command):
    result = run(*command)
    return check(what, result.returncode == 0, result.stderr.decode(errors="replace")[:2000])


def library_test(name, folder, target, program):
    """Links the library's test with the model's object and runs it on the weights of `program`."""
    kernels, test = WORK / f"{name}.o", WORK / f"{name}.neighbours"
    if (built(f"{name}: object", harness.OSSCC, folder, "-q", f"--target={target}", "--emit=obj", "-o", kernels) and
            built(f"{name}: link", *LINK, WORK / "neighbours.o", kernels, BUILD / "lib/libosscc_rt.a", "-lgtest", "-o",
                  test)):
        result = run(test, "--gtest_brief=1", program)
        check(f"{name}: neighbours change nothing", result.returncode == 0 and b"PASSED" in result.stdout,
              result.stdout.decode(errors="replace")[-2000:] + harness.last_line(result))


def one_model(folder, ids):
    """Both targets of a checkpoint: each with neighbours, and each other's equal."""
    results = {}
    for target in TARGETS:
        name = f"{folder.name}.{target}"
        program = harness.compile(folder, f"--target={target}", out=WORK / name)
        if not program:
            continue
        if run(program, "-n", "1", "hello").returncode == CPU_LACKS_FEATURES:
            print(f"{name}: not run, this CPU lacks its features")
            continue
        library_test(name, folder, target, program)
        if (found := harness.logits(program, ids)) is not None:
            results[target] = found.tobytes()
    check(f"{folder.name}: the same logits on {' and '.join(results)}", len(set(results.values())) == 1)


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    if built("compile neighbours.cpp", *CLANG, "-c", ROOT / "test/e2e/neighbours.cpp", "-o", WORK / "neighbours.o"):
        ids = json.loads((DATA / "tiny.json").read_text())["ids"]
        for shape in SHAPES:
            for dtype in ("f32", "bf16"):
                one_model(harness.tiny(shape, dtype), ids)
    harness.finish()


if __name__ == "__main__":
    main()
