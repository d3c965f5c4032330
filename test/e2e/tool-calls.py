#!/usr/bin/env python3
"""Calls of tools: `parse` of an executable prints those that its chat template writes into the history."""
import json

import harness
from harness import OSSCC, WORK, check, last_line, run

TURNS = ("{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}<|im_start|>{{ m.role + '\n' + (m.content or '') }}"
         "{% for c in m.tool_calls or [] %}{% set f = c.function %}CALL{% endfor %}<|im_end|>\n{% endfor %}"
         "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
# A format: what a template writes for a call, an answer with a text and a call, and one that breaks off.
CASES = {
    "hermes": ('\n<tool_call>\n{"name": "{{ f.name }}", "arguments": {{ f.arguments | tojson }}}\n</tool_call>',
               'I look.\n<tool_call>\n{"name": "f", "arguments": {"a": [1.50]}}\n</tool_call>', '<tool_call>\n{"name": "f"'),
    "glm": ("\n<tool_call>{{ f.name }}\n{% for k, v in f.arguments.items() %}<arg_key>{{ k }}</arg_key>\n"
            "<arg_value>{{ v if v is string else v | tojson }}</arg_value>\n{% endfor %}</tool_call>",
            "I look.\n<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>[1.50]</arg_value>\n</tool_call>", "<tool_call>f\n<arg_key>a"),
    "mistral-args": ("[TOOL_CALLS]{{ f.name }}[ARGS]{{ f.arguments | tojson }}",
                     'I look.[TOOL_CALLS]f[ARGS]{"a": [1.50]}', '[TOOL_CALLS]f[ARGS]{"a"'),
}


def parsed(program, text):
    ids = run(program, "tokenize", "-", input=text).stdout
    return json.loads(run(program, "parse", "-", input=ids.decode()).stdout or "{}")


def check_case(name, folder, call, answer, broken):
    source, program = WORK / f"{name}.jinja", WORK / f"{name}.assistant"
    source.write_text(TURNS.replace("CALL", call))
    result = run(OSSCC, folder, "-q", f"--chat-template={source}", "-o", program)
    if not check(f"{name}: compiled", result.returncode == 0, last_line(result)):
        return
    inside = json.loads(run(program, "inspect", "--json").stdout or "{}")
    check(f"{name}: the format is found", inside.get("tool_calls") == name, inside.get("tool_calls"))
    message = parsed(program, answer)
    calls = [(each["function"]["name"], each["function"]["arguments"]) for each in message.get("tool_calls", [])]
    check(f"{name}: parse prints the call", calls == [("f", '{"a": [1.50]}')] and message["content"] == "I look.", message)
    message = parsed(program, broken)
    check(f"{name}: a call that breaks off is content", message.get("error", {}).get("code") == "broken_off" and
          message["content"] == broken and not message["tool_calls"], message)
    message = parsed(program, "No call.")
    check(f"{name}: an answer is an answer", message.get("content") == "No call." and "error" not in message, message)


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    folder = harness.tiny("tiny-6x2")
    for name, case in CASES.items():
        check_case(name, folder, *case)
    harness.finish()


if __name__ == "__main__":
    main()
