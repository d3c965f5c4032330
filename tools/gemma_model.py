"""A Hugging Face folder of the real Gemma 3 270M, from its .gguf file: what tools/get-model writes of it.

Names, keys and what the file's norms have more (1) are those of llama.cpp's converter; tokenizer.json is the form that the
model's own folder has, with merges by rising rank as transformers' converter from SentencePiece generates them from scores.
"""
import gemma

SPACE = "\u2581"
CONTROL, USER_DEFINED = 3, 4  # GGUF's types of tokens
WHOLE = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}
LAYER = {"attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
         "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj",
         "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
         **{gguf: name for name, gguf in gemma.GGUF_NORMS.items()}}


def hugging_face_name(name):
    base = name.removesuffix(".weight")
    if base in WHOLE:
        return WHOLE[base] + ".weight"
    _, layer, part = base.split(".")
    return f"model.layers.{layer}.{LAYER[part]}.weight"


def make_config(meta, dtype):
    def number(key, default=None):
        value = meta.get("gemma3." + key, default)
        return float(f"{value:.6g}") if isinstance(value, float) else int(value)  # undo the step through float32
    ids = {f"{role}_token_id": int(meta[f"tokenizer.ggml.{key}_token_id"])
           for role, key in (("bos", "bos"), ("eos", "eos"), ("pad", "padding"))}
    return gemma.config(
        "gemma3_text", dtype, hidden_size=number("embedding_length"), intermediate_size=number("feed_forward_length"),
        num_hidden_layers=number("block_count"), num_attention_heads=number("attention.head_count"),
        num_key_value_heads=number("attention.head_count_kv"), head_dim=number("attention.key_length"),
        query_pre_attn_scalar=number("attention.key_length"), vocab_size=len(meta["tokenizer.ggml.tokens"]),
        max_position_embeddings=number("context_length"), sliding_window=number("attention.sliding_window"),
        rope_theta=number("rope.freq_base"), rope_local_base_freq=number("rope.freq_base_swa", 10000.0),
        rms_norm_eps=number("attention.layer_norm_rms_epsilon"), tie_word_embeddings=True, **ids)


def weights(tensors):
    """{name: function that gives the float32 array}."""
    from gguf import quants
    def load(tensor):
        values = quants.dequantize(tensor.data, tensor.tensor_type)
        return values - 1 if "norm" in tensor.name else values
    return {hugging_face_name(name): (lambda tensor=tensor: load(tensor)) for name, tensor in tensors.items()}


def merges_of(vocab, scores):
    """The pairs that join to a piece of `vocab` {piece: id}: the higher the piece's score, then the longer its sides, the earlier."""
    found = []
    for piece, i in vocab.items():
        for cut in range(1, len(piece)):
            left, right = vocab.get(piece[:cut]), vocab.get(piece[cut:])
            if left is not None and right is not None:
                found.append((-scores[i], -cut, cut - len(piece), i, left, right, piece[:cut], piece[cut:]))
    found.sort()
    return [[left, right] for *_, left, right in found]


def tokenizer_json(meta):
    tokens, kinds = meta["tokenizer.ggml.tokens"], meta["tokenizer.ggml.token_type"]
    # Runs of spaces are the one kind of tokens that the file spells with spaces.
    spelt = [text.replace(" ", SPACE) for text in tokens]
    added = [{"id": i, "content": text, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
              "special": kinds[i] == CONTROL} for i, text in enumerate(spelt) if kinds[i] in (CONTROL, USER_DEFINED)]
    markers = {token["content"] for token in added if token["special"]}
    vocab = {text: i for i, text in enumerate(spelt)}
    words = {text: i for text, i in vocab.items() if text not in markers}
    bos = tokens[int(meta["tokenizer.ggml.bos_token_id"])]
    unknown = tokens[int(meta["tokenizer.ggml.unknown_token_id"])]
    # Tokens that are no words have a score of their own in the file; in SentencePiece's model it is 0.
    scores = [0 if kind in (CONTROL, USER_DEFINED) else score
              for kind, score in zip(kinds, meta["tokenizer.ggml.scores"])]
    text = {"Sequence": {"id": "A", "type_id": 0}}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
            "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
            "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False},
            "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": bos, "type_id": 0}}, text],
                               "pair": [{"SpecialToken": {"id": bos, "type_id": 0}}, text,
                                        {"Sequence": {"id": "B", "type_id": 1}}],
                               "special_tokens": {bos: {"id": bos, "ids": [vocab[bos]], "tokens": [bos]}}},
            "decoder": {"type": "Sequence", "decoders": [
                {"type": "Replace", "pattern": {"String": SPACE}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]},
            "model": {"type": "BPE", "dropout": None, "unk_token": unknown, "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": True, "ignore_merges": False,
                      "vocab": vocab, "merges": merges_of(words, scores)}}
