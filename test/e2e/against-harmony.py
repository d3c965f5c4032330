#!/usr/bin/env python3
"""Harmony against openai-harmony 0.0.8, without a model: the parser of answers, gpt-oss's chat template, its tokenizer.

    test/e2e/against-harmony.py [STRINGS]      strings that the tokenizers encode (20,000)
"""
import importlib
import subprocess
import sys

import harness
import harmony_library  # tools/oracle/harmony_library.py
import tokenizer as oracle  # tools/oracle/tokenizer.py

PROGRAMS = harness.BUILD / "test" / "bin"
TEMPLATE = "openai-gpt-oss-120b.jinja"


def passes(name, script, *arguments):
    result = harness.run(sys.executable, harness.ROOT / "tools" / "oracle" / script, *arguments, timeout=3600)
    print(result.stdout.decode().strip())
    harness.check(name, result.returncode == 0, harness.last_line(result))


def encodes_as_the_library(folder, count):
    """Special tokens as text, and matched; the library knows no <|endofprompt|>."""
    encoding = harmony_library.load(folder)
    strings = [text.replace("<|endofprompt|>", "") for text in oracle.random_strings(count, words=harmony_words(encoding))]
    for flags, options in ([], {"disallowed_special": ()}), (["--special"], {"allowed_special": "all"}):
        ours = oracle.encode(PROGRAMS / "tokenize-lines", folder, strings, *flags)
        wrong = [text for text, ids in zip(strings, ours, strict=True) if encoding.encode(text, **options) != ids]
        harness.check(f"{count} strings {' '.join(flags)} as openai-harmony", not wrong, f"{len(wrong)} differ: {wrong[:2]}")


def harmony_words(encoding):
    return sorted(word for word in encoding.special_tokens_set if "reserved" not in word and word != "<|endofprompt|>")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    folder = harmony_library.fetch(harness.WORK / "harmony")
    templates = importlib.import_module("against-jinja").fetched()
    passes("the parser equals the library's", "harmony.py", PROGRAMS / "parse-answers", folder)
    passes("the template equals the library", "harmony_render.py", PROGRAMS / "render-requests", templates / TEMPLATE, folder)
    encodes_as_the_library(folder, count)
    harness.finish()


if __name__ == "__main__":
    harness.environment.require("requirements-harmony.txt")
    main()
