#!/usr/bin/env python3
"""What an executable promises whatever the model: static, alone, robust, and the same numbers in every way of running."""
import json
import os
import shutil
import struct
import tempfile

import numpy as np
import plain_llama

import harness
from harness import DATA, WORK, check, run

import compare  # tools/oracle/compare.py

OVERHEAD = 6 << 20  # bytes beyond the weights


def weight_bytes(folder):
    """Bytes of all tensors of the checkpoint: the tied table counts once."""
    with open(folder / "model.safetensors", "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    return max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")


def is_static(program):
    """No interpreter and no dynamic section among the ELF program headers."""
    with open(program, "rb") as file:
        data = file.read(4096)
    at, size, count = struct.unpack_from("<Q", data, 32)[0], *struct.unpack_from("<HH", data, 54)
    kinds = [struct.unpack_from("<I", data, at + i * size)[0] for i in range(count)]
    dynamic, interpreter = 2, 3
    return interpreter not in kinds and dynamic not in kinds


def same_numbers(program):
    """The same bytes of logits for every chunk size and number of threads."""
    ids = json.loads((DATA / "tiny.json").read_text())["ids"]
    results = {}
    for flags in (["--chunk=1"], ["--chunk=3"], ["--chunk=8"], ["--chunk=512"], ["-t1"], ["-t2"], ["-t3"],
                  ["--chunk=3", "-t3"]):
        found = harness.logits(program, ids, *flags)
        if found is not None:
            results[" ".join(flags)] = found.tobytes()
    first = next(iter(results.values()), b"")
    differing = [flags for flags, data in results.items() if data != first]
    check(f"{program.name}: the same logits in every chunking and with 1, 2, 3 threads", not differing, differing)


def long_past():
    """Attention cuts a long past into spans, which few rows spread over the workers: the same bytes, and the right ones."""
    ids = (json.loads((DATA / "tiny.json").read_text())["ids"] * 5)[:1300]
    folder = harness.tiny("tiny-long")
    for flags in ((), ("--quantize=int8",), ("--cache=int8",)):
        program = harness.compile(folder, *flags)
        if not program:
            return
        rows = {way: harness.logits(program, ids, *way.split())
                for way in ("--chunk=512 -t1", "--chunk=1 -t2", "--chunk=3 -t3", "--chunk=8 -t5", "--chunk=9")}
        differing = [way for way, found in rows.items() if found is None or found.tobytes() != rows["--chunk=512 -t1"].tobytes()]
        check(f"long past {' '.join(flags)}: the same logits in every chunking", not differing, differing)
        if "--quantize=int8" not in flags:
            found, expected = rows["--chunk=512 -t1"], plain_llama.logits(folder, ids)
            cosine = ((found * expected).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(expected, axis=1)).min()
            check(f"long past {' '.join(flags)}: as computed in double precision", cosine > (0.999 if flags else 0.999999), cosine)


def windows():
    """A text that goes round the ring of a window's pages: the same bytes in every chunking, the right ones, and memory that
    the window bounds."""
    ids = (json.loads((DATA / "tiny.json").read_text())["ids"] * 7)[:2000]
    for shape in ("tiny-windows", "tiny-some-windows"):
        folder = harness.tiny(shape)
        for flags in ((), ("--cache=int8",)):
            program = harness.compile(folder, *flags)
            if not program:
                return
            rows = {way: harness.logits(program, ids, *way.split())
                    for way in ("--chunk=512 -t1", "--chunk=1 -t2", "--chunk=3 -t3", "--chunk=64", "--chunk=100")}
            first = rows["--chunk=512 -t1"]
            differing = [way for way, found in rows.items() if found is None or found.tobytes() != first.tobytes()]
            check(f"{shape} {' '.join(flags)}: the same logits in every chunking", not differing, differing)
            figures = compare.measure(plain_llama.logits(folder, ids), first)
            check(f"{shape} {' '.join(flags)}: as computed in double precision",  # few keys average what int8 rounds
                  compare.passes(figures, cosine=0.998 if flags else 0.999999, top1=97 if flags else 99.9), compare.line(figures))


def stands_alone(program, expected):
    """Runs in a folder that holds nothing else, as its root: no /proc, no libraries, no environment."""
    if os.geteuid() != 0:
        print("not root: the empty root is not tried")
        return
    with tempfile.TemporaryDirectory() as empty:
        shutil.copy(program, empty)
        chroot = shutil.which("chroot", path="/usr/sbin:/usr/bin:/sbin:/bin")
        result = run(chroot, empty, f"/{program.name}", "--temperature=0", "--max-tokens=8", "hello", env={})
        check(f"{program.name}: runs in an empty root", result.returncode == 0 and result.stdout == expected,
              harness.last_line(result))


def survives_strip(program, expected):
    for tool in ("strip", "/usr/lib/llvm-22/bin/llvm-strip"):
        if shutil.which(tool) is None:
            continue
        stripped = WORK / "stripped"
        run(tool, "-o", stripped, program)
        result = run(stripped, "--temperature=0", "--max-tokens=8", "hello")
        check(f"{program.name}: survives {tool}", result.stdout == expected, harness.last_line(result))
        stripped.unlink(missing_ok=True)


def lesser_cpu(folder):
    """Where the CPU lacks what the kernels use: exit 69 before any of them runs, with the features and what would fit."""
    emulator = shutil.which("qemu-x86_64")
    program = WORK / "lesser-cpu"
    compiled = run(harness.OSSCC, folder, "-q", "--target=x86-64-v4", "-o", program)
    if emulator is None or compiled.returncode:
        check("lesser CPU: emulated", False, "package qemu-user is missing" if emulator is None else "not compiled")
        return
    for cpu, told in (("Nehalem", "--target=x86-64\n"), ("Haswell", "--target=x86-64-v3")):
        result = run(emulator, "-cpu", cpu, program, "hello")
        text = result.stderr.decode(errors="replace")
        check(f"lesser CPU: {cpu}", result.returncode == 69 and "avx512f" in text and told in text and not result.stdout,
              text)
    # The plain path asks for nothing beyond SSE2, floats and blocks alike.
    for storage in ("keep", "f16", "int8", "int4"):
        run(harness.OSSCC, folder, "-q", "--target=x86-64", f"--quantize={storage}", "-o", program)
        at_home, old = (run(*start, program, "--temperature=0", "--max-tokens=8", "hello")
                        for start in ((), (emulator, "-cpu", "Opteron_G1")))
        check(f"plain path, {storage}: the same text on a CPU of 2005",
              at_home.returncode == 0 and old.returncode == 0 and old.stdout == at_home.stdout, harness.last_line(old))
    program.unlink()


def payload_bytes(program):
    """Bytes in the file of the last load segment: weights and index."""
    data = program.read_bytes()
    at, size, count = struct.unpack_from("<Q", data, 32)[0], *struct.unpack_from("<HH", data, 54)
    loads = [struct.unpack_from("<IIQQQQ", data, at + i * size) for i in range(count)]
    return max((address, stored) for kind, _, _, address, _, stored in loads if kind == 1)[1]


def several_targets(folder):
    """Kernels for three CPUs beside one copy of the weights; the start takes the best that this CPU can run."""
    names, emulator = ["x86-64-v4", "x86-64-v3", "x86-64"], shutil.which("qemu-x86_64")
    program, alone = WORK / "several", WORK / "alone"
    compiled = [run(harness.OSSCC, folder, "-q", "--quantize=int8", f"--target={target}", "-o", out)
                for out, target in ((program, "x86-64,x86-64-v4,x86-64-v3"), (alone, "x86-64-v3"))]
    if not check("several targets: compiled", not any(result.returncode for result in compiled),
                 harness.last_line(compiled[0])):
        return
    inside = json.loads(run(program, "inspect", "--json").stdout or "{}")
    tiers = [tier["target"].split()[-1] for tier in inside.get("tiers", [])]
    check("several targets: all inside, the best first", tiers == names, tiers)
    more = payload_bytes(program) - payload_bytes(alone)
    check("several targets: one copy of the weights", payload_bytes(alone) > 80000 and more < 100, f"{more} bytes more")
    texts = {}
    for name, start in (("x86-64-v3", (emulator, "-cpu", "Haswell")), ("x86-64", (emulator, "-cpu", "Opteron_G1")), (None, ())):
        told = run(*start, program, "bench", "-p", "2", "-n", "2", "-r", "1", "--json")
        taken = json.loads(told.stdout or "{}").get("target", "").split()[-1:]
        check(f"several targets: {name or 'this CPU'} takes its own", taken == [name] if name else taken and taken[0] in names,
              taken or harness.last_line(told))
        texts[name] = run(*start, program, "--temperature=0", "--max-tokens=8", "hello").stdout
    check("several targets: the same text on each", len(set(texts.values())) == 1 and all(texts.values()), texts)
    program.unlink()
    alone.unlink()


def damage(program):
    """One flipped bit in the weights: `verify` says so and exits 74."""
    check("verify: intact", (result := run(program, "verify")).returncode == 0, harness.last_line(result))
    damaged = WORK / "damaged"
    data = bytearray(program.read_bytes())
    data[-4096] ^= 1
    damaged.write_bytes(data)
    damaged.chmod(0o755)
    result = run(damaged, "verify")
    check("verify: one flipped bit", result.returncode == 74, harness.last_line(result))
    damaged.write_bytes(program.read_bytes()[:-5000])
    result = run(damaged, "hello")
    check("a truncated executable says so", result.returncode == 74, harness.last_line(result))
    damaged.unlink()


def limited_process(program, expected):
    """Bound to one CPU it starts one worker by itself; more are honoured, with a note."""
    bound = ("taskset", "-c", str(min(os.sched_getaffinity(0))), program)
    told = json.loads(run(*bound, "bench", "-p", "2", "-n", "2", "-r", "1", "--json").stdout or "{}")
    check("one CPU: one thread", told.get("threads") == 1, told)
    result = run(*bound, "-t", "3", "--temperature=0", "--max-tokens=8", "hello")
    check("one CPU, 3 threads: honoured with a note",
          result.stdout == expected and b"note: 3 threads share 1 CPU\n" in result.stderr, harness.last_line(result))


def ways_of_asking(program, expected):
    """Argument and piped input give the same answer; mistakes give their exit codes and one clear line."""
    short = ("--temperature=0", "--max-tokens=8")
    check("piped prompt", run(program, *short, input="hello").stdout == expected)
    check("seeded sampling repeats", run(program, "--temperature=1", "--seed=7", "-n", "16", "hello").stdout ==
          run(program, "--temperature=1", "--seed=7", "-n", "16", "-t", "3", "hello").stdout)
    result = run(program, "--no-such-flag")
    check("unknown flag exits 2", result.returncode == 2, harness.last_line(result))
    result = run(program, *short, input="a b c d " * 400)
    told = result.stderr.decode(errors="replace")
    check("a prompt beyond the context exits 1 and names the limit", result.returncode == 1 and "512" in told, told)
    ids = run(program, "tokenize", "hello <|im_end|> 12")
    check("tokenize gives a JSON array", ids.returncode == 0 and 2 not in json.loads(ids.stdout or "[2]"),
          harness.last_line(ids))
    bench = run(program, "bench", "-p", "16", "-n", "8", "-r", "1", "--json")
    keys = {"prefill_tokens_per_s", "decode_tokens_per_s", "decode_weight_bytes_per_s", "start_ms", "threads", "target",
            "model"}
    check("bench --json has its keys", bench.returncode == 0 and keys <= json.loads(bench.stdout or "{}").keys(),
          harness.last_line(bench))


def compiler_mistakes(folder):
    """The compiler's exit codes, and that no file remains."""
    out = WORK / "must-not-exist"
    for what, command, code in (("no such file", ["nowhere/model.safetensors"], 1),
                                ("unknown flag", [folder, "--no-such-flag"], 2),
                                ("unknown target", [folder, "--target=znver44"], 2)):
        result = run(harness.OSSCC, *command, "-o", out)
        ended = result.returncode == code or (what == "unknown target" and result.returncode == 1)
        check(f"osscc, {what}: exit {code}, no file", ended and not out.exists(), harness.last_line(result))
    nearest = run(harness.OSSCC, folder, "--target=znver44", "-o", out).stderr.decode(errors="replace")
    check("osscc, unknown target: the nearest are named", "znver4" in nearest.replace("znver44", ""), nearest)


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    for shape in ("tiny-6x2", "tiny-odd"):
        folder = harness.tiny(shape)
        program = harness.compile(folder)
        if not program:
            continue
        size = program.stat().st_size - weight_bytes(folder)
        check(f"{shape}: at most 6 MB beyond its weights", size <= OVERHEAD, f"{size} bytes")
        check(f"{shape}: static", is_static(program))
        same_numbers(program)
        answer = run(program, "--temperature=0", "--max-tokens=8", "hello")
        if shape == "tiny-6x2" and check("answers", answer.returncode == 0, harness.last_line(answer)):
            stands_alone(program, answer.stdout)
            survives_strip(program, answer.stdout)
            damage(program)
            lesser_cpu(folder)
            several_targets(folder)
            ways_of_asking(program, answer.stdout)
            limited_process(program, answer.stdout)
            compiler_mistakes(folder)
    long_past()
    windows()
    harness.finish()


if __name__ == "__main__":
    main()
