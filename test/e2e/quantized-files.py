#!/usr/bin/env python3
"""Files as llama.cpp quantizes them, kept as they are, against transformers in float32 on what gguf-py decodes them to: a tiny
Llama in each block type and a mixture, and SmolLM2, whose rows of 576 fall back to other types.

    test/e2e/quantized-files.py [POSITIONS]
"""
import subprocess
import sys

import harness
from harness import ROOT, WORK, check

import compare
import reference
from benchmark.peer import Peer

TYPES = ["Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "MXFP4", "IQ4_NL", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS", "mixed"]
FILES = ["Q4_K_M", "Q5_K_M", "Q6_K", "Q3_K_M", "IQ4_XS"]
COSINE, TOP1 = 0.9999, 99.5
IDS = list(range(3, 303))


def held(name, model, expected, ids, *flags):
    """The executable of a file against the logits of what it decodes to."""
    program = harness.compile(model, "--target=native", *flags, out=WORK / "quantized-file.assistant")
    found = program and harness.logits(program, ids)
    if found is None or not program:
        return
    figures = compare.measure(expected, found, ids)
    print(f"{name}: {compare.line(figures)}", flush=True)
    check(name, compare.passes(figures, cosine=COSINE, top1=TOP1), compare.line(figures))


def tiny(library, kind):
    source = harness.tiny("tiny-super")
    model, decoded = WORK / f"tiny-super-ggml-{kind}.gguf", WORK / f"tiny-super-ggml-{kind}-decoded"
    subprocess.run([sys.executable, ROOT / "tools/make-gguf", source, model, f"--type={kind}", f"--ggml={library}",
                    f"--decoded={decoded}"], check=True)
    expected = reference.logits(reference.load_model(decoded), IDS)
    held(f"tiny-super {kind}", model, expected, IDS, "--cache=f32")  # random logits are too close for a cache of halves


def smollm2(peer, kind, positions):
    source, model = WORK / "smollm2-f32.gguf", WORK / f"smollm2-{kind}.gguf"
    if not source.exists():
        subprocess.run([sys.executable, ROOT / "tools/make-gguf", harness.smollm2_gguf(), source, "--type=F32"], check=True)
    peer.quantize(source, model, kind)
    folder = WORK / f"smollm2-{kind}-decoded"
    subprocess.run([sys.executable, ROOT / "tools/get-model", "smollm2", folder, "--dtype=f32", f"--from={model}"], check=True)
    ids = reference.load_tokenizer(folder).encode(reference.licence_text()).ids[:positions]
    held(f"smollm2 {kind}", model, reference.logits(reference.load_model(folder), ids), ids)


def main():
    positions = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    peer = Peer(harness.BUILD / "bench" / "peer")
    for kind in TYPES:
        tiny(peer.libraries / "libggml-base.so", kind)
    for kind in FILES:
        smollm2(peer, kind, positions)
    harness.finish()


if __name__ == "__main__":
    main()
