#!/usr/bin/env python3
"""How the executable ends: readers that go away, full disks, signals, too little memory, sandboxes, and limits that are passed.
Exit 69 and 74 are in executable.py.
"""
import errno
import json
import resource
import signal
import subprocess
import time

import sandbox
from harness import check, compile, finish, last_line, run, smollm2, smollm2_gguf, tiny

SHORT = ["--temperature=0", "-n", "8", "What is the capital of France?"]
LONG = ["--temperature=0", "-n", "400", "Write a very long story about the sea."]


def started(program, *words, **options):
    return subprocess.Popen([str(program), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            restore_signals=True, **options)


def ended(process, after, number):
    """Sends a signal once the answer has begun; returns (exit code, answer, what was said)."""
    first = process.stdout.read(after)
    process.send_signal(number)
    rest, said = process.communicate(timeout=60)
    return process.returncode, first + rest, said.decode()


def check_readers(program):
    process = started(program, *LONG)
    process.stdout.read(1)
    process.stdout.close()
    said = process.stderr.read().decode()
    process.wait(timeout=60)
    check("| head: SIGPIPE ends it", process.returncode == -signal.SIGPIPE, str(process.returncode))
    check("| head: nothing is said of it", "error" not in said, said)
    with open("/dev/full", "wb") as full:
        result = subprocess.run([program, *LONG], stdout=full, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    check("a full disk is said, exit 1", result.returncode == 1 and b"No space left" in result.stderr, last_line(result))
    result = run("sh", "-c", f"'{program}' tokenize hello >&-")
    check("a closed standard output is an error", result.returncode == 1 and b"error" in result.stderr, last_line(result))


def check_signals(program):
    code, text, said = ended(started(program, *LONG), 20, signal.SIGINT)
    check("Ctrl-C: exit 130", code == 130, f"{code}: {said}")
    check("Ctrl-C: what was answered stays, whole characters", len(text.decode()) >= 20)
    code, _, _ = ended(started(program, *LONG), 20, signal.SIGTERM)
    check("SIGTERM ends it (143 for a shell)", code == -signal.SIGTERM, str(code))
    shell = subprocess.Popen(["sh", "-c", f"'{program}' --temperature=0 -n 400 'Write a story.' & sleep 0.5; kill $!; wait $!; echo $?"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    check("SIGTERM: a shell sees 143", shell.communicate(timeout=60)[0].endswith("143\n"))
    for number in (signal.SIGBUS, signal.SIGSEGV):
        code, _, said = ended(started(program, *LONG), 20, number)
        check(f"{number.name} that was sent is not the payload's", code == -number and "payload" not in said, f"{code}: {said}")
    waiting = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.3)
    waiting.send_signal(signal.SIGINT)
    waiting.communicate(timeout=60)
    check("Ctrl-C while it waits for a pipe", waiting.returncode in (130, -signal.SIGINT), str(waiting.returncode))


def check_limits(program, small):
    # Below the file's own size the kernel ends the process before any of its code runs.
    for executable, more, code in ((program, 12 << 20, 75), (small, 256 << 20, 0)):
        limit = executable.stat().st_size + more
        result = run(executable, "-n", "1", "hello", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        told = code == 0 or b"help:" in result.stderr
        check(f"{more >> 20} MiB beside the weights: exit {code}", result.returncode == code and told, last_line(result))
    result = run(program, "-c", "1000000", "hello")
    check("a context beyond the model's: both numbers", result.returncode in (1, 2) and b"8192" in result.stderr
          and b"1000000" in result.stderr, last_line(result))
    result = run(program, "--reasoning=high", "hello")
    check("--reasoning of a model without: one sentence", result.returncode == 1 and b"no reasoning mode" in result.stderr,
          last_line(result))
    for words in (["--reasoning=much", "hello"], ["-n", "x", "hello"], ["--temperature=-1", "hello"], ["--date=today", "hello"],
                  ["-t", "0", "hello"], ["render", "-", "--date=2024-02-30"], [""]):
        result = run(program, *words, input="{}")
        check(f"{words}: exit 2", result.returncode == 2 and not result.stdout, last_line(result))
    for words, text in ((["render", "-"], "[]"), (["render", "-"], '{"messages": 1}'), (["detokenize", "-"], "[99999999]"),
                        (["-f", "/nonexistent"], ""), (["score", "--ids", "-"], "[0.5]")):
        result = run(program, *words, input=text)
        check(f"{words} {text}: exit 1", result.returncode == 1 and result.stderr.startswith(b"error: "), last_line(result))


def check_threads(program):
    """Where the system gives no thread, one does all, with a note; warming is a wish."""
    expected = run(program, *SHORT).stdout
    for words in ([], ["-t", "1"], ["-t", "8"]):
        for error in (errno.EPERM, errno.EAGAIN):
            for cold in (False, True):
                if cold:
                    sandbox.forget(program)
                result = run(program, *words, *SHORT, preexec_fn=sandbox.without_threads(error))
                name = f"{errno.errorcode[error]} for threads{', cold weights' if cold else ''} {words}"
                check(f"{name}: the same answer", result.returncode == 0 and result.stdout == expected, last_line(result))
                noted = b"note: 1 of " in result.stderr
                check(f"{name}: a note where threads were wanted", noted == (words != ["-t", "1"]), result.stderr)
    for command in (["score", "--top", "2", "-"], ["bench", "-p", "4", "-n", "2", "-r", "1"]):
        result = run(program, *command, input="Hello", preexec_fn=sandbox.without_threads(errno.EPERM))
        check(f"no threads: {command[0]}", result.returncode == 0, last_line(result))
    with sandbox.group("pids", max=3) as join:
        if join:
            result = run(program, "-t", "8", *SHORT, preexec_fn=join)
            check("pids.max: the threads that there are", result.returncode == 0 and result.stdout == expected and
                  b"note: 3 of 8 threads" in result.stderr, last_line(result))


def check_stacks(program, wide):
    """`ulimit -s` decides neither the workers' stacks nor the first thread's."""
    for executable in (program, wide):
        expected = run(executable, *SHORT).stdout
        for kib in (64, 256):
            for more in ({}, {"errno": errno.EPERM}):
                def arm():
                    resource.setrlimit(resource.RLIMIT_STACK, (kib << 10, kib << 10))
                    if more:
                        sandbox.without_threads(more["errno"])()
                result = run(executable, *SHORT, preexec_fn=arm)
                check(f"{executable.name}, stacks of {kib} KiB {more}: the same answer",
                      result.returncode == 0 and result.stdout == expected, last_line(result))


def check_memory(program):
    """A text whose keys and values do not fit into the control group is refused before it is computed."""
    text = "All work and no play makes Jack a dull boy. " * 600
    for command in (["--raw", "-n", "1"], ["score"]):
        for limit, code in ((160 << 20, 75), (4 << 30, 0)):
            with sandbox.memory_group(limit) as join:
                if not join:
                    return print("no control groups here: none is tried")
                # 0 is checked on a short text: the long one takes a minute.
                words = [*command, "-"] if command == ["score"] else [*command, "-f", "-"]
                result = run(program, *words, input=text if code else text[:50], preexec_fn=join)
                told = code == 0 or (b"MB are available" in result.stderr and b"help:" in result.stderr)
                check(f"{command}, a group of {limit >> 20} MiB: exit {code}", result.returncode == code and told,
                      last_line(result))


def check_date(dated):
    """A template that prints the date, under each way of pinning it."""
    request = json.dumps({"messages": [{"role": "user", "content": "hi"}], "strftime_now": 5})
    for name, words, env, expected in (("--date", ["--date=2024-07-26"], {}, "26 Jul 2024"),
                                       ("SOURCE_DATE_EPOCH", [], {"SOURCE_DATE_EPOCH": "86400"}, "02 Jan 1970"),
                                       ("both", ["--date=2024-07-26"], {"SOURCE_DATE_EPOCH": "86400"}, "26 Jul 2024"),
                                       ("neither", [], {"TZ": "UTC"}, time.strftime("%d %b %Y", time.gmtime()))):
        result = run(dated, "render", *words, "-", input=request, env=env)
        check(f"the date by {name}", expected in result.stdout.decode(), f"{result.stdout!r} {last_line(result)}")


def with_date():
    """A tiny checkpoint whose template prints the date."""
    folder = tiny("tiny-6x2")
    dated = folder.with_name("tiny-dated")
    dated.mkdir(exist_ok=True)
    for file in folder.iterdir():
        if not (dated / file.name).exists():
            (dated / file.name).symlink_to(file)
    template = dated / "chat_template.jinja"
    template.unlink(missing_ok=True)
    template.write_text("{{ strftime_now('%d %b %Y') }}\n{% for m in messages %}{{ m['content'] }}{% endfor %}")
    return dated


def main():
    program, small, dated = compile(smollm2_gguf()), compile(tiny("tiny-6x2")), compile(with_date())
    wide = compile(smollm2("bf16"))
    if program:
        check_readers(program)
        check_signals(program)
        check_threads(program)
        check_memory(program)
    if program and wide:
        check_stacks(program, wide)
    if program and small:
        check_limits(program, small)
    if dated:
        check_date(dated)
    finish()


if __name__ == "__main__":
    main()
