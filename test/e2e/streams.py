#!/usr/bin/env python3
"""The executable among other programs: text on standard input beside a question, streams in non-blocking mode, parents that
leave a pipe open, input without an end, and signals where it is the first process of a container.
"""
import fcntl
import os
import pathlib
import pty
import resource
import signal
import socket
import subprocess
import tempfile
import threading
import time

import harness
from harness import OSSCC, WORK, check, last_line, run

SHORT = ("--temperature=0", "--max-tokens=8")
F_SETPIPE_SZ = 1031  # fcntl(2) of Linux; older Pythons have no name for it
SECONDS = 60


def answer(program, *words, input="", **options):
    return run(program, *SHORT, *words, input=input, timeout=SECONDS, **options)


def ended(process):
    """What a process has written when it ends by itself; killed when it does not."""
    timer = threading.Timer(SECONDS, process.kill)
    timer.start()
    out, said = process.stdout.read(), process.stderr.read()
    code = process.wait()
    timer.cancel()
    return subprocess.CompletedProcess([], code, out, said)


def start(program, *words, **options):
    return subprocess.Popen([program, *SHORT, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def same(name, result, expected):
    check(name, result.returncode == 0 and result.stdout == expected, f"{result.stdout!r}, not {expected!r}; {last_line(result)}")


def text_and_question(program, place):
    """Both are used, the text first; a blank line stands between."""
    expected = answer(program, "notes\n\nSummarize").stdout
    alone = answer(program, "Summarize").stdout
    check("text and question: the text makes a difference", expected and expected != alone, f"{expected!r}")
    file, notes = place / "question.txt", place / "notes.txt"
    file.write_text("Summarize\n")
    notes.write_text("notes\n")
    for name, words, text in (("text and question", ["Summarize"], "notes\n"), ("no line end", ["Summarize"], "notes"),
                              ("DOS line end", ["Summarize"], "notes\r\n"), ("text and -p", ["-p", "Summarize"], "notes\n"),
                              ("text and -f FILE", ["-f", file], "notes\n"), ("-f FILE and question", ["-f", notes, "Summarize"], ""),
                              ("-f - and question", ["-f", "-", "Summarize"], "notes\n")):
        same(name, answer(program, *words, input=text), expected)
    same("text, file and question", answer(program, "-f", file, "c", input="a"), answer(program, "a\n\nSummarize\n\nc").stdout)
    same("--raw: one text", answer(program, "--raw", "Summary:", input="notes\n"), answer(program, "--raw", "notes\nSummary:").stdout)
    with open(notes) as text:
        same("a file on standard input and question", ended(start(program, "Summarize", stdin=text)), expected)
    ours, theirs = socket.socketpair()
    process = start(program, "Summarize", stdin=theirs)
    theirs.close()
    ours.sendall(b"notes\n")
    ours.close()
    same("a socket and question", ended(process), expected)
    late = start(program, "Summarize", stdin=subprocess.PIPE)
    time.sleep(1)
    late.stdin.write(b"notes\n")
    late.stdin.close()
    same("text that comes late", ended(late), expected)
    no_text(program, alone, place)


def no_text(program, alone, place):
    """What is no text beside a question."""
    for name, words in (("/dev/null", "</dev/null"), ("a closed standard input", "<&-"), ("a folder", "</")):
        same(f"{name} is no text", run("sh", "-c", f'"$1" {" ".join(SHORT)} Summarize {words}', "sh", program), alone)
    for name, text in (("an empty pipe", ""), ("an empty line", "\n")):
        same(f"{name} is no text", answer(program, "Summarize", input=text), alone)
    ours, theirs = pty.openpty()
    same("a terminal is no text", ended(start(program, "Summarize", stdin=theirs)), alone)
    os.close(theirs)
    os.close(ours)
    for name, words in (("an empty question beside text", [""]), ("an empty pipe alone", []), ("an empty file", ["-f", "/dev/null"])):
        result = answer(program, *words, input="" if not words else "notes")
        check(f"{name}: exit 2", result.returncode == 2 and b"prompt is empty" in result.stderr, last_line(result))
    loop = place / "list.txt"
    loop.write_text("one\ntwo\nthree\n")
    result = run("sh", "-c", f'while read -r line; do "$1" {" ".join(SHORT)} "$line" || exit; echo; echo "<$line>"; done < "$2"', "sh",
                 program, loop)
    asked = [line for line in result.stdout.decode(errors="replace").split("\n") if line.startswith("<")]
    check("a loop over a file's lines keeps them", asked[-1:] == ["<three>"] and b"begun to read" in result.stderr, asked)


def open_pipes(program):
    """A parent that leaves standard input open without a byte does not keep the answer back."""
    alone = answer(program, "Summarize").stdout
    ours, theirs = socket.socketpair()
    begin = time.monotonic()
    waiting = [start(program, "Summarize", stdin=subprocess.PIPE), start(program, "-p", "Summarize", stdin=theirs)]
    for kind, process in zip(("a pipe", "a socket"), waiting):
        result = ended(process)
        same(f"{kind} that stays open is no text", result, alone)
        check(f"{kind} that stays open: a note", b"stayed open without text" in result.stderr, result.stderr.decode())
    check("an open pipe: the answer comes in seconds", time.monotonic() - begin < 30)


def non_blocking_pipe(size=4096):
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    fcntl.fcntl(ends[1], F_SETPIPE_SZ, size)
    return ends


def drain(descriptor):
    """All that comes, with pauses as a slow reader makes them."""
    os.set_blocking(descriptor, True)
    text = b""
    while part := os.read(descriptor, 3000):
        text += part
        if len(text) < 50000:
            time.sleep(0.01)
    os.close(descriptor)
    return text


def non_blocking(program):
    """Each standard stream in non-blocking mode, not ready at first."""
    expected = answer(program, input="notes\n").stdout
    reader, writer = non_blocking_pipe()
    process = start(program, stdin=reader)
    os.close(reader)
    for part in (b"no", b"tes\n"):
        time.sleep(0.3)
        os.write(writer, part)
    os.close(writer)
    same("non-blocking standard input", ended(process), expected)

    words = [program, "score", "--top=50", "-"]
    text = "hello you " * 60
    plain = run(*words, input=text).stdout
    reader, writer = non_blocking_pipe()
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=writer, stderr=subprocess.DEVNULL)
    os.close(writer)
    process.stdin.write(text.encode())
    process.stdin.close()
    time.sleep(0.5)
    got = drain(reader)
    check("non-blocking standard output, slow reader: every byte", process.wait() == 0 and len(plain) > 50000 and got == plain,
          f"{len(got)} of {len(plain)}")

    reader, writer = non_blocking_pipe()
    os.write(writer, b"-" * 4096)  # full
    process = subprocess.Popen([program, "--nonsense"], stdin=subprocess.DEVNULL, stderr=writer)
    os.close(writer)
    time.sleep(0.3)
    said = drain(reader)
    check("non-blocking standard error, full at first: all is said", process.wait() == 2 and b"\nhelp: " in said, said[4096:])
    for kind in ("xterm", "dumb"):
        non_blocking_terminal(program, kind)


def non_blocking_terminal(program, kind):
    """A chat on a terminal in non-blocking mode waits for its lines."""
    ours, theirs = pty.openpty()
    os.set_blocking(theirs, False)
    process = subprocess.Popen([program, *SHORT], stdin=theirs, stdout=theirs, stderr=theirs, env={"TERM": kind},
                               start_new_session=True)
    os.close(theirs)
    screen = bytearray()

    def read():
        try:
            while part := os.read(ours, 4096):
                screen.extend(part)
        except OSError:  # the other end is closed
            pass

    thread = threading.Thread(target=read)
    thread.start()
    time.sleep(1)
    check(f"non-blocking terminal ({kind}): the chat waits", process.poll() is None, screen.decode(errors="replace"))
    os.write(ours, b"/stats\r" if kind == "xterm" else b"/stats\n")
    time.sleep(0.5)
    os.write(ours, b"\x04")
    try:
        code = process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        code = None
    thread.join(5)
    check(f"non-blocking terminal ({kind}): lines are read, Ctrl-D leaves", code == 0 and b"context: 0 of" in screen,
          f"exit {code}: {screen.decode(errors='replace')}")


def endless(program):
    """Input without an end is an error once no context could hold it, and takes no memory."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    for name, words in (("yes |", f'yes | "$1" {" ".join(SHORT)}'), ("yes | and a question", f'yes | "$1" {" ".join(SHORT)} Summarize'),
                        ("-f /dev/zero", '"$1" -f /dev/zero'), ("score /dev/zero", '"$1" score /dev/zero')):
        result = run("sh", "-c", words, "sh", program, preexec_fn=limit, timeout=SECONDS)
        check(f"{name}: exit 1, the context is named", result.returncode == 1 and b"no context of 512 tokens can hold" in result.stderr
              and b"help: " in result.stderr, last_line(result))
    for name, words in (("tokenize", ["tokenize"]), ("render", ["render", "/dev/zero"]), ("detokenize", ["detokenize"])):
        with open("/dev/zero") as zero:
            process = subprocess.Popen([program, *words], stdin=zero, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        result = ended(process)
        check(f"{name} of /dev/zero: exit 1", result.returncode == 1 and b"memory does not suffice" in result.stderr, last_line(result))


def only_child(process):
    """The process that unshare has started, once its program runs."""
    for _ in range(500):
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        if children and "unshare" not in pathlib.Path(f"/proc/{children[0]}/cmdline").read_text().split("\0")[0]:
            return int(children[0])
        time.sleep(0.01)
    return None


def first_process(program):
    """As process 1 of a container, where the system ignores what is not handled."""
    if os.geteuid() != 0 or run("unshare", "--pid", "--fork", "true").returncode != 0:
        print("no PID namespace may be made: process 1 is not tried")
        return
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        process = subprocess.Popen(["unshare", "--pid", "--fork", program, *SHORT], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        child = only_child(process)
        time.sleep(0.3)  # it waits for its text
        os.kill(child, number)
        try:
            code = process.wait(20)
        except subprocess.TimeoutExpired:
            os.kill(child, signal.SIGKILL)
            code = process.wait()
        check(f"process 1, {number.name}: exit {128 + number}", code == 128 + number, code)


def ignored_signals(program):
    """What the parent has ignored, as nohup does, stays ignored."""
    for number in (signal.SIGHUP, signal.SIGINT):
        process = start(program, stdin=subprocess.PIPE, preexec_fn=lambda: signal.signal(number, signal.SIG_IGN))
        time.sleep(0.3)
        process.send_signal(number)
        process.stdin.write(b"notes\n")
        process.stdin.close()
        result = ended(process)
        check(f"{number.name} that was ignored stays so", result.returncode == 0 and result.stdout, last_line(result))


def closed_streams(program, place):
    """A file that is opened does not take the place of a closed standard stream."""
    logits = place / "logits.npy"
    run("sh", "-c", '"$1" score --logits="$2" "$3" 2>&- <&-', "sh", program, logits, place / "notes.txt")
    whole = logits.read_bytes() if logits.exists() else b""
    run(program, "score", f"--logits={logits}", place / "notes.txt")
    check("closed standard streams: a file holds its own bytes only", whole and whole == logits.read_bytes(), len(whole))


def options(program, with_system, place):
    """Values that are empty, or look like options."""
    same("-- before a question with dashes", answer(program, "--", "--x"), answer(program, "-p", "--x").stdout)
    same("--prompt= takes what follows the sign", answer(program, "--prompt=--x"), answer(program, "--", "--x").stdout)
    plain, baked = answer(program, "hello").stdout, answer(with_system, "hello").stdout
    check("the system message makes a difference", plain != baked, plain)
    same("--system=: none", answer(with_system, "--system=", "hello"), plain)
    same("--system '': none", answer(with_system, "--system", "", "hello"), plain)
    same("--system of dashes", answer(program, "--system=--raw", "hello"), answer(program, "--system", "--raw", "hello").stdout)
    for words, told in ((["--seed", "-1"], b"--seed: expected"), (["--stop", ""], b"--stop: expected a text"),
                        (["--stop="], b"--stop"), (["--sytem=x"], b"--system is near"), (["-n", "0x10"], b"--max-tokens"),
                        (["--system", b"\xff\xfe"], b"--system: the text is not UTF-8: byte 0 is 0xFF")):
        result = subprocess.run([program, *words, "hello"], stdin=subprocess.DEVNULL, capture_output=True)
        check(f"{words}: exit 2, said", result.returncode == 2 and told in result.stderr and not result.stdout, last_line(result))


def system_messages(folder, place):
    """osscc refuses a system message that no question could be asked with."""
    bad = {"not UTF-8": b"You are\xff", "half a character": "h\u00e9".encode()[:-1], "a zero byte": b"You\0are"}
    for name, text in bad.items():
        (place / "system.txt").write_bytes(text)
        result = run(OSSCC, folder, "-q", f"--system={place / 'system.txt'}", "-o", place / "out")
        check(f"osscc --system, {name}: exit 1, said, no file", result.returncode == 1 and b"system.txt: error: " in result.stderr and
              b"help: " in result.stderr and not (place / "out").exists(), last_line(result))
    result = run(OSSCC, folder, "-q", "--system=/dev/zero", "-o", place / "out", timeout=SECONDS)
    check("osscc --system=/dev/zero: exit 1", result.returncode == 1 and b"longer than" in result.stderr, last_line(result))


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    folder = harness.tiny("tiny-6x2")
    with tempfile.TemporaryDirectory(dir=WORK) as place:
        place = pathlib.Path(place)
        (place / "terse.txt").write_text("You are terse and you answer in French.")
        program = harness.compile(folder)
        with_system = harness.compile(folder, f"--system={place / 'terse.txt'}", out=place / "with-system")
        if program and with_system:
            text_and_question(program, place)
            open_pipes(program)
            non_blocking(program)
            endless(program)
            first_process(program)
            ignored_signals(program)
            closed_streams(program, place)
            options(program, with_system, place)
        system_messages(folder, place)
    harness.finish()


if __name__ == "__main__":
    main()
