#!/usr/bin/env python3
"""The licence of the weights: what osscc says of it, and what the executable tells without the checkpoint."""
import json
import shutil

import harness
from harness import OSSCC, WORK, check, last_line, run

MIT = "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software.\n"
LLAMA = "LLAMA 3.2 COMMUNITY LICENSE AGREEMENT\nUse of the Materials must comply with the Acceptable Use Policy."
# A case: model card, LICENSE; the line that osscc writes, and the first line of `licenses`.
CASES = {
    "permissive": ("apache-2.0", None, None, "apache-2.0, permissive"),
    "recognized": (None, MIT, None, "mit, permissive"),
    "restricted": ("llama3.2", LLAMA, "warning: the licence of the weights, llama3.2, restricts what may be done", "llama3.2, restricted"),
    "unknown": (None, None, "note: the licence of the weights is unknown; whoever", "unknown"),
    "of its own": ("my-own", None, "note: what the licence of the weights, my-own, permits is not known; whoever", "my-own"),
}


def check_case(name, tiny, card, text, said, first):
    folder = WORK / "licence"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tiny, folder)
    if card:
        (folder / "README.md").write_text(f"---\nlicense: {card}\n---\n# A model\n")
    if text:
        (folder / "LICENSE").write_text(text)
    program = WORK / "licence.assistant"
    result = run(OSSCC, folder, "-o", program)
    lines = [line for line in result.stderr.decode().splitlines() if "licence of the weights" in line]
    check(f"{name}: osscc says it", result.returncode == 0 and (len(lines) == 1 and lines[0].startswith(said) if said else not lines),
          lines or last_line(result))
    told = run(program, "licenses").stdout.decode()
    rest = f"\nLICENSE\n-------\n{text.rstrip()}\n" if text else "The checkpoint that this was made from had no text of it.\n"
    check(f"{name}: licenses tells it", told == f"The weights of licence: {first}\n{rest}", told)
    model = json.loads(run(program, "inspect", "--json").stdout or "{}").get("model", {})
    check(f"{name}: inspect tells it", f"{model.get('licence')}, {model.get('licence_class')}".startswith(first), model)


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    tiny = harness.tiny("tiny-6x2")
    for name, case in CASES.items():
        check_case(name, tiny, *case)
    harness.finish()


if __name__ == "__main__":
    main()
