#!/usr/bin/env python3
"""The parser of harmony against openai-harmony 0.0.8.

    tools/oracle/harmony.py PARSE_ANSWERS FOLDER [--count=N] [--edits=N] [--random=N] [--seed=S]

PARSE_ANSWERS is test/bin/parse-answers of the build tree; FOLDER is filled from npm (harmony_library.py). N (400)
generated answers must give the library's message. Of so many of them (40) every token is deleted, swapped with the next
and preceded by each marker and some words: each must give a message or a typed error, and where the library reads the
edited answer too, and no error is typed, the same message. Then random streams (1,000,000).
"""
import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import environment
import harmony_library
import tokenizer as oracle  # tools/oracle/tokenizer.py

MARKERS = ["<|start|>", "<|channel|>", "<|constrain|>", "<|message|>", "<|end|>", "<|call|>", "<|return|>"]
END_OF_TEXT = 199999
TOOLS = ["functions.get_weather", "functions.f", "python", "browser.search", "functions.ünï"]
TYPES = ["json", "code", "text/plain"]


class Answers:
    """Well-formed answers as ids, of every shape that the format has."""

    def __init__(self, encoding, seed):
        self.encoding, self.dice = encoding, random.Random(seed)
        self.texts = oracle.random_strings(4000, seed) + ['{"place": "Zürich"}', "{}", "", " ", "\n\n", "<|end|>", "<|start|>"]
        self.words = [self.encode(word)[0] for word in ("assistant", "final", " to", "json", "é")]

    def encode(self, text):
        """Text as text: what looks like a marker is none."""
        return self.encoding.encode(text, disallowed_special=())

    def spell(self, *parts):
        """Parts that are markers become their tokens."""
        return [id for part in parts for id in
                (self.encoding.encode(part, allowed_special="all") if part in MARKERS else self.encode(part))]

    def call_header(self):
        dice, tool, kind = self.dice, self.dice.choice(TOOLS), self.dice.choice([*TYPES, None])
        channel = dice.choice(["commentary", "commentary", "analysis"])
        typed = [] if kind is None else dice.choice([[f" {kind}"], [" ", "<|constrain|>", kind], ["<|constrain|>", kind]])
        if dice.random() < 0.4:
            return [f" to={tool}", "<|channel|>", channel, *typed]
        return ["<|channel|>", f"{channel} to={tool}", *typed]

    def message(self):
        text = self.dice.choice(self.texts)
        kind = self.dice.choice(["analysis", "analysis", "commentary", "final", "call", "call", None])
        header = self.call_header() if kind == "call" else ["<|channel|>", kind] if kind else []
        return kind, [*header, "<|message|>", text]

    def answer(self):
        ids, count = [], self.dice.choice([1, 1, 2, 2, 3, 5])
        for number in range(count):
            kind, parts = self.message()
            if self.dice.random() < 0.1:
                ids += self.encode("assistant") if not number else []
            ids += self.spell(*([] if not number else ["<|start|>", "assistant"]), *parts)
            last = number == count - 1
            if not last or self.dice.random() < 0.8:
                ids += self.spell("<|call|>" if kind == "call" else "<|return|>" if last else "<|end|>")
        return ids


def judge(encoding, ids):
    """The library's message as `parse` would print it, or None where the library refuses the answer or hears others."""
    import openai_harmony
    try:
        parts = encoding.parse_messages_from_completion_tokens(ids, openai_harmony.Role.ASSISTANT)
    except openai_harmony.HarmonyError:
        return None
    if END_OF_TEXT in ids:  # text for the library, the end of any answer for an assistant
        return None
    texts, calls = collections.defaultdict(list), []
    for part in parts:
        text, recipient, kind = part.content[0].text, part.recipient, part.content_type
        # A first <|start|> is a recipient for the library.
        if part.author.role != openai_harmony.Role.ASSISTANT or (recipient or "").startswith("<|start|>"):
            return None
        if recipient and recipient.startswith("<|constrain|>"):  # 0.0.8 takes a type without a recipient for one
            recipient, kind = None, recipient
        if recipient:
            name = recipient.removeprefix("functions.")
            call = {"type": "function", "function": {"name": name, "arguments": text}, "recipient": recipient}
            kind = (kind or "").removeprefix("<|constrain|>")
            calls.append(call | ({"content_type": kind} if kind else {}))
        elif text:
            texts[part.channel or "final"].append(text)
    out = {"reasoning": "\n".join(texts["analysis"]), "content": "\n".join(texts["final"]), "tool_calls": calls}
    return out | ({"commentary": "\n".join(texts["commentary"])} if texts["commentary"] else {})


def parse(program, folder, answers):
    lines = "".join(json.dumps({"ids": ids}) + "\n" for ids in answers)
    result = subprocess.run([program, folder], input=lines.encode(), capture_output=True, timeout=3600)
    messages = [json.loads(line) for line in result.stdout.splitlines()]
    if result.returncode or len(messages) != len(answers):
        print(f"{len(messages)} messages for {len(answers)} answers, exit {result.returncode}: {result.stderr.decode()[-300:]}")
        return None
    return messages


def same(ours, theirs):
    """A call that is cut is whole for the library, and has an error for us."""
    left_out = ["finish_reason"] + ["error"] * (ours.get("error", {}).get("message") == "the answer ends in the call of a tool")
    return {key: value for key, value in ours.items() if key not in left_out} == theirs


def edits(ids, inserted):
    for at in range(len(ids)):
        yield ids[:at] + ids[at + 1:]
        if at + 1 < len(ids):
            yield [*ids[:at], ids[at + 1], ids[at], *ids[at + 2:]]
        for id in inserted:
            yield [*ids[:at], id, *ids[at:]]


def compare_valid(arguments, encoding, answers):
    messages = parse(arguments.program, arguments.folder, answers)
    if messages is None:
        return False
    wrong = [(ids, ours, judge(encoding, ids)) for ids, ours in zip(answers, messages) if not same(ours, judge(encoding, ids))]
    for ids, ours, theirs in wrong[:3]:
        print(f"{encoding.decode(ids)!r}: {ours}, the library {theirs}")
    print(f"{len(answers)} answers, {len(wrong)} differ from the library")
    return not wrong


def compare_edited(arguments, encoding, answers, inserted):
    edited = [other for ids in answers for other in edits(ids, inserted)]
    messages = parse(arguments.program, arguments.folder, edited)
    if messages is None:
        return False
    typed = collections.Counter(message["error"]["code"] for message in messages if "error" in message)
    wrong = [(ids, ours, theirs) for ids, ours in zip(edited, messages) if "error" not in ours
             and (theirs := judge(encoding, ids)) is not None and not same(ours, theirs)]
    for ids, ours, theirs in wrong[:3]:
        print(f"{encoding.decode(ids)!r}: {ours}, the library {theirs}")
    print(f"{len(edited)} edited answers: {dict(typed)}, {len(edited) - typed.total()} without an error, "
          f"of these {len(wrong)} differ from the library")
    return not wrong


def main():
    parser = argparse.ArgumentParser(prog="harmony.py")
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--edits", type=int, default=40)
    parser.add_argument("--random", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.folder = harmony_library.fetch(arguments.folder)
    encoding = harmony_library.load(arguments.folder)
    made = Answers(encoding, arguments.seed)
    answers = [made.answer() for _ in range(arguments.count)]
    good = compare_valid(arguments, encoding, answers)
    short = sorted(answers, key=len)[len(answers) // 4:][:arguments.edits]
    good &= compare_edited(arguments, encoding, short, [*made.spell(*MARKERS), END_OF_TEXT, *made.words])
    result = subprocess.run([arguments.program, arguments.folder, f"--random={arguments.random}"], capture_output=True, text=True)
    print(f"{arguments.random} random answers: {result.stdout.strip()}{result.stderr.strip()}, exit {result.returncode}")
    return 0 if good and result.returncode == 0 else 1


if __name__ == "__main__":
    environment.require("requirements-harmony.txt")
    sys.exit(main())
