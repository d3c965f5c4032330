#!/usr/bin/env python3
"""Reasoning as a switch: every value of --reasoning at run time and at compile time, budgets, what is shown where.

The models are chains as in words.py: each token names the next one, so what they think and say is known.

    tags      thinks c, d, e after <think>, then says y; the variable `enable_thinking` closes the thoughts at once
    endless   the same, but thinks c, d, e, c, ... for ever
    harmony   thinks and says c, d in every channel
"""
import json
import re

import chat
import harness
import words
from harness import OSSCC, WORK, check, last_line, run

import huggingface  # tools/huggingface.py

CONTEXT = 256
TAGS = """{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}{% if m.role == 'assistant' and m.reasoning_content and loop.last \
%}{{ '<think>' + m.reasoning_content + '</think>' }}{% endif %}{{ m.content + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}\
{{ '<|im_start|>assistant\n<think>' }}{% if enable_thinking is defined and not enable_thinking %}{{ '</think>' }}{% endif %}{% endif %}"""
PLAIN = """{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}\
{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"""
INSTRUCTED = """{% if thinking %}<|im_start|>system
Write your thoughts between <think> and </think>.<|im_end|>
{% endif %}""" + PLAIN
HARMONY = """{% if not reasoning_effort is defined %}{% set reasoning_effort = 'medium' %}{% endif %}\
{{ '<|start|>system<|message|>Reasoning: ' + reasoning_effort + '<|end|>' }}{% for m in messages %}{% if m.role == 'assistant' %}\
{{ '<|start|>assistant<|channel|>final<|message|>' + m.content + '<|end|>' }}{% else %}\
{{ '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}{% endif %}{% endfor %}\
{% if add_generation_prompt %}{{ '<|start|>assistant' }}{% endif %}"""
QUESTION = {"messages": [{"role": "user", "content": "hi"}]}
MODES = ("off", "on", "low", "medium", "high")


def chain(name, template, added, follows, ends):
    """The folder of a model with these added tokens {text: special}, in which a token's text names the next one's."""
    make, folder = words.maker(), WORK / name
    folder.mkdir(parents=True, exist_ok=True)
    plain = 310
    vocab, merges = make.make_vocabulary(plain)
    ids = {**vocab, **{text: plain + i for i, text in enumerate(added)}}
    count = plain + len(added) + len(added) % 2
    config = huggingface.llama_config(
        "f32", hidden_size=count, intermediate_size=32, num_hidden_layers=1, num_attention_heads=4, num_key_value_heads=2,
        head_dim=count // 4 // 2 * 2, vocab_size=count, max_position_embeddings=CONTEXT, rms_norm_eps=1e-5,
        tie_word_embeddings=False, bos_token_id=1, eos_token_id=ids[ends], pad_token_id=0, rope_theta=10000.0)
    huggingface.write_json(folder / "config.json", config)
    tokenizer = huggingface.tokenizer_json(vocab, merges, make.SPECIAL)
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    for text, special in added.items():
        tokenizer["added_tokens"].append({"id": ids[text], "content": text, "special": special, **flags})
    huggingface.write_assistant_files(folder, tokenizer, template, {"bos": make.SPECIAL[1], "eos": ends, "pad": make.SPECIAL[0]},
                                      {"bos": 1, "eos": ids[ends], "pad": 0}, CONTEXT)
    shapes = huggingface.llama_shapes(config)
    after = {ids[text]: ids[next] for text, next in follows.items()}
    words.write_successors(folder, shapes, after, ids["z"])
    return folder


def tags(name, template=TAGS, **more):
    return chain(name, template, {"<think>": False, "</think>": False, "<|stop|>": True},
                 {"<think>": "c", "c": "d", "d": "e", "e": "</think>", "</think>": "y", "y": "<|stop|>", "Ċ": "y", **more}, "<|stop|>")


def ask(program, *flags, question="hi"):
    """(exit status, stdout, stderr without the banner)"""
    result = run(program, "--temperature=0", *flags, question)
    said = result.stderr.decode(errors="replace")
    return result.returncode, result.stdout.decode(errors="replace"), said.split(" ms\n", 1)[-1]


def banner(program, *flags):
    return run(program, "--temperature=0", "-n", "0", *flags, "hi").stderr.decode(errors="replace").split(", ready", 1)[0]


def prompt(program, *flags, **request):
    result = run(program, "render", *flags, "-", input=json.dumps({**QUESTION, **request}))
    return (result.stdout if result.returncode == 0 else result.stderr).decode()


def strings(program):
    """All texts of the program of the default template, and its source."""
    template = json.loads(run(program, "inspect", "--json").stdout)["templates"][0]
    return "\0".join([*template["strings"], template["source"]])


def check_shown(program):
    """What is thought is on standard error, the answer alone on standard output."""
    thought = re.compile(r"^cde\nthought for \d+\.\d s \(3 tokens\)\n$")
    code, out, said = ask(program)
    check("the answer alone is on standard output", (code, out) == (0, "y\n"), f"{code} {out!r}")
    check("thoughts are on standard error, with their time", thought.match(said), repr(said))
    code, out, said = ask(program, "--hide-reasoning")
    check("--hide-reasoning hides them", (code, out) == (0, "y\n") and "cde" not in said and "thought for" in said, repr(said))
    for mode in ("on", "low", "medium", "high"):
        code, out, said = ask(program, f"--reasoning={mode}")
        check(f"--reasoning={mode} thinks", (code, out) == (0, "y\n") and thought.match(said), f"{code} {out!r} {said!r}")
    code, out, said = ask(program, "--reasoning=off")
    check("--reasoning=off does not", (code, out, said) == (0, "y\n", ""), f"{code} {out!r} {said!r}")
    check("the banner shows the mode", banner(program).endswith(", reasoning on") and
          banner(program, "--reasoning=off").endswith(", reasoning off"), banner(program))
    code, out, said = ask(program, "--raw", "--reasoning=on")
    check("--raw and --reasoning exclude each other", code == 2 and "exclude each other" in said, f"{code} {said!r}")


def check_budgets(program, endless):
    for budget, thoughts, said in ((0, 0, ""), (1, 1, "c"), (2, 2, "cd"), (16, 3, "cde"), (1000, 3, "cde")):
        code, out, err = ask(program, f"--reasoning-budget={budget}")
        good = err.startswith(said) and f"({thoughts} token" in err if thoughts else err == ""
        check(f"a budget of {budget} tokens ends in an answer", (code, out) == (0, "y\n") and good, f"{code} {out!r} {err!r}")
    for budget in (0, 16, 1000):
        for length in ((), ("-n", "40")):
            code, out, err = ask(endless, f"--reasoning-budget={budget}", *length)
            check(f"a budget of {budget} tokens ends thoughts that have no end {length}", (code, out) == (0, "y\n"), f"{code} {out!r}")
    code, out, err = ask(endless, "--reasoning-budget=16")
    check("all of the budget is used", "(16 tokens)" in err, err)
    code, out, err = ask(endless, "-n", "20")
    check("without a budget it is said that no answer came", code == 0 and out == "\n" and "came to no answer" in err, f"{out!r} {err!r}")


def check_prompts(program, fixed):
    begin = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n<think>"
    for mode in MODES:
        expected = begin + ("</think>" if mode == "off" else "")
        check(f"the prompt of --reasoning={mode}", prompt(program, f"--reasoning={mode}") == expected, prompt(program, f"--reasoning={mode}"))
        check(f"the prompt compiled for {mode}", prompt(fixed[mode]) == expected, prompt(fixed[mode]))
    check("a request's own variable works as it does in transformers", prompt(program, enable_thinking=False) == begin + "</think>")
    check("and an answer that is not opened is not begun", not prompt(program, add_generation_prompt=False).endswith("<think>"))


def check_fixed(fixed):
    """One mode for good: no string of the other one, and no way to it."""
    check("compiled for on, the end that `off` writes is gone with its variable", "enable_thinking" not in strings(fixed["on"]))
    check("compiled for off, too", "enable_thinking" not in strings(fixed["off"]))
    for mode, other in (("off", "high"), ("on", "off")):
        code, out, said = ask(fixed[mode], f"--reasoning={other}")
        check(f"compiled for {mode}, {other} is refused with osscc's line", code == 1 and out == "" and
              f"the model was compiled with --reasoning={mode}" in said and "osscc reasoning-tags --reasoning=runtime" in said, said)
        code, out, _ = ask(fixed[mode], f"--reasoning={mode}")
        check(f"compiled for {mode}, {mode} is taken", (code, out) == (0, "y\n"), f"{code} {out!r}")
    check("compiled for off, a request cannot ask for more", "compiled with --reasoning=off" in prompt(fixed["off"], enable_thinking=True))
    result = run(OSSCC, WORK / "reasoning-tags", "--reasoning=much", "-o", WORK / "never")
    check("osscc knows the modes", result.returncode == 2 and b"no such mode" in result.stderr, last_line(result))


def check_instructed():
    """A template that asks for thoughts in words, as Granite 3.3's does: compiled for off, not a word of it is left."""
    folder = tags("reasoning-instructed", INSTRUCTED)
    programs = {mode: harness.compile(folder, f"--reasoning={mode}", out=WORK / f"reasoning-instructed-{mode}.assistant")
                for mode in ("runtime", "off", "on")}
    if not all(programs.values()):
        return
    plain = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    asked = "<|im_start|>system\nWrite your thoughts between <think> and </think>.<|im_end|>\n" + plain
    for mode, flags, expected in (("runtime", (), plain), ("runtime", ("--reasoning=on",), asked), ("runtime", ("--reasoning=off",), plain),
                                  ("off", (), plain), ("on", (), asked)):
        found = prompt(programs[mode], *flags)
        check(f"thoughts that are asked for in words, compiled for {mode} {flags}", found == expected, found)
    check("compiled for off, no reasoning string is left", "think" not in strings(programs["off"]), strings(programs["off"]))
    check("compiled for on, it is", "thoughts" in strings(programs["on"]))


def check_chat(program, fixed):
    """/think and /nothink on a terminal, where thoughts are shown, too."""
    t = chat.Terminal(program, "reasoning")
    t.enter(f"clear; {program} --temperature=0")
    t.shown("reasoning on", "the banner of a chat")
    t.prompted("the prompt of a chat that reasons")
    t.clear()
    t.enter("hi")
    t.shown("cde\nthought for ", "a chat shows thoughts")
    t.shown("(3 tokens)\ny", "and the answer behind them")
    t.clear()
    t.enter("/nothink")
    t.shown("reasoning off", "/nothink")
    t.clear()
    t.enter("hi")
    t.shown("\ny", "a chat without thoughts answers")
    check("and does not think", "thought" not in t.screen(), t.screen())
    for command, said in (("/think", "reasoning on"), ("/think high", "reasoning high"), ("/think much", "expected on, low, medium, high")):
        t.clear()
        t.enter(command)
        t.shown(said, command)
    t.clear()
    t.keys("C-d")
    t.enter(f"clear; {fixed['off']} --temperature=0")
    t.shown("reasoning off", "the banner of one mode for good")
    t.enter("/think")
    t.shown("the model was compiled with --reasoning=off", "/think of a model that was compiled for off")
    t.stop()


def check_plain(folder):
    """A model without reasoning: nothing changes, and the flags say so."""
    program = harness.compile(folder, out=WORK / "plain.assistant")
    if not program:
        return
    check("no reasoning in the banner", "reasoning" not in banner(program), banner(program))
    code, out, said = ask(program)
    check("its answer has its words", (code, out, said) == (0, "y\n", ""), f"{code} {out!r} {said!r}")
    code, out, said = ask(program, "--reasoning=on")
    check("--reasoning is refused in one sentence", code == 1 and "--reasoning=on: this model has no reasoning mode" in said, said)
    code, out, said = ask(program, "--reasoning-budget=5")
    check("--reasoning-budget too", code == 1 and "this model has no reasoning mode" in said, said)
    check("--reasoning=off is no error", ask(program, "--reasoning=off")[:2] == (0, "y\n"))
    result = run(OSSCC, folder, "--reasoning=high", "-o", WORK / "never")
    check("osscc refuses it, too", result.returncode == 2 and b"this model has no reasoning mode" in result.stderr, last_line(result))
    check("inspect shows no chat format", json.loads(run(program, "inspect", "--json").stdout)["chat_format"] is None)


def harmony():
    markers = ("<|start|>", "<|channel|>", "<|constrain|>", "<|message|>", "<|end|>", "<|call|>", "<|return|>")
    return chain("reasoning-harmony", HARMONY, {**dict.fromkeys(markers, True), "assistant": False, "analysis": False, "final": False},
                 {"assistant": "<|channel|>", "<|channel|>": "analysis", "analysis": "<|message|>", "final": "<|message|>",
                  "<|message|>": "c", "c": "d", "d": "<|return|>"}, "<|return|>")


def check_harmony():
    program = harness.compile(harmony(), out=WORK / "reasoning-harmony.assistant")
    if not program:
        return
    for mode, level, more in (("off", "low", "<|channel|>final<|message|>"), ("on", "medium", ""), ("low", "low", ""),
                              ("medium", "medium", ""), ("high", "high", "")):
        expected = f"<|start|>system<|message|>Reasoning: {level}<|end|><|start|>user<|message|>hi<|end|><|start|>assistant{more}"
        check(f"harmony: the prompt of {mode}", prompt(program, f"--reasoning={mode}") == expected, prompt(program, f"--reasoning={mode}"))
    check("harmony: a request's own level works", "Reasoning: high" in prompt(program, reasoning_effort="high"))
    code, out, said = ask(program, "--reasoning=off")
    check("harmony: off answers at once", (code, out, said) == (0, "cd\n", ""), f"{code} {out!r} {said!r}")
    code, out, said = ask(program, "--reasoning-budget=1")
    check("harmony: a budget opens the answer", (code, out) == (0, "cd\n") and said.startswith("c\nthought for") and "(1 token)" in said,
          f"{code} {out!r} {said!r}")
    code, out, said = ask(program, "--reasoning-budget=0")
    check("harmony: a budget of 0, too", (code, out) == (0, "cd\n") and "thought" not in said, f"{code} {out!r} {said!r}")
    code, out, said = ask(program)
    check("harmony: an answer of thoughts alone is told", code == 0 and out == "\n" and "came to no answer" in said, f"{code} {out!r} {said!r}")


def parsed(program, text):
    """What `parse` makes of a text's ids, markers matching."""
    ids = harness.run(program, "tokenize", "--special", "-", input=text).stdout.decode()
    result = harness.run(program, "parse", "-", input=ids)
    return result.returncode, json.loads(result.stdout) if result.stdout else result.stderr.decode()


def check_parse():
    """`parse` takes ids apart as the chat does, and names what is no id."""
    program = WORK / "reasoning-harmony.assistant"
    code, message = parsed(program, "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>hi<|return|>")
    check("parse: thoughts and answer", code == 0 and (message["reasoning"], message["content"], message["finish_reason"]) ==
          ("hm", "hi", "stop"), message)
    code, message = parsed(program, '<|channel|>commentary to=functions.get <|constrain|>json<|message|>{"a":1}<|call|>')
    call = message["tool_calls"][0]["function"] if code == 0 and message["tool_calls"] else None
    check("parse: a call", call == {"name": "get", "arguments": '{"a":1}'} and message["finish_reason"] == "tool_calls", message)
    code, message = parsed(program, "<|channel|>final<|message|>hi<|channel|>final")
    check("parse: a broken message is a typed error", code == 0 and message.get("error"), message)
    for name, text, expected in (("no JSON", "[1, 2,", "expected a JSON array"), ("no id", "[1, 999999]", "item 1: expected an id")):
        result = harness.run(program, "parse", "-", input=text)
        check(f"parse: {name}", result.returncode == 1 and expected in result.stderr.decode(), harness.last_line(result))


def main():
    folder = tags("reasoning-tags")
    program = harness.compile(folder, out=WORK / "reasoning-tags.assistant")
    endless = harness.compile(tags("reasoning-endless", e="c"), out=WORK / "reasoning-endless.assistant")
    fixed = {mode: harness.compile(folder, f"--reasoning={mode}", out=WORK / f"reasoning-tags-{mode}.assistant") for mode in MODES}
    if not program or not endless or not all(fixed.values()):
        harness.finish()
    check_shown(program)
    check_budgets(program, endless)
    check_prompts(program, fixed)
    check_fixed(fixed)
    check_chat(program, fixed)
    check_instructed()
    check_plain(tags("plain-chain", PLAIN))
    check_harmony()
    check_parse()
    harness.finish()


if __name__ == "__main__":
    main()
