#!/usr/bin/env python3
"""The executable's tokenizer against the tokenizers package: every code point in three surroundings, and 100,000 seeded
random strings of all planes, with special tokens as text and as tokens.
"""
import json
import random
import sys

import harness
import reference

STRINGS = 100_000
BLOCK = 50_000  # strings a process: bounds the memory
SPACES = " \t\n\r\v\f\u0085\u00a0\u1680\u2000\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u200b\ufeff\u180e"
WORDS = ["the", "don't", "I'll", "we've", "x's", "THE", "naïve", "Straße", "привет", "你好", "世界", "हिन्दी", "עברית",
         "عربي", "🙂", "👩‍👩‍👧", "e\u0301", "12", "3.14", "٣٤", "Ⅻ", "½", "<|im_start|>", "<|im_end|>", "<|endoftext|>",
         "<repo_name>", "<|im_", "}}", "\\n", "--", "...", "://", "\x00", "\x7f", "\u200d"]
# First and last code points of the ranges that strings draw from; the last row is every plane.
RANGES = [(0x20, 0x7E), (0x80, 0x24F), (0x300, 0x36F), (0x370, 0x5FF), (0x600, 0xDFF), (0x2000, 0x2BFF),
          (0x3000, 0x9FFF), (0xAC00, 0xD7A3), (0xE000, 0xFFFF), (0x10000, 0x1FFFF), (0x0, 0x10FFFF)]


def random_string(dice):
    parts = []
    for _ in range(dice.randint(1, 12)):
        kind = dice.random()
        if kind < 0.25:
            parts.append(dice.choice(WORDS))
        elif kind < 0.45:
            parts.append(dice.choice(SPACES) * dice.choice((1, 1, 2, 3, 7)))
        elif kind < 0.55:
            parts.append(str(dice.randrange(10 ** dice.randint(1, 9))))
        else:
            low, high = dice.choice(RANGES)
            codes = (dice.randint(low, high) for _ in range(dice.randint(1, 8)))
            parts.append("".join(chr(code) for code in codes if not 0xD800 <= code < 0xE000))
    return "".join(parts)


def every_code_point():
    for code in range(0x110000):
        if not 0xD800 <= code < 0xE000:
            c = chr(code)
            yield f"a{c}b1{c}2 {c} {c}{c}"


def mismatches(program, tokenizer, strings, *flags):
    """How many of `strings` the two encode differently; prints the first few."""
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


def blocks(strings):
    block = []
    for text in strings:
        block.append(text)
        if len(block) == BLOCK:
            yield block
            block = []
    if block:
        yield block


def main():
    folder = harness.smollm2("bf16")
    program = harness.compile(folder)
    tokenizer = reference.load_tokenizer(folder)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else STRINGS
    dice = random.Random(20240611)
    random_strings = [random_string(dice) for _ in range(count)]
    for special in (False, True) if program else ():
        # Without --special user text is only text: the reference then must not match special tokens either.
        tokenizer.encode_special_tokens = not special
        flags = ["--special"] if special else []
        wrong = sum(mismatches(program, tokenizer, block, *flags) for block in blocks(random_strings))
        harness.check(f"{count} random strings {' '.join(flags)}", wrong == 0, f"{wrong} differ")
    tokenizer.encode_special_tokens = True
    if program:
        wrong = sum(mismatches(program, tokenizer, block) for block in blocks(every_code_point()))
        harness.check("every code point between a letter, a digit and a space", wrong == 0, f"{wrong} differ")
    harness.finish()


if __name__ == "__main__":
    main()
