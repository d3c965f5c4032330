#!/usr/bin/env python3
"""Writes a GGUF file of one Qwen 2 layer with random weights that has the vocabulary, the special tokens and the chat template of
a published file, of which the begin is enough.

    tools/oracle/tiny_with_header.py HEADER OUT.gguf
"""
import argparse
import pathlib
import struct

import gguf
import numpy as np

FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
TEXT, LIST = 8, 9


class Metadata:
    """The metadata of a GGUF file whose tensors are cut off, which gguf-py does not read: {key: value}."""

    def __init__(self, data):
        self.data, self.at, self.values = data, 4, {}
        _, _, count = self.take("I"), self.take("Q"), self.take("Q")
        for _ in range(count):
            key, kind = self.text().decode(), self.take("I")
            self.values[key] = self.value(kind)

    def take(self, kind):
        value, = struct.unpack_from("<" + kind, self.data, self.at)
        self.at += struct.calcsize("<" + kind)
        return value

    def text(self):
        size = self.take("Q")
        self.at += size
        return self.data[self.at - size:self.at]

    def value(self, kind):
        if kind == TEXT:
            return self.text()
        if kind == LIST:
            kind, count = self.take("I"), self.take("Q")
            return [self.value(kind) for _ in range(count)]
        return self.take(FORMATS[kind])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("header", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    arguments = parser.parse_args()
    values = Metadata(arguments.header.read_bytes()).values
    hidden, heads, vocabulary = 32, 4, len(values["tokenizer.ggml.tokens"])
    writer = gguf.GGUFWriter(arguments.out, "qwen2")
    writer.add_name("r1-distill-tiny")
    for key, value in (("block_count", 1), ("context_length", 512), ("embedding_length", hidden), ("feed_forward_length", 64),
                       ("attention.head_count", heads), ("attention.head_count_kv", 2)):
        writer.add_uint32(f"qwen2.{key}", value)
    writer.add_float32("qwen2.rope.freq_base", 10000.0)
    writer.add_float32("qwen2.attention.layer_norm_rms_epsilon", 1e-6)
    writer.add_tokenizer_model(values["tokenizer.ggml.model"].decode())
    writer.add_tokenizer_pre(values["tokenizer.ggml.pre"].decode())
    writer.add_token_list(values["tokenizer.ggml.tokens"])
    writer.add_token_types(values["tokenizer.ggml.token_type"])
    writer.add_token_merges([merge.decode() for merge in values["tokenizer.ggml.merges"]])
    for role in ("bos", "eos", "padding"):
        writer.add_uint32(f"tokenizer.ggml.{role}_token_id", values[f"tokenizer.ggml.{role}_token_id"])
    writer.add_chat_template(values["tokenizer.chat_template"].decode())
    dice = np.random.default_rng(16)
    size = hidden // heads
    shapes = {"token_embd.weight": (vocabulary, hidden), "output.weight": (vocabulary, hidden), "output_norm.weight": (hidden,),
              "blk.0.attn_norm.weight": (hidden,), "blk.0.ffn_norm.weight": (hidden,), "blk.0.attn_q.weight": (hidden, hidden),
              "blk.0.attn_q.bias": (hidden,), "blk.0.attn_k.weight": (2 * size, hidden), "blk.0.attn_k.bias": (2 * size,),
              "blk.0.attn_v.weight": (2 * size, hidden), "blk.0.attn_v.bias": (2 * size,),
              "blk.0.attn_output.weight": (hidden, hidden), "blk.0.ffn_gate.weight": (64, hidden),
              "blk.0.ffn_up.weight": (64, hidden), "blk.0.ffn_down.weight": (hidden, 64)}
    for name, shape in shapes.items():
        writer.add_tensor(name, dice.standard_normal(shape, dtype=np.float32) * np.float32(0.3))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
