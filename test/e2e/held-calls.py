#!/usr/bin/env python3
"""Calls of tools held to their schemas by the server: required, prescribed, strict, in several models' ways of writing them.

The weights of tiny-6x2 are random, so whatever it may write it writes; where it writes valid calls only, they are held.
"""
import json

import harness
from harness import OSSCC, WORK, check, last_line, run
from serving import Server, user

CHAT = "/v1/chat/completions"
VOCABULARY = 320  # of tiny-6x2
TURNS = ("{% if tools %}{{ 'tools: ' ~ (tools | length) }}{% endif %}{% for m in messages %}<|im_start|>{{ m.role + '\n' + (m.content or '') }}"
         "{% for c in m.tool_calls or [] %}{% set f = c.function %}CALL{% endfor %}<|im_end|>\n{% endfor %}"
         "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
# A format, what its templates write for a call, and whether an answer that is no call may have a form beside tools.
FORMATS = {
    "hermes": ('\n<tool_call>\n{"name": "{{ f.name }}", "arguments": {{ f.arguments | tojson }}}\n</tool_call>', True),
    "qwen-xml": ("\n<tool_call>\n<function={{ f.name }}>\n{% for k, v in f.arguments.items() %}<parameter={{ k }}>\n"
                 "{{ v if v is string else v | tojson }}\n</parameter>\n{% endfor %}</function>\n</tool_call>", True),
    "mistral-args": ("[TOOL_CALLS]{{ f.name }}[ARGS]{{ f.arguments | tojson }}", False),
    "llama-3": ('{% if false %}<|python_tag|>{% endif %}{"name": "{{ f.name }}", "parameters": {{ f.arguments | tojson }}}', False),
}
WEATHER = {"type": "object", "properties": {"city": {"enum": ["Rome", "Oslo"]}, "days": {"type": "integer", "minimum": 1, "maximum": 9},
                                            "unit": {"enum": ["C", "F"]}, "hours": {"type": "array", "items": {"type": "integer"}, "maxItems": 2}},
           "required": ["city", "days", "unit"], "additionalProperties": False}
NOTHING = {"type": "object", "properties": {}, "additionalProperties": False}


def tool(name, parameters, **more):
    return {"type": "function", "function": {"name": name, "parameters": parameters, **more}}


TOOLS = [tool("weather", WEATHER), tool("stop", NOTHING)]


def is_weather(text):
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return (set(value) - {"hours"} == {"city", "days", "unit"} and value["city"] in ("Rome", "Oslo") and value["days"] in range(1, 10)
            and type(value["days"]) is int and value["unit"] in ("C", "F") and len(value.get("hours", [])) <= 2
            and all(type(hour) is int for hour in value.get("hours", [])))


def is_good(call):
    name, arguments = call["function"]["name"], call["function"]["arguments"]
    return is_weather(arguments) if name == "weather" else name == "stop" and json.loads(arguments) == {}


def plain(server):
    """A bias against what may come nearly anywhere, so that random texts come to their ends."""
    pieces = {token: server.ask("/detokenize", {"tokens": [token]})[1].get("content", "") for token in range(2, VOCABULARY)}
    return {str(token): -100 for token, text in pieces.items() if set(text) & set("\\ \n\t")}


def asked(server, **fields):
    """The message of an answer, and why it ended; with an error its field."""
    answer = server.ask(CHAT, {"messages": user("hi"), "temperature": 1.5, "tools": TOOLS, "logit_bias": server.bias, **fields})[1]
    if "choices" not in answer:
        return {"error": answer}, answer["error"]["param"]
    return answer["choices"][0]["message"], answer["choices"][0]["finish_reason"]


def check_required(name, server):
    ended = []
    for seed in range(6):
        message, reason = asked(server, tool_choice="required", seed=seed)
        calls = message.get("tool_calls") or []
        ended.append(reason == "tool_calls")
        check(f"{name}: required, seed {seed}", reason == "length" or (calls and all(map(is_good, calls)) and not message["content"]),
              message)
    check(f"{name}: required calls come to their ends", sum(ended) >= 2, ended)
    for choice in ({"type": "function", "function": {"name": "stop"}},
                   {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "stop"}}]}}):
        message, reason = asked(server, tool_choice=choice, parallel_tool_calls=False)
        calls = message.get("tool_calls") or []
        check(f"{name}: {choice['type']}", [call["function"] for call in calls] == [{"name": "stop", "arguments": "{}"}]
              or (calls and calls[0]["function"]["name"] == "stop" and len(calls) == 1), (message, reason))
    whole = asked(server, tool_choice="required", seed=3)[0].get("tool_calls") or []
    chunks = server.events(CHAT, {"messages": user("hi"), "temperature": 1.5, "tools": TOOLS, "tool_choice": "required",
                                  "seed": 3, "logit_bias": server.bias})
    parts = [part for chunk in chunks for choice in chunk["choices"] for part in choice["delta"].get("tool_calls", [])]
    text = "".join(part["function"].get("arguments", "") for part in parts)
    check(f"{name}: streamed they are the same", text == "".join(call["function"]["arguments"] for call in whole), (text, whole))


def check_strict(name, server, has_form):
    strict = [tool("weather", WEATHER, strict=True), tool("stop", NOTHING, strict=True)]
    for seed in range(4):
        message, reason = asked(server, tools=strict, seed=seed, max_tokens=60)
        check(f"{name}: strict, seed {seed}", "error" not in message and all(map(is_good, message.get("tool_calls") or [])), message)
    form = {"type": "json_schema", "json_schema": {"name": "y", "schema": {"enum": ["yes", "no"]}}}
    message, reason = asked(server, response_format=form, tool_choice="auto")
    if has_form:
        said = message.get("content")
        check(f"{name}: a form beside tools", reason == "length" or message.get("tool_calls") or said in ('"yes"', '"no"'), message)
    else:
        check(f"{name}: a form beside tools is refused by name", reason == "response_format", message)


def check_refused(name, server):
    for schema, param, said in (({"type": "object", "properties": {"a": {"frob": 1}}}, "tools[0].function.parameters", "#/properties/a/frob"),
                                ({"type": "string"}, "tool_choice", "no object"),
                                ({"type": "object", "properties": {"a": {"type": "colour"}}}, "tools[0].function.parameters", "colour")):
        message, found = asked(server, tools=[tool("f", schema)], tool_choice="required")
        check(f"{name}: refused by its place: {schema}", found == param and said in json.dumps(message), message)
    message, reason = asked(server, tools=[tool("f", {"frob": 1}, strict=False)], tool_choice="required", max_tokens=8)
    check(f"{name}: what is not strict is free", reason in ("length", "tool_calls"), message)
    pattern = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^x+$"}}, "required": ["a"], "additionalProperties": False}
    message, reason = asked(server, tools=[tool("f", pattern)], tool_choice="required")
    calls = message.get("tool_calls") or []
    if name == "qwen-xml":
        check(f"{name}: a pattern is refused by name", reason == "tool_choice" and "'a'" in json.dumps(message), message)
    else:
        check(f"{name}: a pattern holds", reason == "length" or set(json.loads(calls[0]["function"]["arguments"])["a"]) == {"x"}, message)


def check_responses(name, server):
    flat = [{"type": "function", "name": "stop", "parameters": NOTHING, "strict": True}]
    for choice in ("required", {"type": "function", "name": "stop"}):
        answer = server.ask("/v1/responses", {"input": "hi", "tools": flat, "tool_choice": choice, "parallel_tool_calls": False,
                                              "temperature": 1.5, "logit_bias": server.bias})[1]
        kinds = [(item["type"], item.get("name"), item.get("arguments")) for item in answer.get("output", [])]
        check(f"{name}: responses: {choice}", kinds == [("function_call", "stop", "{}")] or len(kinds) == 1
              and kinds[0][:2] == ("function_call", "stop") and json.loads(kinds[0][2]) == {}, answer)


def compiled(name, folder, call):
    """The executable of a model that writes calls in this way, or None after a failed check."""
    source, program = WORK / f"{name}.jinja", WORK / f"{name}.assistant"
    source.write_text(TURNS.replace("CALL", call))
    result = run(OSSCC, folder, "-q", f"--chat-template={source}", "-o", program)
    return program if check(f"{name}: compiled", result.returncode == 0, last_line(result)) else None


def check_format(name, folder, call, has_form):
    program = compiled(name, folder, call)
    if not program:
        return
    inside = json.loads(run(program, "inspect", "--json").stdout or "{}")
    check(f"{name}: the format is found", inside.get("tool_calls") == name, inside.get("tool_calls"))
    server = Server(program, "--parallel=2")
    server.bias = plain(server)
    try:
        check_required(name, server)
        check_strict(name, server, has_form)
        check_refused(name, server)
        check_responses(name, server)
    finally:
        check(f"{name}: the server ends", server.stop() == 0, server.said)


def main():
    folder = harness.tiny("tiny-6x2")
    for name, case in FORMATS.items():
        check_format(name, folder, *case)
    harness.finish()


if __name__ == "__main__":
    main()
