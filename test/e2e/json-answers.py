#!/usr/bin/env python3
"""Answers held to a schema, the page and the card, with compiled models.

    tiny-6x2   random weights: whatever it may say it says, so its answers are random values of the schema
    tags       a chain as in reasoning.py, which thinks c, d, e and then says y
"""
import json

import harness
import reasoning
from harness import OSSCC, WORK, check, compile, finish, last_line, run
from serving import Server, user

CHAT = "/v1/chat/completions"
PERSON = {"type": "object", "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 8}, "kind": {"enum": ["cat", "dog", None]},
    "age": {"type": "integer", "minimum": 0, "maximum": 120},
    "tags": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]{1,3}$"}, "maxItems": 2}},
    "required": ["name", "kind", "age", "tags"], "additionalProperties": False}


def schema(name, value):
    path = WORK / f"{name}.json"
    path.write_text(json.dumps(value))
    return f"--json-schema={path}"


def is_person(text):
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return (list(value) == ["name", "kind", "age", "tags"] and 1 <= len(value["name"]) <= 8 and value["kind"] in ("cat", "dog", None)
            and type(value["age"]) is int and 0 <= value["age"] <= 120 and len(value["tags"]) <= 2
            and all(tag.isascii() and tag.islower() and tag.isalpha() and len(tag) <= 3 for tag in value["tags"]))


def check_command_line(program):
    flag, seen = schema("person", PERSON), set()
    for seed in range(8):
        result = run(program, "--temperature=2", f"--seed={seed}", flag, "hi")
        text = result.stdout.decode(errors="replace")
        seen.add(text)
        check(f"an answer is of the schema, seed {seed}", result.returncode == 0 and is_person(text), text + last_line(result))
    check("answers differ", len(seen) > 4, seen)
    same = {run(program, "--temperature=2", "--seed=3", flag, f"-t{threads}", "hi").stdout for threads in (1, 2)}
    check("threads change no answer", len(same) == 1, same)
    cut = run(program, "-n", "3", flag, "hi")
    check("an answer that is cut fails", cut.returncode == 1 and b"was cut before" in cut.stderr, cut.stderr)
    for name, value, said in (("bad", {"properties": {"a": {"type": "colour"}}}, "schema #/properties/a/type: 'colour' is no type"),
                              ("unknown", {"frobnicate": 1}, "schema #/frobnicate: this keyword is not supported")):
        result = run(program, schema(name, value), "hi")
        check(f"refused by its place: {name}", result.returncode == 1 and said.encode() in result.stderr and not result.stdout,
              result.stderr)
    missing = run(program, "--json-schema=missing.json", "hi")
    check("a file that is missing is named", missing.returncode == 1 and b"missing.json" in missing.stderr, missing.stderr)


def value_of(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def check_thoughts(program):
    """The thoughts are the model's own; what follows is held."""
    code, out, said = reasoning.ask(program, schema("y", {"enum": ["yes", "y"]}))
    check("thoughts are free, the answer is held", (code, value_of(out) in ("y", "yes"), said.startswith("cde")) == (0, True, True),
          (code, out, said))
    code, out, _ = reasoning.ask(program, "--reasoning=off", schema("y", {"enum": ["yes", "y"]}))
    check("without thoughts it is held at once", code == 0 and value_of(out) in ("y", "yes"), out)


def check_server(program):
    server = Server(program)
    try:
        check_forms(server)
        check_page(server)
    finally:
        check("the server ends", server.stop() == 0, server.said)


def check_forms(server):
    body = {"messages": user("hi"), "temperature": 2}
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": PERSON}}
    for seed in range(4):
        answer = server.ask(CHAT, {**body, "seed": seed, "response_format": form})[1]
        text = answer["choices"][0]["message"]["content"] if "choices" in answer else str(answer)
        check(f"an answer is of the request's schema, seed {seed}", is_person(text), answer)
    alone = server.ask(CHAT, {**body, "seed": 5, "response_format": form})[1]["choices"][0]["message"]["content"]
    beside = server.ask(CHAT, {**body, "seed": 5, "n": 4, "response_format": form})[1]["choices"]
    check("answers beside change none", beside[0]["message"]["content"] == alone
          and all(is_person(choice["message"]["content"]) for choice in beside), beside)
    for value in range(3):
        text = server.ask(CHAT, {**body, "seed": value, "response_format": {"type": "json_object"}})[1]["choices"][0]
        whole = text["finish_reason"] == "length" or isinstance(json.loads(text["message"]["content"]), dict)
        check(f"json_object gives an object, seed {value}", text["message"]["content"].lstrip().startswith("{") and whole, text)
    status, param, message = server.error(CHAT, {**body, "response_format": {"type": "json_schema", "json_schema": {"schema": {
        "properties": {"a": {"$ref": "http://x/y"}}}}}})
    check("a schema is refused by its place", (status, param) == (400, "response_format.json_schema.schema")
          and "#/properties/a/$ref" in message, (status, param, message))
    status, param, _ = server.error(CHAT, {**body, "response_format": {"type": "json_schema"}})
    check("a schema that lacks is named", (status, param) == (400, "response_format.schema"), (status, param))
    answer = server.ask("/v1/responses", {"input": "hi", "temperature": 2, "text": {
        "format": {"type": "json_schema", "name": "person", "schema": PERSON}}})[1]
    text = "".join(part["text"] for item in answer.get("output", []) if item["type"] == "message" for part in item["content"])
    check("responses are held, too", is_person(text), answer)


def check_page(server):
    status, page, headers = server.ask("/")
    check("the page is served", status == 200 and headers["Content-Type"] == "text/html; charset=utf-8" and "chat.js" in page)
    policy = headers["Content-Security-Policy"] or ""
    check("with a policy that forbids the rest", policy.startswith("default-src 'none';") and "unsafe" not in policy
          and headers["X-Content-Type-Options"] == "nosniff", dict(headers))
    for name in ("chat.css", "chat.js", "client.js", "icon.svg", "icons.svg", "markdown.js", "store.js"):
        source = (harness.ROOT / "runtime" / "web" / name).read_text()
        status, text, _ = server.ask(f"/{name}")
        check(f"{name} is what its source is", status == 200 and text == source, status)
    check("nothing else is", server.ask("/secret.js")[0] == 404 and server.ask("/../etc/passwd")[0] in (400, 404))
    check("a page takes no body", server.ask("/", {}, method="POST")[0] == 405)


def check_card(folder, program):
    card = run(program, "card").stdout.decode()
    facts = json.loads(run(program, "card", "--json").stdout)
    told = json.loads(run(program, "inspect", "--json").stdout)
    check("the card's facts are the executable's", facts["sources"] == told["sources"] and facts["flags"] == told["flags"]
          and facts["name"] == told["model"]["name"] and facts["parameters"] == told["model"]["parameters"], facts)
    stored = sum(entry["bytes"] for entry in facts["storage"])
    check("its storage adds up", stored == sum(weight["bytes"] for weight in told["weights"]) == facts["memory"]["weights_bytes"])
    check("it claims no quality that was not measured", facts["quality"] is None and "No quality was measured" in card)
    for what in (told["model"]["name"], told["sources"][0]["sha256"], told["model"]["licence"], *told["flags"]):
        check(f"the card says {what}", what in card)
    emitted = run(OSSCC, folder / "model.safetensors", "--target=native", "--emit=card", "-o", "-")
    check("--emit=card prints the same", emitted.returncode == 0 and emitted.stdout.decode() == card, last_line(emitted))
    out = WORK / "card.md"
    out.unlink(missing_ok=True)
    written = run(OSSCC, folder / "model.safetensors", "--target=native", "--emit=card", "-o", out)
    check("and writes it alone", written.returncode == 0 and out.read_text() == card and not list(WORK.glob("card.md?*")),
          last_line(written))


def main():
    folder = harness.tiny("tiny-6x2")
    program = compile(folder)
    if program:
        check_command_line(program)
        check_server(program)
        check_card(folder, program)
    thinker = compile(reasoning.tags("tags"))
    if thinker:
        check_thoughts(thinker)
    finish()


if __name__ == "__main__":
    main()
