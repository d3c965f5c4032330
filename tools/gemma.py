"""Checkpoints of Gemma's families, as Hugging Face lays them out: what tools/make-checkpoint and tools/make-gguf write of them.

Source: transformers' configs and models of gemma, gemma2, gemma3_text, gemma3 (a text_config beside a vision_config) and
vaultgemma; keys and names of .gguf files are those of llama.cpp's converter.
"""
TORCH = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}
CLASSES = {"gemma": "GemmaForCausalLM", "gemma2": "Gemma2ForCausalLM", "gemma3_text": "Gemma3ForCausalLM",
           "gemma3": "Gemma3ForConditionalGeneration", "vaultgemma": "VaultGemmaForCausalLM"}
VISION = {"model_type": "siglip_vision_model", "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1,
          "num_attention_heads": 2, "image_size": 28, "patch_size": 14, "vision_use_head": False}

# Of the small shapes, as tools/make-checkpoint has them: layers, D, H, K, d, F, V, context, tied, what it shows, further fields.
GEMMA3 = {"model_type": "gemma3_text", "query_pre_attn_scalar": 32, "sliding_window": 24, "rope_theta": 1e6,
          "rope_local_base_freq": 1e4}
SHAPES = {
    "tiny-gemma": (2, 48, 4, 1, 16, 128, 320, 512, True, "a Gemma: norms that store scale - 1, an embedding scaled",
                   {"model_type": "gemma"}),
    "tiny-gemma-7b": (3, 70, 5, 5, 14, 101, 307, 512, True, "a Gemma whose heads have each their own keys, odd widths",
                      {"model_type": "gemma", "hidden_act": "gelu", "hidden_activation": None}),
    "tiny-gemma2": (4, 64, 4, 2, 16, 144, 320, 512, True, "a Gemma 2: soft caps, norms behind, windows in every other layer",
                    {"model_type": "gemma2", "query_pre_attn_scalar": 16, "sliding_window": 40,
                     "attn_logit_softcapping": 2.0, "final_logit_softcapping": 6.0}),
    "tiny-gemma2-27b": (3, 78, 6, 3, 14, 101, 307, 512, True, "a Gemma 2 whose windows are named a layer, odd widths",
                        {"model_type": "gemma2", "query_pre_attn_scalar": 10, "sliding_window": 70,
                         "layer_types": ["full_attention", "sliding_attention", "sliding_attention"]}),
    "tiny-gemma3": (7, 64, 4, 1, 32, 144, 320, 512, True, "a Gemma 3: norms of heads, two ropes, one full layer in six", GEMMA3),
    "tiny-gemma3-27b": (4, 78, 6, 2, 14, 101, 307, 512, False, "a Gemma 3 whose full layers are scaled, with biases",
                        {**GEMMA3, "attention_bias": True, "sliding_window_pattern": 3, "final_logit_softcapping": 5.0,
                         "rope_scaling": {"rope_type": "linear", "factor": 8.0}}),
    "tiny-gemma3-nested": (4, 48, 4, 2, 16, 128, 320, 512, True, "a Gemma 3 beside a model of images",
                           {**GEMMA3, "model_type": "gemma3",
                            "layer_types": ["sliding_attention", "full_attention"] * 2, "rope_parameters": {
                                "full_attention": {"rope_type": "linear", "factor": 4.0, "rope_theta": 5e5},
                                "sliding_attention": {"rope_type": "default", "rope_theta": 2e4}}}),
    "tiny-vaultgemma": (4, 48, 4, 2, 16, 128, 320, 512, True, "a VaultGemma: a Gemma 2 without norms behind",
                        {"model_type": "vaultgemma", "query_pre_attn_scalar": 24, "sliding_window": 40,
                         "attn_logit_softcapping": 2.0, "final_logit_softcapping": 6.0}),
    "tiny-vaultgemma-odd": (3, 70, 5, 1, 14, 101, 307, 512, True, "a VaultGemma of odd widths without caps",
                            {"model_type": "vaultgemma", "sliding_window": 30, "attn_logit_softcapping": None,
                             "final_logit_softcapping": None}),
}


def is_family(model_type):
    return model_type in CLASSES


def config(model_type, dtype, **fields):
    """config.json; `fields` are the sizes and what a case sets otherwise. Of gemma3 they are the text_config's."""
    kind = "gemma3_text" if model_type == "gemma3" else model_type
    fixed = {"attention_bias": False, "attention_dropout": 0.0, "initializer_range": 0.02, "model_type": kind,
             "rms_norm_eps": 1e-6, "use_cache": True}
    fixed |= {"hidden_act": "gelu_pytorch_tanh"} if kind == "gemma" else {"hidden_activation": "gelu_pytorch_tanh"}
    text = dict(sorted({**fixed, **fields}.items()))
    outer = {"architectures": [CLASSES[model_type]], "torch_dtype": TORCH[dtype], "transformers_version": "5.24.0"}
    if model_type != "gemma3":
        return dict(sorted({**text, **outer}.items()))
    ids = {key: text.pop(key) for key in ("bos_token_id", "eos_token_id", "pad_token_id")}
    tied = {"tie_word_embeddings": text.pop("tie_word_embeddings")}
    return dict(sorted({**outer, **ids, **tied, "model_type": "gemma3", "text_config": text, "vision_config": VISION,
                        "mm_tokens_per_image": 4, "image_token_index": 300, "boi_token_index": 301,
                        "eoi_token_index": 302}.items()))


def text_of(config):
    """The fields of the model of text."""
    if "text_config" not in config:
        return config
    return {**{key: config[key] for key in ("tie_word_embeddings",) if key in config}, **config["text_config"]}


def layer_shapes(text):
    """{name behind the layer: shape}."""
    D, F = text["hidden_size"], text["intermediate_size"]
    H, K, d = text["num_attention_heads"], text["num_key_value_heads"], text["head_dim"]
    shapes = {"input_layernorm.weight": (D,), "mlp.gate_proj.weight": (F, D), "mlp.up_proj.weight": (F, D),
              "mlp.down_proj.weight": (D, F)}
    for name, out, width in (("q_proj", H * d, D), ("k_proj", K * d, D), ("v_proj", K * d, D), ("o_proj", D, H * d)):
        shapes[f"self_attn.{name}.weight"] = (out, width)
        if text["attention_bias"]:
            shapes[f"self_attn.{name}.bias"] = (out,)
    norms = {"gemma": ["post_attention_layernorm"], "vaultgemma": ["pre_feedforward_layernorm"]}.get(
        text["model_type"], ["post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"])
    shapes |= {f"{name}.weight": (D,) for name in norms}
    if text["model_type"] == "gemma3_text":
        shapes |= {"self_attn.q_norm.weight": (d,), "self_attn.k_norm.weight": (d,)}
    return shapes


def shapes(config):
    """{tensor name: shape} of a checkpoint with this config; of gemma3 with two tensors of the model of images."""
    text, nested = text_of(config), "text_config" in config
    prefix = "language_model.model." if nested else "model."
    table = (text["vocab_size"], text["hidden_size"])
    found = {f"{prefix}embed_tokens.weight": table, f"{prefix}norm.weight": table[1:]}
    if not text["tie_word_embeddings"]:
        found[("language_model." if nested else "") + "lm_head.weight"] = table
    for layer in range(text["num_hidden_layers"]):
        found |= {f"{prefix}layers.{layer}.{name}": shape for name, shape in layer_shapes(text).items()}
    if nested:
        found |= {"multi_modal_projector.mm_soft_emb_norm.weight": (VISION["hidden_size"],),
                  "vision_tower.vision_model.post_layernorm.weight": (VISION["hidden_size"],)}
    return found


def draw(_config):
    """The arguments of make_weight for each tensor."""
    return lambda name: {"offset": 1.0, "table": 1.0}


GGUF_NAMES = {"gemma": "gemma", "gemma2": "gemma2", "gemma3_text": "gemma3"}
GGUF_NORMS = {"self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
              "post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
              "post_feedforward_layernorm": "post_ffw_norm"}


def gguf_keys(config):
    """{key: value}, beside those of all architectures. Of queries' scales none tells: llama.cpp knows them by the layers."""
    found = {"attention.value_length": config["head_dim"]}
    if config["model_type"] != "gemma":
        assert config["query_pre_attn_scalar"] == config["head_dim"], "no key tells of another scale"
        found["attention.sliding_window"] = config["sliding_window"]
    found |= {key: config[key] for key in ("attn_logit_softcapping", "final_logit_softcapping") if config.get(key) is not None}
    if config["model_type"] == "gemma3_text":
        found["rope.freq_base_swa"] = float(config["rope_local_base_freq"])
    return found
