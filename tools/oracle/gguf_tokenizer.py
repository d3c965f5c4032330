#!/usr/bin/env python3
"""osscc's reading of the tokenizer in a GGUF file against a pipeline built here by hand from the `tokenizers` package,
and with --llama-cpp against llama.cpp: 100,000 seeded random strings of all planes, special tokens matched.

    tools/oracle/gguf_tokenizer.py TOKENIZE_LINES MODEL.gguf [--strings=N] [--llama-cpp]

transformers reads GGUF tokenizers too, but ignores tokenizer.ggml.pre, which decides where a text is split. --llama-cpp
needs the package llama-cpp-python==0.3.36 in the running interpreter.
"""
import argparse
import sys
import unicodedata

import tokenizer as oracle  # tools/oracle/tokenizer.py
import tokenizers
from gguf import GGUFReader
from tokenizers import AddedToken, Regex, decoders, models, normalizers, pre_tokenizers

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
          r"\s+(?!\S)|\s+")
CAPITALS, SMALL, SUFFIX = (r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]",
                            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?")
O200K = (rf"[^\r\n\p{{L}}\p{{N}}]?{CAPITALS}*{SMALL}+{SUFFIX}|[^\r\n\p{{L}}\p{{N}}]?{CAPITALS}+{SMALL}*{SUFFIX}|"
         r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN35 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|"
          r"\s+(?!\S)|\s+")
TEKKEN = O200K.replace(SUFFIX, "").replace("{1,3}", "")
WHOLE = ("llama-bpe", "gpt-4o", "llama3", "llama-v3", "lfm2", "glm4", "tekken")  # pieces of the vocabulary that are not merged
DIGITS = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]


def split(pattern):
    return [pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]


SPLITS = {"smollm": DIGITS, "starcoder": DIGITS, "refact": DIGITS, "command-r": DIGITS,
          "gpt-2": [pre_tokenizers.ByteLevel(add_prefix_space=False)],
          "llama-bpe": split(LLAMA3), "qwen2": split(LLAMA3.replace("{1,3}", "")), "gpt-4o": split(O200K), "llama4": split(O200K),
          "qwen35": split(QWEN35), "tekken": split(TEKKEN), **dict.fromkeys(("llama3", "llama-v3", "lfm2", "dbrx", "chatglm-bpe", "glm4"), split(LLAMA3)),
          **dict.fromkeys(("phi-2", "olmo"), [pre_tokenizers.ByteLevel(add_prefix_space=False)])}


def build(meta):
    """The tokenizer that the metadata describes."""
    tokens, kinds = meta["tokenizer.ggml.tokens"], meta["tokenizer.ggml.token_type"]
    vocab = {text: i for i, (text, kind) in enumerate(zip(tokens, kinds)) if kind != 5}
    pre = meta["tokenizer.ggml.pre"]
    merges = [tuple(line.split(" ")) for line in meta["tokenizer.ggml.merges"]]
    out = tokenizers.Tokenizer(models.BPE(vocab=vocab, merges=merges, ignore_merges=pre in WHOLE))
    if pre in ("qwen2", "qwen35", "olmo"):
        out.normalizer = normalizers.NFC()
    out.pre_tokenizer, out.decoder = pre_tokenizers.Sequence(SPLITS[pre]), decoders.ByteLevel()
    out.add_tokens([AddedToken(text, normalized=False, special=kind != 4)
                    for text, kind in zip(tokens, kinds) if kind in (2, 3, 4)])
    return out


def byte_letters():
    """The character that stands for each byte in a byte-level vocabulary."""
    kept = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    moved = iter(range(0x100, 0x144))
    return [chr(byte) if byte in kept else chr(next(moved)) for byte in range(256)]


def is_shared(text, spellings):
    """Whether llama.cpp means the same: it keeps bytes that the vocabulary lacks apart while merging, where `tokenizers`
    has dropped them before, and its character classes are of an older Unicode."""
    return (all(spellings[byte] for byte in text.encode()) and
            all(unicodedata.category(c) != "Cn" for c in text))


def compare(name, ours, theirs, strings):
    wrong = [(text, a, b) for text, a, b in zip(strings, ours, theirs, strict=True) if a != b]
    for text, a, b in wrong[:3]:
        print(f"  {text[:60]!r}: {str(a)[:200]}, {name} {str(b)[:200]}")
    print(f"{name}: {len(wrong)} of {len(strings)} differ", flush=True)
    return len(wrong)


def encode(arguments, meta, strings):
    """Our ids, without the begin token that the file may put in front."""
    ours = oracle.encode(arguments.program, arguments.model, strings, "--special")
    begin = meta.get("tokenizer.ggml.bos_token_id")
    begins = begin is not None and all(ids[:1] == [begin] for ids in ours)
    return [ids[1:] for ids in ours] if begins else ours


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("model")
    parser.add_argument("--strings", type=int, default=100_000)
    parser.add_argument("--llama-cpp", action="store_true")
    arguments = parser.parse_args()
    meta = {key: field.contents() for key, field in GGUFReader(arguments.model).fields.items()
            if key.startswith("tokenizer.")}
    strings = oracle.random_strings(arguments.strings)
    ours = encode(arguments, meta, strings)
    wrong = 0
    if meta["tokenizer.ggml.model"] == "gpt2":
        pipeline = [encoding.ids for encoding in build(meta).encode_batch(strings)]
        wrong = compare("tokenizers by hand", ours, pipeline, strings)
    if arguments.llama_cpp:
        import llama_cpp
        known = set(meta["tokenizer.ggml.tokens"])
        spellings = [letter in known for letter in byte_letters()]
        candidates = oracle.random_strings(4 * arguments.strings)
        strings = [text for text in candidates if is_shared(text, spellings)][:arguments.strings]
        ours = encode(arguments, meta, strings)
        model = llama_cpp.Llama(arguments.model, vocab_only=True, verbose=False)
        theirs = [model.tokenize(text.encode(), add_bos=False, special=True) for text in strings]
        wrong += compare("llama.cpp", ours, theirs, strings)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
