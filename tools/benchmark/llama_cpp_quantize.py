"""Quantizes a GGUF file by llama.cpp, in its own process.

    llama_cpp_quantize.py SOURCE.gguf OUT.gguf FTYPE

FTYPE is a name of llama.cpp's LLAMA_FTYPE_MOSTLY_..., as Q4_K_M.
"""
import sys

import llama_cpp as llama

source, out, kind = sys.argv[1:]
llama.llama_backend_init()
options = llama.llama_model_quantize_default_params()
options.ftype = getattr(llama, f"LLAMA_FTYPE_MOSTLY_{kind}")
options.nthread = 2
options.allow_requantize = True
sys.exit(llama.llama_model_quantize(source.encode(), out.encode(), options))
