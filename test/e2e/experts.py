#!/usr/bin/env python3
"""Models of experts: the layouts of one checkpoint give the same bytes, rows do not depend on what they are computed with, and
what does not fit together is refused.
"""
import json
import shutil
import struct
import sys

import harness
from harness import ROOT, WORK, check

import compare  # tools/oracle/compare.py
import numpy as np

sys.path.insert(0, str(ROOT / "tools"))
import gpt_oss
import huggingface

SHAPES = [("tiny-gpt-oss", "bf16"), ("tiny-gpt-oss-5x1", "bf16"), ("tiny-gpt-oss-float", "bf16")]
IDS = json.loads((harness.DATA / "tiny.json").read_text())["ids"]


def read(folder):
    """{name: (dtype, array of raw bytes or values)} of a folder's tensors; floats of 16 bits as bits."""
    data = (folder / "model.safetensors").read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    kinds = {"U8": np.uint8, "BF16": np.uint16, "F32": np.float32}
    return {name: np.frombuffer(data[8 + size:][slice(*entry["data_offsets"])], kinds[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in json.loads(data[8:8 + size]).items() if name != "__metadata__"}


def write(folder, tensors):
    header, parts, offset = {}, [], 0
    for name, values in sorted(tensors.items()):
        raw = np.ascontiguousarray(values).tobytes()
        dtype = {"uint8": "U8", "uint16": "BF16", "float32": "F32"}[values.dtype.name]
        header[name] = {"dtype": dtype, "shape": list(values.shape), "data_offsets": [offset, offset + len(raw)]}
        parts.append(raw)
        offset += len(raw)
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))


def original(folder):
    """The folder in the layout of the model's makers: other names, q, k and v in one matrix, another config, the tokenizer above."""
    above = WORK / f"{folder.name}-makers"
    out = above / "original"
    shutil.rmtree(above, ignore_errors=True)
    shutil.copytree(folder, above)
    out.mkdir()
    config = json.loads((folder / "config.json").read_text())
    yarn = config["rope_scaling"]
    kept = ("num_hidden_layers", "vocab_size", "hidden_size", "intermediate_size", "swiglu_limit", "head_dim",
            "num_attention_heads", "num_key_value_heads", "sliding_window", "rope_theta")
    huggingface.write_json(out / "config.json", {
        **{key: config[key] for key in kept}, "num_experts": config["num_local_experts"],
        "experts_per_token": config["num_experts_per_tok"], "rope_scaling_factor": yarn["factor"],
        "initial_context_length": yarn["original_max_position_embeddings"], "rope_ntk_alpha": yarn["beta_slow"],
        "rope_ntk_beta": yarn["beta_fast"]})
    write(out, gpt_oss.original_tensors(read(folder), config))
    return out


def gguf_misses(folder):
    """Fields that GGUF has no key for and that are not what its readers take."""
    config = json.loads((folder / "config.json").read_text())
    return {"swiglu_limit"} if config["swiglu_limit"] != 7 else set()


def layouts(shape, dtype):
    folder = harness.tiny(shape, dtype)
    program = harness.compile(folder)
    plain = program and harness.logits(program, IDS)
    if plain is None or not program:
        return
    for chunk in (1, 7, 64):
        found = harness.logits(program, IDS, f"--chunk={chunk}")
        check(f"{shape}: {chunk} rows a call, the same bytes", found is not None and found.tobytes() == plain.tobytes())
    others = {}
    if "swiglu_limit" not in gguf_misses(folder):
        others["gguf"] = harness.gguf(folder, "BF16")
    if "float" not in shape:
        others["original"] = original(folder)
    for name, model in others.items():
        other = harness.compile(model, "--context=512", out=WORK / f"{shape}-{name}")
        found = other and harness.logits(other, IDS)
        check(f"{shape}, {name}: the folder's bytes", found is not None and found.tobytes() == plain.tobytes(),
              "" if found is None else np.abs(found - plain).max())
    for flags in [["--activations=int8"]] * ("float" not in shape) + [["--quantize=int8"], ["--quantize=int4"]]:
        other = harness.compile(folder, *flags, out=WORK / f"{shape}{flags[0]}")
        found = other and harness.logits(other, IDS)
        if found is not None:
            figures = compare.measure(plain, found)
            print(f"{shape} {flags[0]}: {compare.line(figures)}")
            check(f"{shape} {flags[0]}: finite numbers near the others'", np.isfinite(found).all(), compare.line(figures))


def refused(folder, name, change, expected):
    """Holds a changed checkpoint to exit 1, an error that says `expected`, and no file."""
    place, out = WORK / f"refused-{name}", WORK / f"refused-{name}.assistant"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(folder, place)
    config, tensors = json.loads((folder / "config.json").read_text()), dict(read(folder))
    change(config, tensors)
    huggingface.write_json(place / "config.json", config)
    write(place, tensors)
    result = harness.run(harness.OSSCC, place / "model.safetensors", "-o", out)
    text = result.stderr.decode(errors="replace")
    check(f"{name}: refused", result.returncode == 1 and expected in text and not out.exists(), text[-300:])


def bad_input():
    folder = harness.tiny("tiny-gpt-oss", "bf16")
    stack = "model.layers.1.mlp.experts.gate_up_proj"

    def no_number(config, tensors):
        scales = tensors[stack + "_scales"].copy()
        scales[2, 5, 1] = 255
        tensors[stack + "_scales"] = scales

    def setting(**fields):
        return lambda config, tensors: config.update(fields)

    refused(folder, "a scale that is no number", no_number, "scale or minimum is not finite")
    refused(folder, "codes without scales", lambda config, tensors: tensors.pop(stack + "_scales"), "is there without")
    refused(folder, "scales without codes", lambda config, tensors: tensors.pop(stack + "_blocks"), "is there without")
    refused(folder, "scales of another shape",
            lambda config, tensors: tensors.update({stack + "_scales": tensors[stack + "_scales"][:, :-1]}),
            "expected a scale for every 16 bytes")
    refused(folder, "an expert less", lambda config, tensors: tensors.update(
        {stack + part: tensors[stack + part][:-1] for part in ("_blocks", "_scales")}), "does not match [5, 192, 64]")
    refused(folder, "more chosen than there are", setting(num_experts_per_tok=6), "6 experts are chosen of 5")
    refused(folder, "a window of none", setting(sliding_window=0), "sliding_window")
    refused(folder, "layer types of another model", setting(layer_types=["full_attention"]), "names 1 layers")
    refused(folder, "a factor below 1", lambda config, tensors: config["rope_scaling"].update(factor=0.5), "factor")
    refused(folder, "no sinks", lambda config, tensors: tensors.pop("model.layers.0.self_attn.sinks"), "is missing")


def main():
    for shape, dtype in SHAPES:
        layouts(shape, dtype)
    bad_input()
    harness.finish()


if __name__ == "__main__":
    main()
