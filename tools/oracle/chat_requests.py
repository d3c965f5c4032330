#!/usr/bin/env python3
"""Whole chat requests by transformers' own apply_chat_template: the judge of what a template is given.

    tools/oracle/chat_requests.py golden                          writes test/data/chat-requests.json
    tools/oracle/chat_requests.py compare RENDER TEMPLATE... [--count=N] [--seed=S] [--all]

`golden` stores requests of every kind (chat_conversations.py) for templates that print all that they are given.
`compare` renders N (default 60) requests with each template file by transformers and by RENDER
(build/test/bin/render-requests) and counts equal bytes; where transformers raises, RENDER must report an error.
Exit status 0: every template compiled and every text is equal. --all shows each difference, not the first of a template.
"""
import functools
import json
import os
import pathlib
import random
import subprocess
import sys
import time
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import chat_conversations
import environment

DATA = pathlib.Path(__file__).resolve().parents[2] / "test" / "data"
CLOCK = 1721952000  # 2024-07-26, what strftime_now prints
SPECIAL_TOKENS = {"bos_token": "<|begin_of_text|>", "eos_token": "<|im_end|>", "pad_token": "<pad>", "unk_token": "<unk>"}
#: Fields of a request that are arguments of apply_chat_template; all others are variables of the template.
ARGUMENTS = ["tools", "documents", "chat_template", "add_generation_prompt", "continue_final_message"]
EVERYTHING = "\n".join("{{ " + name + " | tojson if " + name + " is defined else 'no " + name + "' }}" for name in
                       ["messages", "tools", "documents", "add_generation_prompt", "bos_token", "eos_token", "pad_token",
                        "sep_token", "image_token", "enable_thinking", "reasoning_effort", "custom"])
CONTENT = ("{% for m in messages %}[{{ m.role }}]{% if m.reasoning_content %}({{ m.thinking | trim }}){% endif %}"
           "{% if m.content is string %}{{ m.content%s }}{% else %}{% for part in m.content %}{{ part.text%s }}{% endfor %}"
           "{% endif %}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}")
#: Sets of templates that the stored requests are rendered with.
STORED = {
    "everything": {"default": EVERYTHING},
    "content": {"default": CONTENT.replace("%s", "")},
    "trimmed": {"default": CONTENT.replace("%s", " | trim")},
    "named": {"default": "default: " + EVERYTHING, "tool_use": "tool_use: " + EVERYTHING},
    "rag": {"rag": "rag: " + EVERYTHING, "tool_use": "tool_use: " + EVERYTHING},
}


def make_tokenizer(templates, tokens):
    """A tokenizer of no tokens, with templates by name and special tokens."""
    environment.require("requirements-oracle.txt")
    os.environ["HF_HUB_OFFLINE"] = "1"
    import tokenizers
    import transformers
    transformers.utils.logging.set_verbosity_error()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizers.Tokenizer(tokenizers.models.BPE()), **tokens)
    tokenizer.chat_template = templates["default"] if list(templates) == ["default"] else templates
    return tokenizer


def pin_clock(tokenizer):
    from transformers.utils.chat_template_utils import _compile_jinja_template
    templates = tokenizer.chat_template if isinstance(tokenizer.chat_template, dict) else {"default": tokenizer.chat_template}
    for source in templates.values():
        try:
            _compile_jinja_template(source).globals["strftime_now"] = lambda form: time.strftime(form, time.gmtime(CLOCK))
        except Exception:  # a template that is none is an error when it is rendered
            pass


def judge(tokenizer, request):
    """(text, None), or (None, what transformers raises)."""
    arguments = {name: request[name] for name in ARGUMENTS if name in request}
    fields = {name: value for name, value in request.items() if name not in [*ARGUMENTS, "messages", "chat_template_kwargs"]}
    try:
        return tokenizer.apply_chat_template(request.get("messages"), tokenize=False, **arguments,
                                             **fields | (request.get("chat_template_kwargs") or {})), None
    except Exception as error:  # whatever the template's Python raises is a refusal
        return None, f"{type(error).__name__}: {error}"


#: What transformers' sandbox has not, and templates of published models use: osscc has it as llama.cpp has.
BEYOND = ["attribute 'append' of 'list' object is unsafe", "No filter named 'from_json'"]


@functools.lru_cache
def compile_relaxed(source):
    import jinja2.sandbox
    from transformers.utils.chat_template_utils import _cached_compile_jinja_template
    environment = _cached_compile_jinja_template("").environment
    environment.filters["from_json"] = json.loads
    environment.globals["strftime_now"] = lambda form: time.strftime(form, time.gmtime(CLOCK))
    environment.is_safe_attribute = functools.partial(jinja2.sandbox.SandboxedEnvironment.is_safe_attribute, environment)
    return environment.from_string(source)


def judge_relaxed(tokenizer, request):
    """The same in a sandbox that has what BEYOND names, where a template needs it."""
    text, error = judge(tokenizer, request)
    if error is None or not any(lack in error for lack in BEYOND):
        return text, error
    from transformers.utils import chat_template_utils
    with unittest.mock.patch.object(chat_template_utils, "_compile_jinja_template", compile_relaxed):
        return judge(tokenizer, request)


def ours(program, jobs):
    """The results of (templates, tokens, request) by render-requests."""
    lines = "".join(json.dumps({"templates": templates, "special_tokens": tokens, "strftime_now": CLOCK, "request": request}) + "\n"
                    for templates, tokens, request in jobs)
    run = subprocess.run([program], input=lines.encode(), capture_output=True)
    results = [json.loads(line) for line in run.stdout.split(b"\n") if line]
    if run.returncode or len(results) != len(jobs):
        raise RuntimeError(f"{program}: exit status {run.returncode} after {len(results)} of {len(jobs)} requests")
    return results


def is_equal(result, text, error):
    return result.get("text") == text if error is None else "error" in result


def difference(result, text, error):
    """What is different, around the first byte."""
    if error is not None or "text" not in result:
        return f"  transformers  {error or text[:100]!r}\n  ours          {str(result)[:200]}"
    same = len(os.path.commonprefix([result["text"], text]))
    return "\n".join(f"  {who:13} ...{found[max(0, same - 60):same + 60]!r}" for who, found in
                     (("transformers", text), ("ours", result["text"])))


def compare_one(program, path, requests, show_all):
    """(compiled, equal requests, requests that transformers refuses); prints a line, and what differs."""
    templates = {"default": pathlib.Path(path).read_text()}
    tokenizer = make_tokenizer(templates, SPECIAL_TOKENS)
    pin_clock(tokenizer)
    results = ours(program, [(templates, SPECIAL_TOKENS, request) for _, request in requests])
    if "refused" in results[0]:
        print(f"{pathlib.Path(path).name}: refused: {results[0]['refused']}")
        return 0, 0, 0
    equal, raised, shown = 0, 0, []
    for (kind, request), result in zip(requests, results):
        text, error = judge_relaxed(tokenizer, request)
        raised += error is not None
        if is_equal(result, text, error):
            equal += 1
        elif show_all or not shown:
            shown.append(f"\n  {kind}: {json.dumps(request)[:300]}\n{difference(result, text, error)}")
    print(f"{pathlib.Path(path).name}: {equal} of {len(results)} equal, transformers raises in {raised}{''.join(shown)}")
    return 1, equal, raised


def compare(arguments):
    options = dict(a[2:].split("=") for a in arguments if a.startswith("--") and "=" in a)
    program, *paths = [a for a in arguments if not a.startswith("--")]
    requests = chat_conversations.requests(random.Random(int(options.get("seed", 1))), int(options.get("count", 60)))
    rows = [compare_one(program, path, requests, "--all" in arguments) for path in paths]
    compiled, equal, raised = (sum(column) for column in zip(*rows))
    print(f"{len(paths)} templates, {compiled} compiled; {equal} of {len(paths) * len(requests)} requests equal, "
          f"{raised} of them refused by transformers")
    return 0 if equal == len(paths) * len(requests) else 1


def golden():
    rng, cases = random.Random(20261129), []
    for name, templates in STORED.items():
        tokenizer = make_tokenizer(templates, SPECIAL_TOKENS)
        for kind, request in chat_conversations.stored(rng, few=name != "everything"):
            if "chat_template" in request and len(templates) == 1:
                continue  # transformers takes another name for a template's text
            text, error = judge(tokenizer, request)
            # The request as a text: what reads this file may not keep its integers.
            cases.append({"templates": name, "kind": kind, "request": json.dumps(request)}
                         | ({"text": text} if error is None else {"error": error}))
    text = json.dumps({"special_tokens": SPECIAL_TOKENS, "templates": STORED, "cases": cases}, indent=0)
    (DATA / "chat-requests.json").write_text(text + "\n")
    print(f"test/data/chat-requests.json: {len(cases)} requests, {sum('error' in c for c in cases)} refused, {len(text)} bytes")


def main():
    environment.require("requirements-oracle.txt")
    if sys.argv[1:] == ["golden"]:
        return golden()
    if sys.argv[1:2] == ["compare"] and len(sys.argv) > 3:
        return compare(sys.argv[2:])
    sys.exit(__doc__.strip())


if __name__ == "__main__":
    sys.exit(main())
