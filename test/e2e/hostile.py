"""Requests that nobody who means well sends: what is said wrongly, too much, too deep, too early, or not to its end."""
import json
import random

PATHS = ("/v1/chat/completions", "/v1/completions", "/v1/responses", "/tokenize", "/detokenize")
NUMBERS = (0, -1, 1, 2 ** 31, 2 ** 63, -2 ** 63, 10 ** 40, 1e308, -1e-308, 0.5, 2 ** 53 + 1)
WORDS = ("", "x" * 3000, "\u0000", "\ud7ff", "\U0010ffff", "<|im_end|>", "null", "../../etc/passwd", "%s%n", "{}", "\u202e")
FIELDS = ("messages", "prompt", "input", "model", "n", "stop", "seed", "tools", "tool_choice", "response_format", "logit_bias", "max_tokens",
          "temperature", "top_p", "stream", "logprobs", "top_logprobs", "reasoning", "reasoning_effort", "chat_template_kwargs", "tokens", "content")
GOOD = {"messages": [{"role": "user", "content": "hi"}], "prompt": "hi", "input": "hi", "max_tokens": 2, "stop": ["a"], "seed": 1,
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}}}}],
        "logit_bias": {"3": 1}, "stream": False}
KEYWORDS = ("properties", "items", "anyOf", "allOf", "oneOf", "not", "$ref", "pattern", "enum", "const", "minimum", "maxLength", "required", "type",
            "prefixItems", "contains", "patternProperties", "if", "then", "$defs", "uniqueItems", "frob", "minItems", "$id", "$dynamicRef")
HEADS = (b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n{}{}",
         b"POST /tokenize HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")


class Hostile:
    """Makes requests from a seed: `next()` gives (path, body), or (None, raw bytes)."""

    def __init__(self, seed):
        self.chance = random.Random(seed)

    def value(self, depth=0):
        kind = self.chance.randrange(9 if depth < 4 else 5)
        if kind < 2:
            return self.chance.choice(NUMBERS)
        if kind < 4:
            return self.chance.choice(WORDS)
        if kind == 4:
            return self.chance.choice((None, True, False))
        if kind < 7:
            return [self.value(depth + 1) for _ in range(self.chance.randrange(4))]
        return {self.chance.choice(FIELDS + KEYWORDS): self.value(depth + 1) for _ in range(self.chance.randrange(4))}

    def schema(self, depth=0):
        if depth > 3 or self.chance.random() < 0.2:
            return self.chance.choice((True, False, {}, {"type": "string"}, {"$ref": "#"}, {"pattern": "(a|b)*c{1,9}"}, {"enum": [1, "a", None]}, 7))
        inner = {}
        for _ in range(self.chance.randrange(1, 4)):
            name = self.chance.choice(KEYWORDS)
            if name in ("anyOf", "allOf", "oneOf", "prefixItems"):
                inner[name] = [self.schema(depth + 1) for _ in range(self.chance.randrange(4))]
            elif name in ("properties", "patternProperties", "$defs"):
                inner[name] = {word: self.schema(depth + 1) for word in self.chance.sample(("a", "b", "^x", "c"), 2)}
            elif name in ("items", "not", "contains", "if", "then"):
                inner[name] = self.schema(depth + 1)
            else:
                inner[name] = self.value(2)
        return inner

    def mutated(self, data):
        data = bytearray(data)
        for _ in range(self.chance.randint(1, 5)):
            place = self.chance.randrange(len(data))
            if self.chance.random() < 0.3:
                del data[place:place + self.chance.randrange(1, 8)]
                data = data or bytearray(b"{")
            else:
                data[place] = self.chance.choice(b'{}[]",:0-9e\\\0\xff\x80') if self.chance.random() < 0.7 else self.chance.randrange(256)
        return bytes(data)

    def next(self):
        path, kind = self.chance.choice(PATHS), self.chance.randrange(12)
        if kind == 0:
            return None, self.mutated(self.chance.choice(HEADS))
        if kind == 1:
            return None, bytes(self.chance.randrange(256) for _ in range(self.chance.randrange(200)))
        if kind == 2:
            deep = self.chance.choice((60, 70, 5000))
            return path, self.chance.choice(("[" * deep + "]" * deep, '{"a":' * deep + "1" + "}" * deep, "[" * deep))
        body = dict(GOOD)
        if kind in (3, 4):
            schema = self.schema()
            body["response_format"] = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
            if kind == 4:
                body["tools"] = [{"type": "function", "function": {"name": "f", "strict": True, "parameters": schema}}]
                body["tool_choice"] = self.chance.choice(("auto", "required", {"type": "function", "function": {"name": "f"}}, schema))
        elif kind < 9:
            for _ in range(self.chance.randint(1, 3)):
                body[self.chance.choice(FIELDS)] = self.value()
            body.setdefault("max_tokens", 2)
        text = json.dumps(body).encode()
        return path, self.mutated(text) if kind >= 9 else text
