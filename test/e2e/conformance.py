#!/usr/bin/env python3
"""Reasoning x tools x schema x streaming x history, for the templates of published models: each cell is right or refused by name.

    test/e2e/conformance.py [--table FILE] [MODEL...]

The templates are those of llama-cpp-python's source package, over chains as in reasoning.py with each template's own markers; SmolLM2
is whole. What a chain says of itself is one letter for ever; where it is held, its texts are random ones. So what is right of a cell is its
form: thoughts where they are asked for alone, calls that are valid and of the tools that may be called, values of the schema, a stream that
says what the whole answer says. A cell that is refused is 400 and names a field that the cell has; REFUSED says for which models.
"""
import argparse
import importlib
import itertools
import json

import harness
import reasoning
from harness import WORK, check, compile, smollm2
from serving import Server, user

CHAT = "/v1/chat/completions"
CONTEXT = 4096
TAGS = {"<think>": False, "</think>": False}
HARMONY = dict.fromkeys(("<|start|>", "<|channel|>", "<|constrain|>", "<|message|>", "<|end|>", "<|call|>", "<|return|>"), True)
TURNS = dict.fromkeys(("<|im_start|>", "<|im_end|>"), True)
CALLS = dict.fromkeys(("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"), False)
DEEPSEEK = dict.fromkeys(("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>", "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>",
                          "<｜tool▁call▁begin｜>", "<｜tool▁call▁end｜>", "<｜tool▁sep｜>", "<｜tool▁outputs▁begin｜>", "<｜tool▁outputs▁end｜>",
                          "<｜tool▁output▁begin｜>", "<｜tool▁output▁end｜>"), True)
LLAMA = dict.fromkeys(("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|eom_id|>", "<|python_tag|>"), True)
# A template, its markers, the one that ends a turn, and what follows what.
MODELS = {
    "gpt-oss": ("openai-gpt-oss-120b", {**HARMONY, "assistant": False, "analysis": False, "final": False}, "<|return|>",
                {"assistant": "<|channel|>", "<|channel|>": "analysis", "analysis": "<|message|>", "final": "<|message|>", "<|message|>": "c",
                 "c": "d", "d": "<|return|>"}),
    "qwen3": ("Qwen-Qwen3-0.6B", {**TURNS, **TAGS, **CALLS}, "<|im_end|>", {"<think>": "c", "c": "</think>"}),
    "qwen3-coder": ("Qwen3-Coder", {**TURNS, **CALLS}, "<|im_end|>", {}),
    "r1-distill": ("deepseek-ai-DeepSeek-R1-Distill-Llama-8B", {**DEEPSEEK, **TAGS}, "<｜end▁of▁sentence｜>", {}),
    "deepseek-v3.1": ("deepseek-ai-DeepSeek-V3.1", {**DEEPSEEK, **TAGS}, "<｜end▁of▁sentence｜>", {}),
    "llama-3.1": ("meta-llama-Llama-3.1-8B-Instruct", LLAMA, "<|eot_id|>", {}),
    "gemma-2": ("google-gemma-2-2b-it", dict.fromkeys(("<start_of_turn>", "<end_of_turn>"), True), "<end_of_turn>", {}),
    "gemma-4": ("google-gemma-4-31B-it", dict.fromkeys(("<|turn>", "<turn|>", "<|channel>", "<channel|>", "<|tool_call>", "<tool_call|>", "<|tool>", "<tool|>",
                                                        "<|tool_response>", "<tool_response|>", '<|"|>', "<|think|>"), True), "<turn|>", {}),
    "mistral-small": ("Mistral-Small-3.2-24B-Instruct-2506", dict.fromkeys(("[INST]", "[/INST]", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]", "[AVAILABLE_TOOLS]",
                                                                            "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[SYSTEM_PROMPT]",
                                                                            "[/SYSTEM_PROMPT]"), True), "[INST]", {}),
    "smollm3": ("HuggingFaceTB-SmolLM3-3B", {**TURNS, **TAGS, **CALLS}, "<|im_end|>", {}),
    "glm-4.6": ("GLM-4.6", {**dict.fromkeys(("<|user|>", "<|assistant|>", "<|system|>", "<|observation|>", "[gMASK]", "<sop>"), True), **TAGS, **CALLS,
                            **dict.fromkeys(("<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>"), False)}, "<|user|>", {}),
    "lfm2.5": ("LFM2.5-8B-A1B", {**TURNS, **TAGS, "<|tool_call_start|>": True, "<|tool_call_end|>": True}, "<|im_end|>", {}),
}
WEATHER = {"type": "object", "properties": {"city": {"enum": ["Rome", "Oslo"]}, "days": {"type": "integer", "minimum": 1, "maximum": 9}},
           "required": ["city", "days"], "additionalProperties": False}
NOTHING = {"type": "object", "properties": {}, "additionalProperties": False}
FORM = {"enum": ["yes", "no"]}


def tool(name, parameters, **more):
    return {"type": "function", "function": {"name": name, "description": "d", "parameters": parameters, **more}}


TOOLS = [tool("weather", WEATHER), tool("stop", NOTHING)]
STRICT = [tool("weather", WEATHER, strict=True), tool("stop", NOTHING, strict=True)]
ONE = {"type": "function", "function": {"name": "stop"}}
CALL = {"role": "assistant", "content": "", "tool_calls": [{"id": "abcdefgh1", "type": "function", "function": {
    "name": "weather", "arguments": '{"city": "Rome", "days": 2}'}}]}
REASONING = {"usual": {}, "none": {"reasoning_effort": "none"}, "high": {"reasoning_effort": "high"}}
TOOL_CELLS = {"no tools": {}, "auto": {"tools": TOOLS}, "strict": {"tools": STRICT}, "required": {"tools": TOOLS, "tool_choice": "required"},
              "named": {"tools": TOOLS, "tool_choice": ONE}, "none": {"tools": TOOLS, "tool_choice": "none"}}
SCHEMA = {"text": {}, "schema": {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": FORM}}}}
HISTORY = {"one turn": user("hi"), "turns": [*user("hi"), {"role": "assistant", "content": "y", "reasoning_content": "c"}, *user("and?")],
           "calls": [*user("hi"), CALL, {"role": "tool", "tool_call_id": "abcdefgh1", "content": "sun"}, {"role": "assistant", "content": "y"}, *user("and?")]}
# Which field of a cell may be refused, model by model, and what the message says. All else must be served.
NO_REASONING = ("reasoning_effort", "no reasoning mode")
NO_TOOLS = ("tools", "how this model calls tools is not known")
BESIDE = ("response_format", "held to a form beside tools")
REFUSED = {
    "gpt-oss": [("tool_choice", "without reasoning"), ("tools", "without reasoning"), ("response_format", "without reasoning")],
    "qwen3-coder": [NO_REASONING], "llama-3.1": [NO_REASONING, BESIDE], "gemma-2": [NO_REASONING, NO_TOOLS, ("messages", "")],
    "mistral-small": [NO_REASONING], "smollm2": [NO_REASONING, NO_TOOLS],
}


def value_of(text):
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None


def is_valid(call, cell):
    name, arguments = call["function"]["name"], value_of(call["function"]["arguments"])
    if not isinstance(arguments, dict):
        return False
    if cell["tools"] == "named" and name != "stop":
        return False
    if name == "stop":
        return arguments == {}
    return name == "weather" and set(arguments) == {"city", "days"} and arguments["city"] in ("Rome", "Oslo") and arguments["days"] in range(1, 10)


def wrong(choice, cell):
    """What is not right of an answer; None if all is."""
    message, reason = choice["message"], choice["finish_reason"]
    calls, content = message.get("tool_calls") or [], message.get("content")
    if cell["reasoning"] == "none" and message.get("reasoning_content"):
        return "it thinks"
    if calls and cell["tools"] in ("no tools", "none"):
        return "it calls"
    if reason == "length" and calls:  # in harmony the last may be broken off
        calls = calls[:-1]
    if calls and cell["tools"] != "auto" and not all(is_valid(call, cell) for call in calls):
        return "a call is not valid"
    if cell["tools"] in ("required", "named") and reason != "length" and not calls:
        return "it does not call"
    if cell["tools"] in ("required", "named") and reason != "length" and content:
        return "it speaks beside its call"
    if calls and reason not in ("tool_calls", "length"):
        return "its reason is not the call"
    if cell["schema"] == "schema" and not calls and reason == "stop" and value_of(content) not in ("yes", "no"):
        return "it is not of the form"
    return None


def refused(name, cell, answer, fields):
    """Whether a refusal is one of those that the model has, and of a field that the cell has."""
    param, message = answer["error"]["param"] or "", answer["error"]["message"]
    return any(param.split("[")[0].split(".")[0] in (field, *(("messages",) if not field else ())) and said in message and field in fields
               for field, said in REFUSED.get(name, []))


def joined(events):
    """The message of a stream: thoughts, content, calls."""
    parts = {"reasoning_content": "", "content": "", "calls": ""}
    for event in events:
        for choice in event.get("choices", []):
            for key in ("reasoning_content", "content"):
                parts[key] += choice["delta"].get(key) or ""
            for part in choice["delta"].get("tool_calls") or []:
                parts["calls"] += part["function"].get("name") or ""
                parts["calls"] += part["function"].get("arguments") or ""
    return parts


def whole(message):
    calls = "".join(call["function"]["name"] + call["function"]["arguments"] for call in message.get("tool_calls") or [])
    return {"reasoning_content": message.get("reasoning_content") or "", "content": message.get("content") or "", "calls": calls}


def check_cell(name, server, cell, body, seen):
    status, answer, _ = server.ask(CHAT, body)
    title = f"{name}: {', '.join(cell.values())}"
    if status == 400:
        seen["refused"] += 1
        check(title, refused(name, cell, answer, body), answer["error"])
        return f"400 {answer['error']['param']}"
    if not check(title, status == 200, answer):
        return str(status)
    fault = wrong(answer["choices"][0], cell)
    seen["right"] += fault is None
    check(title, fault is None, (fault, answer["choices"][0]))
    events = server.events(CHAT, body)
    check(f"{title}, streamed", joined(events) == whole(answer["choices"][0]["message"]), (joined(events), answer["choices"][0]))
    return "right" if fault is None else fault


def check_model(name, program, table, most):
    server = Server(program, "--parallel=2", f"--context={CONTEXT}" if name != "smollm2" else "--context=2048")
    seen = {"right": 0, "refused": 0}
    bounds = {"reasoning_budget": 3} if "no reasoning mode" not in str(REFUSED.get(name)) else {}
    try:
        for (r, effort), (t, tools), (s, form), (h, messages) in itertools.product(REASONING.items(), TOOL_CELLS.items(), SCHEMA.items(), HISTORY.items()):
            cell = {"reasoning": r, "tools": t, "schema": s, "history": h}
            body = {"messages": messages, "max_tokens": most, "temperature": 1, "seed": 1, **bounds, **effort, **tools, **form}
            table.append((name, *cell.values(), check_cell(name, server, cell, body, seen)))
    finally:
        check(f"{name}: the server ends", server.stop() == 0, server.said)
    print(f"{name}: {seen['right']} cells are right, {seen['refused']} are refused by name", flush=True)


def model_of(name, templates):
    template, added, ends, follows = MODELS[name]
    reasoning.CONTEXT = CONTEXT
    return reasoning.chain(f"conformance-{name}", (templates / f"{template}.jinja").read_text(), added, follows, ends)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--table", help="write the matrix as lines of words")
    parser.add_argument("models", nargs="*", metavar="MODEL")
    arguments = parser.parse_args()
    templates, table = importlib.import_module("against-jinja").fetched(), []
    for name in arguments.models or [*MODELS, "smollm2"]:
        program = compile(smollm2("bf16"), "-q") if name == "smollm2" else compile(model_of(name, templates), "-q", out=WORK / f"{name}.assistant")
        if program:
            check_model(name, program, table, most=40 if name == "smollm2" else 300)
    if arguments.table:
        with open(arguments.table, "w") as out:
            out.writelines(" | ".join(row) + "\n" for row in table)
    harness.finish()


if __name__ == "__main__":
    main()
