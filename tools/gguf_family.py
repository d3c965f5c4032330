"""How llama.cpp's converter writes each family: its architecture, names, keys and tensors, for tools/make-gguf."""
import functools
from typing import Callable, NamedTuple

import deepseek_gguf
import descendants
import gemma
import gemma3n_gguf
import gemma4_gguf
import gpt2
import llama4
import qwen35_gguf


class Family(NamedTuple):
    architecture: str
    permuted: bool = False  # rows of q and k, into pairs
    names: dict = {}        # of a layer, other than Llama's
    whole: dict = {}        # outside layers
    keys: Callable = lambda config: {}                           # {key: value}, beside a Llama's or other than its
    tensors: Callable = lambda config, tensors: tensors          # of the folder, as the file has them
    folder: Callable = lambda config, stored, tensors: stored    # the other way
    offset: float = 0  # what the file's norms have more
    config: Callable = None  # {key: value}, in the place of a Llama's keys
    floats: tuple = ()  # beginnings of names of what stays F32, whatever the type


def of_descendant(kind, gguf):
    return Family(gguf.architecture, gguf.permuted, gguf.names, {}, descendants.gguf_keys, descendants.gguf_tensors,
                  descendants.folder_tensors, descendants.OFFSETS.get(kind, 0))


def of_deepseek(splits):
    return Family(deepseek_gguf.ARCHITECTURE, False, deepseek_gguf.NAMES, {}, functools.partial(deepseek_gguf.keys, splits=splits),
                  functools.partial(deepseek_gguf.tensors, splits=splits), deepseek_gguf.folder)


GEMMA4 = Family(gemma4_gguf.ARCHITECTURE, False, gemma4_gguf.NAMES, gemma4_gguf.WHOLE, gemma4_gguf.keys, gemma4_gguf.tensors,
                gemma4_gguf.folder)
FAMILIES = {
    **{kind: of_descendant(kind, gguf) for kind, gguf in descendants.GGUF.items()},
    **{kind: Family(name, False, {} if kind == "gemma" else gemma.GGUF_NORMS, keys=gemma.gguf_keys, offset=1)
       for kind, name in gemma.GGUF_NAMES.items()},
    "deepseek_v2": of_deepseek(True), "deepseek_v3": of_deepseek(True),
    "gemma3n_text": Family(gemma3n_gguf.ARCHITECTURE, False, gemma3n_gguf.NAMES, gemma3n_gguf.WHOLE, gemma3n_gguf.keys,
                           gemma3n_gguf.tensors, gemma3n_gguf.folder),
    "gemma4_text": GEMMA4,
    "gpt2": Family("gpt2", tensors=gpt2.gguf_tensors, folder=gpt2.folder_tensors, config=gpt2.gguf_config, floats=("position",)),
    "gpt_oss": Family("gpt-oss"),
    "llama4_text": Family("llama4", False, llama4.GGUF_NAMES, keys=llama4.gguf_keys, tensors=llama4.gguf_tensors,
                          folder=llama4.folder_tensors),
    "qwen2": Family("qwen2"),
    **{kind: Family(name, False, qwen35_gguf.NAMES, keys=qwen35_gguf.keys, tensors=qwen35_gguf.tensors, folder=qwen35_gguf.folder)
       for kind, name in qwen35_gguf.ARCHITECTURES.items()},
}
LLAMA = Family("llama", True)


def of(config, splits=True):
    """The row of a folder's config; without `splits` DeepSeek's keys and values are one matrix, as before 2025."""
    kind = config["model_type"]
    if kind.startswith("deepseek") and not splits:
        return of_deepseek(False)
    return FAMILIES.get(kind, LLAMA)


def unsayable(config):
    """What a folder's config says that llama.cpp's format has no key for, in one sentence; nothing if it has all."""
    kind = config["model_type"]
    every = [(layer + 1) % 4 != 0 for layer in range(config.get("num_hidden_layers", 0))]
    windowed = [kind == "sliding_attention" for kind in config.get("layer_types") or []]
    if kind == "cohere2" and windowed and windowed != every:
        return "layer_types: a cohere2 of GGUF has full layers at every fourth place alone"
    linear = [kind == "linear_attention" for kind in config.get("layer_types") or []]
    if kind in qwen35_gguf.ARCHITECTURES and (linear or config.get("mlp_only_layers") or not config.get("norm_topk_prob", True)):
        return "layer_types, mlp_only_layers, norm_topk_prob: a Qwen 3.5 or Next of GGUF has no keys for them"
    if kind == "gpt2" and config.get("scale_attn_by_inverse_layer_idx"):
        return "scale_attn_by_inverse_layer_idx: a gpt2 of GGUF has no key for it"
    if kind == "llama4_text" and any(config.get(field, value) != value for field, value in llama4.GGUF_FIXED.items()):
        return f"a llama4 of GGUF has {', '.join(f'{field} {value}' for field, value in llama4.GGUF_FIXED.items())} and no keys for them"
    if kind == "ernie4_5_moe" and config.get("moe_layer_end_index", -1) not in (-1, config["num_hidden_layers"] - 1):
        return "moe_layer_end_index: an ernie4_5-moe of GGUF has experts up to its last layer"
    return None
