"""Random blocks of GGUF's types, for tests: every code and every scale of a group is as likely as any other."""

# Where a block has its f16 scale, and where its f16 minimum, of types that have them in one place.
SCALES = {"Q4_0": (0,), "Q4_1": (0, 2), "Q5_0": (0,), "Q5_1": (0, 2), "Q8_0": (0,), "IQ4_NL": (0,),
          "Q2_K": (80, 82), "Q3_K": (108,), "Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,), "IQ4_XS": (0,),
          "IQ2_XXS": (0,), "IQ2_XS": (0,), "IQ2_S": (0,), "IQ3_XXS": (0,), "IQ3_S": (0,), "IQ1_S": (0,),
          "TQ1_0": (52,), "TQ2_0": (64,)}
# The mean of a code: with the minimum so many times the scale, values are spread around zero.
MEANS = {"Q4_1": -7.5, "Q5_1": -15.5, "Q2_K": 1.5, "Q4_K": 7.5, "Q5_K": 15.5}


def set_halves(blocks, at, values):
    import numpy as np
    blocks[:, at:at + 2] = np.asarray(values, "<f2").reshape(-1, 1).view(np.uint8)


def set_scales(name, blocks, scales):
    """Writes each block's scale, and its minimum in proportion."""
    import numpy as np
    if name in SCALES:
        set_halves(blocks, SCALES[name][0], scales)
        if name in MEANS:
            set_halves(blocks, SCALES[name][1], scales * MEANS[name])
    elif name == "MXFP4":
        blocks[:, 0] = np.clip(np.round(np.log2(scales)) + 127, 0, 254)
    elif name == "NVFP4":  # a byte each 16 codes: e4m3 without a sign
        blocks[:, :4] = np.clip(np.round((np.log2(scales)[:, None] + 7) * 8), 1, 126)
    elif name == "IQ1_M":  # a nibble of the scale on top of each 16-bit word of scales
        bits = scales.astype("<f2").view(np.uint16)
        words = blocks[:, 48:56].copy().view("<u2")
        words &= 0x0fff
        for i in range(4):
            words[:, i] |= (bits >> (4 * i) & 15) << 12
        blocks[:, 48:56] = words.view(np.uint8)
    else:
        raise ValueError(name)


def make(kind, rows, channels, spread, dice):
    """[rows, bytes of a row]: blocks whose values have a root mean square near `spread`."""
    import numpy as np
    from gguf import GGML_QUANT_SIZES, quants
    width, size = GGML_QUANT_SIZES[kind]
    if channels % width:
        raise ValueError(f"{channels} channels are no whole blocks of {width}")
    blocks = dice.integers(0, 256, (rows * (channels // width), size), dtype=np.uint8)
    scales = np.full(len(blocks), 0.03125, np.float32)
    set_scales(kind.name, blocks, scales)
    values = quants.dequantize(blocks, kind)
    scales *= spread / np.sqrt(np.mean(np.square(values, dtype=np.float64))) * dice.uniform(0.7, 1.3, len(blocks))
    set_scales(kind.name, blocks, scales.astype(np.float32))
    return blocks.reshape(rows, -1)
