#!/usr/bin/env python3
"""One answer on the command line: as JSON, with the progress of a long prompt on a terminal, and what is said of the context's end before it.

The model is the chain of reasoning.py that thinks c, d, e and says y, with a context of 4,096 tokens.
"""
import json
import os
import pty
import subprocess

import reasoning
from harness import check, compile, finish, run

QUESTION = "tell me " * 300  # 1,800 tokens


def on_terminal(program, *arguments):
    """(exit status, standard output, standard error) where the latter is a terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen([program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    said = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:  # the last holder has closed it
            break
        if not part:
            break
        said += part
    out = process.stdout.read()
    os.close(master)
    return process.wait(60), out.decode(), said.decode()


def check_json(program):
    result = run(program, "--json", "--temperature=0", "hi")
    found = json.loads(result.stdout or "null")
    check("an answer is one JSON object", result.returncode == 0 and found and (found["content"], found["reasoning"], found["finish_reason"])
          == ("y", "cde", "stop"), result.stdout)
    usage = found["usage"] if found else {}
    check("with the tokens", (usage.get("completion_tokens"), usage.get("reasoning_tokens")) == (5, 3) and usage["prompt_tokens"] > 5, usage)
    check("thoughts are nowhere else", b"cde" not in result.stderr, result.stderr)
    cut = json.loads(run(program, "--json", "--temperature=0", "-n", "2", "hi").stdout)
    check("one that is cut says so", cut["finish_reason"] == "length" and cut["reasoning"] == "cd" and cut["content"] == "", cut)
    piped = json.loads(run(program, "--json", "--temperature=0", "--reasoning=off", input="hi").stdout)
    check("from a pipe, without thoughts", (piped["content"], piped["reasoning"]) == ("y", ""), piped)
    status, out, said = on_terminal(program, "--json", "--temperature=0", "hi")
    check("on a terminal, too", status == 0 and json.loads(out)["content"] == "y", (out, said))


def check_progress(program):
    plain = run(program, "--temperature=0", QUESTION)
    check("a pipe sees no progress", b"reading the prompt" not in plain.stderr and plain.stdout == b"y\n", plain.stderr)
    status, out, said = on_terminal(program, "--temperature=0", QUESTION)
    check("a terminal sees how far a long prompt is read", status == 0 and "reading the prompt: 0 of " in said and "reading the prompt: 512 of " in said, said)
    check("the line is taken away, and the answer is the same", said.count("\x1b[K") == 1 and out == plain.stdout.decode(), (out, said))
    check("a short one says nothing", "reading" not in on_terminal(program, "--temperature=0", "hi")[2])


def check_room(program):
    result = run(program, "--temperature=0", "--context=1900", QUESTION)
    check("little room is said before the answer", result.returncode == 0 and b"of the context's 1900 tokens; the answer ends after" in result.stderr, result.stderr)
    result = run(program, "--temperature=0", "--context=1900", "-n", "3", QUESTION)
    check("but not where the answer is to be short", b"of the context's" not in result.stderr, result.stderr)
    result = run(program, "--temperature=0", "hi")
    check("nor where there is room", b"of the context's" not in result.stderr, result.stderr)


def main():
    reasoning.CONTEXT = 4096
    program = compile(reasoning.tags("one-answer"), "-q")
    if program:
        check_json(program)
        check_progress(program)
        check_room(program)
    finish()


if __name__ == "__main__":
    main()
