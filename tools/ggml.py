"""ggml's own quantizers, by ctypes from its base library."""
import ctypes


class Quantizer:
    """\\param library  the path of libggml-base.so."""

    def __init__(self, library):
        self.quantize_chunk = ctypes.CDLL(str(library)).ggml_quantize_chunk
        self.quantize_chunk.restype = ctypes.c_size_t

    def __call__(self, values, kind):
        """The blocks of a float32 matrix, [rows, bytes of a row]."""
        import numpy as np
        from gguf import GGML_QUANT_SIZES
        values = np.ascontiguousarray(values, dtype=np.float32)
        (rows, channels), (width, size) = values.shape, GGML_QUANT_SIZES[kind]
        if channels % width:  # the library does not look
            raise ValueError(f"{channels} channels are no whole blocks of {width}")
        blocks = np.zeros((rows, channels // width * size), np.uint8)
        pointers = (array.ctypes.data_as(ctypes.c_void_p) for array in (values, blocks))
        written = self.quantize_chunk(int(kind), *pointers, ctypes.c_int64(0), ctypes.c_int64(rows),
                                      ctypes.c_int64(channels), None)
        if written != blocks.size:
            raise ValueError(f"{kind.name}: {written} bytes, expected {blocks.size}")
        return blocks
