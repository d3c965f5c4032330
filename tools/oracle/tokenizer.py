#!/usr/bin/env python3
"""osscc's tokenizer, without a model around it, against the tokenizers package: 100,000 seeded random strings of all
planes and every code point, special tokens as text and as tokens; then the seconds that 10 MB of one character take.

    tools/oracle/tokenizer.py TOKENIZE_LINES DIRECTORY [--strings=N] [--seconds]

TOKENIZE_LINES is test/bin/tokenize-lines of the build tree; DIRECTORY holds tokenizer.json.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import time

import tokenizers

SPACES = " \t\n\r\v\f\x1c\x1f\u0085\u00a0\u1680\u2000\u2003\u2028\u2029\u202f\u205f\u3000\u200b\ufeff\u180e"
WORDS = ["the", "don't", "I'll", "we've", "x's", "THE'S", "it'", "''d", "naïve", "Straße", "привет", "你好", "हिन्दी", "עברית",
         "🙂", "👩‍👩‍👧", "e\u0301", "12", "3.14", "٣٤", "Ⅻ", "½", "\U00011de3", "<|im_start|>", "<|im_end|>",
         "<|endoftext|>", "<repo_name>", "<|im_", "|>", "\\n", "...", "://", "\x00", "\x04", "\x7f", "\u200d"]
# First and last code points of the ranges that strings draw from; the last is every plane.
RANGES = [(0x20, 0x7E), (0x80, 0x24F), (0x300, 0x5FF), (0x600, 0xDFF), (0x2000, 0x2BFF), (0x3000, 0x9FFF),
          (0xAC00, 0xD7A3), (0xE000, 0xFFFF), (0x10000, 0x1FFFF), (0x20000, 0x10FFFF), (0, 0x10FFFF)]
REPEATED = ["a", " ", "7", "🙂", "\n", "ab", "a ", "'"]


def random_string(dice, words=()):
    parts = []
    for _ in range(dice.randint(1, 12)):
        if words and dice.random() < 0.4:
            parts.append(dice.choice(words))
        kind = dice.random()
        if kind < 0.25:
            parts.append(dice.choice(WORDS))
        elif kind < 0.45:
            parts.append(dice.choice(SPACES) * dice.choice((1, 1, 2, 3, 7)))
        elif kind < 0.55:
            parts.append(dice.choice("aA.=-7é🙂") * dice.randint(1, 120))
        else:
            low, high = dice.choice(RANGES)
            codes = (dice.randint(low, high) for _ in range(dice.randint(1, 8)))
            parts.append("".join(chr(code) for code in codes if not 0xD800 <= code < 0xE000))
    return "".join(parts)


def random_strings(count, seed=20241123, words=()):
    """Strings of all planes, with `words` among them."""
    dice = random.Random(seed)
    return [random_string(dice, words) for _ in range(count)]


def every_code_point():
    """Each code point between a letter, a digit and a space, and doubled."""
    return [f"a{c}b1{c}2 {c} {c}{c}" for c in map(chr, range(0x110000)) if not 0xD800 <= ord(c) < 0xE000]


def encode(program, folder, strings, *flags):
    """What tokenize-lines makes of each string, or with --decode of each list of ids."""
    lines = "".join(json.dumps(text, ensure_ascii=False) + "\n" for text in strings)
    result = subprocess.run([program, folder, *flags], input=lines.encode(), capture_output=True, timeout=1800)
    if result.returncode:
        sys.exit(result.stderr.decode().strip())
    return [json.loads(line) for line in result.stdout.splitlines()]


def compare(name, program, folder, reference, strings, special):
    """Prints how many strings the two encode differently, and three of them."""
    reference.encode_special_tokens = not special
    wrong = 0
    for begin in range(0, len(strings), 50_000):
        block = strings[begin:begin + 50_000]
        ours = encode(program, folder, block, *["--special"] * special)
        for text, a, b in zip(block, ours, reference.encode_batch(block), strict=True):
            if a != b.ids:
                wrong += 1
                if wrong <= 3:
                    print(f"  {text[:60]!r}: {str(a)[:200]}, the reference {str(b.ids)[:200]}")
    print(f"{name}, special tokens {'matched' if special else 'as text'}: {wrong} of {len(strings)} differ", flush=True)
    return wrong


def print_seconds(program, folder):
    base = time.perf_counter()
    encode(program, folder, ["a"])
    base = time.perf_counter() - base
    for text in REPEATED:
        row = []
        for size in (1_000_000, 10_000_000):
            line = json.dumps(text * (size // len(text.encode())), ensure_ascii=False) + "\n"
            start = time.perf_counter()
            subprocess.run([program, folder], input=line.encode(), stdout=subprocess.DEVNULL, check=True)
            row.append(time.perf_counter() - start - base)
        print(f"{text!r}: {row[0]:.2f} s for 1 MB, {row[1]:.2f} s for 10 MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--strings", type=int, default=100_000)
    parser.add_argument("--seconds", action="store_true")
    arguments = parser.parse_args()
    reference = tokenizers.Tokenizer.from_file(str(arguments.folder / "tokenizer.json"))
    cases = (("random strings", random_strings(arguments.strings)), ("every code point", every_code_point()))
    wrong = sum(compare(name, arguments.program, arguments.folder, reference, strings, special)
                for name, strings in cases for special in (False, True))
    if arguments.seconds:
        print_seconds(arguments.program, arguments.folder)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
