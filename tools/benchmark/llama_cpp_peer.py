"""Measures llama.cpp in its own process: prefill and decode of one file, printed as JSON.

    llama_cpp_peer.py MODEL.gguf PROMPT TOKENS THREADS DEPTH SEQUENCES

LLAMA_CPP_LIB_PATH names the folder of its libraries. The first of two repetitions warms; the second counts. DEPTH tokens
stand in the cache of each sequence before the decode, which is of all sequences together.
"""
import ctypes
import glob
import json
import os
import sys
import time

LIBRARIES = os.environ.get("LLAMA_CPP_LIB_PATH")
if LIBRARIES:
    # Before the bindings: kernels for this CPU are chosen among several libraries.
    base = sorted(glob.glob(f"{LIBRARIES}/libggml.v*.so") or glob.glob(f"{LIBRARIES}/libggml.so"))[0]
    ctypes.CDLL(base, ctypes.RTLD_GLOBAL).ggml_backend_load_all_from_path(LIBRARIES.encode())
import llama_cpp as llama


def main():
    path, (prompt, tokens, threads, depth, sequences) = sys.argv[1], map(int, sys.argv[2:7])
    quiet = llama.llama_log_callback(lambda *_: None)
    llama.llama_log_set(quiet, None)
    llama.llama_backend_init()
    model = llama.llama_model_load_from_file(path.encode(), llama.llama_model_default_params())
    options = llama.llama_context_default_params()
    options.n_ctx = (max(prompt, depth + tokens) + 8) * sequences
    options.n_seq_max = sequences
    options.n_batch = options.n_ubatch = max(prompt, 512)
    options.n_threads = options.n_threads_batch = threads
    context = llama.llama_init_from_model(model, options)
    memory = llama.llama_get_memory(context)

    batch = llama.llama_batch_init(512, 0, 1)

    def feed(rows):
        """Rows of (token, position, sequence); logits of the last, or of each where they are of several sequences."""
        for begin in range(0, len(rows), 512):
            part = rows[begin:begin + 512]
            batch.n_tokens = len(part)
            for i, (token, position, sequence) in enumerate(part):
                batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0] = token, position, 1, sequence
                batch.logits[i] = i == len(part) - 1 or sequence != part[-1][2]
            assert llama.llama_decode(context, batch) == 0
        llama.llama_synchronize(context)

    ids = [i * 7919 % 1000 + 100 for i in range(max(prompt, depth))]
    for _ in range(2):
        llama.llama_memory_clear(memory, True)
        start = time.perf_counter()
        feed([(token, i, 0) for i, token in enumerate(ids[:prompt])])
        prefill = prompt / (time.perf_counter() - start)
        llama.llama_memory_clear(memory, True)
        for sequence in range(sequences):
            feed([(token, i, sequence) for i, token in enumerate(ids[:depth])])
        start = time.perf_counter()
        for i in range(tokens):
            feed([(100 + i, depth + i, sequence) for sequence in range(sequences)])
            llama.llama_get_logits(context)
        decode = sequences * tokens / (time.perf_counter() - start)
    print(json.dumps({"prefill": prefill, "decode": decode}))


if __name__ == "__main__":
    main()
