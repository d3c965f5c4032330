#!/usr/bin/env python3
"""The executable's chat template against jinja2: 50 seeded conversations, byte for byte, SmolLM2's template."""
import json
import random

import harness
import reference
import template  # tools/oracle/template.py

CONVERSATIONS = 50


def main():
    folder = harness.smollm2("bf16")
    program = harness.compile(folder)
    dice = random.Random(50)
    for number in range(CONVERSATIONS if program else 0):
        request = template.conversation(dice)
        expected = reference.render(folder, request["messages"], request["add_generation_prompt"])
        result = harness.run(program, "render", "-", input=json.dumps(request))
        harness.check(f"conversation {number}", result.stdout == expected.encode(),
                      f"{harness.last_line(result)}: {result.stdout[:200]!r}, not {expected[:200]!r}")
    harness.finish()


if __name__ == "__main__":
    reference.environment.require("requirements-oracle.txt")
    main()
