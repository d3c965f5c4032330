#!/usr/bin/env python3
"""Words and markers of a model on their way to the user: which are shown, which match in a text, and what ends an answer.

The model is a chain: its embeddings are one-hot and its layers add nothing, so each token names the next one.
"""
import importlib.machinery
import importlib.util
import json

import harness
from harness import ROOT, WORK, check, last_line, run

import huggingface  # tools/huggingface.py
import numpy as np

VOCABULARY, PLAIN = 320, 310  # tokens, and those that are not added here
STOP, THINK, END = 310, 311, 312
ADDED = {"<|stop|>": STOP, "<think>": THINK, "<|eot_id|>": END}
SAYS = "a<think>b"


def write_successors(folder, shapes, after, otherwise):
    """Weights of a model that says `after[token]` behind a token, `otherwise` behind one that has none there."""
    def weight(name):
        out = np.zeros(shapes[name], dtype=np.float32)
        if "norm" in name:
            out[:] = 1
        elif name == "model.embed_tokens.weight":
            np.fill_diagonal(out, 1)
        elif name == "lm_head.weight":
            for token in range(len(out)):
                out[after.get(token, otherwise), token] = 1
        return out

    huggingface.write_safetensors(folder / "model.safetensors", "f32", shapes, weight)


def maker():
    """tools/make-checkpoint as a module: its name is no module's."""
    loader = importlib.machinery.SourceFileLoader("make_checkpoint", str(ROOT / "tools" / "make-checkpoint"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def chain():
    """The folder of a Llama that says a, <|stop|>, <think>, b and <|eot_id|> after a line end or an x; then z for ever."""
    make, folder = maker(), WORK / "chain"
    folder.mkdir(parents=True, exist_ok=True)
    vocab, merges = make.make_vocabulary(PLAIN)
    after = {vocab["Ċ"]: vocab["a"], vocab["x"]: vocab["a"], vocab["a"]: STOP, STOP: THINK, THINK: vocab["b"], vocab["b"]: END}
    config = huggingface.llama_config(
        "f32", hidden_size=VOCABULARY, intermediate_size=32, num_hidden_layers=1, num_attention_heads=4, num_key_value_heads=2,
        head_dim=80, vocab_size=VOCABULARY, max_position_embeddings=256, rms_norm_eps=1e-5, tie_word_embeddings=False,
        bos_token_id=1, eos_token_id=4294967295, pad_token_id=32000, rope_theta=10000.0)
    huggingface.write_json(folder / "config.json", config)
    tokenizer = huggingface.tokenizer_json(vocab, merges, make.SPECIAL)
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    for text, id in ADDED.items():
        tokenizer["added_tokens"].append({"id": id, "content": text, "special": id != THINK, **flags})
    # No text reaches these, and they keep no model.
    for text, id in (("<far>", 100_000), ("", 313), ("<think>", THINK)):
        tokenizer["added_tokens"].append({"id": id, "content": text, "special": False, **flags})
    huggingface.write_assistant_files(
        folder, tokenizer, make.TEMPLATE, {"bos": make.SPECIAL[1], "eos": "<|eot_id|>", "pad": make.SPECIAL[2]},
        {"bos": 1, "eos": None, "pad": 4294967295}, 256)
    shapes = huggingface.llama_shapes(config)

    write_successors(folder, shapes, after, vocab["z"])
    return folder, vocab


def says(program, name, expected, *words):
    result = run(program, "--temperature=0", "-n", "20", *words)
    text = result.stdout.decode(errors="replace")
    check(f"{program.name}: {name}", result.returncode == 0 and text == expected + "\n", f"{text!r} {last_line(result)}")


def ids(program, *words, input=""):
    result = run(program, *words, input=input)
    return json.loads(result.stdout) if result.returncode == 0 else last_line(result)


def check_answers(program):
    says(program, "a word is shown, a marker is not, and the tokenizer's end ends", SAYS, "hi")
    says(program, "--raw goes on from a text", SAYS, "--raw", "x")
    says(program, "--raw goes on from a marker in it", "<think>b", "--raw", "q<|stop|>")
    says(program, "--raw goes on from a word in it", "b", "--raw", "q<think>")
    for stop, shown in (("<|stop|>", "a"), ("<think>", "a"), ("a<|stop|><think>", ""), ("a<th", ""), ("k>b", "a<thin"),
                        ("b<|eot", SAYS)):
        says(program, f"--stop={stop}", shown, f"--stop={stop}", "hi")


def check_texts(program, vocab):
    letters = [vocab[c] for c in ("<", "|", "st", "o", "p", "|", ">")]
    for name, expected, words in (("a word matches in any text", [vocab["a"], THINK], ["a<think>"]),
                                  ("a marker does not", letters, ["<|stop|>"]),
                                  ("unless --special says so", [STOP], ["--special", "<|stop|>"]),
                                  ("what no text reaches is text", [vocab[c] for c in "<far>"], ["--special", "<far>"])):
        found = ids(program, "tokenize", *words)
        check(f"{program.name}: tokenize: {name}", found == expected, str(found))
    request = {"messages": [{"role": "user", "content": "<|stop|><think>"}, {"role": "assistant", "content": "a<think>b"}]}
    found = ids(program, "render", "--ids", "-", input=json.dumps(request))
    check(f"{program.name}: a chat keeps words and no user's markers", found.count(THINK) == 2 and STOP not in found, str(found))
    scored = run(program, "score", "-", input="x<|stop|>")
    lines = [json.loads(line) for line in scored.stdout.splitlines()]
    check(f"{program.name}: score takes markers for what they are", [line["token"] for line in lines] == [STOP, None],
          last_line(scored))


def main():
    folder, vocab = chain()
    for model in (folder, harness.gguf(folder, "F32")):
        program = harness.compile(model, out=WORK / f"{model.name}.assistant")
        if program:
            check_answers(program)
            check_texts(program, vocab)
    harness.finish()


if __name__ == "__main__":
    main()
