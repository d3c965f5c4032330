#!/usr/bin/env python3
"""Models of latent attention: rows do not depend on what they are computed with, at any storage; floats of 8 bits are what they stand
for, and what does not fit together is refused.
"""
import json
import shutil
import struct

import harness
from harness import WORK, check

import compare  # tools/oracle/compare.py

# (shape, dtype, tokens, flags): the third has a past of several spans, in records of workers.
CASES = [("tiny-deepseek-v2-groups", "f32", 300, ["--cache=f16"]), ("tiny-deepseek-v3", "f32", 300, ["--quantize=int8"]),
         ("tiny-deepseek-v3-plain", "f32", 1300, []), ("tiny-deepseek-v3-plain", "f32", 1300, ["--cache=int8", "--quantize=int4"])]
IDS = json.loads((harness.DATA / "tiny.json").read_text())["ids"]


def floats_of_8_bits(shape, dtype):
    """The folder of what they stand for gives the same numbers."""
    coded, plain = harness.tiny(shape, dtype), harness.SHARED / f"{shape}-decoded"
    with harness.making(plain / "model.safetensors") as needed:
        if needed:
            harness.make("make-checkpoint", plain, f"--shape={shape}", f"--dtype={dtype}", "--decoded")
    programs = [harness.compile(folder, "--cache=f32") for folder in (coded, plain)]
    found = [program and harness.logits(program, IDS) for program in programs]
    if any(rows is None for rows in found):
        return
    figures = compare.measure(found[1], found[0])
    check(f"{shape}: what they stand for", compare.passes(figures, cosine=0.999999, top1=99.9), compare.line(figures))


def header_of(folder):
    data = (folder / "model.safetensors").read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8:8 + size]), data[8 + size:]


def refused(name, change, expected):
    """Holds a changed checkpoint to exit 1, an error that says `expected`, and no file."""
    folder = harness.tiny("tiny-deepseek-v3-fp8", "bf16")
    place, out = WORK / f"refused-{name}", WORK / f"refused-{name}.assistant"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(folder, place)
    config = json.loads((folder / "config.json").read_text())
    header, data = header_of(folder)
    change(config, header)
    (place / "config.json").write_text(json.dumps(config))
    text = json.dumps(header).encode()
    (place / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    result = harness.run(harness.OSSCC, place / "model.safetensors", "-o", out)
    said = result.stderr.decode(errors="replace")
    check(f"{name}: refused", result.returncode == 1 and expected in said and not out.exists(), said[-300:])


def bad_input():
    down = "model.layers.0.self_attn.kv_b_proj.weight"

    def setting(**fields):
        return lambda config, header: config.update(fields)

    def renamed(config, header):
        header[down + "_other"] = header.pop(down + "_scale_inv")

    def other_shape(config, header):
        rows, columns = header[down + "_scale_inv"]["shape"]
        header[down + "_scale_inv"]["shape"] = [columns, rows]

    refused("a latent of no channels", setting(kv_lora_rank=0), "kv_lora_rank")
    refused("groups that do not divide", setting(n_group=3), "3 groups do not divide n_routed_experts 8")
    refused("more groups than experts", setting(n_group=16), "n_group")
    refused("groups of one", setting(n_group=8, topk_group=8), "leave fewer than 2 in each")
    refused("too few kept groups", setting(topk_group=1), "cannot give num_experts_per_tok 4")
    refused("codes without scales", renamed, "is there without")
    refused("scales of another shape", other_shape, "one for every block of 32 x 32")
    refused("blocks that are not square",
            lambda config, header: config["quantization_config"].update(weight_block_size=[1, 32]), "quantization_config")
    refused("a head less", setting(num_attention_heads=3, num_key_value_heads=3), "does not match")


def main():
    for shape, dtype, tokens, flags in CASES:
        harness.same_in_every_chunking(shape, dtype, (IDS * 5)[:tokens], *flags)
    for case in (("tiny-deepseek-v3-fp8", "bf16"), ("tiny-qwen3-fp8", "f32"), ("tiny-mistral-fp8", "f32")):
        floats_of_8_bits(*case)
    bad_input()
    harness.finish()


if __name__ == "__main__":
    main()
