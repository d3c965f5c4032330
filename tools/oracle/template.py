#!/usr/bin/env python3
"""Chat templates by transformers' own jinja2 environment: the judge of the template compiler and renderer.

    tools/oracle/template.py golden MODEL_DIR           writes test/data/template-smollm2.json and template-cases.json
    tools/oracle/template.py compare RENDER TEMPLATE... [--count=N] [--seed=S]

`golden` stores 64 seeded conversations with the checkpoint's template, and one small template for each construct
(template_cases.py), each with the text that jinja2 makes of it. `compare` renders N (default 200) seeded conversations
with each template file by jinja2 and by RENDER (build/test/bin/render-template), with switches and tools, and counts
equal bytes; where jinja2 raises, RENDER must report an error.
"""
import json
import pathlib
import random
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import environment
import template_cases

DATA = pathlib.Path(__file__).resolve().parents[2] / "test" / "data"
BEYOND = re.compile("^SecurityError: access to attribute '(append|extend|insert|pop|update)'")
CLOCK = 1721952000  # 2024-07-26, what strftime_now prints
PIECES = ["Hello", "world", " ", "  ", "\n", "\n\n", "\t", "naïve", "日本語", "🦙", "a\u0301", "\u00a0", "\u3000", "{{ x }}",
          "{% if %}", "{# c #}", "<|im_end|>", "<|im_start|>system\n", "<|eot_id|>", "</think>", "<think>\n", "'", '"', "\\",
          "\\n", "<b>&amp;</b>", "\x07", "\x7f", "12", "3.5", "[INST]", "<tool_call>", "-", "None", "%s", "end.", "\r\n"]
TOOLS = [{"type": "function", "function": {
    "name": "get_weather", "description": "Weather of a \"place\" <now>.",
    "parameters": {"type": "object", "required": ["place"], "properties": {
        "place": {"type": "string", "description": "Town, e.g. Zürich"},
        "days": {"type": "integer", "default": 3, "minimum": 1},
        "unit": {"type": "string", "enum": ["C", "F"]},
        "exact": {"type": "number", "default": 0.5}}}}},
    {"type": "function", "function": {"name": "now", "description": "The time", "parameters": {"type": "object", "properties": {}}}}]


def words(rng, most=8):
    return "".join(rng.choice(PIECES) + rng.choice(["", " "]) for _ in range(rng.randint(0, most)))


def conversation(rng):
    """Messages of system, user and assistant; now and then one that a template may refuse."""
    messages = []
    if rng.random() < 0.4:
        messages.append({"role": "system", "content": words(rng)})
    for turn in range(rng.randint(1, 5)):
        messages.append({"role": "user", "content": words(rng)})
        if turn or rng.random() < 0.6:
            messages.append({"role": "assistant", "content": words(rng)})
    if rng.random() < 0.1:
        messages[-1]["role"] = rng.choice(["user", "tool", "Ünknown", "system"])
    return {"messages": messages, "add_generation_prompt": rng.random() < 0.7}


def request(rng):
    """A conversation with what real templates look at: tools, calls and their results, reasoning, switches."""
    context = conversation(rng) | {"bos_token": "<|begin_of_text|>", "eos_token": "<|im_end|>"}
    for name, values in {"enable_thinking": [True, False], "reasoning_effort": ["low", "high"], "thinking": [True, False],
                         "tools_in_user_message": [False], "date_string": ["26 Jul 2024"], "keep_past_thinking": [True]}.items():
        if rng.random() < 0.3:
            context[name] = rng.choice(values)
    if rng.random() < 0.4:
        context["tools"] = rng.sample(TOOLS, rng.randint(1, 2))
        if rng.random() < 0.7:
            call = {"name": "get_weather", "arguments": {"place": words(rng, 3), "days": rng.randint(1, 9), "exact": 1e-7}}
            context["messages"] += [
                {"role": "user", "content": words(rng)},
                {"role": "assistant", "content": rng.choice(["", words(rng)]), "tool_calls": [
                    {"type": "function", "id": "call12345", "function": call}]},
                {"role": "tool", "tool_call_id": "call12345", "name": "get_weather", "content": words(rng)}]
    if rng.random() < 0.2:
        context["messages"][-1]["reasoning_content"] = words(rng)
    return context


def judge(source):
    """A function from context to (text, None) or (None, jinja2's message); transformers passes tools and documents always."""
    from transformers.utils.chat_template_utils import _compile_jinja_template
    template = _compile_jinja_template(source)
    template.globals["strftime_now"] = lambda pattern: __import__("time").strftime(pattern, __import__("time").gmtime(CLOCK))

    def render(context):
        try:
            return template.render(**({"tools": None, "documents": None} | context)), None
        except Exception as error:  # whatever the template's Python raises is a refusal
            return None, f"{type(error).__name__}: {error}"
    return render


def ours(program, path, contexts):
    lines = "".join(json.dumps(context | {"strftime_now": CLOCK}) + "\n" for context in contexts)
    run = subprocess.run([program, path], input=lines.encode(), capture_output=True)
    if run.returncode:
        raise RuntimeError(run.stderr.decode().strip())
    return [json.loads(line) for line in run.stdout.split(b"\n") if line]


def batch(program, jobs):
    """For each (source, contexts): {"results": [{"text": ...} or {"error": ...}]} or {"refused": ...}, in one run."""
    lines = "".join(json.dumps({"template": source, "contexts": [context | {"strftime_now": CLOCK} for context in contexts]})
                    + "\n" for source, contexts in jobs)
    run = subprocess.run([program, "--batch"], input=lines.encode(), capture_output=True)
    if run.returncode:
        raise RuntimeError(run.stderr.decode().strip())
    return [json.loads(line) for line in run.stdout.split(b"\n") if line]


def compare(arguments):
    options = dict(a[2:].split("=") for a in arguments if a.startswith("--"))
    program, *paths = [a for a in arguments if not a.startswith("--")]
    total = equal = refused = 0
    for path in paths:
        rng = random.Random(int(options.get("seed", 1)))
        contexts = [request(rng) for _ in range(int(options.get("count", 200)))]
        try:
            results = ours(program, path, contexts)
        except RuntimeError as error:
            print(f"{pathlib.Path(path).name}: refused: {error}")
            refused += 1
            continue
        render, same, raised, shown = judge(pathlib.Path(path).read_text()), 0, 0, None
        for context, result in zip(contexts, results):
            text, error = render(context)
            # list.append() and its like are more than the sandbox allows: osscc runs them, as llama.cpp does.
            good = result.get("text") == text if error is None else "error" in result or BEYOND.search(error)
            same, raised = same + bool(good), raised + (error is not None)
            if not good and shown is None:
                shown = f"\n  context {json.dumps(context)}\n  jinja2  {error or text!r}\n  ours    {result}"
        print(f"{pathlib.Path(path).name}: {same} of {len(contexts)} equal, jinja2 raises in {raised}{shown or ''}")
        total, equal = total + len(contexts), equal + same
    print(f"{equal} of {total} equal, {refused} templates refused")
    return 0 if equal == total else 1


def golden(folder):
    source = json.loads((pathlib.Path(folder) / "tokenizer_config.json").read_text())["chat_template"]
    rng, render = random.Random(20260101), judge(source)
    conversations = []
    for context in [conversation(rng) for _ in range(64)]:
        conversations.append({"context": context, "text": render(context)[0]})
    write("template-smollm2.json", {"template": source, "conversations": conversations})
    cases = []
    for template, context in template_cases.CASES:
        text, error = judge(template)(context)
        cases.append({"template": template, "context": context} | ({"text": text} if error is None else {"error": error}))
    write("template-cases.json", {"strftime_now": CLOCK, "cases": cases})


def write(name, value):
    text = json.dumps(value, indent=0, ensure_ascii=True)
    (DATA / name).write_text(text + "\n")
    print(f"test/data/{name}: {len(text)} bytes")


def main():
    environment.require("requirements-oracle.txt")
    if sys.argv[1:2] == ["golden"] and len(sys.argv) == 3:
        return golden(sys.argv[2])
    if sys.argv[1:2] == ["compare"] and len(sys.argv) > 3:
        return compare(sys.argv[2:])
    sys.exit(__doc__.strip())


if __name__ == "__main__":
    sys.exit(main())
