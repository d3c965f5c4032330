#!/usr/bin/env python3
"""Clients that people have, unchanged, against the server: OpenAI's for JavaScript and Python, the Vercel AI SDK, LangChain, lm-eval.

The models are the chain of server.py, whose every word is known, the random one of held-calls.py, and SmolLM2, whose
log-probabilities lm-eval must find as `score` gives them. The packages of npm are those of test/e2e/clients/package.json; it takes
Node.js 18 or later with npm (Debian: apt-get install nodejs npm).
"""
import importlib
import json
import math
import os
import re
import shutil
import subprocess

import harness
import server as served
from harness import BUILD, ROOT, SHARED, WORK, check, compile, counts, finish, smollm2
from serving import Server, user

import environment

environment.require("requirements-clients.txt")
import openai

HI = user("hi")
TOOL = served.TOOL
MINUTES = 10


def node_modules():
    """The folder of the scripts, with the packages that they want, installed once."""
    folder = BUILD / "node-clients"
    folder.mkdir(parents=True, exist_ok=True)
    for path in (ROOT / "test/e2e/clients").iterdir():
        if not (folder / path.name).exists() or (folder / path.name).read_bytes() != path.read_bytes():
            shutil.copy(path, folder)
            if path.name == "package.json":
                shutil.rmtree(folder / "node_modules", ignore_errors=True)
    if not (folder / "node_modules" / "openai").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent", "--no-package-lock"], cwd=folder, check=True)
    return folder


def check_node(folder, script, *addresses):
    """Runs a script, whose checks count as ours."""
    result = subprocess.run(["node", script, *addresses], cwd=folder, capture_output=True, text=True, timeout=60 * MINUTES)
    found = re.search(r"^(\d+) passed, (\d+) failed$", result.stdout, re.MULTILINE)
    if not check(f"{script} comes to its end", found, result.stdout[-2000:] + result.stderr[-2000:]):
        return
    print("\n".join(result.stdout.splitlines()[:-1]), flush=True)
    counts["passed"] += int(found[1])
    counts["failed"] += int(found[2])
    print(f"{script}: {found[0]}", flush=True)


def check_python(chain, random):
    """What OpenAI's client for Python does beyond test/e2e/server.py."""
    client = openai.OpenAI(base_url=chain.url + "/v1", api_key="none", max_retries=0)
    dice = openai.OpenAI(base_url=random.url + "/v1", api_key="none", max_retries=0)
    def ask(**fields):
        return client.chat.completions.create(model="m", messages=HI, **fields)
    for effort, thoughts in (("none", None), ("low", "cde"), ("high", "cde")):
        message = ask(reasoning_effort=effort).choices[0].message
        check(f"python: effort {effort}", (message.content, getattr(message, "reasoning_content", None)) == ("y", thoughts), message)
    for choice in ("required", {"type": "function", "function": {"name": "f"}}):
        calls = ask(tools=[TOOL], tool_choice=choice).choices[0].message.tool_calls
        check(f"python: tool_choice {choice}", calls[0].function.name == "f", calls)
    check("python: extra fields", ask(extra_body={"chat_template_kwargs": {"enable_thinking": False}}).usage.completion_tokens == 1)
    parts = [part for part in ask(stream=True, n=2, stream_options={"include_usage": True})]
    check("python: n in a stream", {choice.index for part in parts for choice in part.choices} == {0, 1} and parts[-1].usage, parts[-1])
    with client.chat.completions.stream(model="m", messages=HI) as stream:
        kinds = {event.type for event in stream}
        check("python: stream events", {"chunk", "content.delta", "content.done"} <= kinds, kinds)
        check("python: the stream's message", stream.get_final_completion().choices[0].message.content == "y")
    import pydantic
    pet = pydantic.create_model("Pet", kind=(str, ...), age=(int, pydantic.Field(ge=0, le=99)))
    pet.model_rebuild()
    shape = {"type": "json_schema", "json_schema": {"name": "pet", "schema": {"type": "object", "properties": {
        "kind": {"enum": ["cat", "dog"]}, "age": {"type": "integer", "minimum": 0, "maximum": 99}}, "required": ["kind", "age"],
        "additionalProperties": False}}}
    for seed in range(3):
        choice = dice.chat.completions.create(model="m", messages=HI, temperature=1, seed=seed, response_format=shape).choices[0]
        check(f"python: a schema holds, seed {seed}", choice.finish_reason == "length" or pet.model_validate_json(choice.message.content))
    same = {dice.chat.completions.create(model="m", messages=HI, temperature=1, seed=4, max_tokens=12).choices[0].message.content for _ in range(3)}
    check("python: one seed, one text", len(same) == 1, same)
    for field, value in {"temperature": -1, "n": 99, "top_logprobs": 50, "seed": "x", "stop": [1], "logit_bias": {"x": 1}}.items():
        try:
            ask(**{field: value})
            check(f"python: 400 names {field}", False)
        except openai.BadRequestError as error:
            check(f"python: 400 names {field}", error.param.startswith(field), error)
    for run, kind in ((lambda: client.models.retrieve("other"), openai.NotFoundError), (lambda: client.embeddings.create(model="m", input="x"), openai.NotFoundError),
                      (lambda: dice.with_options(timeout=0.01).chat.completions.create(
                          model="m", messages=HI, n=16, temperature=1), openai.APITimeoutError)):
        try:
            run()
            check(f"python: {kind.__name__}", False)
        except kind:
            check(f"python: {kind.__name__}", True)
    response = client.responses.create(model="m", input="hi", tools=[{"type": "function", "name": "f", "parameters": {"type": "object"}}], tool_choice="required")
    check("python: responses call", response.output[-1].type == "function_call", response.output)
    raw = client.chat.completions.with_raw_response.create(model="m", messages=HI)
    check("python: raw", raw.status_code == 200 and raw.parse().choices[0].message.content == "y")
    with client.chat.completions.with_streaming_response.create(model="m", messages=HI, stream=True) as raw:
        lines = [line for line in raw.iter_lines() if line.startswith("data: ")]
    check("python: raw stream", lines[-1] == "data: [DONE]", lines)


def check_langchain(chain, random):
    from langchain_openai import ChatOpenAI
    model = ChatOpenAI(base_url=chain.url + "/v1", api_key="none", model="m", max_retries=0)
    answer = model.invoke("hi")
    check("langchain: invoke", answer.content == "y" and answer.usage_metadata["output_tokens"] == 5, answer)
    check("langchain: stream", "".join(part.content for part in model.stream("hi")) == "y")
    check("langchain: batch", [each.content for each in model.batch(["hi", "hi", "hi"])] == ["y"] * 3)
    for choice in (None, "any", "f"):
        calls = model.bind_tools([TOOL], tool_choice=choice).invoke("hi").tool_calls
        check(f"langchain: a tool, choice {choice}", [(call["name"], call["args"]) for call in calls] == [("f", {"a": [1.5]})], calls)
    dice = ChatOpenAI(base_url=random.url + "/v1", api_key="none", model="m", max_retries=0, temperature=1)
    schema = {"title": "pet", "description": "d", "type": "object", "properties": {"kind": {"enum": ["cat", "dog"]}}, "required": ["kind"], "additionalProperties": False}
    found = dice.with_structured_output(schema, method="json_schema").invoke("hi")
    check("langchain: structured output", found in ({"kind": "cat"}, {"kind": "dog"}), found)


DOCUMENTS = [("The capital of France is", " Paris"), ("Two and two are", " four"), ("Water is made of hydrogen and", " oxygen"),
             ("The sun rises in the", " east"), ("One, two, three, four,", " five")]
TASK = """task: osscc_endings
dataset_path: json
dataset_kwargs:
  data_files:
    test: {data}
test_split: test
output_type: loglikelihood
doc_to_text: "{{{{text}}}}"
doc_to_target: "{{{{ending}}}}"
target_delimiter: ""
metric_list:
  - metric: perplexity
    aggregation: perplexity
  - metric: acc
    aggregation: mean
"""


def scored(program, tokenizer, text, ending):
    """The log-probability of an ending as `score` gives it, and whether it is what greedy sampling says."""
    before, whole = tokenizer.encode(text).ids, tokenizer.encode(text + ending).ids
    lines = harness.score(program, whole)
    rows = lines[len(before) - 1:len(whole) - 1]
    return sum(row["logprob"] for row in rows), all(row["top"][0][0] == row["token"] for row in rows)


def check_lm_eval(program, folder):
    """A task of ours through lm-eval and the server, and the same from `score`."""
    import tokenizers
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    expected = [scored(program, tokenizer, *each) for each in DOCUMENTS]
    os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_DATASETS_CACHE=str(WORK / "datasets"))
    data, tasks = WORK / "endings.jsonl", WORK / "tasks"
    data.write_text("".join(json.dumps({"text": text, "ending": ending}) + "\n" for text, ending in DOCUMENTS))
    tasks.mkdir(exist_ok=True)
    (tasks / "endings.yaml").write_text(TASK.format(data=data))
    import lm_eval
    from lm_eval.tasks import TaskManager
    server = Server(program, "--parallel=2", "--context=1024")
    try:
        found = lm_eval.simple_evaluate(model="local-completions", tasks=["osscc_endings"], task_manager=TaskManager(include_path=str(tasks), include_defaults=False),
            model_args={"base_url": server.url + "/v1/completions", "model": "m", "tokenizer": str(folder), "tokenizer_backend": "huggingface",
                        "num_concurrent": 1, "max_length": 1024, "max_retries": 1}, bootstrap_iters=0)["results"]["osscc_endings"]
    finally:
        check("the server of lm-eval ends", server.stop() == 0)
    perplexity = math.exp(-sum(each[0] for each in expected) / len(expected))
    check("lm-eval: the perplexity is that of score", math.isclose(found["perplexity,none"], perplexity, rel_tol=1e-5), (found, perplexity))
    check("lm-eval: and so is what greedy sampling says", found["acc,none"] == sum(each[1] for each in expected) / len(expected), (found, expected))


def main():
    folder = node_modules()
    held = importlib.import_module("held-calls")
    chain, random = compile(served.served(), "-q"), held.compiled("hermes", harness.tiny("tiny-6x2"), held.FORMATS["hermes"][0])
    if chain and random:
        keys = WORK / "keys"
        keys.write_text("first-key\n")
        servers = [Server(chain), Server(random), Server(chain, f"--api-key-file={keys}")]
        addresses = [each.url for each in servers]
        try:
            check_node(folder, "openai.mjs", *addresses)
            check_node(folder, "ai-sdk.mjs", *addresses[:2])
            check_python(*servers[:2])
            check_langchain(*servers[:2])
        finally:
            check("the servers end", [each.stop() for each in servers] == [0, 0, 0])
    real = compile(smollm2("bf16"), "-q")
    if real:
        check_lm_eval(real, smollm2("bf16"))
    finish()


if __name__ == "__main__":
    main()
