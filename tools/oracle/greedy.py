#!/usr/bin/env python3
"""Greedy answers of SmolLM2 by transformers float32: makes test/data/greedy-smollm2-<dtype>.json.

    tools/oracle/greedy.py MODEL_DIR OUT.json

For each prompt, through the chat template, 128 new tokens (fewer where the model ends its answer): the prompt's ids,
the generated ids (without the end token), their text, and how clear each choice was: the gap between the two best
logits, rounded to 1e-5, at each step. Nothing is random.
"""
import json
import pathlib
import sys

import reference

PROMPTS = ["Why is the sky blue?", "Give me three uses for a brick.", "Write a haiku about the sea.",
           "What is 12 times 12?", "Translate 'thank you' into Spanish.", "Name the planets.",
           "What does a compiler do?", "Tell me a short story about a dog."]
NEW_TOKENS = 128


def greedy(model, ids, stop, tokens=NEW_TOKENS):
    """(new ids, gaps): one forward pass a token over a cache; a gap belongs to each choice, the end token included."""
    import torch
    new, gaps, cache, feed = [], [], None, ids
    while len(new) < tokens:
        result = model(input_ids=torch.tensor([feed]), past_key_values=cache, use_cache=True)
        cache = result.past_key_values
        best = torch.topk(result.logits[0, -1].float(), 2)
        gaps.append(round(float(best.values[0] - best.values[1]), 5))
        if int(best.indices[0]) in stop:
            break
        new.append(int(best.indices[0]))
        feed = new[-1:]
    return new, gaps


def main():
    folder, out = sys.argv[1:]
    model, tokenizer = reference.load_model(folder), reference.load_tokenizer(folder)
    stop = model.config.eos_token_id
    stop = stop if isinstance(stop, list) else [stop]
    answers = []
    for prompt in PROMPTS:
        ids = tokenizer.encode(reference.render(folder, [{"role": "user", "content": prompt}])).ids
        new, gaps = greedy(model, ids, stop)
        answers.append({"prompt": prompt, "prompt_ids": ids, "ids": new, "text": tokenizer.decode(new),
                        "ended": len(gaps) > len(new), "smallest_gap": min(gaps), "gaps": gaps})
        print(f"{prompt!r}: {len(new)} tokens, smallest gap {min(gaps)}", file=sys.stderr)
    lines = ",\n".join(json.dumps(answer, ensure_ascii=False) for answer in answers)
    pathlib.Path(out).write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
