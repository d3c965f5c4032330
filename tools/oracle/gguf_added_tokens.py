#!/usr/bin/env python3
"""Random GGUF vocabularies with tokens of all types, against llama.cpp: control tokens as text and matched, and decoded
without them.

    tools/oracle/gguf_added_tokens.py TOKENIZE_LINES [--vocabularies=N] [--strings=N]
    tools/oracle/gguf_added_tokens.py --golden     writes test/data/tokenizer/gguf-added-tokens.json

Needs the package llama-cpp-python==0.3.36 in the running interpreter.
"""
import argparse
import ctypes
import json
import pathlib
import random
import sys
import tempfile

import added_tokens
from added_tokens import SPACE, byte_letters

GOLDEN = added_tokens.GOLDEN.with_name("gguf-added-tokens.json")
NORMAL, UNKNOWN, CONTROL, USER, UNUSED, BYTE = range(1, 7)
TEXTS = ["<think>", "</think>", "<|stop|>", "<|im_end|>", "<a>", "<a><b>", "<b>", "hello", "the", "a b", " x", "\n", "\n\n", "  ", "   ",
         "ab", "bcd", "abc", "中", "<｜end｜>", "then", "<|sto", "op|>x"]
PARTS = [*TEXTS, " ", "  ", "\n", "a", "b", "c", "d", "the", "en", "hello", "x", "1", "é", "中文", "<", "|", ">", ".", "🙂", "<|im"]


def byte_level():
    merges = [("t", "h"), ("th", "e"), ("h", "e"), ("Ġ", "the"), ("l", "l"), ("he", "ll"), ("Ċ", "Ċ"), ("Ġ", "Ġ")]
    tokens = byte_letters() + [left + right for left, right in merges]
    return {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "gpt-2", "tokenizer.ggml.tokens": tokens,
            "tokenizer.ggml.token_type": [NORMAL] * len(tokens),
            "tokenizer.ggml.merges": [" ".join(pair) for pair in merges], "tokenizer.ggml.add_bos_token": False}


def scored():
    pieces = [SPACE + "the", "the", "th", "he", SPACE + "a", SPACE * 2, "ll"]
    letters = [SPACE, *"abcehlotnx<>|1.é中\n"]
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *pieces, *letters]
    kinds = [UNKNOWN, CONTROL, CONTROL, *[BYTE] * 256, *[NORMAL] * (len(pieces) + len(letters))]
    return {"tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": kinds,
            "tokenizer.ggml.scores": [0.0] * 259 + [-1.0 - i for i in range(len(tokens) - 259)],
            "tokenizer.ggml.add_bos_token": False}


def random_case(dice, base):
    """The metadata with added tokens of random types at the end."""
    texts = [text for text in dice.sample(TEXTS, dice.randint(2, 9)) if text not in base["tokenizer.ggml.tokens"]]
    case = {key: list(value) if isinstance(value, list) else value for key, value in base.items()}
    case["tokenizer.ggml.tokens"] += texts
    # llama.cpp lets a user's letters merge to a control token, osscc does not: only texts that nothing merges to are some.
    case["tokenizer.ggml.token_type"] += [dice.choice((CONTROL, USER)) if text.startswith("<") else USER for text in texts]
    if "tokenizer.ggml.scores" in case:
        case["tokenizer.ggml.scores"] += [0.0] * len(texts)
    return case, texts


def write(path, meta):
    from gguf import GGUFWriter
    writer = GGUFWriter(path, "llama")
    for key, value in {"embedding_length": 32, "feed_forward_length": 32, "block_count": 1, "context_length": 64,
                       "attention.head_count": 2, "attention.head_count_kv": 1, "rope.dimension_count": 16}.items():
        writer.add_uint32(f"llama.{key}", value)
    writer.add_float32("llama.attention.layer_norm_rms_epsilon", 1e-5)
    for key, value in meta.items():
        add = {str: writer.add_string, bool: writer.add_bool, list: writer.add_array}[type(value)]
        add(key, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class Reference:
    """llama.cpp over the vocabulary of a file."""

    def __init__(self, path):
        import llama_cpp
        self.library = llama_cpp
        quiet = llama_cpp.llama_log_callback(lambda *_: None)
        llama_cpp.llama_log_set(quiet, None)
        self.keep = quiet
        parameters = llama_cpp.llama_model_default_params()
        parameters.vocab_only = True
        self.model = llama_cpp.llama_model_load_from_file(str(path).encode(), parameters)
        self.vocab = llama_cpp.llama_model_get_vocab(self.model)

    def encode(self, text, special):
        data = text.encode()
        out = (self.library.llama_token * (len(data) + 8))()
        count = self.library.llama_tokenize(self.vocab, data, len(data), out, len(out), False, special)
        return list(out[:count])

    def decode(self, ids):
        """Without control tokens, and without the space that encoding puts in front."""
        out = b""
        buffer = ctypes.create_string_buffer(256)
        for id in ids:
            count = self.library.llama_token_to_piece(self.vocab, id, buffer, len(buffer), 0, False)
            out += buffer.raw[:count]
        return out.decode(errors="replace")

    def close(self):
        self.library.llama_model_free(self.model)


def rows_of(reference, dice, texts, strings):
    words = texts * 3 + PARTS
    out = []
    for _ in range(strings):
        text = "".join(dice.choice(words) for _ in range(dice.randint(1, 12)))
        out.append([text, reference.encode(text, False), reference.encode(text, True)])
    return out


def cases(dice, count, strings):
    """(metadata, rows, decoded) of each; the file lies at `path` while it is handed out."""
    all_bases = [byte_level(), scored()]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "vocabulary.gguf"
        for number in range(count):
            meta, texts = random_case(dice, all_bases[number % 2])
            write(path, meta)
            reference = Reference(path)
            rows = rows_of(reference, dice, texts, strings)
            ids = [row[2] for row in rows if row[2] and number % 2 == 0]
            decoded = [[row, reference.decode(row)] for row in ids[:strings // 4]]
            reference.close()
            yield path, meta, rows, decoded


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?")
    parser.add_argument("--vocabularies", type=int, default=60)
    parser.add_argument("--strings", type=int, default=300)
    parser.add_argument("--golden", action="store_true")
    arguments = parser.parse_args()
    if arguments.golden:
        kept = [{"metadata": meta, "rows": rows, "decoded": decoded} for _, meta, rows, decoded in cases(random.Random(7), 12, 24)]
        GOLDEN.write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n")
        print(f"{len(kept)} vocabularies, {sum(len(case['rows']) for case in kept)} strings")
        return 0
    wrong = tried = 0
    for path, meta, rows, decoded in cases(random.Random(1), arguments.vocabularies, arguments.strings):
        for flags, given, expected in (([], [row[0] for row in rows], [row[1] for row in rows]),
                                       (["--special"], [row[0] for row in rows], [row[2] for row in rows]),
                                       (["--decode"], [row[0] for row in decoded], [row[1] for row in decoded])):
            for line, ours, theirs in zip(given, added_tokens.run(arguments.program, path, given, *flags), expected, strict=True):
                tried += 1
                if ours != theirs:
                    wrong += 1
                    if wrong <= 5:
                        print(f"  {meta['tokenizer.ggml.model']} {flags} {line!r}: {ours}, llama.cpp {theirs}")
    print(f"{wrong} of {tried} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
