#!/usr/bin/env python3
"""Chat requests against transformers' apply_chat_template, byte for byte: an executable of SmolLM2, whose `render` has
the checkpoint's template and special tokens, and each template that llama-cpp-python's source package holds (fetched by name).

    test/e2e/against-jinja.py [TEMPLATES]       a folder of .jinja files in place of the package's
"""
import json
import pathlib
import random
import subprocess
import sys

import harness
import chat_conversations  # tools/oracle/chat_conversations.py
import chat_requests  # tools/oracle/chat_requests.py

REQUESTS = 60
PACKAGE = "llama-cpp-python==0.3.36"
RENDER = harness.BUILD / "test" / "bin" / "render-requests"


def executable_equals(folder):
    """`render` of an executable, which knows the tokenizer's special tokens by itself."""
    import transformers
    program = harness.compile(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    requests = chat_conversations.requests(random.Random(50), REQUESTS) if program else []
    for number, (kind, request) in enumerate(requests):
        # An executable opens the answer if nothing is said of it.
        request = {"add_generation_prompt": False} | request
        text, error = chat_requests.judge(tokenizer, request)
        result = harness.run(program, "render", "-", input=json.dumps(request))
        good = result.stdout == text.encode() if error is None else result.returncode == 1 and not result.stdout
        harness.check(f"request {number}, {kind}", good,
                      f"{harness.last_line(result)}: {result.stdout[:200]!r}, not {error or text[:200]!r}")


def fetched():
    """The folder of the package's templates, fetched once."""
    folder = harness.WORK / "chat-templates"
    if not folder.exists():
        download = folder.with_suffix(".download")
        download.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                        "--no-binary", "llama-cpp-python", PACKAGE, "-d", download], check=True, stdout=sys.stderr)
        subprocess.run(["tar", "xzf", next(download.glob("*.tar.gz")).name, "--strip-components=5", "--wildcards",
                        "*/vendor/llama.cpp/models/templates/*.jinja"], cwd=download, check=True)
        next(download.glob("*.tar.gz")).unlink()
        download.rename(folder)
    return folder


def templates_equal(folder):
    requests = chat_conversations.requests(random.Random(1), REQUESTS)
    for path in sorted(folder.glob("*.jinja")):
        compiled, equal, _ = chat_requests.compare_one(str(RENDER), path, requests, show_all=False)
        harness.check(path.name, equal == REQUESTS, f"{equal} of {REQUESTS} requests equal" if compiled else "refused")


def main():
    executable_equals(harness.smollm2("bf16"))
    templates_equal(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else fetched())
    harness.finish()


if __name__ == "__main__":
    harness.environment.require("requirements-oracle.txt")
    main()
