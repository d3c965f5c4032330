#!/usr/bin/env python3
"""What SmolLM2 expects at 200 places of real text: makes test/data/score-smollm2-<dtype>.json.

    tools/oracle/score.py MODEL_DIR OUT.json

The text is the head of the LICENSE in the root. For each token but the last two figures are kept as `assistant score`
prints them: the log-probability of the next token, and the 8 most likely tokens with theirs.
"""
import json
import pathlib
import sys

import reference

TOKENS, TOP = 201, 8


def main():
    import torch
    folder, out = sys.argv[1:]
    model = reference.load_model(folder)
    text = (reference.environment.ROOT / "LICENSE").read_text()
    ids = reference.load_tokenizer(folder).encode(text).ids[:TOKENS]
    rows = torch.log_softmax(torch.from_numpy(reference.logits(model, ids)).double(), dim=-1)[:-1]
    lines = []
    for row, token in zip(rows, ids[1:]):
        best = torch.topk(row, TOP)
        top = [[int(i), round(float(x), 5)] for x, i in zip(best.values, best.indices)]
        lines.append(json.dumps({"token": token, "logprob": round(float(row[token]), 5), "top": top}))
    rows_text = ",\n".join(lines)
    pathlib.Path(out).write_text(f'{{"ids": {json.dumps(ids)},\n"rows": [\n{rows_text}\n]}}\n')


if __name__ == "__main__":
    reference.environment.require("requirements-oracle.txt")
    main()
