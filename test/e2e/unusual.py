"""Checkpoints that are unusual but valid. SHAPES are judged by plain_llama.py; SPELLINGS compute what the plain one does.

A spelling's change edits a copy of a tiny checkpoint's folder in place and returns what to give to osscc, if not the folder.
"""
import json
import os
import random

import harness  # the search path of tools

import huggingface
import numpy as np
from damage import config, file_bytes, header_change, last_comma, read_weights, text_change, write_weights

# name -> fields of make(); what is not named is as in PLAIN.
PLAIN = dict(layers=2, hidden=48, heads=6, kv_heads=2, head_dim=8, mlp=64, vocab=320, context=128, tied=True, dtype="f32")
SHAPES = {
    "one layer": dict(layers=1),
    "one head": dict(heads=1, kv_heads=1, head_dim=48),
    "one key-value head for eight": dict(heads=8, kv_heads=1, head_dim=6),
    "every head its own keys": dict(kv_heads=6),
    "seven heads of ten": dict(heads=7, kv_heads=7, head_dim=10),
    "heads of 2 channels": dict(head_dim=2),
    "heads of 34 channels": dict(heads=2, kv_heads=1, head_dim=34),
    "heads of 256 channels": dict(heads=2, kv_heads=2, head_dim=256),
    "an odd hidden size": dict(hidden=33, head_dim=4),
    "a hidden size of 2": dict(hidden=2, heads=1, kv_heads=1, head_dim=2),
    "a hidden size of 1": dict(hidden=1, heads=1, kv_heads=1, head_dim=2),
    "an MLP of 1": dict(mlp=1),
    "an MLP of a prime width": dict(mlp=97),
    "an MLP narrower than the model": dict(mlp=16),
    "a vocabulary of a prime size": dict(vocab=263, tied=False),
    "a vocabulary of bytes alone, no merges": dict(vocab=259),
    "a larger odd vocabulary": dict(vocab=1021),
    "a context of 101": dict(context=101),
    "thirteen thin layers": dict(layers=13, hidden=8, heads=2, kv_heads=1, head_dim=4, mlp=8),
    "a tiny epsilon": dict(rms_norm_eps=1e-12),
    "a large epsilon": dict(rms_norm_eps=0.5),
    "a small rope base": dict(rope_theta=1.5),
    "a large rope base": dict(rope_theta=1e9),
    "biases in the attention, odd widths": dict(attention_bias=True, hidden=35, head_dim=6),
    "biases in an MLP of odd width": dict(mlp_bias=True, mlp=37),
    "all in F16": dict(dtype="f16"),
    "all in BF16, a head of its own": dict(dtype="bf16", tied=False),
    "norms in F32, matrices in BF16": dict(dtype=lambda name: "f32" if "norm" in name else "bf16"),
    "q, k and v in three dtypes": dict(dtype=lambda name: "f16" if "q_proj" in name else "bf16" if "k_proj" in name else "f32",
                                       attention_bias=True),
    "a dtype a tensor": dict(dtype=lambda name: ["f32", "f16", "bf16"][sum(name.encode()) % 3], mlp_bias=True),
}


def make(folder, maker, layers, hidden, heads, kv_heads, head_dim, mlp, vocab, context, tied, dtype, **fields):
    """Writes a checkpoint; `dtype` is one, or a function of the tensor's name."""
    of = dtype if callable(dtype) else lambda name: dtype
    values = huggingface.llama_config(
        "f32", hidden_size=hidden, intermediate_size=mlp, num_hidden_layers=layers, num_attention_heads=heads,
        num_key_value_heads=kv_heads, head_dim=head_dim, vocab_size=vocab, max_position_embeddings=context,
        tie_word_embeddings=tied, bos_token_id=1, eos_token_id=2, **{"rope_theta": 1e4, "rms_norm_eps": 1e-5, **fields})
    folder.mkdir()
    huggingface.write_json(folder / "config.json", values)
    words, merges = maker.make_vocabulary(vocab)
    names = {"bos": maker.SPECIAL[1], "eos": maker.SPECIAL[2], "pad": maker.SPECIAL[2]}
    huggingface.write_assistant_files(folder, huggingface.tokenizer_json(words, merges, maker.SPECIAL), maker.TEMPLATE, names,
                                      {"bos": 1, "eos": 2, "pad": 2}, context)
    header, body = {}, b""
    for name, shape in huggingface.llama_shapes(values).items():
        stored = huggingface.encode(maker.make_weight(name, shape, 1), of(name)).tobytes()
        header[name] = {"dtype": huggingface.DTYPES[of(name)], "shape": list(shape),
                        "data_offsets": [len(body), len(body) + len(stored)]}
        body += stored
    write_weights(folder, header, body)


def reordered(folder):
    """The tensors' bytes in random order, the header's keys in another."""
    header, body = read_weights(folder)
    header.pop("__metadata__", None)
    names, out, moved = list(header), b"", {}
    random.Random(1).shuffle(names)
    for name in names:
        first, last = header[name]["data_offsets"]
        moved[name] = {**header[name], "data_offsets": [len(out), len(out) + last - first]}
        out += body[first:last]
    write_weights(folder, dict(sorted(moved.items())), out)


def unaligned(folder):
    """A header of odd length: every tensor begins at an odd address."""
    header, body = read_weights(folder)
    text = json.dumps(header).encode()
    write_weights(folder, text + b" " * (1 + len(text) % 2), body)


def sharded(count, name="model-{:05}-of-{:05}.safetensors", **index):
    """The tensors dealt out to `count` files, with an index."""
    def apply(folder):
        header, body = read_weights(folder)
        header.pop("__metadata__", None)
        shards, weight_map = [[] for _ in range(count)], {}
        for i, tensor in enumerate(header):
            shards[i % count].append(tensor)
        for i, tensors in enumerate(shards):
            part, data = {}, b""
            for tensor in tensors:
                first, last = header[tensor]["data_offsets"]
                part[tensor] = {**header[tensor], "data_offsets": [len(data), len(data) + last - first]}
                data += body[first:last]
                weight_map[tensor] = name.format(i + 1, count)
            write_weights(folder, part, data)
            (folder / "model.safetensors").rename(folder / name.format(i + 1, count))
        index_file = folder / "model.safetensors.index.json"
        index_file.write_text(json.dumps({**index, "weight_map": weight_map}))
    return apply


def extra_tensors(folder):
    """What old checkpoints carry: rope's frequencies, and a copy of the tied head."""
    header, body = read_weights(folder)
    embedding = header["model.embed_tokens.weight"]
    first, last = embedding["data_offsets"]
    header["lm_head.weight"] = {**embedding, "data_offsets": [len(body), len(body) + last - first]}
    body += body[first:last]
    for layer in range(2):
        name = f"model.layers.{layer}.self_attn.rotary_emb.inv_freq"
        header[name] = {"dtype": "F32", "shape": [4], "data_offsets": [len(body), len(body) + 16]}
        body += np.ones(4, "<f4").tobytes()
    write_weights(folder, header, body)


def renamed(change):
    """The tensors under other names."""
    def apply(folder):
        header, body = read_weights(folder)
        write_weights(folder, {change(name): entry for name, entry in header.items()}, body)
    return apply


def more_tensors(value=1, **shapes):
    """More tensors of one number; a name's dots are written as two underscores."""
    def apply(folder):
        header, body = read_weights(folder)
        for name, shape in shapes.items():
            data = np.full(shape, value, "<f4").tobytes()
            header[name.replace("__", ".")] = {"dtype": "F32", "shape": list(shape),
                                               "data_offsets": [len(body), len(body) + len(data)]}
            body += data
        write_weights(folder, header, body)
    return apply


def in_turn(*changes):
    def apply(folder):
        for change in changes:
            change(folder)
    return apply


def index_change(change):
    """Two shards, and an edit of their weight_map."""
    def apply(folder):
        sharded(2)(folder)
        path = folder / "model.safetensors.index.json"
        index = json.loads(path.read_text())
        change(index["weight_map"])
        path.write_text(json.dumps(index))
    return apply


def moved_to(name):
    def apply(folder):
        return folder.rename(folder.parent / name)
    return apply


def links(folder):
    """As the hub's cache lies: a folder of links to blobs with names of their own."""
    blobs = folder.parent / "blobs"
    blobs.mkdir()
    for i, file in enumerate(sorted(folder.iterdir())):
        file.rename(blobs / f"{i:064x}")
        file.symlink_to(os.path.relpath(blobs / f"{i:064x}", folder))


def tokenizer(change):
    """An edit of tokenizer.json's value."""
    def apply(folder):
        path = folder / "tokenizer.json"
        value = json.loads(path.read_text())
        change(value)
        path.write_text(json.dumps(value, ensure_ascii=False))
    return apply


def more_added(*texts, special=False):
    """Added tokens in place of the vocabulary's last merges."""
    def change(value):
        for i, text in enumerate(texts):
            last = max(value["model"]["vocab"].items(), key=lambda item: item[1])
            value["model"]["merges"] = [pair for pair in value["model"]["merges"] if pair.replace(" ", "") != last[0]]
            del value["model"]["vocab"][last[0]]
            value["added_tokens"].append({"id": last[1], "content": text, "single_word": False, "lstrip": False,
                                          "rstrip": False, "normalized": False, "special": special})
    return tokenizer(change)


def settings(change):
    """An edit of tokenizer_config.json's value."""
    def apply(folder):
        path = folder / "tokenizer_config.json"
        value = json.loads(path.read_text())
        change(value)
        path.write_text(json.dumps(value, ensure_ascii=False))
    return apply


def own_template(folder):
    (folder / "chat_template.jinja").write_text("{{ messages[-1]['content'] | trim }} → ", encoding="utf-8")
    settings(lambda value: value.pop("chat_template"))(folder)


def remove(*names):
    return lambda folder: [(folder / name).unlink() for name in names]


def generation(**fields):
    return lambda folder: (folder / "generation_config.json").write_text(json.dumps(fields))


THETA = {"rope_theta": 10000.0}
# name -> change; all compute the plain checkpoint's logits, to the last bit.
SPELLINGS = {
    "the rope base in rope_parameters": config(rope_theta=..., rope_parameters={"rope_type": "default", **THETA}),
    "the rope base in both places": config(rope_parameters={"rope_type": "default", **THETA}),
    "the rope base left to its default": config(rope_theta=...),
    "the rope base as an integer": config(rope_theta=10000),
    "rope_scaling of type default": config(rope_scaling={"type": "default"}),
    "rope_scaling absent": config(rope_scaling=...),
    "null fields": config(head_dim=None, pad_token_id=None, rope_parameters=None, quantization_config=None,
                          sliding_window=None, layer_types=None),
    "unknown fields of every kind": config(_name_or_path="modèles/été", transformers_version="9.9.9", notes=["a", {"b": []}],
                                           use_cache=False, initializer_range=0.1, pruned_heads={}, id2label={"0": "x"}),
    "torch_dtype with its module": config(torch_dtype="torch.float32"),
    "dtype for torch_dtype": config(torch_dtype=..., dtype="float32"),
    "no dtype at all": config(torch_dtype=...),
    "a dtype that the tensors do not have": config(torch_dtype="bfloat16"),
    "another name of the activation": config(hidden_act="swish"),
    "several architectures": config(architectures=["LlamaModel", "LlamaForCausalLM"]),
    "a model saved without its head": in_turn(config(architectures=["LlamaModel"]), renamed(lambda name: name.removeprefix("model."))),
    "a model saved inside a wrapper": renamed(lambda name: f"_orig_mod.{name}"),
    "a model that answers questions": in_turn(
        config(architectures=["LlamaForQuestionAnswering"]), renamed(lambda name: name.replace("model.", "transformer.", 1)),
        more_tensors(qa_outputs__weight=(2, 48), qa_outputs__bias=(2,))),
    "a model with the head of a judge": in_turn(config(architectures=["LlamaForSequenceClassification"]),
                                                more_tensors(score__weight=(1, 48))),
    "a model with a value head": more_tensors(v_head__summary__weight=(1, 48), v_head__summary__bias=(1,)),
    "an index that names a tied head": index_change(lambda files: files.update({"lm_head.weight": "model-00002-of-00002.safetensors"})),
    "an index that names a file of the tied head alone": index_change(
        lambda files: files.update({"lm_head.weight": "model-00003-of-00002.safetensors"})),
    "an index that leaves out what nobody reads": in_turn(
        more_tensors(score__weight=(1, 48)), index_change(lambda files: files.pop("score.weight"))),
    "a split training": config(pretraining_tp=4),
    "a window left over": config(sliding_window=16, use_sliding_window=True, max_window_layers=1),
    "code of its own": config(auto_map={"AutoModelForCausalLM": "modeling.Model"}),
    "quantized by nothing": config(quantization_config={"load_in_4bit": False, "load_in_8bit": False, "quant_method": "bitsandbytes"}),
    "positions scaled beyond the context alone": config(rope_scaling={"type": "dynamic", "factor": 4.0}),
    "numbers that are none": text_change("config.json", b"{", b'{"max_loss": NaN, "best": [-Infinity, 1e999],'),
    "a comma behind the last field": in_turn(*map(last_comma, ("config.json", "generation_config.json", "tokenizer_config.json"))),
    "a comma behind the last field of the tokenizer": last_comma("tokenizer.json"),
    "a byte order mark": file_bytes(lambda data: b"\xef\xbb\xbf" + data, "config.json"),
    "truncation and padding": tokenizer(lambda value: value.update(
        truncation={"direction": "Right", "max_length": 8, "strategy": "LongestFirst", "stride": 0},
        padding={"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": None, "pad_id": 2, "pad_type_id": 0,
                 "pad_token": "<pad>"})),
    "sampling that is off and out of range": generation(do_sample=False, top_p=0, temperature=-1.0),
    "several end tokens": config(eos_token_id=[2, 0, 5]),
    "no begin token": config(bos_token_id=None),
    "layers named one by one": config(layer_types=["full_attention"] * 2),
    "a Mistral": config(model_type="mistral", architectures=["MistralForCausalLM"], sliding_window=None),
    "a Mistral whose window is its context": config(model_type="mistral", architectures=..., sliding_window=128),
    "tensors in any order": reordered,
    "tensors at odd addresses": unaligned,
    "metadata of many words": header_change(lambda header: header.__setitem__("__metadata__", {
        f"ключ {i}": "значение" * 20 for i in range(200)})),
    "a header with a megabyte of padding": lambda folder: write_weights(
        folder, json.dumps(read_weights(folder)[0]).encode() + b" " * (1 << 20), read_weights(folder)[1]),
    "tensors that nobody reads": extra_tensors,
    "one shard": sharded(1, metadata={"total_size": 1}),
    "seven shards": sharded(7),
    "shards of other names": sharded(3, "ваги часть {} из {}.safetensors", metadata={}),
    "the index by its name": lambda folder: sharded(2)(folder) or folder / "model.safetensors.index.json",
    "the weights by their name": lambda folder: folder / "model.safetensors",
    "a folder with spaces": moved_to("my  model, v 2"),
    "a folder of other letters": moved_to("模型 été 🦙"),
    "a folder that begins with a dash": moved_to("-model"),
    "a folder with a slash behind": lambda folder: f"{folder}/",
    "links to files of other names": links,
    "added tokens of other letters": more_added("<｜助手｜>", "🦙", "été"),
    "added tokens with spaces and lines": more_added("<| a  b |>", "line\nline", "\t"),
    "added tokens inside each other": more_added("<a>", "<a><b>", "<b>", special=True),
    "no added tokens": tokenizer(lambda value: value.__setitem__("added_tokens", [])),
    "no merges": tokenizer(lambda value: value["model"].__setitem__("merges", [])),
    "merges as pairs": tokenizer(lambda value: value["model"].__setitem__(
        "merges", [pair.split(" ") for pair in value["model"]["merges"]])),
    "whole pieces before merges": tokenizer(lambda value: value["model"].__setitem__("ignore_merges", True)),
    "fewer texts than rows": tokenizer(lambda value: [value["model"]["vocab"].popitem() and value["model"]["merges"].pop()
                                                      for _ in range(20)]),
    "no template": settings(lambda value: value.pop("chat_template")),
    "a template of its own file": own_template,
    "named templates": settings(lambda value: value.__setitem__("chat_template", [
        {"name": "tool_use", "template": "{{ raise_exception('no') }}"}, {"name": "default", "template": "{{ messages[0].content }}"}])),
    "no tokenizer_config": remove("tokenizer_config.json"),
    "no generation_config": remove("generation_config.json"),
    "an empty generation_config": generation(),
    "a generation_config of nulls and lists": generation(eos_token_id=[2, 3], bos_token_id=None, temperature=None, top_p=None,
                                                         do_sample=True, transformers_version="9", max_length=None),
    "windows line ends": file_bytes(lambda data: data.replace(b"\n", b"\r\n"), "config.json"),
    "escapes in the config": text_change("config.json", b'"silu"', b'"s\\u0069lu"'),
}

# Options that some of them are compiled with.
FLAGS = {"a window that the context never leaves": ["--context=64"],
         "a window of some layers that the context never leaves": ["--context=64"]}
SPELLINGS |= {
    "a window that the context never leaves": config(model_type="mistral", architectures=["MistralForCausalLM"], sliding_window=64),
    "a window of some layers that the context never leaves": in_turn(
        config(model_type="qwen2", architectures=["Qwen2ForCausalLM"], use_sliding_window=True, sliding_window=64,
               max_window_layers=1),
        more_tensors(0, **{f"model__layers__{layer}__self_attn__{part}_proj__bias": (width,)
                      for layer in (0, 1) for part, width in (("q", 48), ("k", 16), ("v", 16))})),
}
