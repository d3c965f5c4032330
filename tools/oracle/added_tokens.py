#!/usr/bin/env python3
"""Random tokenizers whose added tokens have all natures, against the tokenizers package: special tokens as text and
matched, and decoded without them.

    tools/oracle/added_tokens.py TOKENIZE_LINES [--tokenizers=N] [--strings=N]
    tools/oracle/added_tokens.py --golden       writes test/data/tokenizer/added-tokens.json

The bases are small: bytes or characters and a few merges, with each way of writing spaces that osscc reads.
"""
import argparse
import contextlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import tokenizers

GOLDEN = pathlib.Path(__file__).resolve().parent.parent.parent / "test" / "data" / "tokenizer" / "added-tokens.json"
SPACE = "\u2581"
FLAGS = ["special", "normalized", "lstrip", "rstrip", "single_word"]
TEXTS = ["<think>", "</think>", "<|stop|>", "<|im_end|>", "<a>", "<a><b>", "<b>", "hello", "the", "a b", " x", "\n", "\n\n", "  ",
         SPACE, SPACE * 2, "éa", "e\u0301b", "\u00e9", "中", "<｜end｜>", "th", "then", "1", "12", "_w", "Ġa", "<0x41>"]
PARTS = [*TEXTS, *TEXTS, " ", "  ", "   ", "\t", "\n", "\u00a0", "\u3000", "a", "b", "the", "en", "hello", "x", "1", "_", "é", "e\u0301",
         "\u0301", "中文", "<", "|", ">", "<|", "|>", ".", "'s", "🙂", "<thi", "nk>"]


def byte_letters():
    kept = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    moved = iter(range(0x100, 0x144))
    return [chr(byte) if byte in kept else chr(next(moved)) for byte in range(256)]


def model(vocab, merges, **fields):
    for left, right in merges:
        vocab.setdefault(left + right, len(vocab))
    return {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
            "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": vocab,
            "merges": [list(pair) for pair in merges], **fields}


def byte_level(normalizer=None, **fields):
    vocab = {letter: i for i, letter in enumerate(byte_letters())}
    merges = [("t", "h"), ("th", "e"), ("h", "e"), ("Ġ", "the"), ("l", "l"), ("he", "ll"), ("hell", "o"), ("Ċ", "Ċ"),
              ("Ġ", "Ġ"), ("<", "|"), ("Ã", "©")]
    step = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {"version": "1.0", "truncation": None, "padding": None, "normalizer": normalizer, "pre_tokenizer": step,
            "post_processor": None, "decoder": step, "model": model(vocab, merges, **fields)}


def characters(normalizers, pre_tokenizer=None, strips=True):
    """A vocabulary of characters as SentencePiece has it."""
    vocab = {"<unk>": 0, "<s>": 1, "</s>": 2}
    for byte in range(256):
        vocab[f"<0x{byte:02X}>"] = len(vocab)
    for letter in [SPACE, *"abehlotnx<>|1.é中\n"]:
        vocab[letter] = len(vocab)
    merges = [("t", "h"), ("th", "e"), (SPACE, "the"), ("h", "e"), ("l", "l"), (SPACE, SPACE), (SPACE, "a"), ("\n", "\n")]
    decoders = [{"type": "Replace", "pattern": {"String": SPACE}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]
    if strips:
        decoders.append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
    normalizer = {"type": "Sequence", "normalizers": normalizers} if normalizers else None
    return {"version": "1.0", "truncation": None, "padding": None, "normalizer": normalizer, "pre_tokenizer": pre_tokenizer,
            "post_processor": None, "decoder": {"type": "Sequence", "decoders": decoders},
            "model": model(vocab, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)}


def bases():
    prepend, replace = {"type": "Prepend", "prepend": SPACE}, {"type": "Replace", "pattern": {"String": " "}, "content": SPACE}
    metaspace = {"type": "Metaspace", "replacement": SPACE, "split": False}
    return {"bytes": byte_level(), "composed": byte_level({"type": "NFC"}), "whole": byte_level(ignore_merges=True),
            "prepended": characters([prepend, replace]),
            "replaced": characters([replace], {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious",
                                               "invert": False}, strips=False),
            **{scheme: characters([], {**metaspace, "prepend_scheme": scheme}) for scheme in ("first", "always", "never")}}


def random_added(dice, vocab):
    """Added tokens of random natures; some are in the vocabulary already."""
    added = []
    for text in dice.sample(TEXTS, dice.randint(2, 8)):
        id = vocab.get(text, len(vocab) + sum(token["content"] not in vocab for token in added))
        share = dice.choice((0.15, 0.5))
        added.append({"id": id, "content": text, **{flag: dice.random() < share for flag in FLAGS}})
        if text in vocab and len(text) == 1:
            added[-1]["special"] = False  # the package lets a user write a special token of one letter, osscc does not
    return added


def random_string(dice):
    return "".join(dice.choice(PARTS) for _ in range(dice.randint(1, 12)))


@contextlib.contextmanager
def silence():
    """Keeps the package from telling of its own failures."""
    said = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    yield
    os.dup2(said, 2)
    os.close(said)


def encode(tokenizer, text, special):
    """Ids, or none where the package fails: tokens that both take away the same white space make it panic."""
    tokenizer.encode_special_tokens = not special
    try:
        return tokenizer.encode(text).ids
    except BaseException as error:  # a panic is no Exception
        if type(error).__name__ != "PanicException":
            raise
        return None


def case(dice, base, strings):
    """(tokenizer.json's value, [[text, plain ids, ids with special tokens]], [[ids, text without special tokens]])"""
    value = {**base, "added_tokens": random_added(dice, base["model"]["vocab"])}
    tokenizer = tokenizers.Tokenizer.from_str(json.dumps(value))
    words = [token["content"] for token in value["added_tokens"]] * 2 + PARTS
    texts = ["".join(dice.choice(words) for _ in range(dice.randint(1, 12))) for _ in range(strings)]
    with silence():
        rows = [[text, encode(tokenizer, text, False), encode(tokenizer, text, True)] for text in texts]
    rows = [row for row in rows if None not in row]
    ids = [[dice.choice(row[2]) for _ in range(6)] for row in rows[:strings // 4] if row[2]]
    # Of tokens that their normalization changes, the package shows special ones, and of the vocabulary's the changed text.
    odd = {token["id"] for token in value["added_tokens"] if tokenizer.id_to_token(token["id"]) != token["content"]
           and (token["special"] or token["content"] in base["model"]["vocab"])}
    decoded = [[row, tokenizer.decode(row, skip_special_tokens=True)] for row in ids if not odd.intersection(row)]
    # An added token whose letters all stand for bytes is decoded to these, which may be no text: osscc shows the letters.
    return value, rows, [row for row in decoded if "\ufffd" not in row[1]]


def run(program, path, lines, *flags):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    result = subprocess.run([program, path, *flags], input=text.encode(), capture_output=True, timeout=600)
    if result.returncode:
        sys.exit(result.stderr.decode().strip())
    return [json.loads(line) for line in result.stdout.splitlines()]


def compare(program, count, strings, seed=1):
    """How many of how many lines the two read differently; prints the first few."""
    dice, all_bases = random.Random(seed), bases()
    wrong = tried = 0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "tokenizer.json"
        for number in range(count):
            name = list(all_bases)[number % len(all_bases)]
            value, rows, decoded = case(dice, all_bases[name], strings)
            path.write_text(json.dumps(value))
            texts = [row[0] for row in rows]
            for flags, given, expected in (([], texts, [row[1] for row in rows]), (["--special"], texts, [row[2] for row in rows]),
                                           (["--decode"], [row[0] for row in decoded], [row[1] for row in decoded])):
                for line, ours, theirs in zip(given, run(program, path, given, *flags), expected, strict=True):
                    tried += 1
                    if ours != theirs:
                        wrong += 1
                        if wrong <= 5:
                            print(f"  {name} {flags} {line!r}: {ours}, the reference {theirs}\n    {value['added_tokens']}")
    return wrong, tried


def write_golden():
    dice, all_bases = random.Random(7), bases()
    cases = []
    for number in range(4 * len(all_bases)):
        name = list(all_bases)[number % len(all_bases)]
        value, rows, decoded = case(dice, all_bases[name], 24)
        cases.append({"base": name, "added": value["added_tokens"], "rows": rows, "decoded": decoded})
    GOLDEN.write_text(json.dumps({"bases": all_bases, "cases": cases}, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(f"{len(cases)} tokenizers, {sum(len(case['rows']) for case in cases)} strings")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?")
    parser.add_argument("--tokenizers", type=int, default=80)
    parser.add_argument("--strings", type=int, default=300)
    parser.add_argument("--golden", action="store_true")
    arguments = parser.parse_args()
    if arguments.golden:
        return write_golden()
    wrong, tried = compare(arguments.program, arguments.tokenizers, arguments.strings)
    print(f"{wrong} of {tried} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
