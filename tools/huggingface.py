"""Writes a checkpoint folder as Hugging Face lays it out; numpy alone.

model.safetensors:

    | 8 bytes: H, little-endian | H bytes: JSON header, padded with spaces to a multiple of 8 | tensors, back to back |

The header maps a name to {"dtype", "shape", "data_offsets": [begin, end]}, counted from the end of the header.
The same tensors give the same bytes: names are sorted, and nothing depends on the machine or the hour.
"""
import json
import pathlib
import struct

import numpy as np

DTYPES = {"f32": "F32", "f16": "F16", "bf16": "BF16"}
TORCH = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}
WIDTH = {"f32": 4, "f16": 2, "bf16": 2}


def encode(values, dtype):
    """float32 array -> array whose bytes are the stored ones; rounds to nearest, ties to even."""
    values = np.ascontiguousarray(values, dtype=np.float32)
    if dtype == "f32":
        return values.astype("<f4")
    if dtype == "f16":
        return values.astype("<f2")
    bits = values.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")


def write_safetensors(path, dtype, shapes, load, bytes_of=None, types=None):
    """Writes the tensors of `shapes` {name: shape}, stored as `dtype`; `load(name)` gives the float32 array.

    `bytes_of` {name: function} are tensors of plain bytes instead, by what gives them, or of the type that `types` {name: type}
    calls them. One tensor is in memory at a time.
    """
    header, offset, bytes_of, types = {"__metadata__": {"format": "pt"}}, 0, bytes_of or {}, types or {}
    for name in sorted(shapes):
        kind = types.get(name, "U8") if name in bytes_of else DTYPES[dtype]
        width = {"U8": 1, "F8_E4M3": 1, "F32": 4, "F16": 2, "BF16": 2}[kind]
        size = int(np.prod(shapes[name], dtype=np.int64)) * width
        header[name] = {"dtype": kind, "shape": list(shapes[name]), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for name in sorted(shapes):
            values = bytes_of[name]() if name in bytes_of else load(name)
            assert values.shape == tuple(shapes[name]), (name, values.shape, shapes[name])
            (values if name in bytes_of else encode(values, dtype)).tofile(out)


def write_json(path, value):
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    pathlib.Path(path).write_bytes(text.encode())


def llama_config(dtype, **fields):
    """config.json of a Llama or one of its descendants; `fields` are the sizes, the ids and what is not plain."""
    fixed = {"architectures": ["LlamaForCausalLM"], "attention_bias": False, "attention_dropout": 0.0,
             "hidden_act": "silu", "mlp_bias": False, "model_type": "llama", "pretraining_tp": 1, "rope_scaling": None,
             "torch_dtype": TORCH[dtype], "use_cache": True}
    return dict(sorted({**fixed, **fields}.items()))


def llama_shapes(config):
    """{tensor name: shape} of a checkpoint with this config."""
    D, F, V = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    H, K, d = config["num_attention_heads"], config["num_key_value_heads"], config["head_dim"]
    shapes = {"model.embed_tokens.weight": (V, D), "model.norm.weight": (D,)}
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (V, D)
    for layer in range(config["num_hidden_layers"]):
        p = f"model.layers.{layer}."
        shapes |= {p + "input_layernorm.weight": (D,), p + "post_attention_layernorm.weight": (D,),
                   p + "self_attn.q_proj.weight": (H * d, D), p + "self_attn.k_proj.weight": (K * d, D),
                   p + "self_attn.v_proj.weight": (K * d, D), p + "self_attn.o_proj.weight": (D, H * d),
                   p + "mlp.gate_proj.weight": (F, D), p + "mlp.up_proj.weight": (F, D),
                   p + "mlp.down_proj.weight": (D, F)}
        attention = config["attention_bias"]
        for name, biased in (("self_attn.q_proj", attention or config["model_type"] == "qwen2"),
                             ("self_attn.k_proj", attention or config["model_type"] == "qwen2"),
                             ("self_attn.v_proj", attention or config["model_type"] == "qwen2"),
                             ("self_attn.o_proj", attention), ("mlp.gate_proj", config["mlp_bias"]),
                             ("mlp.up_proj", config["mlp_bias"]), ("mlp.down_proj", config["mlp_bias"])):
            if biased:
                shapes[f"{p}{name}.bias"] = shapes[f"{p}{name}.weight"][:1]
    return shapes


def tokenizer_json(vocab, merges, special):
    """tokenizer.json of a byte-level BPE as SmolLM2 has it: digits stand alone, then GPT-2's split.

    `vocab` {text: id}; `merges` pairs in rank order; `special` texts (all in `vocab`) never split.
    """
    added = [{"id": vocab[text], "content": text, "single_word": False, "lstrip": False, "rstrip": False,
              "normalized": False, "special": True} for text in sorted(special, key=vocab.get)]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
            "pre_tokenizer": {"type": "Sequence",
                              "pretokenizers": [{"type": "Digits", "individual_digits": True}, byte_level]},
            "post_processor": None, "decoder": {**byte_level, "add_prefix_space": True},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                      "vocab": dict(sorted(vocab.items(), key=lambda item: item[1])),
                      "merges": [" ".join(pair) for pair in merges]}}


def write_assistant_files(folder, tokenizer, template, names, ids, context):
    """tokenizer.json, tokenizer_config.json and generation_config.json.

    `names` and `ids`: text and id of bos, eos, pad (and unk where there is one). A base model has no `template`: None.
    """
    write_json(folder / "tokenizer.json", tokenizer)
    flags = ("content", "lstrip", "normalized", "rstrip", "single_word", "special")
    write_json(folder / "tokenizer_config.json", {
        "add_prefix_space": False,
        "added_tokens_decoder": {str(t["id"]): {flag: t[flag] for flag in flags} for t in tokenizer["added_tokens"]},
        **{f"{role}_token": text for role, text in names.items()},
        **({} if template is None else {"chat_template": template}), "clean_up_tokenization_spaces": False, "model_max_length": context,
        "tokenizer_class": "GPT2Tokenizer"})
    write_json(folder / "generation_config.json", {
        "_from_model_config": True, **{f"{role}_token_id": ids[role] for role in ("bos", "eos", "pad")}})
