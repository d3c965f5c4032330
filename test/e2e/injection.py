#!/usr/bin/env python3
"""Special tokens in what users write are text: in every field that a request has, for the templates of published models.

    test/e2e/injection.py [MODEL...]

The models are those of conformance.py. Each special token of a model goes into each field, alone and amid letters; the prompt then has as many
special ids as with a word in its place.
"""
import importlib
import sys

import conformance
import harness
from harness import WORK, check, compile, smollm2
from serving import Server

WORD = "osscc"


def fields(text):
    """Requests with a text in each field that reaches a prompt, by the field's name."""
    def ask(**more):
        return {"messages": [{"role": "user", "content": "hi"}], **more}
    def turn(*messages):
        return {"messages": [{"role": "user", "content": "hi"}, *messages, {"role": "user", "content": "and?"}]}
    def call(arguments, call_id="abcdefgh1"):
        return {"role": "assistant", "content": "", "tool_calls": [{"id": call_id, "type": "function", "function": {"name": "f", "arguments": arguments}}]}
    def tool(**function):
        return ask(tools=[{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object", "properties": {}}, **function}}])
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    said = {"role": "assistant", "content": "y"}
    return {
        "user": {"messages": [{"role": "user", "content": text}]},
        "user's parts": {"messages": [{"role": "user", "content": [{"type": "text", "text": text}, {"type": "text", "text": text}]}]},
        "system": {"messages": [{"role": "system", "content": text}, {"role": "user", "content": "hi"}]},
        "assistant": turn({**said, "content": text}), "reasoning": turn({**said, "reasoning_content": text}),
        "a call's value": turn(call('{"a": "%s"}' % quoted)), "a call's key": turn(call('{"%s": 1}' % quoted)),
        "a call's text": turn(call(text)),
        "a tool's result": turn(call("{}"), {"role": "tool", "tool_call_id": "abcdefgh1", "content": text}, said),
        "a tool's description": tool(description=text),
        "a parameter": tool(parameters={"type": "object", "properties": {text: {"type": "string", "description": text}}}),
        "a document": ask(documents=[{"title": text, "text": text}]),
        "a template's variable": ask(chat_template_kwargs={"custom_instructions": text, "user_name": text, "model_identity": text}),
    }


def specials(server, vocabulary):
    """The special tokens {id: text}: those that match only where it is asked for."""
    found = {}
    for token in range(vocabulary):
        text = server.ask("/detokenize", {"tokens": [token]})[1].get("content", "")
        if len(text) > 2 and server.ask("/tokenize", {"content": text, "parse_special": True})[1].get("tokens", [])[-1:] == [token] \
                and token not in server.ask("/tokenize", {"content": text})[1]["tokens"]:
            found[token] = text
    return found


def count(server, request, marks):
    """How often each mark stands in the prompt; None if the template takes no such request."""
    status, answer, _ = server.ask("/tokenize", request)
    return sorted(token for token in answer["tokens"] if token in marks) if status == 200 else None


def check_model(name, program, vocabulary):
    server = Server(program)
    try:
        marks = specials(server, vocabulary)
        check(f"{name}: it has special tokens", len(marks) > 1, marks)
        plain = {field: count(server, request, marks) for field, request in fields(WORD).items()}
        taken = [field for field, found in plain.items() if found is not None]
        check(f"{name}: fields reach the prompt", len(taken) >= 5, plain)
        for text in [*marks.values(), *(f"a{text}b" for text in marks.values()), "".join(marks.values()) * 2]:
            wrong = [field for field, request in fields(text).items() if field in taken and count(server, request, marks) not in (plain[field], None)]
            check(f"{name}: {text!r} is text", not wrong, wrong)
    finally:
        check(f"{name}: the server ends", server.stop() == 0)
    print(f"{name}: {len(marks)} special tokens in {len(taken)} fields", flush=True)


def main():
    templates = importlib.import_module("against-jinja").fetched()
    for name in sys.argv[1:] or [*conformance.MODELS, "smollm2"]:
        if name == "smollm2":
            program, vocabulary = compile(smollm2("bf16"), "-q"), 17  # its special tokens come first
        else:
            program = compile(conformance.model_of(name, templates), "-q", out=WORK / f"{name}.assistant")
            vocabulary = 310 + len(conformance.MODELS[name][1])
        if program:
            check_model(name, program, vocabulary)
    harness.finish()


if __name__ == "__main__":
    main()
