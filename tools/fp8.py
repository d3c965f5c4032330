"""Checkpoints in floats of 8 bits (e4m3), whose scales are tensors of their own: what tools/make-checkpoint writes of them.

Source: transformers' FineGrainedFP8Config, compressed-tensors' config_groups.
"""
from typing import NamedTuple

import numpy as np


class Storage(NamedTuple):
    """How a checkpoint has them."""
    block: int | None = 32  # rows and channels that share a scale; None: the matrix. Published checkpoints have 128
    scales: str = "F32"     # or BF16
    compressed: bool = False  # as compressed-tensors has them

    @property
    def ending(self):
        return "_scale" if self.compressed else "_scale_inv"

    def config(self):
        """The field of config.json."""
        if self.compressed:
            weights = {"num_bits": 8, "type": "float", "symmetric": True, "dynamic": False, "strategy": "tensor"}
            return {"quantization_config": {"quant_method": "compressed-tensors", "format": "float-quantized", "ignore": ["lm_head"],
                                            "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights}}}}
        size = self.block and [self.block, self.block]
        return {"quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "activation_scheme": "dynamic", "weight_block_size": size}}


SHAPES = {"tiny-deepseek-v3-fp8": Storage(), "tiny-qwen3-fp8": Storage(scales="BF16"),
          "tiny-mistral-fp8": Storage(block=None, scales="BF16", compressed=True)}


def is_stored(name):
    """Products are quantized; norms, the router, the tables are not."""
    return name.endswith(("proj.weight", "proj_with_mqa.weight"))


def decoded_tensors(storage, shapes, load):
    """What they stand for in their place, each product rounded once; the other tensors are stored alike."""
    found = {name: (lambda name=name: decoded(storage, load(name))) for name in shapes if is_stored(name)}
    found |= {name: (lambda name=name: load(name)) for name in shapes if name.endswith("e_score_correction_bias")}
    return found, {name: "F32" for name in found}


def tensors(storage, shapes, load):
    """What is stored: ({name: shape} with the scales', {name: function that gives its bytes}, {name: type})."""
    stored, found, types = dict(shapes), {}, {}
    for name, shape in shapes.items():
        if not is_stored(name):
            if name.endswith("e_score_correction_bias"):
                found[name], types[name] = (lambda name=name: load(name)), "F32"
            continue
        scales = name + storage.ending
        stored[scales] = tuple(-(-extent // storage.block) for extent in shape) if storage.block else (1,)
        found[name] = lambda name=name: coded(storage, load(name))[0]
        found[scales] = lambda name=name, scales=scales: bits(storage, coded(storage, load(name))[1]).reshape(stored[scales])
        types |= {name: "F8_E4M3", scales: storage.scales}
    return stored, found, types


def bits(storage, scales):
    """As the file has them."""
    return (scales.view(np.uint32) >> 16).astype("<u2") if storage.scales == "BF16" else scales


def decoded(storage, values):
    codes, scales = coded(storage, values)
    if storage.block:
        scales = np.repeat(np.repeat(scales, storage.block, axis=0), storage.block, axis=1)[:codes.shape[0], :codes.shape[1]]
    return e4m3_values().astype(np.float32)[codes] * scales


def coded(storage, values):
    """(codes, scales in f32) of a matrix: the largest of a block is about 448, the largest code."""
    size = storage.block or max(values.shape)
    rows, columns = (-(-extent // size) for extent in values.shape)
    whole = np.zeros((rows * size, columns * size), np.float32)
    whole[:values.shape[0], :values.shape[1]] = values
    blocks = whole.reshape(rows, size, columns, size)
    scales = (np.abs(blocks).max(axis=(1, 3)) / 448).astype(np.float32)
    if storage.scales == "BF16":  # rounded up, so that no code is too large
        scales = ((scales.view(np.uint32) + 0xFFFF) & 0xFFFF0000).view(np.float32)
    table = e4m3_values()
    order = np.argsort(table, kind="stable")
    scaled = (blocks / scales[:, None, :, None]).reshape(whole.shape)[:values.shape[0], :values.shape[1]]
    places = np.searchsorted((table[order][1:] + table[order][:-1]) / 2, scaled)
    return order[places].astype(np.uint8), scales


def e4m3_values():
    """What each code stands for; those that are no number stand for 0, so that none is chosen."""
    code = np.arange(256)
    exponent, mantissa = code >> 3 & 15, code & 7
    magnitude = np.where(exponent == 0, mantissa * 2.0 ** -9, (8 + mantissa) * 2.0 ** (exponent - 10.0))
    magnitude[code & 127 == 127] = 0
    return np.where(code & 128, -magnitude, magnitude)
