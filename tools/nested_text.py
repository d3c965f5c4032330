"""Checkpoints of models of text beside models of images, whose text is of a family of its own: what tools/make-checkpoint writes.

Source: transformers' Mistral3Config, Qwen3VLConfig, Qwen3VLMoeConfig and their models.
"""
import descendant_shapes
import descendants

CLASSES = {kind: f"{name}ForConditionalGeneration" for kind, name in (
    ("mistral3", "Mistral3"), ("qwen3_vl", "Qwen3VL"), ("qwen3_vl_moe", "Qwen3VLMoe"))}
PIXTRAL = {"model_type": "pixtral", "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2,
           "image_size": 28, "patch_size": 14, "head_dim": 8}
QWEN_VISION = {"depth": 1, "hidden_size": 16, "intermediate_size": 24, "num_heads": 2, "patch_size": 4, "num_position_embeddings": 16,
               "deepstack_visual_indexes": [0]}
MROPE = {"mrope_interleaved": True, "mrope_section": [4, 2, 2], "rope_type": "default"}
EXPERTS = {"num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 48, "decoder_sparse_step": 1, "mlp_only_layers": []}
MINISTRAL = {"model_type": "mistral3", "rope_theta": None, "rope_parameters": descendant_shapes.MINISTRAL3["rope_parameters"], "sliding_window": None}
# Of the small shapes, as tools/make-checkpoint has them: layers, D, H, K, d, F, V, context, tied, what it shows, further fields.
SHAPES = {
    "tiny-mistral3": (2, 64, 4, 2, 16, 144, 320, 512, True, "a Ministral 3 beside a model of images", {**MINISTRAL, "text": "ministral3"}),
    "tiny-mistral3-odd": (3, 70, 5, 1, 14, 101, 307, 512, False, "a Mistral Small 3.1 beside one, odd widths",
                          {"model_type": "mistral3", "text": "mistral", "sliding_window": None, "rope_theta": 1e6}),
    "tiny-qwen3-vl": (2, 64, 4, 2, 16, 144, 320, 512, True, "a Qwen 3 VL's text: a Qwen 3 beside a model of images",
                      {"model_type": "qwen3_vl", "text": "qwen3_vl_text", "rope_theta": 5e6, "rope_scaling": MROPE}),
    "tiny-qwen3-vl-odd": (3, 70, 5, 1, 14, 101, 307, 512, False, "the same with biases, odd widths",
                          {"model_type": "qwen3_vl", "text": "qwen3_vl_text", "rope_theta": 1e4, "attention_bias": True,
                           "rope_scaling": {**MROPE, "mrope_section": [3, 2, 2]}}),
    "tiny-qwen3-vl-moe": (2, 64, 4, 2, 16, 144, 320, 512, False, "a Qwen 3 VL with experts, whose stacks are [in, out]",
                          {"model_type": "qwen3_vl_moe", "text": "qwen3_vl_moe_text", "rope_theta": 5e6, "rope_scaling": MROPE, **EXPERTS}),
    "tiny-qwen3-vl-moe-odd": (3, 80, 5, 1, 14, 101, 307, 512, False, "the same of odd widths, an MLP in one layer",
                              {"model_type": "qwen3_vl_moe", "text": "qwen3_vl_moe_text", "rope_theta": 1e4, **EXPERTS, "num_experts": 5,
                               "num_experts_per_tok": 3, "mlp_only_layers": [1], "rope_scaling": {**MROPE, "mrope_section": [3, 2, 2]}}),
}
# The family of tools/descendants.py whose layers the model of text has.
LIKE = {"ministral3": "ministral3", "mistral": "ministral", "qwen3_vl_text": "qwen3", "qwen3_vl_moe_text": "qwen3_moe"}
VISION = {"mistral3": PIXTRAL, "qwen3_vl": {**QWEN_VISION, "model_type": "qwen3_vl_vision"},
          "qwen3_vl_moe": {**QWEN_VISION, "model_type": "qwen3_vl_moe_vision"}}


def config(model_type, dtype, text, **fields):
    """config.json; `fields` are those of the model of text, which is a `text`."""
    import huggingface
    inner = descendants.config(LIKE[text], dtype, rms_norm_eps=1e-5, **fields)
    outer = {key: inner.pop(key) for key in ("bos_token_id", "eos_token_id", "pad_token_id", "tie_word_embeddings")}
    del inner["architectures"]
    vision = dict(VISION[model_type])
    if "depth" in vision:
        vision["out_hidden_size"] = inner["hidden_size"]
    return dict(sorted({**outer, "architectures": [CLASSES[model_type]], "model_type": model_type, "text_config": {**inner, "model_type": text},
                        "vision_config": vision, "image_token_id": 300, "dtype": huggingface.TORCH[dtype]}.items()))


def shapes(config):
    """{tensor name: shape}, with two tensors of the model of images."""
    text = config["text_config"]
    like = {**text, "model_type": LIKE[text["model_type"]], "tie_word_embeddings": config["tie_word_embeddings"]}
    nested = config["model_type"] == "mistral3"
    found = {}
    for name, shape in descendants.shapes(like).items():
        head = name == "lm_head.weight"
        found[("language_model." + name) if nested else name if head else "model.language_model." + name.removeprefix("model.")] = shape
    if text["model_type"] == "qwen3_vl_moe_text":
        found = stacked(found, text)
    if nested:
        return found | {"vision_tower.ln_pre.weight": (16,), "multi_modal_projector.norm.weight": (16,)}
    return found | {"model.visual.pos_embed.weight": (16, 16), "model.visual.patch_embed.proj.bias": (16,)}


def stacked(found, text):
    """A tensor a stack, of matrices [in, out], in the place of one an expert."""
    E, D, F = text["num_experts"], text["hidden_size"], text["moe_intermediate_size"]
    layers = {name.split(".experts.")[0] for name in found if ".experts." in name}
    kept = {name: shape for name, shape in found.items() if ".experts." not in name}
    for layer in layers:
        kept |= {f"{layer}.experts.gate_up_proj": (E, D, 2 * F), f"{layer}.experts.down_proj": (E, F, D)}
    return kept


def draw(_config):
    """The arguments of make_weight for each tensor: routers have clear favourites."""
    return lambda name: {"favourites": True}
