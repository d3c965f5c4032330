"""Ways to damage a checkpoint folder, and unusual ways to write a good one. Each entry: name, what to do to the folder.

The folder is a copy of a tiny checkpoint; a change edits its files in place.
"""
import json
import os
import struct


def read_weights(folder):
    """(header dict, tensor bytes) of model.safetensors."""
    data = (folder / "model.safetensors").read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8:8 + size]), data[8 + size:]


def write_weights(folder, header, body):
    """`header` as a dict, or as the exact bytes of the header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + body)


def header_change(change):
    """An edit of the header dict; the tensors stay."""
    def apply(folder):
        header, body = read_weights(folder)
        change(header)
        write_weights(folder, header, body)
    return apply


def entry(field, value, name="model.norm.weight"):
    """One field of one tensor's header entry replaced."""
    return header_change(lambda header: header[name].__setitem__(field, value))


def file_bytes(change, name="model.safetensors"):
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes()))


def config(**fields):
    """Fields of config.json replaced; a field given as ... is removed."""
    def apply(folder):
        path = folder / "config.json"
        values = json.loads(path.read_text())
        values.update(fields)
        path.write_text(json.dumps({name: value for name, value in values.items() if value is not ...}))
    return apply


def text_change(name, old, new):
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes().replace(old, new, 1))


def rename_tensor(header, old, new):
    header[new] = header.pop(old)


def overlap(header):
    """Two tensors of the same size share one place, and the place of the other is a hole."""
    a, b = "model.layers.0.input_layernorm.weight", "model.layers.1.input_layernorm.weight"
    header[a]["data_offsets"] = header[b]["data_offsets"]


def duplicate_tensor(folder):
    header, body = read_weights(folder)
    name = json.dumps("model.norm.weight")
    twice = json.dumps(header)[:-1] + f", {name}: {json.dumps(header['model.norm.weight'])}}}"
    write_weights(folder, twice.encode(), body)


def link(name, target="/dev/zero"):
    """A link in a file's place."""
    def apply(folder):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)
    return apply


def pipe(name):
    """A pipe that nobody writes to in a file's place."""
    def apply(folder):
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)
    return apply


def last_comma(name):
    """A comma behind a file's last field."""
    def apply(folder):
        text = (folder / name).read_text().rstrip()
        (folder / name).write_text(text[:-1] + ",}")
    return apply


DEEP = b"[" * 200_000
LONG = 1 << 63

# name -> change; each must be refused.
BAD = {
    "empty weights": file_bytes(lambda data: b""),
    "weights cut inside the length": file_bytes(lambda data: data[:5]),
    "weights cut inside the header": file_bytes(lambda data: data[:100]),
    "weights cut inside a tensor": file_bytes(lambda data: data[:-1]),
    "trailing bytes": file_bytes(lambda data: data + b"x"),
    "header length beyond the file": file_bytes(lambda data: struct.pack("<Q", len(data)) + data[8:]),
    "header length that overflows": file_bytes(lambda data: b"\xff" * 8 + data[8:]),
    "header is no object": lambda folder: write_weights(folder, b"[1, 2]  ", read_weights(folder)[1]),
    "header nested without end": lambda folder: write_weights(folder, DEEP, b""),
    "header with invalid UTF-8": lambda folder: write_weights(folder, b'{"\xff\xfe": 1}', b""),
    "header with a tensor twice": duplicate_tensor,
    "overlapping tensors": header_change(overlap),
    "offsets the wrong way round": entry("data_offsets", [192, 0]),
    "offsets beyond the file": entry("data_offsets", [0, 1 << 40]),
    "offsets that overflow": entry("data_offsets", [LONG, LONG + 192]),
    "negative offset": entry("data_offsets", [-192, 0]),
    "offset of the wrong type": entry("data_offsets", ["0", 192]),
    "shape that overflows": entry("shape", [1 << 32, 1 << 32]),
    "negative size": entry("shape", [-48]),
    "shape of a fraction": entry("shape", [47.5]),
    "shape that disagrees with its bytes": entry("shape", [49]),
    "unsupported dtype": entry("dtype", "F64"),
    "unknown dtype": entry("dtype", "F33"),
    "missing tensor": header_change(lambda header: rename_tensor(
        header, "model.layers.1.mlp.up_proj.weight", "model.layers.7.mlp.up_proj.weight")),
    "misshapen tensor": entry("shape", [24, 96], "model.layers.0.self_attn.q_proj.weight"),
    "transposed tensor": entry("shape", [48, 128], "model.layers.0.mlp.gate_proj.weight"),
    "no config": lambda folder: (folder / "config.json").unlink(),
    "empty config": file_bytes(lambda data: b"", "config.json"),
    "config cut short": file_bytes(lambda data: data[:40], "config.json"),
    "config nested without end": file_bytes(lambda data: DEEP, "config.json"),
    "config with invalid UTF-8": text_change("config.json", b"silu", b"si\xc3\x28u"),
    "config with a key twice": text_change("config.json", b"{", b'{"hidden_size": 48,'),
    "config that is a device": link("config.json"),
    "config that is a pipe": pipe("config.json"),
    "weights that are a device": link("model.safetensors"),
    "weights that are a pipe": pipe("model.safetensors"),
    "tokenizer that is a device": link("tokenizer.json"),
    "tokenizer_config that is a pipe": pipe("tokenizer_config.json"),
    "generation_config that is a device": link("generation_config.json"),
    "template that is a device": link("chat_template.jinja"),
    "template that is a pipe": pipe("chat_template.jinja"),
    "template that is a folder": lambda folder: (folder / "chat_template.jinja").mkdir(),
    "a number that is none in a field that is read": text_change("config.json", b'"rms_norm_eps": 1e-05', b'"rms_norm_eps": NaN'),
    "quantized weights": config(quantization_config={"quant_method": "gptq", "bits": 4}),
    "unknown family": config(model_type="mamba", architectures=["MambaForCausalLM"]),
    "no family": config(model_type=...),
    "hidden size of zero": config(hidden_size=0),
    "negative hidden size": config(hidden_size=-48),
    "hidden size as text": config(hidden_size="48"),
    "hidden size as a fraction": config(hidden_size=48.5),
    "hidden size that disagrees with the weights": config(hidden_size=64, head_dim=8),
    "absurd number of layers": config(num_hidden_layers=1 << 62),
    "more layers than the weights have": config(num_hidden_layers=3),
    "fewer layers than the weights have": config(num_hidden_layers=1),
    "heads that the kv heads do not divide": config(num_key_value_heads=4),
    "no kv heads": config(num_key_value_heads=0),
    "negative epsilon": config(rms_norm_eps=-1e-5),
    "infinite rope base": text_change("config.json", b'"rope_theta": 10000.0', b'"rope_theta": 1e999'),
    "rope base of zero": config(rope_theta=0),
    "rope scaling that is not implemented": config(rope_scaling={"rope_type": "sideways", "factor": 2.0}),
    "another activation": config(hidden_act="relu"),
    "attention bias without its tensors": config(attention_bias=True),
    "context of zero": config(max_position_embeddings=0),
    "a head said to be untied, but absent": config(tie_word_embeddings=False),
    "vocabulary that disagrees with the weights": config(vocab_size=321),
    "end token beyond the vocabulary": config(eos_token_id=320),
    "no tokenizer": lambda folder: (folder / "tokenizer.json").unlink(),
    "tokenizer cut short": file_bytes(lambda data: data[:1000], "tokenizer.json"),
    "tokenizer nested without end": file_bytes(lambda data: DEEP, "tokenizer.json"),
    "unknown tokenizer model": text_change("tokenizer.json", b'"type": "BPE"', b'"type": "Mystery"'),
    "unknown pre-tokenizer": text_change("tokenizer.json", b'"type": "Digits"', b'"type": "Diggits"'),
    "a merge of unknown parts": text_change("tokenizer.json", b'"h e"', b'"h \\u4e00"'),
    "an id beyond the vocabulary": text_change("tokenizer.json", b'"!": 3', b'"!": 4000'),
    "two texts of one id": text_change("tokenizer.json", b'"!": 3', b'"!": 4'),
    "negative id": text_change("tokenizer.json", b'"!": 3', b'"!": -3'),
    "template with an unknown construct": text_change(
        "tokenizer_config.json", b"{% for message", b"{% include 'other' %}{% for message"),
    "template that never ends": text_change("tokenizer_config.json", b"{% endfor %}", b""),
}


def reordered(folder):
    """Keys in another order, wide whitespace, an escaped tensor name."""
    header, body = read_weights(folder)
    text = json.dumps(dict(reversed(header.items())), indent=3).replace("model.norm.weight", "model.norm\\u002eweight")
    write_weights(folder, text.encode() + b"   \n", body)
    values = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text("\r\n\t" + json.dumps(dict(reversed(values.items())), indent=7) + "\n\n")


# name -> change; each must compile and compute as before.
GOOD = {
    "other order, whitespace, escapes": reordered,
    "unknown harmless fields": config(transformers_version="9.9", my_note={"a": [1, None]}, initializer_range=0.02),
    "metadata absent": header_change(lambda header: header.pop("__metadata__")),
    "family by model_type alone": config(architectures=...),
    "head size left to its default": config(head_dim=...),
    "a small number written out": text_change("config.json", b'"rms_norm_eps": 1e-05', b'"rms_norm_eps": 0.00001'),
    "a single end token in a list": config(eos_token_id=[2]),
    "a model card that is a device": link("README.md"),
    "a model card that is a pipe": pipe("README.md"),
    "links to files": lambda folder: [(folder / name).rename(folder / f"{name}.blob") and (folder / name).symlink_to(f"{name}.blob")
                                      for name in ("config.json", "tokenizer.json", "model.safetensors")],
    "template in its own file": lambda folder: (
        (folder / "chat_template.jinja").write_text(
            json.loads((folder / "tokenizer_config.json").read_text())["chat_template"]),
        (folder / "tokenizer_config.json").write_text(json.dumps({
            key: value for key, value in json.loads((folder / "tokenizer_config.json").read_text()).items()
            if key != "chat_template"}))),
}
