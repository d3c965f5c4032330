#!/usr/bin/env python3
"""Unusual but valid checkpoints compile and run: the cases are in unusual.py.

    test/e2e/unusual-input.py [NAME...]      only the cases whose names hold one of these words
"""
import concurrent.futures
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import shutil
import sys
import tempfile

import harness
from harness import OSSCC, ROOT, WORK, check, last_line, run

import compare  # tools/oracle/compare.py
import numpy as np
import plain_llama
import unusual

IDS = [3, 77, 200, 5, 5, 130, 258, 40, 90, 17, 250, 3, 61, 99, 101, 180, 44, 7, 33, 12]
PROMPT = "hé 🦙"


def maker():
    """tools/make-checkpoint as a module: its name is no module's."""
    loader = importlib.machinery.SourceFileLoader("make_checkpoint", str(ROOT / "tools" / "make-checkpoint"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def attempt(prepare, judge=None, flags=()):
    """(what went wrong or "", logits, the judge's) of a checkpoint that `prepare` writes."""
    with tempfile.TemporaryDirectory(dir=WORK) as place:
        place = pathlib.Path(place)
        model = prepare(place / "model")
        program, npy = place / "assistant", place / "logits.npy"
        # Relative paths from the folder's parent, as users give them.
        given = os.path.relpath(model, place) + ("/" if str(model).endswith("/") else "")
        result = run(OSSCC, "-q", *flags, "-o", program, "--", given, cwd=place, timeout=120)
        if result.returncode:
            return f"osscc: {last_line(result)}", None, None
        scored = run(program, "score", "--ids", f"--logits={npy}", "-", input=json.dumps(IDS))
        if scored.returncode or not npy.exists():
            return f"score: {last_line(scored)}", None, None
        asked = run(program, "--temperature=0", "-n", "4", "--", PROMPT)
        if asked.returncode:
            return f"ask: {last_line(asked)}", None, None
        return "", np.load(npy), judge and judge(model, IDS)


def shape(name, fields, make_checkpoint):
    def prepare(folder):
        unusual.make(folder, make_checkpoint, **{**unusual.PLAIN, **fields})
        return folder
    problem, found, expected = attempt(prepare, plain_llama.logits)
    figures = compare.measure(expected, found) if found is not None else {}
    near = figures and (figures["cosine"] > 0.99999 or np.ptp(expected) == 0)
    return f"shape: {name}", bool(near and not problem), problem or compare.line(figures)


def spelling(name, change, plain, expected):
    def prepare(folder):
        shutil.copytree(plain, folder)
        given = change(folder)
        return given if isinstance(given, (str, pathlib.Path)) else folder
    problem, found, _ = attempt(prepare, flags=unusual.FLAGS.get(name, ()))
    same = found is not None and found.tobytes() == expected.tobytes()
    return f"spelling: {name}", same, problem or "other logits than the plain checkpoint's"


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    make_checkpoint = maker()
    chosen = [word.lower() for word in sys.argv[1:]]
    wanted = lambda cases: [(name, case) for name, case in cases.items()
                            if not chosen or any(word in name.lower() for word in chosen)]
    with tempfile.TemporaryDirectory(dir=WORK) as place:
        plain = pathlib.Path(place) / "plain"
        problem, expected, numbers = attempt(lambda folder: unusual.make(plain, make_checkpoint, **unusual.PLAIN) or plain,
                                             plain_llama.logits)
        if not check("the plain checkpoint", not problem and compare.measure(numbers, expected)["cosine"] > 0.99999, problem):
            harness.finish()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            cases = [pool.submit(shape, name, fields, make_checkpoint) for name, fields in wanted(unusual.SHAPES)]
            cases += [pool.submit(spelling, name, change, plain, expected) for name, change in wanted(unusual.SPELLINGS)]
            for case in concurrent.futures.as_completed(cases):
                check(*case.result())
    harness.finish()


if __name__ == "__main__":
    main()
