#!/usr/bin/env python3
"""Chat templates of tiny checkpoints: several by name, and --chat-template in place of one that cannot be compiled."""
import json
import shutil

import damage_gguf
import harness
from harness import OSSCC, WORK, check, last_line, run

MESSAGES = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": None, "reasoning": "r"}]
BROKEN = "line\n{{ messages | frobnicate }}"
SHOW = "{{ messages | tojson }}{{ tools | tojson }}"


def with_files(name, files):
    """A copy of the tiny checkpoint with other templates."""
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(harness.tiny("tiny-6x2"), folder)
    config = json.loads((folder / "tokenizer_config.json").read_text())
    config.pop("chat_template")
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    for file, text in files.items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(text)
    return folder


def render(program, **request):
    return run(program, "render", "-", input=json.dumps({"messages": MESSAGES, "add_generation_prompt": False} | request))


def named(what, model, files):
    """All templates are inside, and the request decides."""
    program = harness.compile(model)
    if not program:
        return
    shown = '[{"role": "user", "content": "hi"}, {"thinking": "r", "role": "assistant", "reasoning": "r", "reasoning_content": "r"}]'
    tool = {"function": {"maximum": 2 ** 70}}
    for name, request, expected in (
            ("default", {}, f"default{shown}null"), ("tool_use", {"tools": [tool]}, f"tools{shown}{json.dumps([tool])}"),
            ("null tools", {"tools": None}, f"default{shown}null"), ("rag", {"chat_template": "rag"}, f"rag{shown}null")):
        result = render(program, **request)
        check(f"{what}: template {name}", result.stdout.decode() == expected, f"{result.stdout!r} {last_line(result)}")
    result = render(program, chat_template="nope")
    check(f"{what}: an unknown template", result.returncode == 1 and b"default, rag, tool_use" in result.stderr, last_line(result))
    inside = json.loads(run(program, "inspect", "--json").stdout or "{}")
    check(f"{what}: inspect lists them", [t["name"] for t in inside.get("templates", [])] == ["default", "rag", "tool_use"])
    sources = [source["file"] for source in inside.get("sources", [])]
    check(f"{what}: the templates' files are sources", files <= set(sources), sources)


def way_out(name, model, place):
    """A template that cannot be compiled stops the compiler, unless the option is given."""
    program, mine = WORK / "way-out", WORK / "mine.jinja"
    program.unlink(missing_ok=True)
    mine.write_text("mine {{ messages[0].content }}")
    result = run(OSSCC, "-q", model, "-o", program)
    told = result.stderr.decode(errors="replace")
    check(f"{name}: refused", result.returncode == 1 and not program.exists() and f"{place}:2: error: chat template: " in told
          and "frobnicate" in told and "--chat-template=none" in told, told)
    for option, question, rendered in ((f"--chat-template={mine}", 0, b"mine hi"), ("--chat-template=none", 0, b"")):
        result = run(OSSCC, "-q", option, model, "-o", program)
        if not check(f"{name}, {option[:17]}: compiles", result.returncode == 0, last_line(result)):
            continue
        result = render(program)
        check(f"{name}, {option[:17]}: render", result.stdout == rendered and result.returncode == (0 if rendered else 1),
              f"{result.stdout!r} {last_line(result)}")
        result = run(program, "--temperature=0", "-n", "2", "hi")
        check(f"{name}, {option[:17]}: answers", result.returncode == 0, last_line(result))
    inside = json.loads(run(program, "inspect", "--json").stdout or "{}")
    check(f"{name}: inspect tells the flag", "--chat-template=none" in inside.get("flags", []) and inside["templates"] == [], inside.get("flags"))
    program.unlink(missing_ok=True)


def wrong_options(model):
    program = WORK / "way-out"
    for name, option, status in (("no file", "nowhere.jinja", 2), ("a folder", str(WORK), 1), ("an endless file", "/dev/zero", 1)):
        result = run(OSSCC, "-q", f"--chat-template={option}", model, "-o", program, timeout=20)
        check(f"--chat-template with {name}: exit {status}", result.returncode == status and not program.exists(), last_line(result))


def gguf_with(name, templates):
    """A .gguf file of the tiny checkpoint with other templates."""
    file = damage_gguf.Gguf(harness.gguf(harness.tiny("tiny-6x2"), "F32").read_bytes())
    file.pairs.pop("tokenizer.chat_template", None)
    file.pairs |= {key: damage_gguf.string(text) for key, text in templates.items()}
    out = WORK / f"{name}.gguf"
    out.write_bytes(file.build())
    return out


def main():
    named("a folder", with_files("named-templates", {
        "chat_template.jinja": "default" + SHOW, "additional_chat_templates/tool_use.jinja": "tools" + SHOW,
        "additional_chat_templates/rag.jinja": "rag" + SHOW}), {"rag.jinja", "tool_use.jinja", "chat_template.jinja"})
    named("a .gguf file", gguf_with("named-templates", {
        "tokenizer.chat_template": "default" + SHOW, "tokenizer.chat_template.tool_use": "tools" + SHOW,
        "tokenizer.chat_template.rag": "rag" + SHOW}), {"named-templates.gguf"})
    way_out("a folder", with_files("broken-template", {"chat_template.jinja": BROKEN}), "chat_template.jinja")
    way_out("a .gguf file", gguf_with("broken-template", {"tokenizer.chat_template": BROKEN}), "broken-template.gguf")
    wrong_options(harness.tiny("tiny-6x2"))
    harness.finish()


if __name__ == "__main__":
    main()
