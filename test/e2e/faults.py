#!/usr/bin/env python3
"""Disks that fill, folders that cannot be written, signals in mid-write: a defined exit code, one clear message, no half
executable, and the next run works."""
import errno
import fcntl
import os
import pathlib
import resource
import shlex
import signal
import subprocess
import tempfile
import time

import harness
import sandbox
from harness import OSSCC, WORK, check, last_line, run

TMPFS_BYTES = 1 << 20
F_SETSIG = 10  # fcntl(2) of Linux; Python has no name for it


def scratch():
    """A folder that is gone at the end."""
    return tempfile.TemporaryDirectory(dir=WORK)


def in_namespace(script, *words):
    """Runs a shell script with mounts of its own; None where this user may not mount."""
    if os.geteuid() != 0:
        return None
    return run("unshare", "-m", "sh", "-c", script, "sh", *words)


def text_of(result):
    return result.stderr.decode(errors="replace")


def fails_cleanly(name, result, left, *words):
    """Exit 1, the words in what it says, a help line, and nothing left."""
    told = text_of(result)
    check(f"{name}: exit 1, clear, nothing left", result.returncode == 1 and not left and "help: " in told and
          all(word in told for word in words), f"exit {result.returncode}, left {left}: {told}")


def full_disk(folder):
    """A file system of 1 MB holds no executable of 3 MB."""
    with scratch() as place:
        script = (f'mount -t tmpfs -o size={TMPFS_BYTES} none "$1" && "$2" "$3" -q -o "$1/assistant"; code=$?; '
                  'ls -A "$1"; exit $code')
        result = in_namespace(script, place, OSSCC, folder)
        if result is None:
            print("not root: no small file system is tried")
        else:
            fails_cleanly("disk full", result, result.stdout.decode().split(), "assistant", "No space left on device")
        # The disk is full of something else, and only the last bytes do not fit.
        program = pathlib.Path(place, "fits")
        run(OSSCC, folder, "-q", "-o", program)
        size = program.stat().st_size
        program.unlink()
        for missing in (1, 5000, size // 2):
            limit = size - missing
            result = run(OSSCC, folder, "-q", "-o", program,
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
            fails_cleanly(f"file size limit, {missing} bytes short", result, os.listdir(place), "fits", "File too large")
        for stage in ("graph", "obj"):
            result = run(OSSCC, folder, "-q", f"--emit={stage}", "-o", program,
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
            fails_cleanly(f"file size limit, --emit={stage}", result, os.listdir(place), "fits")


def unwritable_places(folder):
    """Folders that are read-only, missing, files, and outputs that are folders or devices."""
    with scratch() as place:
        place = pathlib.Path(place)
        result = in_namespace('mount -t tmpfs -o ro none "$1" && exec "$2" "$3" -q -o "$1/assistant"', place, OSSCC, folder)
        if result is not None:
            fails_cleanly("read-only file system", result, os.listdir(place), "Read-only file system")
        (place / "file").write_text("keep me")
        (place / "folder").mkdir()
        for name, out, words in (("no such folder", place / "none" / "a", ["none", "No such file"]),
                                 ("a file for a folder", place / "file" / "a", ["file", "Not a directory"]),
                                 ("the output is a folder", place / "folder", ["folder", "is a folder"]),
                                 ("the output is a full device", pathlib.Path("/dev/full"), ["/dev/full", "No space left"])):
            result = run(OSSCC, folder, "-q", "-o", out)
            fails_cleanly(name, result, sorted(os.listdir(place))[2:], *words)
        (place / "100%").mkdir()
        result = run(OSSCC, folder, "-q", "-o", place / "100%" / "assistant")
        check("a folder with a percent sign in its name is written to", result.returncode == 0 and
              os.listdir(place / "100%") == ["assistant"], last_line(result))
        check("what was there is untouched", (place / "file").read_text() == "keep me" and
              not os.listdir(place / "folder"))
        result = run("sh", "-c", f"{shlex.quote(str(OSSCC))} {shlex.quote(str(folder))} -q --emit=graph -o - > /dev/full")
        fails_cleanly("stdout is a full device", result, [], "No space left")


def threads_forbidden(folder):
    """Sandboxes and limits of processes: osscc works with the threads that there are, down to none, and writes the same."""
    def compiles(name, words, expected, note, **options):
        with scratch() as place, scratch() as temporary:
            out = pathlib.Path(place, "assistant")
            result = run(OSSCC, folder, *words, "-o", out, env={**os.environ, "TMPDIR": temporary}, **options)
            check(f"{name}: the same file, a note, nothing left", result.returncode == 0 and out.read_bytes() == expected and
                  note in text_of(result) and os.listdir(place) == ["assistant"] and not os.listdir(temporary), last_line(result))

    with scratch() as place:
        whole, graph = pathlib.Path(place, "whole"), pathlib.Path(place, "graph")
        run(OSSCC, folder, "-q", "-o", whole), run(OSSCC, folder, "-q", "--emit=graph", "-o", graph)
        whole, graph = whole.read_bytes(), graph.read_bytes()
    for error in (errno.EPERM, errno.EAGAIN):
        for words, expected, wanted in (([], whole, len(os.sched_getaffinity(0)) + 2), (["-j", "1"], whole, 3),
                                        (["--emit=graph"], graph, len(os.sched_getaffinity(0)) + 2)):
            compiles(f"{errno.errorcode[error]} for threads {words}", words, expected,
                     f"note: 0 of {wanted} threads: the system gives no more ({os.strerror(error)})",
                     preexec_fn=sandbox.without_threads(error))
    for most in (2, 3, 4, 6):
        with sandbox.group("pids", max=most) as join:
            if join:
                compiles(f"pids.max = {most}", ["-j", "8"], whole, f"note: {most - 1} of 10 threads: ", preexec_fn=join)


def at_creation(place, number):
    """For subprocess, whose files stay open: the call that creates a file in `place` delivers the signal."""
    def arm():
        watch = os.open(place, os.O_RDONLY)
        os.set_inheritable(watch, True)
        fcntl.fcntl(watch, F_SETSIG, number)
        fcntl.fcntl(watch, fcntl.F_NOTIFY, fcntl.DN_CREATE)
    return arm


def signals_at_creation(folder):
    """No signal comes before osscc knows what to remove."""
    for number, expected in ((signal.SIGTERM, -signal.SIGTERM), (signal.SIGSEGV, 70)):
        with scratch() as place:
            result = run(OSSCC, folder, "-q", "-o", pathlib.Path(place, "assistant"), env={**os.environ, "TMPDIR": str(WORK)},
                         preexec_fn=at_creation(place, number), close_fds=False)
            check(f"{number.name} as the file is created: ends by it, nothing left", result.returncode == expected and
                  not os.listdir(place), f"exit {result.returncode}, left {os.listdir(place)}")
        remove_reproducers(text_of(result))
    with scratch() as place, scratch() as temporary:
        result = run(OSSCC, folder, "-q", "--verify=1", "-o", pathlib.Path(place, "assistant"),
                     env={**os.environ, "TMPDIR": temporary}, preexec_fn=at_creation(temporary, signal.SIGTERM), close_fds=False)
        left = os.listdir(place) + os.listdir(temporary)
        check("SIGTERM as --verify creates a file: ends by it, nothing left", result.returncode == -signal.SIGTERM and not left,
              f"exit {result.returncode}, left {left}")


def remove_reproducers(told):
    """Removes the reproducers that a crash has named, and returns those that were there."""
    named = [pathlib.Path(word.rstrip(";")) for word in told.split() if word.rstrip(";").endswith(".reproducer.mlir")]
    there = [file for file in named if file.exists()]
    for file in there:
        file.unlink()
    return there


def source_that_changes(folder):
    """A checkpoint that gets shorter while it is read is an error, not a crash."""
    with scratch() as place:
        place = pathlib.Path(place)
        process, temporary = start_writing(folder, place / "assistant")
        process.send_signal(signal.SIGSTOP)
        weights = folder / "model.safetensors"
        size = weights.stat().st_size
        hidden = folder / "hidden"
        weights.rename(hidden)
        try:
            process.send_signal(signal.SIGCONT)
            code, told = process.wait(60), process.stderr.read().decode()
            check("the checkpoint vanishes in mid-write: the open file serves, or exit 1",
                  code == 0 or (code == 1 and "model.safetensors" in told), f"exit {code}, {size}, {temporary}: {told}")
        finally:
            hidden.rename(weights)


def size_of(file):
    """Its bytes; 0 if it has gone meanwhile."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def start_writing(folder, out):
    """(process, temporaries) of an osscc that is caught while it writes the executable."""
    process = subprocess.Popen([OSSCC, folder, "-o", out], stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": str(WORK)})
    while process.poll() is None:
        found = [file for file in out.parent.glob("*.tmp") if size_of(file)]  # not the empty one of a trial
        if found:
            return process, [file.name for file in found]
        time.sleep(0.001)
    return process, []


def signals(folder):
    """Interrupted and ended in mid-write: nothing stays. Killed: a temporary that says whose it is."""
    with scratch() as place:
        place = pathlib.Path(place)
        out = place / "assistant"
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process, temporary = start_writing(folder, out)
            process.send_signal(number)
            code = process.wait(60)
            check(f"{number.name} in mid-write: ends by it, nothing left", temporary and code == -number and
                  not os.listdir(place), f"exit {code}, {temporary}, left {os.listdir(place)}")
        process, temporary = start_writing(folder, out)
        process.kill()
        process.wait(60)
        left = os.listdir(place)
        check("SIGKILL in mid-write: at most a temporary with osscc in its name", temporary and len(left) <= 1 and
              all(name.startswith("assistant.osscc-") and name.endswith(".tmp") for name in left), left)
        result = run(OSSCC, folder, "-q", "-o", out)
        check("the next run works", result.returncode == 0 and run(out, "verify").returncode == 0, last_line(result))

        old = out.read_bytes()
        process, _ = start_writing(folder, out)
        process.terminate()
        process.wait(60)
        check("the executable of before stays whole", out.read_bytes() == old)


def crashes(folder):
    """A crash is exit 70 and names a reproducer, whose temporary output is gone."""
    with scratch() as place:
        place = pathlib.Path(place)
        process, temporary = start_writing(folder, place / "assistant")
        process.send_signal(signal.SIGSEGV)
        code, told = process.wait(60), process.stderr.read().decode(errors="replace")
        reproducers = remove_reproducers(told)
        check("a crash in mid-write: exit 70, nothing left, a reproducer", temporary and code == 70 and
              not os.listdir(place) and reproducers, f"exit {code}, {os.listdir(place)}: {told[-300:]}")


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    small, large = harness.tiny("tiny-6x2"), harness.smollm2("bf16")
    full_disk(small)
    unwritable_places(small)
    threads_forbidden(small)
    signals(large)
    signals_at_creation(small)
    crashes(large)
    source_that_changes(large)
    harness.finish()


if __name__ == "__main__":
    main()
