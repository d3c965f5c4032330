#!/usr/bin/env python3
"""The tests of the thread pool under the thread sanitizer, again and again: accesses without order, and calls that stop."""
import subprocess

from harness import ROOT, WORK, check, finish, last_line, run

ROUNDS = 20
SOURCES = ["test/runtime/device/ThreadPoolTest.cpp", "runtime/device/ThreadPool.cpp", "runtime/device/Thread.cpp",
           "runtime/device/Cpus.cpp", "runtime/device/ControlGroups.cpp", "runtime/device/Stack.cpp", "runtime/base/File.cpp",
           "runtime/base/Descriptor.cpp", "runtime/base/Interrupt.cpp"]
# Those that fork are left out: the sanitizer has a thread of its own.
TESTS = "ThreadPool.*-*TheSystemGives*"


def main():
    program = WORK / "thread-races"
    WORK.mkdir(parents=True, exist_ok=True)
    words = ["clang++-22", "-std=gnu++2b", "-O1", "-g1", "-fsanitize=thread", "-DFMT_HEADER_ONLY", f"-I{ROOT}",
             *(ROOT / source for source in SOURCES), "-lgtest_main", "-lgtest", "-o", program]
    built = run(*words, timeout=1200)
    if check("the thread sanitizer compiles the pool", built.returncode == 0, built.stderr.decode()[-2000:]):
        result = run(program, f"--gtest_filter={TESTS}", f"--gtest_repeat={ROUNDS}", "--gtest_brief=1", timeout=900)
        check("no race, and no call that stops", result.returncode == 0 and b"WARNING: ThreadSanitizer" not in result.stderr,
              f"{last_line(result)}\n{(result.stdout + result.stderr).decode(errors='replace')[-3000:]}")
    model = subprocess.run([ROOT / "test/runtime/device/thread-pool-model.py"], capture_output=True, text=True)
    check("a model of the pool loses no wake-up", model.returncode == 0, model.stdout)
    finish()


if __name__ == "__main__":
    main()
