"""How llama.cpp's converter writes each family: its architecture, names, keys and tensors, for tools/make-gguf."""
import functools
from typing import Callable, NamedTuple

import deepseek_gguf
import descendants
import gemma
import gemma4_gguf


class Family(NamedTuple):
    architecture: str
    permuted: bool = False  # rows of q and k, into pairs
    names: dict = {}        # of a layer, other than Llama's
    whole: dict = {}        # outside layers
    keys: Callable = lambda config: {}                           # {key: value}, beside a Llama's or other than its
    tensors: Callable = lambda config, tensors: tensors          # of the folder, as the file has them
    folder: Callable = lambda config, stored, tensors: stored    # the other way
    offset: float = 0  # what the file's norms have more


def of_descendant(gguf):
    return Family(gguf.architecture, gguf.permuted, gguf.names, {}, descendants.gguf_keys, descendants.gguf_tensors,
                  descendants.folder_tensors)


def of_deepseek(splits):
    return Family(deepseek_gguf.ARCHITECTURE, False, deepseek_gguf.NAMES, {}, functools.partial(deepseek_gguf.keys, splits=splits),
                  functools.partial(deepseek_gguf.tensors, splits=splits), deepseek_gguf.folder)


GEMMA4 = Family(gemma4_gguf.ARCHITECTURE, False, gemma4_gguf.NAMES, gemma4_gguf.WHOLE, gemma4_gguf.keys, gemma4_gguf.tensors,
                gemma4_gguf.folder)
FAMILIES = {
    **{kind: of_descendant(gguf) for kind, gguf in descendants.GGUF.items()},
    **{kind: Family(name, False, {} if kind == "gemma" else gemma.GGUF_NORMS, keys=gemma.gguf_keys, offset=1)
       for kind, name in gemma.GGUF_NAMES.items()},
    "deepseek_v2": of_deepseek(True), "deepseek_v3": of_deepseek(True),
    "gemma4_text": GEMMA4,
    "gpt2": Family("gpt2"),
    "gpt_oss": Family("gpt-oss"),
    "qwen2": Family("qwen2"),
}
LLAMA = Family("llama", True)


def of(config, splits=True):
    """The row of a folder's config; without `splits` DeepSeek's keys and values are one matrix, as before 2025."""
    kind = config["model_type"]
    if kind.startswith("deepseek") and not splits:
        return of_deepseek(False)
    return FAMILIES.get(kind, LLAMA)
