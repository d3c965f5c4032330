#!/usr/bin/env python3
"""The server under load: many streams, slow readers, clients that go away, and hostile requests beside them.

    test/e2e/serving-load.py [--seconds 60] [--streams 64] [--hostile 4000] [--model FOLDER]

Nothing is lost: every stream that is read to its end has the text that the same request has alone. Nothing is left: no running answer,
connection or descriptor, and the memory of the last fifth of the time is that of the second fifth within 2 %. The server lives and ends
with 0. The weights are random; what is measured is the server.
"""
import argparse
import concurrent.futures
import contextlib
import importlib
import json
import pathlib
import random
import socket
import statistics
import struct
import threading
import time

import harness
from harness import check, compile
from hostile import Hostile
from serving import SECONDS, Server, user

CHAT = "/v1/chat/completions"
KINDS = ("whole", "whole", "stream", "stream", "stream", "slow", "cancel", "cancel")


def bodies(held):
    """Requests whose texts are known once they were asked alone."""
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": held.WEATHER}}
    plain = [{"messages": user(f"Write about {topic}. " * (1 + 3 * (i % 3))), "max_tokens": 30 + 9 * i, "temperature": 0.9}
             for i, topic in enumerate(("tea", "the moon", "iron", "bees", "rivers", "salt", "glass", "snow"))]
    shaped = [{"messages": user("hi"), "max_tokens": 60, "temperature": 1.2, "response_format": form},
              {"messages": user("hi"), "max_tokens": 60, "temperature": 1.2, "tools": held.TOOLS, "tool_choice": "required"}]
    return [{**body, "seed": seed} for seed, body in enumerate(plain + shaped)]


def request_of(body, path=CHAT):
    data = json.dumps(body).encode()
    return b"POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (path.encode(), len(data), data)


class Load:
    def __init__(self, server, requests, expected):
        self.server, self.requests, self.expected = server, requests, expected
        self.counts = dict.fromkeys((*KINDS, "hostile", "wrong", "failed"), 0)
        self.first = {}
        self.lock = threading.Lock()
        self.ends = threading.Event()

    def note(self, kind, what=None):
        with self.lock:
            self.counts[kind] += 1
            if what is not None:
                self.first.setdefault(kind, what)

    def text_of(self, answer):
        """The message of an answer in events, as known() has it; None if it did not come to its end."""
        events = [line[6:] for line in answer.decode(errors="replace").split("\n") if line.startswith("data: ")]
        if not events or events[-1].strip() != "[DONE]":
            return None
        deltas = [choice["delta"] for event in events[:-1] for choice in json.loads(event)["choices"]]
        calls = [part["function"].get("arguments", "") for delta in deltas for part in delta.get("tool_calls") or []]
        return "".join(delta.get("content") or "" for delta in deltas) + "".join(calls)

    def stream(self, index, chance, slowly):
        with socket.create_connection((self.server.host, self.server.port), timeout=SECONDS * 4) as connection:
            if slowly:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(request_of({**self.requests[index], "stream": True}))
            answer = b""
            while part := connection.recv(128 if slowly else 65536):
                answer += part
                if slowly:
                    time.sleep(chance.random() * 0.05)
        return self.text_of(answer)

    def cancel(self, index, chance):
        with socket.create_connection((self.server.host, self.server.port), timeout=SECONDS) as connection:
            if chance.random() < 0.5:  # without a farewell
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            data = request_of({**self.requests[index], "stream": chance.random() < 0.8, "max_tokens": 300})
            connection.sendall(data[:chance.choice((len(data), len(data), len(data) // 2))])
            connection.settimeout(0.3)
            with contextlib.suppress(OSError):
                for _ in range(chance.randrange(3)):
                    connection.recv(200)

    def one(self, kind, chance):
        index = chance.randrange(len(self.requests))
        if kind == "cancel":
            return self.cancel(index, chance)
        text = known(self.server.ask(CHAT, self.requests[index], timeout=SECONDS * 4)[1]) if kind == "whole" else self.stream(index, chance, kind == "slow")
        if text != self.expected[index]:
            self.note("wrong", f"{kind} {index}: {text!r}, alone {self.expected[index]!r}")

    def run(self, seed):
        chance = random.Random(seed)
        while not self.ends.is_set():
            kind = chance.choice(KINDS)
            try:
                self.one(kind, chance)
                self.note(kind)
            except Exception as error:  # counted, and the first is shown
                self.note("failed", f"{kind}: {type(error).__name__}: {error}")

    def send_hostile(self, seed, count):
        hostile = Hostile(seed)
        statuses = set()
        for _ in range(count):
            path, body = hostile.next()
            try:
                if path is None:
                    answer = self.server.raw(body, wait=0.05)
                    statuses.add(int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") and answer[9:12].isdigit() else 0)
                else:
                    statuses.add(self.server.ask(path, body, timeout=SECONDS * 4)[0])
            except OSError as error:
                self.note("failed", f"hostile: {error}: {body[:200]!r}")
            except Exception:  # what http.client cannot read was closed amid an answer
                statuses.add(0)
            self.note("hostile")
        return statuses


def known(answer):
    if "choices" not in answer:
        return str(answer)
    message = answer["choices"][0]["message"]
    return (message["content"] or "") + "".join(call["function"]["arguments"] for call in message.get("tool_calls") or [])


def resident(server):
    """KiB of the process that are in memory."""
    lines = pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def drive(load, server, arguments):
    """Lets all clients go for the time; returns samples of memory and the statuses of hostile requests."""
    samples, statuses = [], set()
    threads = 4 if arguments.hostile else 0
    with concurrent.futures.ThreadPoolExecutor(arguments.streams + threads) as pool:
        running = [pool.submit(load.run, seed) for seed in range(arguments.streams)]
        hostile = [pool.submit(load.send_hostile, seed, arguments.hostile // threads) for seed in range(threads)]
        begin = time.monotonic()
        while time.monotonic() - begin < arguments.seconds or not all(each.done() for each in hostile):
            time.sleep(1)
            samples.append(resident(server))
        load.ends.set()
        for each in hostile:
            statuses |= each.result()
        for each in running:
            each.result()
    return samples, statuses


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--streams", type=int, default=64)
    parser.add_argument("--hostile", type=int, default=4000)
    parser.add_argument("--model", type=pathlib.Path, help="a checkpoint folder; default: tiny-6x2 with calls of tools")
    arguments = parser.parse_args()
    held = importlib.import_module("held-calls")
    program = compile(arguments.model, "-q") if arguments.model else held.compiled("hermes", harness.tiny("tiny-6x2"), held.FORMATS["hermes"][0])
    if not program:
        harness.finish()
    server = Server(program, "--parallel=16", "--queue=256", "--cache-memory=8")
    requests = bodies(held)
    expected = [known(server.ask(CHAT, body)[1]) for body in requests]
    server.until("connections", 1)
    before = server.descriptors()
    load = Load(server, requests, expected)
    samples, statuses = drive(load, server, arguments)
    print(", ".join(f"{count} {kind}" for kind, count in load.counts.items()), flush=True)
    for kind in ("wrong", "failed"):
        check(f"nothing is {kind} under load", load.counts[kind] == 0, f"{load.counts[kind]}: {load.first.get(kind)}")
    check("hostile requests are answered by 200 or 4xx, or closed", statuses <= {0, 200, 400, 403, 404, 405, 408, 411, 413, 414, 415, 417, 431, 501, 505}, statuses)
    check("no answer is left", server.until("answers_running", 0) and server.until("answers_waiting", 0))
    check("no connection is left", server.until("connections", 1), server.metric("connections"))
    check("no descriptor is left", server.descriptors() <= before + 1, (before, server.descriptors()))
    fifth = max(len(samples) // 5, 1)
    early, late = (statistics.median(part) for part in (samples[fifth:2 * fifth], samples[-fifth:]))
    print(f"memory: {early / 1024:.1f} MiB in the second fifth of the time, {late / 1024:.1f} MiB in the last", flush=True)
    check("the memory is flat within 2 %", late <= 1.02 * early, samples)
    check("the texts are the same afterwards", [known(server.ask(CHAT, body)[1]) for body in requests] == expected)
    check("the server ends with 0", server.stop() == 0, server.said[-500:])
    harness.finish()


if __name__ == "__main__":
    main()
