"""The judge of all numbers: transformers in float32 on the CPU, with tokenizers and jinja2 around it."""
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import environment

BLOCK = 512  # tokens a forward pass

def model_class(folder):
    """The class that gives words: of models of text beside others it is the one that the config names."""
    import transformers
    config = transformers.AutoConfig.from_pretrained(folder)
    if type(config) in transformers.AutoModelForCausalLM._model_mapping:
        return transformers.AutoModelForCausalLM
    return getattr(transformers, config.architectures[0])


def load_model(folder):
    """The checkpoint in float32 with plain ("eager") attention; bf16 and f16 weights are widened, never rounded.

    What the reference rounds to the weights' type whatever they are computed in stays rounded so: Gemma's embedding scales.
    """
    environment.require("requirements-oracle.txt")
    os.environ["HF_HUB_OFFLINE"] = "1"
    import torch
    import transformers
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_grad_enabled(False)
    model = model_class(folder).from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    config = json.loads((pathlib.Path(folder) / "config.json").read_text())
    stored = getattr(torch, config.get("dtype") or config.get("torch_dtype") or "float32")
    for module in model.modules():
        if hasattr(module, "embed_scale"):
            module.embed_scale.copy_(module.embed_scale.to(stored))
    return model


def logits(model, ids):
    """[tokens, vocabulary] float32: row i is the distribution after tokens 0..i.

    Fed in blocks over a cache: plain attention over all rows at once would need tokens^2 scores a head.
    """
    import numpy
    import torch
    out, cache = numpy.empty((len(ids), model.config.get_text_config().vocab_size), dtype=numpy.float32), None
    for start in range(0, len(ids), BLOCK):
        result = model(input_ids=torch.tensor([ids[start:start + BLOCK]]), past_key_values=cache, use_cache=True)
        cache = result.past_key_values
        out[start:start + BLOCK] = result.logits[0].float().numpy()
    return out


def load_tokenizer(folder):
    """The tokenizers package alone: AutoTokenizer rebuilds the pipeline and then differs on some texts."""
    environment.require()
    import tokenizers
    return tokenizers.Tokenizer.from_file(str(pathlib.Path(folder) / "tokenizer.json"))


def render(folder, messages, open_answer=True):
    """The chat template's text for `messages`; with `open_answer`, up to where the assistant begins."""
    environment.require("requirements-oracle.txt")
    import jinja2.sandbox
    config = json.loads((pathlib.Path(folder) / "tokenizer_config.json").read_text())
    jinja = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    names = {role: config[role] for role in ("bos_token", "eos_token")}
    return jinja.from_string(config["chat_template"]).render(messages=messages, add_generation_prompt=open_answer, **names)


def licence_text():
    """Real English text that every Debian has, about 8,000 tokens; read in place, never copied into the tree."""
    return pathlib.Path("/usr/share/common-licenses/GPL-3").read_text()
