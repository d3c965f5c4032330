#!/usr/bin/env python3
"""What an executable for a card promises on its host: it runs where a driver is, says what is missing where none is, and
answers by its CPU's code where it has that. The driver is the stand-in of test/cuda, which runs PTX on the CPU; its variables make
it a card of any kind."""
import concurrent.futures
import json
import os
import struct

import numpy as np

import harness
import serving
from harness import BUILD, DATA, check, run

STANDIN = BUILD / "test" / "cuda" / "libcuda.so.1"
IDS = json.loads((DATA / "tiny.json").read_text())["ids"][:12]


def on(card="", **variables):
    """The environment of a machine with this card: sm=75 makes it of compute capability 7.5; none without one."""
    driver = {"OSSCC_CUDA_DRIVER": card or str(STANDIN)}
    return {**os.environ, **driver, **{f"OSSCC_STANDIN_{name.upper()}": str(value) for name, value in variables.items()}}


def libraries(program):
    """The interpreter and the needed libraries that an ELF file names."""
    data = program.read_bytes()
    at, size, count = struct.unpack_from("<Q", data, 32)[0], *struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQQQ", data, at + i * size) for i in range(count)]
    names = [data[h[2]:h[2] + h[5] - 1].decode() for h in headers if h[0] == 3]

    def file_offset(address):
        return next(address - h[3] + h[2] for h in headers if h[0] == 1 and h[3] <= address < h[3] + h[5])

    for header in (h for h in headers if h[0] == 2):
        entries = [struct.unpack_from("<QQ", data, header[2] + i) for i in range(0, header[5], 16)]
        strings = file_offset(dict(entries)[5])
        for tag, value in entries:
            if tag == 1:
                begin = strings + value
                names.append(data[begin:data.index(b"\0", begin)].decode())
    return names


def score(program, *flags, **environment):
    return run(program, "score", "--ids", *flags, "-", input=json.dumps(IDS), **environment)


def refuses(name, result, status, *words):
    """One error, with this exit status, that says these words."""
    said = result.stderr.decode(errors="replace")
    errors = [line for line in said.splitlines() if line.startswith("error:")]
    missing = [word for word in words if word not in said]
    check(f"refuses: {name}", result.returncode == status and len(errors) == 1 and not missing,
          f"exit {result.returncode}, without {missing}: {said}")


def refusals(program):
    """A file with code for a card alone: each thing that can be missing has one error."""
    refuses("no driver", score(program, env=on("/nowhere/libcuda.so.1")), 69, "no CUDA driver", "install NVIDIA's driver")
    refuses("no card", score(program, env=on(devices=0)), 69, "no CUDA device")
    refuses("an older card", score(program, env=on(sm=75)), 69, "compute capability 7.5", "sm_89")
    refuses("a card in between", score(program, env=on(sm=86)), 69, "compute capability 8.6", "--target=sm_86")
    refuses("an older driver", score(program, env=on(driver=11010)), 69, "CUDA 11.1", "install an NVIDIA driver for CUDA")
    refuses("too little memory", score(program, env=on(memory=4096)), 75, "are needed", "are available")
    refuses("a card that is lost", score(program, "--chunk=1", env=on(lose=40)), 1, "CUDA_ERROR_")
    refuses("a card that is not there", score(program, "--device=cuda:3", env=on()), 1, "cuda:3: the driver finds 1 device")
    refuses("no code for a CPU", score(program, "--device=cpu", env=on()), 69, "no code for a CPU")
    refuses("a device of no kind", score(program, "--device=gpu", env=on()), 2, "cpu, cuda or cuda:N")


def told(program):
    """What inspect and bench say."""
    tier = json.loads(run(program, "inspect", "--json", env=on("/nowhere")).stdout)["tiers"][0]
    check("inspect: the card's images and kernels", tier.get("device") == "cuda" and tier["images"] and tier["kernels"]
          and tier["images"][0]["target"] == "sm_89", tier)
    result = run(program, "bench", "-p", "4", "-n", "3", "-r", "1", "--json", env=on())
    if check("bench on a card", result.returncode == 0, harness.last_line(result)):
        check("bench names the card", "cuda:0" in json.loads(result.stdout)["device"], result.stdout)


def answers(program, cpu):
    """Both codes of one file: numbers near each other, and the same in every chunking of the card's."""
    plain = harness.logits(cpu, IDS)
    if plain is None:
        return
    found = {}
    for way in ("--chunk=512", "--chunk=1", "--chunk=5"):
        path = harness.WORK / "card.npy"
        result = score(program, f"--logits={path}", way, env=on())
        if check(f"card {way}", result.returncode == 0, harness.last_line(result)):
            found[way] = np.load(path)
    for way, rows in found.items():
        cosine = ((rows * plain).sum(1) / np.linalg.norm(rows, axis=1) / np.linalg.norm(plain, axis=1)).min()
        check(f"card {way}: the CPU's logits", cosine > 0.9999, cosine)
    check("card: the same logits in every chunking", len({rows.tobytes() for rows in found.values()}) <= 1)


def both(program):
    """A file with code for both: the card where it is, else the CPU, and --device to choose."""
    with_card, without = score(program, env=on()), score(program, env=on("/nowhere/libcuda.so.1"))
    chosen = score(program, "--device=cpu", env=on())
    check("both: the card answers", with_card.returncode == 0 and b"note:" not in with_card.stderr, harness.last_line(with_card))
    check("both: without a card the CPU answers and says why",
          without.returncode == 0 and b"the CPU answers" in without.stderr, harness.last_line(without))
    check("both: --device=cpu says nothing of cards", chosen.returncode == 0 and b"note:" not in chosen.stderr, chosen.stderr)
    check("both: the CPU's numbers, with or without a card", chosen.stdout == without.stdout)
    refuses("the card that was asked for", score(program, "--device=cuda", env=on("/nowhere/libcuda.so.1")), 69, "no CUDA driver")


def serves(program):
    """Two answers side by side, whose rows share calls on the card, are those that each has alone."""
    os.environ.update(on())
    server = serving.Server(program, "--parallel=2")
    prompts = [{"prompt": text, "max_tokens": 12, "temperature": 0} for text in ("one two", "a b c d e")]
    alone = [server.ask("/v1/completions", prompt)[1] for prompt in prompts]
    with concurrent.futures.ThreadPoolExecutor() as clients:
        together = list(clients.map(lambda prompt: server.ask("/v1/completions", prompt)[1], prompts))

    def texts(answers):
        return [answer["choices"][0]["text"] if "choices" in answer else answer for answer in answers]
    check("serve on a card: the same answers together", texts(alone) == texts(together), (alone, together))
    check("serve names the card", "cuda:0" in server.said, server.said)
    check("serve ends", server.stop() == 0)


def main():
    folder = harness.tiny("tiny-6x2")
    card = harness.compile(folder, "--target=sm_89", out=harness.WORK / "card")
    cpu = harness.compile(folder, "--target=x86-64-v3", out=harness.WORK / "cpu")
    if card and cpu:
        check("a card's executable takes libc from the system and nothing else",
              set(libraries(card)) <= {"/lib64/ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"},
              libraries(card))
        check("a CPU's executable is static", libraries(cpu) == [], libraries(cpu))
        refusals(card)
        told(card)
        answers(card, cpu)
        serves(card)
    pair = harness.compile(folder, "--target=sm_89,x86-64-v3", out=harness.WORK / "both")
    if pair:
        both(pair)
    harness.finish()


if __name__ == "__main__":
    main()
