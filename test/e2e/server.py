#!/usr/bin/env python3
"""The server: OpenAI's API by plain HTTP and by OpenAI's own client, many answers at a time, hostile requests, its end.

The models are a chain as in reasoning.py, whose every word is known, and SmolLM2, whose answers must not depend on who asks
beside. test/e2e/serving.py starts and asks the server.
"""
import concurrent.futures
import json
import random
import signal
import socket
import time

import harness
import reasoning
from harness import WORK, check, compile, finish, run, smollm2
from serving import Server, user

import environment

environment.require("requirements-server.txt")
import openai

CHAT, TEXT = "/v1/chat/completions", "/v1/completions"
TOOL = {"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}}
CALL = '<tool_call>\n{"name": "f", "arguments": {"a": [1.50]}}\n</tool_call>'
# Thinks c, d, e; then says y; with a tool it calls.
TEMPLATE = ("{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + (m.content or '') }}"
            "{% if m.role == 'assistant' and m.reasoning_content and loop.last %}{{ '<think>' + m.reasoning_content + '</think>' }}{% endif %}"
            '{% for c in m.tool_calls or [] %}{% set f = c.function %}\n<tool_call>\n{"name": "{{ f.name }}", "arguments": '
            "{{ f.arguments | tojson }}}\n</tool_call>{% endfor %}{{ '<|im_end|>\n' }}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% if tools %}CALL{% else %}<think>{% if enable_thinking is defined "
            "and not enable_thinking %}{{ '</think>' }}{% endif %}{% endif %}{% endif %}")


def check_chat(server):
    body = {"model": "any", "messages": user("hi")}
    status, answer, headers = server.ask(CHAT, body)
    choice = answer["choices"][0] if status == 200 else {}
    message = choice.get("message", {})
    check("an answer has thoughts under both names", (message.get("content"), message.get("reasoning"),
          message.get("reasoning_content"), choice.get("finish_reason")) == ("y", "cde", "cde", "stop"), answer)
    usage = answer.get("usage", {})
    check("usage counts", usage.get("completion_tokens") == 5 and usage["completion_tokens_details"]["reasoning_tokens"] == 3
          and usage["total_tokens"] == usage["prompt_tokens"] + 5, usage)
    check("nothing is cached by browsers", headers["Cache-Control"] == "no-store" and "Access-Control-Allow-Origin" not in headers)
    again = server.ask(CHAT, body)[1]
    check("a prompt that comes again is cached", again["usage"]["prompt_tokens_details"]["cached_tokens"]
          == usage["prompt_tokens"] - 1, again["usage"])
    chunks = server.events(CHAT, {**body, "stream_options": {"include_usage": True}})
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    joined = {name: "".join(delta.get(name) or "" for delta in deltas) for name in ("content", "reasoning", "reasoning_content")}
    check("a stream says the same", joined == {"content": "y", "reasoning": "cde", "reasoning_content": "cde"}, chunks)
    check("a stream ends with its reason and usage", chunks[-1].get("usage", {}).get("completion_tokens") == 5
          and chunks[-2]["choices"][0]["finish_reason"] == "stop", chunks[-2:])


def content(server, **fields):
    answer = server.ask(CHAT, {"messages": user("hi"), **fields})[1]
    message = answer["choices"][0]["message"] if "choices" in answer else {}
    return message.get("reasoning"), message.get("content"), answer.get("error", {}).get("param")


def check_reasoning(server):
    for fields, expected in (({"reasoning_effort": "none"}, (None, "y", None)), ({"reasoning_effort": "high"}, ("cde", "y", None)),
                             ({"reasoning": {"effort": "none"}}, (None, "y", None)),
                             ({"chat_template_kwargs": {"enable_thinking": False}}, (None, "y", None)),
                             ({"thinking": {"type": "disabled"}}, (None, "y", None)),
                             ({"reasoning_budget": 2}, ("cd", None, None)),
                             ({"reasoning_effort": "much"}, (None, None, "reasoning_effort")),
                             ({"reasoning_effort": "none", "reasoning": {"effort": "low"}}, (None, None, "reasoning.effort"))):
        found = content(server, **fields)
        holds = found == expected if "reasoning_budget" not in fields else found[0] == "cd" and found[1]
        check(f"reasoning: {fields}", holds, found)


def check_tools(server):
    body = {"messages": user("hi"), "tools": [TOOL]}
    choice = server.ask(CHAT, body)[1]["choices"][0]
    calls = choice["message"].get("tool_calls", [])
    check("a call is parsed", [(call["function"]["name"], call["function"]["arguments"]) for call in calls]
          == [("f", '{"a": [1.50]}')] and choice["finish_reason"] == "tool_calls" and choice["message"]["content"] is None, choice)
    deltas = [choice["delta"] for chunk in server.events(CHAT, body) for choice in chunk["choices"]]
    parts = [part for delta in deltas for part in delta.get("tool_calls", [])]
    check("a call is streamed", parts and parts[0]["id"].startswith("call_") and parts[0]["function"]["name"] == "f"
          and "".join(part["function"].get("arguments", "") for part in parts) == '{"a": [1.50]}', deltas)
    turn = [*user("hi"), {"role": "assistant", "content": None, "tool_calls": calls},
            {"role": "tool", "tool_call_id": "x", "content": "3"}]
    ids = server.ask("/tokenize", {"messages": turn})[1]["tokens"]
    check("a call in the history is what the template writes", CALL.replace("1.50", "1.5") in
          server.ask("/detokenize", {"tokens": ids})[1]["content"])
    check("no tools, no calls", content(server, tools=[TOOL], tool_choice="none")[1] == "y")
    for choice in ("required", {"type": "function", "function": {"name": "f"}}):
        found = server.ask(CHAT, {**body, "tool_choice": choice})[1]["choices"][0]
        check(f"a call that must come: {choice}", found["message"]["tool_calls"][0]["function"] == calls[0]["function"], found)
    for fields, field in (({"tool_choice": {"type": "function"}}, "tool_choice.name"), ({"tool_choice": {"type": "custom"}}, "tool_choice.type"),
                          ({"tools": [{"type": "web_search"}]}, "tools[0].type"), ({"tools": [TOOL, TOOL]}, "tools[1].function.name"),
                          ({"tool_choice": "required", "tools": None}, "tool_choice")):
        status, param, message = server.error(CHAT, {**body, **fields})
        check(f"refused by name: {fields}", (status, param) == (400, field), (status, param, message))


def check_fields(server):
    """Wrong fields are 400 and named."""
    big = 10 ** 30
    wrong = {"temperature": ["x", -1, True, [1]], "top_p": [2, "1"], "n": [0, 17, 1.5, big], "max_tokens": [0, -1, "many", big],
             "max_completion_tokens": [0], "stop": [5, "", ["a", 5], ["x"] * 99], "seed": ["a", big], "logit_bias": [[1], {"x": 1},
             {"99999999": 1}, {"1": "much"}], "presence_penalty": [3], "frequency_penalty": [-3], "stream": ["yes", 1],
             "logprobs": [3], "messages": [5, [], "x"], "min_p": [7], "top_k": [-2], "chat_template_kwargs": [3], "tools": [{}],
             "stream_options": [1], "reasoning": [1]}
    for name, values in wrong.items():
        for value in values:
            status, param, message = server.error(CHAT, {"messages": user("hi"), name: value})
            check(f"400 names {name}: {str(value)[:30]}", status == 400 and (param or "").startswith(name) and name in message,
                  (status, param, message))
    for messages, field in (([{"role": "king", "content": "x"}], "messages[0].role"), ([{"content": "x"}], "messages[0].role"),
                            ([{"role": "user"}], "messages[0].content"), ([{"role": "user", "content": 5}], "messages[0].content"),
                            ([{"role": "user", "content": [{"type": "image_url"}]}], "messages[0].content[0].type"), ([5], "messages[0]")):
        status, param, message = server.error(CHAT, {"messages": messages})
        check(f"400 names {field}", (status, param) == (400, field), (status, param, message))
    parts = [{"role": "user", "content": [{"type": "text", "text": "h"}, {"type": "text", "text": "i"}]}]
    check("parts are one text, unknown fields are ignored", content(server, messages=parts, what=[1], user="u")[1] == "y")
    status, param, message = server.error(CHAT, {"messages": user("hi " * 400)})
    check("a prompt beyond the context names both numbers", status == 400 and param == "messages" and " 256" in message
          and any(int(word) > 256 for word in message.split() if word.isdigit()), message)


def check_http(server):
    check("health", server.ask("/health")[:2] == (200, {"status": "ok"}))
    check("an unknown path is 404", server.ask("/v2/x")[0] == 404)
    status, _, headers = server.ask(CHAT)
    check("another method is 405", status == 405 and headers["Allow"] == "POST")
    models = server.ask("/v1/models")[1]
    name = models["data"][0]["id"]
    check("the model is listed", models["object"] == "list" and server.ask(f"/v1/models/{name}")[1]["id"] == name
          and server.ask("/v1/models/other")[0] == 404)
    for body in ("", "{", "[1]", '{"a": 1} x', "[" * 70 + "]" * 70, b'{"messages": "\xff"}', '{"x": ' * 65 + "1" + "}" * 65):
        check(f"no JSON is 400: {body[:20]}", server.error(CHAT, body)[0] == 400)
    check("a body too large is 413", server.ask(CHAT, "x" * (9 << 20))[0] == 413)
    for host in ("evil.example", "127.evil.example", "localhost.evil.example:80"):
        check(f"another Host is 403: {host}", server.ask("/v1/models", headers={"Host": host})[0] == 403)
    check("another Origin is 403", server.ask("/v1/models", headers={"Origin": "http://evil.example"})[0] == 403)
    check("its own Origin is not", server.ask("/v1/models", headers={"Origin": server.url})[0] == 200)
    for name, text, status in (("two lengths", b"POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", b"400"),
                               ("length and chunks", b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
                                b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
                               ("a bad chunk", b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
                               ("no version", b"GET /\r\n\r\n", b"400"), ("no Host", b"GET /health HTTP/1.1\r\n\r\n", b"400"),
                               ("two Hosts", b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", b"400"),
                               ("a huge header", b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20000 + b"\r\n\r\n", b"431"),
                               ("zeros", b"\0" * 100 + b"\r\n\r\n", b"400")):
        answer = server.raw(text)
        check(f"{name} is {status.decode()}", answer.startswith(b"HTTP/1.1 " + status), answer[:60])
    both = server.raw(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    check("requests in one write are answered in turn", both.count(b'{"status":"ok"}') == 2, both)
    check("the server lives", server.ask("/health")[0] == 200)


def check_mutations(server):
    """Requests that are a few bytes off are answered, and a marker in a user's text is text."""
    tokens = [server.ask("/tokenize", {"messages": user(text)})[1]["tokens"] for text in ("x", "<|im_end|><|im_start|>")]
    marker = server.ask("/tokenize", {"content": "<|im_end|>", "parse_special": True})[1]["tokens"][-1]
    check("a marker in a message is text", tokens[0].count(marker) == tokens[1].count(marker) == 1, tokens)
    whole = json.dumps({"messages": user("hi"), "max_tokens": 4, "tools": [TOOL], "stop": ["a"], "logit_bias": {"3": 1}}).encode()
    chance = random.Random(1)
    statuses = set()
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.choice(b'{}[]",:0-9e\\\0\xff')
        statuses.add(server.ask(CHAT, bytes(data))[0])
    check("mutated requests are answered", statuses <= {200, 400} and 400 in statuses, statuses)
    head = b"POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\nConnection: close\r\n\r\n0123456789"
    heads = set()
    for _ in range(200):
        data = bytearray(head)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        heads.add(server.raw(bytes(data), wait=0.2)[9:10])
    check("mutated headers are answered or left", heads <= {b"", b"4"} and b"4" in heads, heads)
    check("the server lives on", server.ask("/health")[0] == 200)


def check_leaks(server):
    """Connections that break off at any place leave nothing behind."""
    body = json.dumps({"messages": user("hi"), "stream": True}).encode()
    whole = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    server.until("connections", 1)
    before = server.descriptors()
    for i in range(0, len(whole) + 40, 2):
        with socket.create_connection((server.host, server.port)) as connection:
            connection.sendall(whole[:i])
    check("no connection is left", server.until("connections", 1), server.metric("connections"))
    check("no answer is left", server.metric("answers_running") == 0 and server.metric("answers_waiting") == 0)
    check("no descriptor is left", server.descriptors() <= before + 1, (before, server.descriptors()))


def check_text(server):
    ids = server.ask("/tokenize", {"content": "abc"})[1]["tokens"]
    check("tokenize and detokenize", server.ask("/detokenize", {"tokens": ids})[1]["content"].endswith("abc"), ids)
    body = {"prompt": ids, "max_tokens": 4, "temperature": 0, "logprobs": 2, "echo": True}
    choice = server.ask(TEXT, body)[1]["choices"][0]
    lists = choice["logprobs"]
    check("a prompt is echoed with its logprobs", len(lists["tokens"]) == len(ids) + choice["text"].count("") - 1 - len("abc")
          or len(lists["tokens"]) >= len(ids), choice)
    check("the first token of a prompt has none", lists["token_logprobs"][0] is None and all(
        value <= 0 for value in lists["token_logprobs"][1:]), lists)
    many = server.ask(TEXT, {"prompt": ["a", "b"], "n": 2, "max_tokens": 2, "temperature": 0})[1]["choices"]
    check("prompts times n", [choice["index"] for choice in many] == [0, 1, 2, 3] and many[0]["text"] == many[1]["text"], many)
    check("a stop string ends it", server.ask(CHAT, {"messages": user("hi"), "stop": "y"})[1]["choices"][0]["message"]["content"] == "")


def check_responses(server):
    path = "/v1/responses"
    answer = server.ask(path, {"input": "hi"})[1]
    kinds = [item["type"] for item in answer.get("output", [])]
    check("responses: thoughts and a message", kinds == ["reasoning", "message"] and answer["status"] == "completed"
          and answer["output"][1]["content"][0]["text"] == "y", answer)
    tool = {"type": "function", "name": "f", "parameters": {"type": "object"}}
    call = server.ask(path, {"input": user("hi"), "tools": [tool]})[1]["output"][0]
    check("responses: a call", (call["type"], call["name"], call["arguments"]) == ("function_call", "f", '{"a": [1.50]}'), call)
    names = [event["type"] for event in server.events(path, {"input": "hi"})]
    check("responses: events", names[0] == "response.created" and names[-1] == "response.completed"
          and "response.output_text.delta" in names and "response.reasoning_text.done" in names, names)
    check("responses: nothing is stored", server.error(path, {"input": "x", "previous_response_id": "y"})[1] == "previous_response_id")


def check_client(server):
    """OpenAI's own client, unchanged."""
    client = openai.OpenAI(base_url=server.url + "/v1", api_key="none", max_retries=0)
    message = client.chat.completions.create(model="m", messages=user("hi")).choices[0].message
    check("client: chat", message.content == "y" and message.reasoning_content == "cde", message)
    parts = list(client.chat.completions.create(model="m", messages=user("hi"), stream=True))
    check("client: stream", "".join(part.choices[0].delta.content or "" for part in parts) == "y")
    call = client.chat.completions.create(model="m", messages=user("hi"), tools=[TOOL]).choices[0].message.tool_calls[0]
    check("client: tools", call.function.name == "f" and json.loads(call.function.arguments) == {"a": [1.5]}, call)
    token = client.chat.completions.create(model="m", messages=user("hi"), logprobs=True, top_logprobs=3).choices[0].logprobs.content[0]
    check("client: logprobs", token.token == "y" and len(token.top_logprobs) == 3 and token.logprob <= 0, token)
    check("client: completions", client.completions.create(model="m", prompt="a", max_tokens=2).usage.completion_tokens <= 2)
    check("client: responses", client.responses.create(model="m", input="hi").output_text == "y")
    with client.responses.stream(model="m", input="hi") as stream:
        kinds = [event.type for event in stream]
    check("client: responses, streamed", "response.output_text.delta" in kinds, kinds)
    check("client: models", [model.id for model in client.models.list()] != [])
    try:
        client.chat.completions.create(model="m", messages=user("hi"), temperature=-1)
        check("client: an error", False)
    except openai.BadRequestError as error:
        check("client: an error", error.param == "temperature" and error.status_code == 400, error)


def check_keys(program):
    keys = WORK / "keys"
    keys.write_text("# ours\nfirst-key\nsecond-key\n")
    server = Server(program, f"--api-key-file={keys}", "--host=0.0.0.0", "--allow-origin=http://friend.example")
    for key, status in (("first-key", 200), ("second-key", 200), ("first-ke", 401), ("first-keyx", 401), ("", 401), ("# ours", 401)):
        check(f"the key '{key}' gives {status}", server.ask("/v1/models", headers={"Authorization": f"Bearer {key}"})[0] == status)
    check("no key is 401", server.ask("/v1/models")[0] == 401 and server.ask("/health")[0] == 200)
    status, _, headers = server.ask(CHAT, method="OPTIONS", headers={"Origin": "http://friend.example"})
    check("a listed origin may ask", status == 204 and headers["Access-Control-Allow-Origin"] == "http://friend.example")
    check("another may not", server.ask(CHAT, method="OPTIONS", headers={"Origin": "http://evil.example"})[0] == 403)
    check("it ends with 0", server.stop() == 0)
    for flags, text in ((["--host=0.0.0.0"], "--api-key-file"), (["--host=example.org"], "numeric"), (["--parallel=0"], "--parallel"),
                        (["--api-key-file=/nowhere"], "/nowhere")):
        result = run(program, "serve", *flags)
        check(f"refuses {flags}", result.returncode in (1, 2) and text in result.stderr.decode(), result.stderr)


def answers(server, bodies):
    """The texts of requests that are sent all at once."""
    def text(body):
        answer = server.ask(CHAT, body)[1]
        return answer["choices"][0]["message"]["content"] if "choices" in answer else str(answer)
    with concurrent.futures.ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(text, bodies))


def check_neighbours(program):
    """The text of an answer is the same alone and among others, with a cache and without."""
    server = Server(program, "--parallel=4", "--context=1024")
    topics = ("tea", "the moon", "iron", "bees", "rivers")
    bodies = [{"messages": user(f"Write about {topic}. " * (1 + 9 * (i % 2))), "max_tokens": 12, "seed": i, "temperature": 0.8}
              for i, topic in enumerate(topics)]
    alone = [answers(server, [body])[0] for body in bodies]
    check("answers differ", len(set(alone)) == len(alone), alone)
    check("an answer is the same among others", answers(server, bodies * 2) == alone * 2)
    turns = [*bodies[1]["messages"], {"role": "assistant", "content": alone[1]}, *user("And why?")]
    second = server.ask(CHAT, {"messages": turns, "max_tokens": 8, "temperature": 0})[1]
    cached = second["usage"]["prompt_tokens_details"]["cached_tokens"]
    check("a second turn goes on from the first", cached > second["usage"]["prompt_tokens"] // 2, second["usage"])
    stream = socket.create_connection((server.host, server.port))
    body = json.dumps({"messages": user("Tell a long story."), "max_tokens": 900, "stream": True}).encode()
    stream.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    stream.recv(1000)
    check("an answer is being drawn", server.until("answers_running", 1))
    stream.close()
    check("a client that goes away frees its sequence", server.until("answers_running", 0) and server.metric("cancelled_total") == 1)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        running = pool.submit(server.ask, CHAT, {"messages": user("Count to ten."), "max_tokens": 24, "temperature": 0})
        server.until("answers_running", 1)
        check("SIGTERM lets answers end, and the exit status is 0", server.stop() == 0)
        answer = running.result()[1]
        check("the answer that was being drawn is whole", answer.get("choices", [{}])[0].get("finish_reason") in ("stop", "length")
              and "fault" not in answer["choices"][0], answer)


def check_queue(program):
    server = Server(program, "--parallel=1", "--queue=1", "--grace=0", "--context=1024")
    long = {"messages": user("Tell a long story."), "max_tokens": 900}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        first = pool.submit(server.ask, CHAT, long)
        server.until("answers_running", 1)
        second = pool.submit(server.ask, CHAT, {**long, "stream": True})
        server.until("answers_waiting", 1)
        status, answer, headers = server.ask(CHAT, long)
        check("a full queue is 429 with Retry-After", status == 429 and headers["Retry-After"] == "1", answer)
        begin = time.monotonic()
        check("without grace the server ends at once", server.stop(signal.SIGINT) == 0 and time.monotonic() - begin < 20)
        choice = first.result()[1]["choices"][0]
        check("an answer that is cut says why", choice["fault"]["code"] == "server_stopped" and choice["finish_reason"] == "length", choice)
        check("one that waits is told", "server_stopped" in str(second.result()[1]))


def served():
    """The folder of the chain."""
    added = {"<|im_start|>": True, "<|im_end|>": True, "<think>": False, "</think>": False, "\n" + CALL: False, "CALL": False}
    follows = {"<think>": "c", "c": "d", "d": "e", "e": "</think>", "</think>": "y", "y": "<|im_end|>", "CALL": "\n" + CALL,
               "\n" + CALL: "<|im_end|>"}
    return reasoning.chain("served", TEMPLATE, added, follows, "<|im_end|>")


def main():
    program = compile(served(), "-q")
    if program:
        server = Server(program)
        for part in (check_chat, check_reasoning, check_tools, check_fields, check_http, check_mutations, check_leaks, check_text, check_responses, check_client):
            part(server)
        check("the server ends with 0 at SIGTERM", server.stop() == 0)
        check("nothing that clients write is logged", len(server.said.splitlines()) == 2, server.said)
        check_keys(program)
    real = compile(smollm2("bf16"), "-q")
    if real:
        check_neighbours(real)
        check_queue(real)
    finish()


if __name__ == "__main__":
    main()
