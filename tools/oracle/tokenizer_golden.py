#!/usr/bin/env python3
"""Writes test/data/tokenizer: a small byte-level BPE shaped like SmolLM2's, and what the tokenizers package makes of
seeded strings with it.

    tokenizer.json  1,200 tokens trained on seeded sentences; lacks the bytes that SmolLM2's vocabulary lacks
    golden.json     {"strings": [[text, ids with special tokens as text, ids with them matched, null if the same], ...],
                     "decoded": [[ids, text], ...]}
    splits.json     {name: {"regex": pattern, "rows": [[text, pieces], ...]}, ...} for the known split patterns
"""
import json
import pathlib
import random
import sys

import tokenizers
from tokenizers import decoders, models, pre_tokenizers, trainers

import tokenizer as oracle

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import huggingface  # noqa: E402

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "test" / "data" / "tokenizer"
TOKENS, STRINGS, SEED = 1200, 300, 20241123
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|im_", "<repo_name>"]
LACKING = {0x04, 0x06, 0x13, 0x14, 0x16, 0x1D, 0xC0, 0xC1, 0xF1, 0xF2, *range(0xF5, 0x100)}
SYLLABLES = "the an in er on at it is es re to ed ng st ti or te al ve as ing lea ghe so wh'll n't 's é я 你 好 🙂".split()


CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
ENDS = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CAPITALS, SMALL = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
TEKKEN = rf"[^\r\n\p{{L}}\p{{N}}]?{CAPITALS}*{SMALL}+|[^\r\n\p{{L}}\p{{N}}]?{CAPITALS}+{SMALL}*|\p{{N}}|"
REGEXES = {"llama3": CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|" + ENDS,
           "qwen2": CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|" + ENDS,
           "qwen35": (CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|"
                      r"\s+(?!\S)|\s+"),
           "tekken": TEKKEN + ENDS.replace(r"[\r\n]*|", r"[\r\n/]*|", 1),
           "gpt2": r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"}


def sentences(dice):
    for _ in range(4000):
        words = ["".join(dice.choice(SYLLABLES) for _ in range(dice.randint(1, 4))) for _ in range(8)]
        yield dice.choice((" ", " ", "  ", "\n")).join(words) + dice.choice((".\n", "!!", "\n\n", "   "))


def trained():
    """(vocabulary, merges) of a BPE without the bytes in LACKING."""
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=TOKENS, special_tokens=SPECIAL, show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator(sentences(random.Random(SEED)), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    spelling = {byte: chr(code) for byte, code in byte_characters()}
    lacking = {spelling[byte] for byte in LACKING}
    merges = [pair for pair in map(tuple, model["merges"]) if not lacking & set("".join(pair))]
    names = [text for text, _ in sorted(model["vocab"].items(), key=lambda item: item[1]) if not lacking & set(text)]
    return {text: id for id, text in enumerate(names)}, merges


def byte_characters():
    """GPT-2's spelling: printable bytes of Latin-1 are themselves, the others follow from U+0100."""
    following = 0x100
    for byte in range(256):
        if 0x21 <= byte <= 0x7E or (0xA1 <= byte and byte != 0xAD):
            yield byte, byte
        else:
            yield byte, following
            following += 1


def splits():
    """What the package splits seeded strings into, a pattern at a time."""
    strings = [text[:80] for text in oracle.random_strings(120, SEED + 1)] + ["I'LL he'S 'ſ 12345 x\r\n\n y  ", "a\n \n  b (c)"]
    strings += ["helloWorld HTTPServer don't ://\n\n ok", "नमस्ते दुनिया 12 ǅungla e\u0301te\u0301"]
    out = {}
    for name, regex in REGEXES.items():
        split = pre_tokenizers.Split(tokenizers.Regex(regex), behavior="isolated")
        removing = pre_tokenizers.Split(tokenizers.Regex(regex), behavior="removed", invert=True)
        assert all(split.pre_tokenize_str(text) == removing.pre_tokenize_str(text) for text in strings), "they are the same"
        out[name] = {"regex": regex, "rows": [[text, [piece for piece, _ in split.pre_tokenize_str(text)]] for text in strings]}
    return out


def write(name, value):
    (FOLDER / name).write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    vocabulary, merges = trained()
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / "tokenizer.json"
    path.write_text(json.dumps(huggingface.tokenizer_json(vocabulary, merges, SPECIAL), ensure_ascii=False) + "\n")
    tokenizer = tokenizers.Tokenizer.from_file(str(path))
    assert isinstance(tokenizer.decoder, decoders.ByteLevel)
    strings = [text[:160] for text in oracle.random_strings(STRINGS, SEED)]
    rows = []
    for text in strings:
        tokenizer.encode_special_tokens = True
        plain = tokenizer.encode(text).ids
        tokenizer.encode_special_tokens = False
        matched = tokenizer.encode(text).ids
        rows.append([text, plain, None if matched == plain else matched])
    dice = random.Random(SEED)
    noise = [[dice.randrange(len(vocabulary)) for _ in range(dice.randint(1, 24))] for _ in range(100)]
    decoded = [[ids, tokenizer.decode(ids, skip_special_tokens=False)] for ids in noise]
    write("golden.json", {"strings": rows, "decoded": decoded})
    write("splits.json", splits())
    print(f"{len(vocabulary)} tokens, {len(merges)} merges, {len(rows)} strings")


if __name__ == "__main__":
    main()
