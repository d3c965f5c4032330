#!/usr/bin/env python3
"""A GGUF file computes what the Hugging Face folder does that its weights stand for, to the last byte where both store
floats, and reads the same text. What block-quantized weights compute as they are stored is held to a cosine.

    test/e2e/gguf.py [--tiny] [SHAPE...]     without the real file; of these tiny shapes alone
"""
import json
import sys

import harness
from harness import check

import compare  # tools/oracle/compare.py
import numpy as np
import tokenizer as oracle  # tools/oracle/tokenizer.py

# The shapes: tied and untied heads, odd widths, scaled positions, biases, and rows that are no whole blocks (tiny-6x2).
FLOATS = [("tiny-6x2", "F32"), ("tiny-6x2", "BF16"), ("tiny-odd", "F32"), ("tiny-odd", "F16"), ("tiny-untied", "F32"),
          ("tiny-llama3", "F32"), ("tiny-linear", "F32"), ("tiny-biases", "F32"), ("tiny-qwen2", "F32"), ("tiny-arcee-odd", "F32"),
          ("tiny-ernie", "F32"), ("tiny-glm4", "F32"), ("tiny-granite-odd", "F32"), ("tiny-granitemoe", "F32"), ("tiny-hunyuan", "F32"),
          ("tiny-mixtral", "F32"), ("tiny-olmo2-odd", "F32"), ("tiny-phi3-odd", "F32"), ("tiny-qwen2-moe", "F32"),
          ("tiny-qwen3", "F32"), ("tiny-qwen3-moe", "F32"), ("tiny-seed-oss", "F32"), ("tiny-smollm3", "F32"),
          ("tiny-cohere", "F32"), ("tiny-cohere-odd", "F32"), ("tiny-cohere2", "F32"), ("tiny-gpt2", "F32"), ("tiny-gpt2", "F16"),
          ("tiny-deepseek-v2", "F32"), ("tiny-deepseek-v3", "F32"), ("tiny-exaone4", "F32"), ("tiny-glm", "F32"), ("tiny-olmo3", "F32"),
          ("tiny-cohere-plus", "F32"), ("tiny-ernie-moe", "F32"), ("tiny-hunyuan-moe", "F32"), ("tiny-granitemoeshared", "F32"),
          ("tiny-starcoder2", "F32"), ("tiny-nemotron", "F32"), ("tiny-llama4-usual", "F32"), ("tiny-phi3-long", "F32"), ("tiny-phi4-mini", "F32"),
          ("tiny-glm4-moe", "F32"), ("tiny-dots1", "F32"), ("tiny-minimax-m2", "F32"), ("tiny-olmoe", "F32"),
          ("tiny-gemma4", "F32"), ("tiny-gemma4-e2b", "F32"), ("tiny-gemma3n", "F32"), ("tiny-qwen35", "F32"), ("tiny-qwen3-next-usual", "F32"),
          ("tiny-gemma", "BF16"), ("tiny-gemma-7b", "F16"), ("tiny-gemma2", "F32"), ("tiny-gemma3", "F32")]
BLOCKS = [("tiny-untied", "Q8_0"), ("tiny-untied", "Q4_0"), ("tiny-untied", "Q4_1"), ("tiny-llama32", "Q4_0"),
          ("tiny-6x2", "Q8_0"), ("tiny-6x2", "Q4_1"), ("tiny-qwen2", "Q4_0"), ("tiny-untied", "MXFP4"),
          ("tiny-untied", "Q5_0"), ("tiny-qwen2", "Q5_1"), ("tiny-untied", "IQ4_NL"), ("tiny-super", "Q2_K"),
          ("tiny-super", "Q3_K"), ("tiny-super", "Q4_K"), ("tiny-super", "Q5_K"), ("tiny-super", "Q6_K"),
          ("tiny-super", "IQ4_XS"), ("tiny-super", "mixed"),
          ("tiny-gpt2", "Q8_0"), ("tiny-gemma3", "Q8_0"), ("tiny-gemma2", "Q4_0")]
DECODED = ["IQ2_XXS", "IQ3_S", "IQ1_M", "TQ2_0", "NVFP4"]  # read, not kept: the summary tells what that loses
ROUNDED = 1e-4  # a logit, where frequencies are divided by numbers that were rounded to float32, or rates are an exponential's
COSINE = 0.9999  # of centred logits: block weights times activations of 16 bits, against float32
IDS = list(range(3, 60))
TEXTS = 2000


def numbers(shape, kind):
    """Both executables of one tiny checkpoint, or nothing after a failed check."""
    model, decoded = harness.gguf(harness.tiny(shape), kind), harness.decoded(harness.tiny(shape), kind)
    ours = harness.compile(model, "--quantize=f32", out=harness.WORK / f"{shape}-{kind}-f32")
    theirs = harness.compile(decoded, out=harness.WORK / f"{shape}-{kind}-folder")
    if not ours or not theirs:
        return None
    a, b = harness.logits(ours, IDS), harness.logits(theirs, IDS)
    if a is None or b is None:
        return None
    rounds = "llama3" in shape or "qwen35" in shape or "next" in shape
    same = np.abs(a - b).max() < ROUNDED if rounds else a.tobytes() == b.tobytes()
    check(f"{shape} {kind}, stored as f32: the folder's numbers", same, f"{np.abs(a - b).max()}")
    exact = ["--cache=f32"] if (shape, kind) in FLOATS else []  # as the folder, which is stored in f32, has it
    kept = harness.compile(model, *exact, out=harness.WORK / f"{shape}-{kind}-keep")
    c = harness.logits(kept, IDS) if kept else None
    if c is not None and (shape, kind) in FLOATS and not rounds:
        check(f"{shape} {kind}, kept: the folder's bytes", c.tobytes() == b.tobytes(), f"{np.abs(c - b).max()}")
    elif c is not None:
        figures = compare.measure(b, c)
        check(f"{shape} {kind}, kept", compare.passes(figures, cosine=COSINE, top1=95), compare.line(figures))
    return ours, theirs


def unsplit():
    """A DeepSeek as converters wrote it before 2025, its matrix of keys and values whole, computes what one of today does."""
    folder, out = harness.tiny("tiny-deepseek-v3"), harness.SHARED / "tiny-deepseek-v3-unsplit.gguf"
    with harness.making(out) as needed:
        if needed:
            harness.make("make-gguf", folder, out.with_suffix(".partial"), "--type=F32", "--unsplit")
            out.with_suffix(".partial").rename(out)
    programs = [harness.compile(path, "--quantize=f32", out=harness.WORK / f"{path.stem}-f32") for path in (out, harness.gguf(folder, "F32"))]
    a, b = (program and harness.logits(program, IDS) for program in programs)
    check("tiny-deepseek-v3 with keys and values in one matrix: the same bytes", a is not None and b is not None
          and a.tobytes() == b.tobytes())


def decoded(kind):
    """Blocks of a type without a format: as f32 the folder's bytes, else those of the folder in int8, or near the folder where
    nothing is lost; the summary says which.
    """
    model, folder = harness.gguf(harness.tiny("tiny-super"), kind), harness.decoded(harness.tiny("tiny-super"), kind)
    ours = harness.compile(model, "--quantize=f32", out=harness.WORK / f"tiny-super-{kind}-f32")
    theirs = harness.compile(folder, out=harness.WORK / f"tiny-super-{kind}-folder")
    kept = harness.run(harness.OSSCC, model, "-o", harness.WORK / f"tiny-super-{kind}-keep")
    said = kept.stderr.decode()
    told = "stored as Q2_K, exactly" if kind.startswith("TQ") else "stored as Q8_0, "
    check(f"{kind} is told", f"note: {kind} is read, not kept" in said and told in said, harness.last_line(kept))
    if not ours or not theirs or kept.returncode:
        return
    a, b, c = (harness.logits(program, IDS) for program in (ours, theirs, harness.WORK / f"tiny-super-{kind}-keep"))
    check(f"{kind}, stored as f32: the folder's bytes", a.tobytes() == b.tobytes(), f"{np.abs(a - b).max()}")
    if kind.startswith("TQ"):
        figures = compare.measure(b, c)
        check(f"{kind}, read", compare.passes(figures, cosine=0.999, top1=90), compare.line(figures))
        return
    codes = harness.compile(folder, "--quantize=int8", "--activations=int16", out=harness.WORK / f"tiny-super-{kind}-int8")
    d = codes and harness.logits(codes, IDS)
    check(f"{kind}, read: the bytes of the folder in int8", codes and c.tobytes() == d.tobytes())


def texts(name, ours, theirs):
    """The two read text alike: ids of random strings, and a rendered conversation."""
    lines = "".join(json.dumps(text) + "\n" for text in oracle.random_strings(TEXTS))
    request = json.dumps({"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]})
    for command, text in (("tokenize", lines), ("render", request)):
        flags = ["--lines", "--special"] if command == "tokenize" else ["--ids"]
        results = [harness.run(program, command, *flags, "-", input=text) for program in (ours, theirs)]
        check(f"{name} {command}", results[0].returncode == 0 and results[0].stdout == results[1].stdout,
              harness.last_line(results[0]))


def parts():
    """A split file computes what the whole one does, whichever part is given; scaled positions in one of the parts."""
    for shape, tensors in (("tiny-odd", 4), ("tiny-llama3", 1)):
        whole = harness.gguf(harness.tiny(shape), "F32")
        paths = harness.gguf_parts(whole, tensors)
        expected = harness.compile(whole, "--quantize=f32", out=harness.WORK / f"{shape}-F32-f32")
        a = harness.logits(expected, IDS) if expected else None
        for given in (paths[0], paths[-1]):
            program = harness.compile(given, "--quantize=f32", out=harness.WORK / f"{given.stem}-part")
            b = harness.logits(program, IDS) if program else None
            check(f"{shape} in {len(paths)} parts, given {given.name[-19:]}", a is not None and b is not None
                  and a.tobytes() == b.tobytes())


def smollm2():
    """The real file, against the folder that tools/get-model decodes it to."""
    model, folder = harness.smollm2_gguf(), harness.smollm2("f32")
    ours = harness.compile(model, "--quantize=f32", out=harness.WORK / "smollm2-gguf-f32")
    theirs, kept = harness.compile(folder), harness.compile(model, out=harness.WORK / "smollm2-gguf-keep")
    if not ours or not theirs or not kept:
        return
    texts("smollm2", ours, theirs)
    ids = json.loads((harness.DATA / "score-smollm2-f32.json").read_text())["ids"]
    a, b, c = (harness.logits(program, ids) for program in (ours, theirs, kept))
    if a is None or b is None or c is None:
        return
    check("smollm2, stored as f32: the folder's bytes", a.tobytes() == b.tobytes(), f"{np.abs(a - b).max()}")
    figures = compare.measure(b, c, ids)
    check("smollm2, kept", compare.passes(figures), compare.line(figures))


def main():
    chosen = [name for name in sys.argv[1:] if not name.startswith("--")]
    for shape, kind in FLOATS + BLOCKS:
        if chosen and shape not in chosen:
            continue
        programs = numbers(shape, kind)
        if programs and kind == "F32":
            texts(shape, *programs)
    if chosen:
        harness.finish()
    parts()
    unsplit()
    for kind in DECODED:
        decoded(kind)
    if "--tiny" not in sys.argv:
        smollm2()
    harness.finish()


if __name__ == "__main__":
    main()
