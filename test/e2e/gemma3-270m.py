#!/usr/bin/env python3
"""Gemma 3 270M, a real model, against transformers float32 on what its 4-bit weights decode to: 64 greedy tokens after each of
8 texts, from the GGUF file and from the folder of decoded weights; the perplexity of 4,000 tokens of real text, kept and at int8.
"""
import harness
from harness import check

import greedy
import reference

POSITIONS = 4000
NEW_TOKENS = 64
TEXTS = ["The capital of France is", "Once upon a time, there was a", "def fibonacci(n):\n", "Water boils at",
         "Die Katze sitzt auf dem", "1, 2, 3, 5, 8,", "<h1>About us</h1>\n\n<p>", "In 1969, the first"]
# Percent of perplexity.
KEPT, INT8 = 0.1, 1.0


def reference_perplexity(model, ids):
    """exp of the mean loss of each next token, a block of rows at a time: all logits would be 4 GB."""
    import torch
    total, cache = 0.0, None
    for start in range(0, len(ids) - 1, reference.BLOCK):
        block = ids[start:start + reference.BLOCK]
        result = model(input_ids=torch.tensor([block]), past_key_values=cache, use_cache=True)
        cache = result.past_key_values
        targets = torch.tensor(ids[start + 1:start + 1 + len(block)])
        rows = torch.log_softmax(result.logits[0, :len(targets)].double(), dim=-1)
        total += float(rows[torch.arange(len(targets)), targets].sum())
    return float(torch.exp(torch.tensor(-total / (len(ids) - 1))))


def perplexity(program, ids):
    """The same by `score`, or None after a failed check."""
    import math
    lines = harness.score(program, ids)
    if lines is None:
        return None
    return math.exp(-sum(line["logprob"] for line in lines[:-1]) / (len(ids) - 1))


def continues(name, program, expected):
    """The program writes on as the reference does."""
    for text, answer in expected:
        result = harness.run(program, "--raw", "--temperature=0", f"--max-tokens={NEW_TOKENS}", "--", text)
        said = result.stdout.decode().removesuffix("\n")
        check(f"{name} after {text!r}", result.returncode == 0 and said == answer,
              f"{harness.last_line(result)}: {said!r}, the reference {answer!r}")


def main():
    folder, file = harness.real_model("gemma3-270m", "f32"), harness.real_gguf("gemma3-270m")
    model, tokenizer = reference.load_model(folder), reference.load_tokenizer(folder)
    expected = []
    for text in TEXTS:
        new, gaps = greedy.greedy(model, tokenizer.encode(text).ids, [model.config.eos_token_id], NEW_TOKENS)
        expected.append((text, tokenizer.decode(new, skip_special_tokens=False)))
        print(f"{text!r}: smallest gap {min(gaps)}", flush=True)
    ids = tokenizer.encode(reference.licence_text()).ids[:POSITIONS]
    wanted = reference_perplexity(model, ids)
    from_file = harness.compile(file, "--target=native", "--quantize=f32", out=harness.WORK / "gemma3-270m-gguf-f32")
    from_folder = harness.compile(folder, "--target=native", out=harness.WORK / "gemma3-270m-f32")
    for name, program in (("gemma3-270m.gguf in f32", from_file), ("gemma3-270m in f32", from_folder)):
        if program:
            continues(name, program, expected)
    for name, source, flags, bound in (("gemma3-270m.gguf kept", file, [], KEPT), ("gemma3-270m at int8", folder, ["--quantize=int8"], INT8)):
        program = harness.compile(source, "--target=native", *flags, out=harness.WORK / "gemma3-270m.assistant")
        found = program and perplexity(program, ids)
        if found:
            print(f"{name}: perplexity {found:.4f}, the reference {wanted:.4f}", flush=True)
            check(f"{name}: perplexity within {bound} %", abs(found / wanted - 1) * 100 <= bound, f"{found}, {wanted}")
    harness.finish()


if __name__ == "__main__":
    reference.environment.require("requirements-oracle.txt")
    main()
