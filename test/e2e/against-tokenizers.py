#!/usr/bin/env python3
"""The executable's tokenizer against the tokenizers package: every code point between a letter, a digit and a space,
and 100,000 seeded random strings of all planes, with special tokens as text and as tokens; and random tokenizers whose
added tokens have all natures.
"""
import json
import sys

import harness
import added_tokens  # tools/oracle/added_tokens.py
import reference
import tokenizer as oracle  # tools/oracle/tokenizer.py

STRINGS = 100_000
BLOCK = 50_000  # strings a process: bounds the memory


def mismatches(program, tokenizer, strings, *flags):
    """How many of `strings` the two encode differently; prints the first few of each block."""
    if len(strings) > BLOCK:
        return sum(mismatches(program, tokenizer, strings[at:at + BLOCK], *flags)
                   for at in range(0, len(strings), BLOCK))
    lines = "".join(json.dumps(text) + "\n" for text in strings)
    result = harness.run(program, "tokenize", "--lines", *flags, "-", input=lines, timeout=1200)
    ours = [json.loads(line) for line in result.stdout.splitlines()]
    if result.returncode or len(ours) != len(strings):
        print(f"{len(ours)} lines for {len(strings)}: {harness.last_line(result)}")
        return len(strings)
    wrong = [(text, a, e.ids) for text, a, e in zip(strings, ours, tokenizer.encode_batch(strings)) if a != e.ids]
    for text, a, b in wrong[:3]:
        print(f"{text!r}: {a}, the reference {b}")
    return len(wrong)


def main():
    folder = harness.smollm2("bf16")
    program = harness.compile(folder)
    tokenizer = reference.load_tokenizer(folder)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else STRINGS
    random_strings = oracle.random_strings(count)
    for special in (False, True) if program else ():
        # Without --special user text is only text: the reference then must not match special tokens either.
        tokenizer.encode_special_tokens = not special
        flags = ["--special"] if special else []
        wrong = mismatches(program, tokenizer, random_strings, *flags)
        harness.check(f"{count} random strings {' '.join(flags)}", wrong == 0, f"{wrong} differ")
    tokenizer.encode_special_tokens = True
    if program:
        wrong = mismatches(program, tokenizer, oracle.every_code_point())
        harness.check("every code point between a letter, a digit and a space", wrong == 0, f"{wrong} differ")
    wrong, tried = added_tokens.compare(harness.BUILD / "test" / "bin" / "tokenize-lines", count=160, strings=500)
    harness.check(f"added tokens of all natures, {tried} lines", wrong == 0, f"{wrong} differ")
    harness.finish()


if __name__ == "__main__":
    main()
